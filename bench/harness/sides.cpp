#include "sides.hpp"

#include <cstdio>
#include <exception>
#include <thread>

#include <csignal>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {

namespace {

constexpr std::int64_t longest_idling_ns = 20'000'000'000;
constexpr unsigned longest_run_s = 60;

void run_side(together& shared, const std::function<void()>& side, int cpu) noexcept {
    try {
        pin(cpu);
        side();
    } catch (const std::exception& error) {
        shared.fail(error.what());
    }
}

void run_as_processes(together& shared, const std::vector<std::function<void()>>& sides, const std::vector<int>& cpus) {
    std::vector<pid_t> children;
    for (std::size_t k = 0; k < sides.size(); ++k) {
        const pid_t child = ::fork();
        if (child < 0) {
            shared.fail("cannot fork");
            break;
        }
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL); // no child spins on after its parent was killed
            std::signal(SIGTERM, SIG_DFL);
            std::signal(SIGINT, SIG_DFL);
            run_side(shared, sides[k], cpus[k % cpus.size()]);
            ::_exit(shared.has_failed() ? 1 : 0); // no destructor here: everything is the parent's
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        ::waitpid(child, &status, 0);
        if (status != 0) shared.fail("a child process died");
    }
}

void run_as_threads(together& shared, const std::vector<std::function<void()>>& sides, const std::vector<int>& cpus) {
    std::vector<std::thread> threads;
    for (std::size_t k = 0; k < sides.size(); ++k) {
        threads.emplace_back([&, k] { run_side(shared, sides[k], cpus[k % cpus.size()]); });
    }
    for (std::thread& thread : threads) thread.join();
}

} // namespace

void together::start_line() { meet(started_); }
void together::finish_line() { meet(finished_); }

void together::meet(std::atomic<unsigned>& arrived) {
    arrived.fetch_add(1);
    for (std::uint64_t waited = 0; arrived.load(std::memory_order_acquire) < sides_; ++waited) {
        if (has_failed()) throw std::runtime_error(why_);
        waited < 10'000 ? pause() : static_cast<void>(::sched_yield());
    }
}

void together::fail(const char* why) noexcept {
    unsigned none = 0;
    if (!failed_.compare_exchange_strong(none, 1)) return;
    std::snprintf(why_, sizeof why_, "%s", why);
    failed_.store(2, std::memory_order_release);
}

void idler::look_around() {
    if (sides_.has_failed()) throw std::runtime_error(sides_.why());
    const std::int64_t now = now_ns();
    if (since_ns_ == 0) since_ns_ = now;
    if (now - since_ns_ > longest_idling_ns) throw std::runtime_error("no end in sight: the other side is gone, or an item was lost");
}

void run_sides(mode how, together& shared, const std::vector<std::function<void()>>& sides, const std::vector<int>& cpus) {
    ::alarm(longest_run_s); // a side that blocks in the kernel cannot see that the other one is gone
    if (how == mode::processes) {
        run_as_processes(shared, sides, cpus);
    } else {
        run_as_threads(shared, sides, cpus);
    }
    ::alarm(0);
    if (shared.has_failed()) throw std::runtime_error(shared.why());
}

} // namespace bench
