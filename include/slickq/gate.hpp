// gate.hpp - producing in lossless mode: no further than the roster's limit.
#ifndef SLICKQ_GATE_HPP
#define SLICKQ_GATE_HPP

#include <slickq/roster.hpp>
#include <slickq/waiter.hpp>

namespace slickq {

// One for all producers of a handle. In memory of their own.
template <class Atomics = native_atomics>
class basic_gate {
public:
    using roster_type = basic_roster<Atomics>;
    static constexpr std::int64_t roll_call_ns = 100'000'000; // between two looks at who is dead

    basic_gate() = default;
    explicit basic_gate(const basic_ring<Atomics>& source) noexcept : ring_(source), roster_(source) {}

    // False: there is no room.
    bool try_reserve(std::uint32_t count, std::uint64_t& index) noexcept {
        const std::uint64_t life = ring_.annex()->resets.load(std::memory_order_acquire) & life_mask; // life:A
        const std::uint64_t known = limit_.load(std::memory_order_acquire); // pairs with the next: what was read is read
        if ((known & life_mask) == life && ring_.reserve_up_to(known >> life_bits, count, index)) return true;
        const std::uint64_t limit = roster_.limit();
        limit_.store(limit << life_bits | life, std::memory_order_release);
        return ring_.reserve_up_to(limit, count, index);
    }

    // The same, having sent away who is dead, if the last time is long enough ago.
    template <class IsAlive>
    bool reserve(std::uint32_t count, std::uint64_t& index, IsAlive is_alive) noexcept {
        if (try_reserve(count, index)) return true;
        const std::int64_t now = Atomics::now_ns();
        std::int64_t last = last_roll_call_.load(std::memory_order_relaxed);
        // Relaxed: of several threads one does it.
        if (now - last < roll_call_ns || !last_roll_call_.compare_exchange_strong(last, now, std::memory_order_relaxed)) return false;
        roster_.evict_dead(is_alive, now);
        return try_reserve(count, index);
    }

    // Waits for room.
    template <class IsAlive, class Cancelled>
    wait_result reserve_until(std::uint32_t count, std::uint64_t& index, std::int64_t deadline, IsAlive is_alive, Cancelled is_cancelled) {
        return wait_until(
            roster_.room(), deadline, [&] { return reserve(count, index, is_alive); }, [] { return roll_call_ns; }, is_cancelled);
    }

private:
    static constexpr unsigned life_bits = 16;
    static constexpr std::uint64_t life_mask = (1 << life_bits) - 1;

    basic_ring<Atomics> ring_;
    roster_type roster_;
    typename Atomics::template atomic<std::uint64_t> limit_{0}; // the last limit known, << life_bits | in which life of the queue
    typename Atomics::template atomic<std::int64_t> last_roll_call_{0};
};

using gate = basic_gate<>;

} // namespace slickq

#endif
