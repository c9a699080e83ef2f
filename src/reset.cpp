#include "reset.hpp"

#include "error.hpp"
#include "liveness.hpp"

#include <atomic>

namespace slickq::detail {

//   label    operation                                          pairs with  so that
//   who:A    resetter... stores (relaxed), then release fence,  who:B       who sees that a reset is under way knows
//            whose it is before extension.resets is made odd (ring.hpp)
//   who:B    resets load (acquire), then resetter... loads      who:A
//            (relaxed)

half_reset half_reset_of(const extension* extra) noexcept {
    half_reset found;
    if (extra == nullptr || (extra->resets.load(std::memory_order_acquire) & 1) == 0) return found; // who:B
    found.is_one = true;
    process_identity who;
    // who:B, as the next three
    who.pid = static_cast<std::uint32_t>(extra->resetter.load(std::memory_order_relaxed) >> 32);
    who.start_time = extra->resetter_start_time.load(std::memory_order_relaxed);
    who.pid_namespace = extra->resetter_pid_namespace.load(std::memory_order_relaxed);
    who.time_namespace = extra->resetter_time_namespace.load(std::memory_order_relaxed);
    found.pid = who.pid;
    found.has_died = who.pid != 0 && liveness_by_number(who) == liveness::dead;
    return found;
}

void reset_and_say_who(ring& queue) noexcept {
    extension* const extra = queue.extension();
    if (extra == nullptr) return queue.reset();
    const process_identity self = this_process();
    extra->resetter.store(std::uint64_t{self.pid} << 32, std::memory_order_relaxed); // who:A, as the next three
    extra->resetter_start_time.store(self.start_time, std::memory_order_relaxed);
    extra->resetter_pid_namespace.store(self.pid_namespace, std::memory_order_relaxed);
    extra->resetter_time_namespace.store(self.time_namespace, std::memory_order_relaxed);
    native_atomics::release_fence(); // who:A
    queue.reset();
    registry(queue).made_room(); // nothing is read of what comes now, but all of it is free
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
    const std::string fate = found.has_died ? " has died" : " is not at its end, or has died where that can't be told";
    return "a reset is not finished, and " + who + fate + ": open it with SLICKQ_OPEN_HALF_RESET and reset it again";
}

slickq_status report_half_reset(const ring& queue, const std::string& name) noexcept {
    return guarded([&]() -> slickq_status {
        return report(SLICKQ_E_HALF_RESET, "queue '%s': %s", name.c_str(),
                      describe(half_reset_of(queue.extension())).c_str());
    });
}

} // namespace slickq::detail
