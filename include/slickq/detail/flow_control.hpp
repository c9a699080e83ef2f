// flow_control.hpp - producing in lossless mode: no further than those who are registered have read.
//
//   label    operation                                  pairs with      so that
//   limit:A  reserved load (acquire)                    join:A          see limit()
//                                                       (registry.hpp)
//   known:A  version load (acquire), limit and epoch,   known:B         the limit is of that epoch; what consumers read
//            version again (relaxed) after a fence                      before it was computed comes before what is
//                                                                       written there
//   known:B  version CAS, release fence, limit and      known:A
//            epoch, version store (release)
//   resets:A resets load (acquire)                      reset:B         all that was reset is seen so (ring.hpp)
#ifndef SLICKQ_DETAIL_FLOW_CONTROL_HPP
#define SLICKQ_DETAIL_FLOW_CONTROL_HPP

#include <slickq/detail/registry.hpp>
#include <slickq/detail/wait_until.hpp>

#include <array>

namespace slickq::inline SLICKQ_NAMESPACE {

// One for all producers of a handle. In memory of their own. `judge`: see basic_groups.
template <class Atomics = native_atomics>
class basic_flow_control {
public:
    using registry_type = basic_registry<Atomics>;
    static constexpr std::int64_t roll_call_ns = 100'000'000; // between two looks at who is dead
    // The same beside a group that lingers for less than that: its producers are to be free soon after its time.
    static constexpr std::int64_t quick_roll_call_ns = 10'000'000;

    basic_flow_control() = default;
    explicit basic_flow_control(const basic_ring<Atomics>& source) noexcept : ring_(source), registry_(source) {}

    // False: there is no room.
    template <class Judge>
    bool try_reserve(std::uint32_t count, std::uint64_t& index, const Judge& judge) noexcept {
        std::uint64_t end;
        if (knows_limit(end) && ring_.reserve_up_to(end, count, index)) return true;
        const epoch_view e = find_limit(judge, end);
        if (!e.is_settled()) return false;
        return ring_.reserve_up_to(end, count, index) || reserve_over_skipped(e, end, count, index, judge);
    }

    // The same, having sent away who is dead, if the last time is long enough ago.
    template <class Judge>
    bool reserve(std::uint32_t count, std::uint64_t& index, const Judge& judge) noexcept {
        return try_reserve(count, index, judge) || (call_roll(judge) && try_reserve(count, index, judge));
    }

    // Sends away who is dead. False: not yet, the last time is not long enough ago.
    template <class Judge>
    bool call_roll(const Judge& judge) noexcept {
        const std::int64_t now = Atomics::now_ns();
        std::int64_t last = last_roll_call_.load(std::memory_order_relaxed);
        // Relaxed: of several threads one does it.
        if (now - last < quick_roll_call_ns || now - last < interval_ns()) return false;
        if (!last_roll_call_.compare_exchange_strong(last, now, std::memory_order_relaxed)) return false;
        registry_.evict_dead(judge);
        return true;
    }
    // After how long there may be room though nobody has said so: others may have died by then, or a group without
    // workers has been waited for long enough.
    template <class Judge>
    std::int64_t patience_ns(const Judge& judge) noexcept {
        const std::int64_t next = last_roll_call_.load(std::memory_order_relaxed) + interval_ns();
        auto patience = static_cast<std::uint64_t>(std::max<std::int64_t>(next - Atomics::now_ns(), 0));
        for (std::uint32_t g = 0; g < registry_.groups_used(); ++g) {
            const std::uint64_t left = linger_left_ns(g, judge);
            if (left != 0) patience = std::min(patience, left); // 0: it is waited for no more
        }
        return static_cast<std::int64_t>(patience);
    }

    // What decides whether a reservation finds room: who found none finds none again while this is as it was.
    struct standing {
        std::uint64_t resets = no_index;
        std::uint64_t limit = 0;
        std::uint64_t over_skipped = 0; // see reserve_over_skipped()
        bool is_at_start = false;       // of the ring, the next reservation
        bool operator==(const standing&) const = default;
    };
    template <class Judge>
    standing stands(const Judge& judge) noexcept {
        for (;;) {
            const epoch_view e = registry_.epoch();
            if (!e.is_settled()) return {e.resets};
            const standing found{e.resets, limit(e, lingers(judge)), limit(e, lingers(judge), true),
                                 ring_.position(ring_.reserved_index()) == 0};
            if (registry_.is_still(e)) return found;
        }
    }

