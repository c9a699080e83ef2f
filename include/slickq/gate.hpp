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
        std::uint64_t limit;
        if (knows_limit(limit) && ring_.reserve_up_to(limit, count, index)) return true;
        limit = fresh_limit();
        if (ring_.reserve_up_to(limit, count, index)) return true;
        // It may have skipped the ring's end, and nobody has to come past that.
        const std::uint64_t later = fresh_limit();
        return later != limit && ring_.reserve_up_to(later, count, index);
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

    // The same for a batch: how many of its records were given room.
    template <class IsAlive>
    std::uint32_t reserve_batch(const batch& wanted, std::uint64_t& from, IsAlive is_alive) noexcept {
        std::uint64_t limit;
        if (const std::uint32_t fits = knows_limit(limit) ? ring_.reserve_batch(wanted, from, &limit) : 0; fits != 0) return fits;
        limit = fresh_limit();
        if (const std::uint32_t fits = ring_.reserve_batch(wanted, from, &limit); fits != 0) return fits;
        return reserve(wanted.count(0), from, is_alive) ? 1 : 0; // it may be only the end of the ring that is in the way
    }

    // Waits for room.
    template <class IsAlive, class Cancelled>
    wait_result reserve_until(std::uint32_t count, std::uint64_t& index, std::int64_t deadline, IsAlive is_alive, Cancelled is_cancelled) {
        return wait_until(
            roster_.room(), deadline, [&] { return reserve(count, index, is_alive); }, [&] { return until_roll_call_ns(); }, is_cancelled);
    }

private:
    // Whatever wakes one who waits in between.
    std::int64_t until_roll_call_ns() const noexcept {
        return std::max<std::int64_t>(last_roll_call_.load(std::memory_order_relaxed) + roll_call_ns - Atomics::now_ns(), 0);
    }

    static constexpr unsigned life_bits = 16;
    static constexpr std::uint64_t life_mask = (1 << life_bits) - 1;

    std::uint64_t life() const noexcept { return ring_.annex()->resets.load(std::memory_order_acquire) & life_mask; } // life:A

    bool knows_limit(std::uint64_t& limit) const noexcept {
        const std::uint64_t now = life();
        const std::uint64_t known = limit_.load(std::memory_order_acquire); // pairs with the next: what was read is read
        limit = known >> life_bits;
        return (known & life_mask) == now;
    }
    std::uint64_t fresh_limit() noexcept {
        const std::uint64_t now = life();
        const std::uint64_t limit = roster_.limit();
        limit_.store(limit << life_bits | now, std::memory_order_release);
        return limit;
    }

    basic_ring<Atomics> ring_;
    roster_type roster_;
    typename Atomics::template atomic<std::uint64_t> limit_{0}; // the last limit known, << life_bits | in which life of the queue
    typename Atomics::template atomic<std::int64_t> last_roll_call_{0};
};

using gate = basic_gate<>;

} // namespace slickq

#endif
