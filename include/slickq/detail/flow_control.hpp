// flow_control.hpp - producing in lossless mode: no further than the registry's limit.
//
//   label    operation                                  pairs with  so that
//   known:A  version load (acquire), limit and epoch,   known:B     the limit is of that epoch; what consumers read before it was
//            version again (relaxed) after a fence                  computed comes before what is written there
//   known:B  version CAS, release fence, limit and      known:A
//            epoch, version store (release)
#ifndef SLICKQ_GATE_HPP
#define SLICKQ_GATE_HPP

#include <slickq/detail/registry.hpp>
#include <slickq/detail/wait_until.hpp>

#include <array>

namespace slickq::inline SLICKQ_NAMESPACE {

// One for all producers of a handle. In memory of their own. `judge`: see basic_registry::evict_dead().
template <class Atomics = native_atomics>
class basic_flow_control {
public:
    using registry_type = basic_registry<Atomics>;
    static constexpr std::int64_t roll_call_ns = 100'000'000; // between two looks at who is dead

    basic_flow_control() = default;
    explicit basic_flow_control(const basic_ring<Atomics>& source) noexcept : ring_(source), registry_(source) {}

    // False: there is no room.
    template <class Judge>
    bool try_reserve(std::uint32_t count, std::uint64_t& index, const Judge& judge) noexcept {
        std::uint64_t limit;
        if (knows_limit(limit) && ring_.reserve_up_to(limit, count, index)) return true;
        const epoch_view e = find_limit(judge, limit);
        if (!e.is_settled()) return false;
        return ring_.reserve_up_to(limit, count, index) || reserve_over_skipped(e, limit, count, index, judge);
    }

    // The same, having sent away who is dead, if the last time is long enough ago.
    template <class Judge>
    bool reserve(std::uint32_t count, std::uint64_t& index, const Judge& judge) noexcept {
        if (try_reserve(count, index, judge)) return true;
        const std::int64_t now = Atomics::now_ns();
        std::int64_t last = last_roll_call_.load(std::memory_order_relaxed);
        // Relaxed: of several threads one does it.
        if (now - last < roll_call_ns || !last_roll_call_.compare_exchange_strong(last, now, std::memory_order_relaxed)) return false;
        registry_.evict_dead(judge);
        return try_reserve(count, index, judge);
    }

    // The same for a batch: how many of its records were given room.
    template <class Judge>
    std::uint32_t reserve_batch(const batch& wanted, std::uint64_t& from, const Judge& judge) noexcept {
        std::uint64_t limit;
        if (const std::uint32_t fits = knows_limit(limit) ? ring_.reserve_batch(wanted, from, &limit) : 0; fits != 0) return fits;
        if (!find_limit(judge, limit).is_settled()) return 0;
        if (const std::uint32_t fits = ring_.reserve_batch(wanted, from, &limit); fits != 0) return fits;
        return reserve(wanted.count(0), from, judge) ? 1 : 0; // it may be only the end of the ring that is in the way
    }

    // Waits for room.
    template <class Judge, class Cancelled>
    wait_result reserve_until(std::uint32_t count, std::uint64_t& index, std::int64_t deadline, const Judge& judge, Cancelled is_cancelled) {
        return wait_until(
            registry_.room(), deadline, [&] { return reserve(count, index, judge); }, [&] { return until_roll_call_ns(); }, is_cancelled);
    }

private:
    // Whatever wakes one who waits in between.
    std::int64_t until_roll_call_ns() const noexcept {
        return std::max<std::int64_t>(last_roll_call_.load(std::memory_order_relaxed) + roll_call_ns - Atomics::now_ns(), 0);
    }

    // For how long a group has been without workers that one with another clock has noted.
    struct sighting {
        typename Atomics::template atomic<std::uint64_t> orphaned{0}; // what it noted
        typename Atomics::template atomic<std::int64_t> since{0};     // when that was first seen here
    };