    // The same for a batch: how many of its records were given room.
    template <class Judge>
    std::uint32_t reserve_batch(const batch& wanted, std::uint64_t& from, const Judge& judge) noexcept {
        std::uint64_t end;
        std::uint32_t fits = knows_limit(end) ? ring_.reserve_batch(wanted, from, &end) : 0;
        if (fits != 0) return fits;
        if (!find_limit(judge, end).is_settled()) return 0;
        fits = ring_.reserve_batch(wanted, from, &end);
        if (fits != 0) return fits;
        return reserve(wanted.count(0), from, judge) ? 1 : 0; // it may be only the end of the ring that is in the way
    }

    // Waits for room.
    template <class Judge, class Cancelled>
    wait_result reserve_until(std::uint32_t count, std::uint64_t& index, std::int64_t deadline, const Judge& judge,
                              Cancelled is_cancelled) {
        if (try_reserve(count, index, judge)) return wait_result::ready;
        std::int64_t patience = 0;
        const auto attempt = [&] {
            patience = patience_ns(judge); // before: what comes to its end during the attempt is not seen afterwards
            return reserve(count, index, judge);
        };
        return wait_until(registry_.room(), deadline, attempt, [&] { return patience; }, is_cancelled);
    }

    // Up to where may be reserved, in that epoch. over_skipped: as if who is at the skipped end of the ring were beyond
    // it. A limit holds as long as the epoch lasts, whoever joins later: it is at most a lap ahead of what was reserved
    // at limit:A. Who had joined by then is seen; who joins later is promised only what is reserved after join:A, which
    // is no less than that was. has_lingered(number): whether a group without workers has been so for its time.
    template <class HasLingered>
    std::uint64_t limit(const epoch_view& e, HasLingered has_lingered, bool over_skipped = false) const noexcept {
        const std::uint64_t end = ring_.reserved_index(std::memory_order_acquire); // limit:A
        std::uint64_t behind = 0;
        registry_.for_each([&](std::uint32_t number, std::uint64_t state) {
            if (member_state::kind_of(state) != member_state::consumer) return;
            behind = std::max(behind, unread(end, registry_.position_of_member(number, e), over_skipped));
        });
        for (std::uint32_t g = 0; g < registry_.groups_used(); ++g) {
            if (!registry_.holds(g, has_lingered)) continue;
            behind = std::max(behind, unread(end, registry_.first_needed(g, e), over_skipped));
        }
        return (end - behind + ring_.capacity()) & ring_.index_mask();
    }

private:
    // How much of the ring a consumer at `index` holds.
    std::uint64_t unread(std::uint64_t end, std::uint64_t index, bool over_skipped) const noexcept {
        const std::int64_t behind = ring_.difference(end, index);
        if (behind < 0) {
            // It read on since we looked. Or a peer has reset the queue, which shows only here: then it has read
            // nothing yet.
            return ring_.difference(ring_.reserved_index(), index) < 0 ? std::min(end, ring_.capacity()) : 0;
        }
        const bool is_over = over_skipped && behind > 0 && ring_.is_end_skipped(index);
        return is_over ? registry_.distance(end, ring_.start_of_ring_after(index)) : static_cast<std::uint64_t>(behind);
    }

    // Between two looks at who is dead.
    std::int64_t interval_ns() const noexcept {
        for (std::uint32_t g = 0; g < registry_.groups_used(); ++g) {
            const auto& of = registry_.group(g);
            if (!group_state::is_group(of.state.load(std::memory_order_relaxed))) continue; // a wrong look is repeated
            if (of.linger_ns.load(std::memory_order_relaxed) < roll_call_ns) return quick_roll_call_ns;
        }
        return roll_call_ns;
    }

