// wait_until.hpp - waiting until there is something to read, or room to write: a few looks, then sleep in the kernel, to be woken.
//
// Who can't wake us are peers, producers of segments without extension area, and on a read-only mapping everybody (we can't say there that
// we sleep). So no sleep is longer than a slice, which doubles from shortest_slice_ns to longest_slice_ns while nothing comes: a
// record of theirs is noticed at most as late as the wait took until then, and never later than the longest slice. An idle waiter
// looks some 10 times a second; one that nobody can wake, who sleeps longest_blind_slice_ns at most, 100 times.
#ifndef SLICKQ_DETAIL_WAIT_UNTIL_HPP
#define SLICKQ_DETAIL_WAIT_UNTIL_HPP

#include <slickq/detail/event_count.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

namespace slickq::inline SLICKQ_NAMESPACE {

inline constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t shortest_slice_ns = 50'000;
inline constexpr std::int64_t longest_slice_ns = 100'000'000;
inline constexpr std::int64_t longest_blind_slice_ns = 10'000'000;

// The deadline that lies so far ahead of `now`: `forever` if that is negative or beyond all time.
constexpr std::int64_t deadline_after(std::int64_t now, std::int64_t timeout_ns) noexcept {
    return timeout_ns < 0 || timeout_ns > forever - now ? forever : now + timeout_ns;
}

enum class wait_result { ready, timed_out, cancelled };

// What ends one wait, asked for by another thread: the wait under way, or the next one.
class cancellation {
public:
    void ask() noexcept { is_asked_.store(true, std::memory_order_seq_cst); } // before the event count is raised: wake:A
    bool take() noexcept {
        // Each is taken once. Relaxed: nothing else hangs on it.
        return is_asked_.load(std::memory_order_relaxed) && is_asked_.exchange(false, std::memory_order_acq_rel);
    }

private:
    std::atomic<bool> is_asked_{false};
};

// Calls attempt() until it is true. deadline: on the clock of Atomics::now_ns(); patience(): nanoseconds after which attempt() may
// be true though nobody did anything; is_cancelled(): set before the event count is raised.
template <class Atomics, class Attempt, class Patience, class Cancelled>
wait_result wait_until(basic_event_count<Atomics> events, std::int64_t deadline, Attempt attempt, Patience patience,
                       Cancelled is_cancelled) {
    if (attempt()) return wait_result::ready;
    if (Atomics::now_ns() >= deadline) return wait_result::timed_out;
    for (int looks = 0; looks < Atomics::looks_before_sleep; ++looks) {
        Atomics::pause();
        if (attempt()) return wait_result::ready;
    }
    const std::int64_t longest = events.can_wake() ? longest_slice_ns : longest_blind_slice_ns;
    for (std::int64_t slice = shortest_slice_ns;; slice = std::min(2 * slice, longest)) {
        const std::uint32_t ticket = events.can_wake() ? events.announce_sleep() : 0;
        if (attempt()) return wait_result::ready;
        if (is_cancelled()) return wait_result::cancelled;
        const std::int64_t left = deadline - Atomics::now_ns();
        if (left <= 0) return wait_result::timed_out;
        const std::int64_t nap = std::min({left, slice, patience()});
        if (events.can_wake()) {
            events.sleep(ticket, nap);
        } else {
            Atomics::nap(nap);
        }
    }
}

namespace detail {

// The deadline that lies so far ahead of now; a negative time is none.
template <class Rep, class Period>
std::int64_t deadline_in(std::chrono::duration<Rep, Period> timeout) {
    const std::int64_t ns = std::chrono::duration_cast<std::chrono::nanoseconds>(timeout).count();
    return deadline_after(native_atomics::now_ns(), std::max<std::int64_t>(ns, 0));
}

} // namespace detail

} // namespace slickq

#endif