    // A record that begins before `limit`, where the end of the ring was skipped for it just before, may go beyond: up
    // to where it could if all were beyond that end. Consumers with a cursor of their own say that they are only with
    // the next record. What it overwrites behind `limit` is the skipped end itself, not the slot there, which leads
    // over it: no record begins there.
    template <class Judge>
    bool reserve_over_skipped(const epoch_view& e, std::uint64_t limit, std::uint32_t count, std::uint64_t& index, const Judge& judge) noexcept {
        if (ring_.position(ring_.reserved_index()) != 0) return false;
        const std::uint64_t over = registry_.limit(e, lingers(judge), true);
        return registry_.is_still(e) && ring_.reserve_up_to(over, count, index, &limit);
    }

    template <class Judge>
    auto lingers(const Judge& judge) noexcept {
        return [&](std::uint32_t number) { return has_lingered(number, judge); };
    }
    // By our own clock, from when we saw it first, if we can't read the other one's.
    template <class Judge>
    bool has_lingered(std::uint32_t number, const Judge& judge) noexcept {
        bool can_compare = false;
        if (registry_.has_lingered(number, judge.clock(), can_compare)) return true;
        if (can_compare) return false;
        const auto& g = registry_.group(number);
        const std::uint64_t noted = g.orphaned.load(std::memory_order_relaxed);
        sighting& seen = sightings_[number % most_groups];
        const std::int64_t now = Atomics::now_ns();
        if (seen.orphaned.load(std::memory_order_acquire) != noted) { // pairs with the store
            seen.since.store(now, std::memory_order_relaxed);
            seen.orphaned.store(noted, std::memory_order_release);
            return false;
        }
        return static_cast<std::uint64_t>(now - seen.since.load(std::memory_order_relaxed)) >= g.linger_ns.load(std::memory_order_relaxed);
    }

    std::uint64_t resets() const noexcept { return ring_.extension()->resets.load(std::memory_order_acquire); } // resets:A

    bool knows_limit(std::uint64_t& limit) const noexcept {
        const std::uint64_t version = version_.load(std::memory_order_acquire); // known:A
        limit = limit_.load(std::memory_order_relaxed);                         // known:A
        const std::uint64_t of = limit_epoch_.load(std::memory_order_relaxed);  // known:A
        Atomics::acquire_fence();                                               // known:A
        return (version & 1) == 0 && version_.load(std::memory_order_relaxed) == version && of == resets();
    }
    void remember(const epoch_view& e, std::uint64_t limit) noexcept {
        std::uint64_t version = version_.load(std::memory_order_relaxed);
        // Another one is at it: then this limit is for the caller alone.
        if ((version & 1) != 0 || !version_.compare_exchange_strong(version, version + 1, std::memory_order_relaxed)) return;
        Atomics::release_fence();                                // known:B
        limit_.store(limit, std::memory_order_relaxed);          // known:B
        limit_epoch_.store(e.resets, std::memory_order_relaxed); // known:B
        version_.store(version + 2, std::memory_order_release);  // known:B
    }

    // The limit now, and of which epoch. Not settled: the queue is being reset, and there is none.
    template <class Judge>
    epoch_view find_limit(const Judge& judge, std::uint64_t& limit) noexcept {
        for (;;) {
            const epoch_view e = registry_.epoch();
            if (!e.is_settled()) return e;
            limit = registry_.limit(e, lingers(judge));
            if (!registry_.is_still(e)) continue;
            remember(e, limit);
            return e;
        }
    }

    basic_ring<Atomics> ring_;
    registry_type registry_;
    // The last limit known, and in which epoch: none at first. Odd version: they are being written.
    typename Atomics::template atomic<std::uint64_t> version_{0};
    typename Atomics::template atomic<std::uint64_t> limit_{0};
    typename Atomics::template atomic<std::uint64_t> limit_epoch_{no_index};
    typename Atomics::template atomic<std::int64_t> last_roll_call_{0};
    std::array<sighting, most_groups> sightings_;
};

using flow_control = basic_flow_control<>;

} // namespace slickq

#endif
