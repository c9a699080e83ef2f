#include "reset.hpp"

#include "error.hpp"
#include "liveness.hpp"

#include <atomic>

namespace slickq::detail {

//   label    operation                                          pairs with  so that
//   who:A    resetter store 0 (relaxed), release fence,         who:B       who sees that a reset is under way knows whose it is, or that
//            resetter_... stores (relaxed), resetter store                  another one is just taking it over
//            (release), before extension.resets is made odd
//   who:B    resets load (acquire), resetter load (acquire),    who:A
//            resetter_... loads (relaxed), acquire fence,
//            resetter load again (relaxed)

half_reset half_reset_of(const extension* extra) noexcept {
    half_reset found;
    if (extra == nullptr || (extra->resets.load(std::memory_order_acquire) & 1) == 0) return found; // who:B
    found.is_one = true;
    const std::uint64_t resetter = extra->resetter.load(std::memory_order_acquire); // who:B, as the next five
    process_identity who;
    who.pid = static_cast<std::uint32_t>(resetter >> 32);
    who.start_time = extra->resetter_start_time.load(std::memory_order_relaxed);
    who.pid_namespace = extra->resetter_pid_namespace.load(std::memory_order_relaxed);
    who.time_namespace = extra->resetter_time_namespace.load(std::memory_order_relaxed);
    native_atomics::acquire_fence();
    if (extra->resetter.load(std::memory_order_relaxed) != resetter) return found;
    found.pid = who.pid;
    found.has_died = who.pid != 0 && liveness_by_number(who) == liveness::dead;
    return found;
}

bool reset_and_say_who(ring& queue) noexcept {
    extension* const extra = queue.extension();
    if (extra == nullptr) return queue.reset();
    const process_identity self = this_process();
    extra->resetter.store(0, std::memory_order_relaxed); // who:A, as the next five
    native_atomics::release_fence();
    extra->resetter_start_time.store(self.start_time, std::memory_order_relaxed);
    extra->resetter_pid_namespace.store(self.pid_namespace, std::memory_order_relaxed);
    extra->resetter_time_namespace.store(self.time_namespace, std::memory_order_relaxed);
    extra->resetter.store(std::uint64_t{self.pid} << 32, std::memory_order_release);
    const bool is_done = queue.reset();
    registry(queue).made_room(); // nothing is read of what comes now, but all of it is free
    return is_done;
}

void reset_to_end(ring& queue, const std::string& name) {
    if (reset_and_say_who(queue)) return;
    deadline until(default_timeout_ns);
    await_reset(queue, name, until);
}

bool reset_watch::is_left(const ring& queue) noexcept {
    const extension* const extra = queue.extension();
    if (extra == nullptr) return false;
    const std::uint64_t resets = extra->resets.load(std::memory_order_acquire); // who:B
    if ((resets & 1) == 0) return false;
    const std::int64_t now = native_atomics::now_ns();
    if (seen_.load(std::memory_order_acquire) != resets) { // pairs with the store
        since_.store(now, std::memory_order_relaxed);
        seen_.store(resets, std::memory_order_release);
    } else if (now - since_.load(std::memory_order_relaxed) >= queue.longest_reset_ns()) {
        return true;
    }
    return half_reset_of(extra).has_died;
}

void await_reset(const ring& queue, const std::string& name, deadline& until) {
    for (;;) {
        const half_reset found = half_reset_of(queue.extension());
        if (!found.is_one) return;
        if (found.has_died || until.passed()) {
            fail(SLICKQ_E_HALF_RESET, "segment '%s': %s", name.c_str(), describe(found).c_str());
        }
        until.pause();
    }
}

std::string describe(const half_reset& found) {
    const std::string who =
        found.pid == 0 ? "the one who began it" : "process " + std::to_string(found.pid) + ", which began it,";
    const std::string mend = "open it with SLICKQ_OPEN_HALF_RESET and reset it again";
    if (found.has_died) return "a reset is not finished, and " + who + " has died: " + mend;
    return "a reset is not finished, and " + who +
           " is not at its end, or has died where that can't be told: if it is stopped, let it go on, or end it first; "
           "then " + mend;
}

slickq_status report_half_reset(const ring& queue, const std::string& name) noexcept {
    return guarded([&]() -> slickq_status {
        return report(SLICKQ_E_HALF_RESET, "queue '%s': %s", name.c_str(),
                      describe(half_reset_of(queue.extension())).c_str());
    });
}

} // namespace slickq::detail