    // For how long a group has been without workers that one with another clock has noted.
    struct sighting {
        typename Atomics::template atomic<std::uint64_t> orphaned{0}; // what it noted
        typename Atomics::template atomic<std::int64_t> since{0};     // when that was first seen here
    };

    // A record that begins before the usual limit, where the end of the ring was skipped for it just before, may go
    // beyond: up to where it could if all were beyond that end. Consumers with a cursor of their own say that they are
    // only with the next record. What it overwrites behind that limit is the skipped end itself, not the slot there,
    // which leads over it: no record begins there.
    template <class Judge>
    bool reserve_over_skipped(const epoch_view& e, std::uint64_t usual, std::uint32_t count, std::uint64_t& index,
                              const Judge& judge) noexcept {
        if (ring_.position(ring_.reserved_index()) != 0) return false;
        const std::uint64_t over = limit(e, lingers(judge), true);
        return registry_.is_still(e) && ring_.reserve_up_to(over, count, index, &usual);
    }

    template <class Judge>
    auto lingers(const Judge& judge) noexcept {
        return [&](std::uint32_t number) { return has_lingered(number, judge); };
    }
    template <class Judge>
    bool has_lingered(std::uint32_t number, const Judge& judge) noexcept {
        return linger_left_ns(number, judge) == 0;
    }
    // By our own clock, from when we saw it first, if we can't read the other one's. no_index: it has workers.
    template <class Judge>
    std::uint64_t linger_left_ns(std::uint32_t number, const Judge& judge) noexcept {
        bool can_compare = false;
        const std::uint64_t left = registry_.linger_left_ns(number, judge.clock(), can_compare);
        if (can_compare) return left;
        const auto& g = registry_.group(number);
        const std::uint64_t noted = g.orphaned.load(std::memory_order_relaxed);
        const std::uint64_t linger = g.linger_ns.load(std::memory_order_relaxed);
        sighting& seen = sightings_[number % most_groups];
        const std::int64_t now = Atomics::now_ns();
        if (seen.orphaned.load(std::memory_order_acquire) != noted) { // pairs with the store
            seen.since.store(now, std::memory_order_relaxed);
            seen.orphaned.store(noted, std::memory_order_release);
            return std::max<std::uint64_t>(linger, 1);
        }
        const auto elapsed = static_cast<std::uint64_t>(now - seen.since.load(std::memory_order_relaxed));
        return elapsed < linger ? linger - elapsed : 0;
    }

    std::uint64_t resets() const noexcept {
        return ring_.extension()->resets.load(std::memory_order_acquire); // resets:A
    }

    bool knows_limit(std::uint64_t& known) const noexcept {
        const std::uint64_t version = version_.load(std::memory_order_acquire); // known:A
        known = limit_.load(std::memory_order_relaxed);                         // known:A
        const std::uint64_t of = limit_epoch_.load(std::memory_order_relaxed);  // known:A
        Atomics::acquire_fence();                                               // known:A
        return (version & 1) == 0 && version_.load(std::memory_order_relaxed) == version && of == resets();
    }
    void remember(const epoch_view& e, std::uint64_t found) noexcept {
        std::uint64_t version = version_.load(std::memory_order_relaxed);
        // Another one is at it: then this limit is for the caller alone.
        if ((version & 1) != 0) return;
        if (!version_.compare_exchange_strong(version, version + 1, std::memory_order_relaxed)) return; // known:B
        Atomics::release_fence();                                // known:B
        limit_.store(found, std::memory_order_relaxed);          // known:B
        limit_epoch_.store(e.resets, std::memory_order_relaxed); // known:B
        version_.store(version + 2, std::memory_order_release);  // known:B
    }

    // The limit now, and of which epoch. Not settled: the queue is being reset, and there is none.
    template <class Judge>
    epoch_view find_limit(const Judge& judge, std::uint64_t& found) noexcept {
        for (;;) {
            const epoch_view e = registry_.epoch();
            if (!e.is_settled()) return e;
            found = limit(e, lingers(judge));
            if (!registry_.is_still(e)) continue;
            remember(e, found);
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
