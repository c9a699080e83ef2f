#include "direction.hpp"

#include "clock.hpp"

#include <cstdio>
#include <cstring>

namespace bridge {

direction::direction(const bridge_config& all, const direction_config& config, char kind)
    : all_(all),
      config_(config),
      state_(all.state_directory, config.name, kind),
      now_(state_.page().now),
      backoff_(all.nats.backoff_first_ms * ns_per_ms,
               std::max(all.nats.backoff_first_ms, all.nats.backoff_longest_ms) * ns_per_ms) {
    state_page& page = state_.page();
    std::snprintf(page.queue, sizeof page.queue, "%s", config.queue.c_str());
    std::snprintf(page.subject, sizeof page.subject, "%s", config.subject.c_str());
    page.is_jetstream = config.jetstream ? 1 : 0;
}

direction::~direction() {
    join();
}

void direction::start() {
    thread_ = std::thread([this] { run(); });
}

void direction::stop(std::int64_t deadline_ns) {
    {
        const std::lock_guard lock(mutex_);
        stop_deadline_.store(deadline_ns, std::memory_order_release);
    }
    stopped_.notify_all();
    wake();
}

void direction::join() {
    if (thread_.joinable()) thread_.join();
}

bool direction::is_out_of_time() const noexcept {
    const std::int64_t deadline = stop_deadline_.load(std::memory_order_acquire);
    return deadline != 0 && now_ns() >= deadline;
}

void direction::succeed(const std::string& what) {
    backoff_.succeed();
    now_.trouble_since.store(0, std::memory_order_relaxed);
    const unsigned tries = trouble_.end();
    note(level::info, what + (tries != 0 ? ", after " + std::to_string(tries) + " failed tries" : ""));
}

void direction::run() {
    for (;;) {
        try {
            is_drained_ = session();
            break;
        } catch (const std::exception& error) {
            now_.is_connected.store(0, std::memory_order_relaxed);
            if (now_.trouble_since.load(std::memory_order_relaxed) == 0) {
                now_.trouble_since.store(static_cast<std::uint64_t>(wall_clock_ns()), std::memory_order_relaxed);
            }
            const std::int64_t wait = backoff_.next_ns();
            if (trouble_.is_due())
                note(level::warning, std::string(error.what()) + "; trying again, waiting up to " +
                                         std::to_string(all_.nats.backoff_longest_ms) + " ms between tries");
            if (is_stopping() && left().empty()) { // without a server that is all there is to do
                is_drained_ = true;
                break;
            }
            if (is_out_of_time()) break;
            pause(wait);
            if (is_out_of_time()) break;
        }
    }
    now_.is_connected.store(0, std::memory_order_relaxed);
    const std::string rest = left();
    if (rest.empty()) {
        note(level::info, "stopped; nothing is left");
    } else {
        note(level::warning, "stopped; left: " + rest);
    }
}

void direction::pause(std::int64_t ns) {
    std::unique_lock lock(mutex_);
    const std::int64_t deadline = stop_deadline_.load(std::memory_order_relaxed);
    if (deadline != 0) { // short tries until then
        lock.unlock();
        timespec t{0, static_cast<long>(std::min<std::int64_t>(ns, 100 * ns_per_ms))};
        nanosleep(&t, nullptr);
        return;
    }
    stopped_.wait_for(lock, std::chrono::nanoseconds(ns),
                      [this] { return stop_deadline_.load(std::memory_order_relaxed) != 0; });
}

} // namespace bridge
