// roster.hpp - who must not be lapped: the consumers that registered, and the groups of workers, with their processes. How far
// producers in lossless mode may go follows from it.
//
//   label    operation                                pairs with  so that
//   join:A   reserved RMW, after the state is stored  gate:A      see limit()
//   join:B   state store (release)                    gate:B      who it is, and where, is there before its state says so
//   gate:A   reserved load (acquire)                  join:A
//   gate:B   state, then position loads (acquire)     join:B, ack:A  what the consumer read of the ring comes before what is
//   ack:A    position store (release)                 gate:B         written there next
//   ack:B    full fence, then the bell `room`         bell.hpp    a producer that waits for room is woken
//   evict:A  state CAS (acquire and release)          itself      one ends a membership; pairs with join:B for its details
//
// Everything here may be damaged or hostile: numbers are checked, and at worst producers wait, or do not.
#ifndef SLICKQ_ROSTER_HPP
#define SLICKQ_ROSTER_HPP

#include <slickq/ring.hpp>

#include <algorithm>

namespace slickq {

// A process, as others of the same machine know it again.
struct process_identity {
    std::uint32_t pid = 0;
    std::uint64_t start_time = 0;    // 0: not known
    std::uint64_t pid_namespace = 0; // 0: not known
};

template <class Atomics = native_atomics>
class basic_roster {
public:
    using ring_type = basic_ring<Atomics>;
    using member_type = basic_member<Atomics>;
    using group_type = basic_group<Atomics>;
    using id = std::uint64_t; // of a membership; 0: none
    static constexpr std::uint32_t no_group = ~std::uint32_t{0};

    basic_roster() = default;
    // The ring has an annex.
    explicit basic_roster(const ring_type& source) noexcept : ring_(source) {}

    // ---------------------------------------------------------------- members

    // 0: the table is full. For a consumer: all before `position`, which is reserved, it does not need.
    id join(member_state::kind kind, const process_identity& owner, std::uint64_t position, std::uint32_t group = no_group) noexcept {
        for (std::uint32_t number = 0; number < most_members; ++number) {
            member_type& m = member(number);
            std::uint64_t before = m.state.load(std::memory_order_relaxed);
            if (member_state::kind_of(before) != member_state::free) continue;
            const std::uint64_t mine = member_state::pack(owner.pid, member_state::times(before) + 1, member_state::joining);
            if (!m.state.compare_exchange_strong(before, mine, std::memory_order_acq_rel)) continue; // evict:A
            m.position.store(position, std::memory_order_relaxed);
            m.in_hand.store(0, std::memory_order_relaxed);
            m.group.store(group, std::memory_order_relaxed);
            m.start_time.store(owner.start_time, std::memory_order_relaxed);
            m.pid_namespace.store(owner.pid_namespace, std::memory_order_relaxed);
            raise(annex().members_used, number + 1);
            m.state.store(member_state::with(mine, kind), std::memory_order_release); // join:B
            return id_of(mine, number);
        }
        return 0;
    }

    // What is reserved from the index returned on is held for those who have joined; what was reserved before may have been
    // granted already, and be overwritten.
    std::uint64_t take_effect() noexcept { return ring_.meet_producers(); } // join:A

    bool is(id member_id, member_state::kind kind) const noexcept {
        return member(number_of(member_id)).state.load(std::memory_order_acquire) == state_of(member_id, kind);
    }

    // A consumer has read all before `index`. False: it is no member any more.
    bool acknowledge(id consumer, std::uint64_t index) noexcept {
        if (!is(consumer, member_state::consumer)) return false;
        member(number_of(consumer)).position.store(index, std::memory_order_release); // ack:A
        made_room();
        return true;
    }

    // By its owner, also when it was evicted; or by others when its owner is dead.
    bool leave(id member_id) noexcept {
        const bool was = change(member_id, member_state::consumer, member_state::free) ||
                         change(member_id, member_state::worker, member_state::free) ||
                         change(member_id, member_state::evicted, member_state::free);
        made_room();
        return was;
    }

    // By an operator. Its owner learns of it; until then, or its end, its entry is not used again.
    bool evict(id member_id) noexcept {
        const bool was = change(member_id, member_state::consumer, member_state::evicted) ||
                         change(member_id, member_state::worker, member_state::evicted);
        made_room();
        return was;
    }

    void made_room() noexcept {
        Atomics::full_fence(); // ack:B
        room().wake_sleepers();
    }
    basic_bell<Atomics> room() const noexcept { return basic_bell<Atomics>(&annex().room); }

    // ---------------------------------------------------------------- producers

    // Up to where may be reserved. A limit holds for ever, whoever joins later: it is at most a lap ahead of what was reserved at
    // gate:A. Who had joined by then is seen; who joins later is promised only what is reserved after join:A, which is no less than
    // that was. (But not across a reset.)
    std::uint64_t limit() const noexcept {
        const std::uint64_t end = ring_.reserved_index(std::memory_order_acquire); // gate:A
        std::uint64_t behind = 0;
        for_each([&](std::uint32_t number, std::uint64_t state) {
            if (member_state::kind_of(state) != member_state::consumer) return;
            behind = std::max(behind, distance(end, member(number).position.load(std::memory_order_acquire))); // gate:B
        });
        for (std::uint32_t g = 0; g < groups_used(); ++g) {
            if (holds(g)) behind = std::max(behind, distance(end, first_needed(g)));
        }
        return (end - behind + ring_.capacity()) & ring_.index_mask();
    }

    // Ends the memberships of consumers whose process is dead, and of groups that have been without a living worker for their time.
    // is_alive(identity): whether that process lives, as far as can be told.
    template <class IsAlive>
    void evict_dead(IsAlive is_alive, std::int64_t now_ns) noexcept {
        for_each([&](std::uint32_t number, std::uint64_t state) {
            const auto kind = member_state::kind_of(state);
            // The claims of a worker are for the others of its group.
            const bool is_free = kind == member_state::joining || !has_claim(number);
            if (is_free && !is_alive(owner(number, state))) change(id_of(state, number), kind, member_state::free);
        });
        for (std::uint32_t g = 0; g < groups_used(); ++g) {
            auto& since = group(g).orphaned_since;
            std::uint64_t then = 0;
            // Acquire: a worker that was counted out here, and made it 0 before, has joined, and is found the second time.
            if (living_workers(g, is_alive) == 0) {
                since.compare_exchange_strong(then, static_cast<std::uint64_t>(now_ns), std::memory_order_acq_rel);
            }
            if (since.load(std::memory_order_relaxed) != 0 && living_workers(g, is_alive) != 0) since.store(0, std::memory_order_relaxed);
        }
        made_room();
    }

    // ---------------------------------------------------------------- groups

    // Whether producers wait for it.
    bool holds(std::uint32_t number) const noexcept {
        const group_type& g = group(number);
        if (!is_group(g.state.load(std::memory_order_acquire))) return false; // pairs with found_group()
        const std::uint64_t since = g.orphaned_since.load(std::memory_order_relaxed);
        return since == 0 || static_cast<std::uint64_t>(Atomics::now_ns()) - since < g.linger_ns.load(std::memory_order_relaxed);
    }

    // The number of the group of that name; no_group if there is none.
    std::uint32_t find_group(const std::uint64_t (&name)[2]) const noexcept {
        for (std::uint32_t number = 0; number < groups_used(); ++number) {
            const group_type& g = group(number);
            if (!is_group(g.state.load(std::memory_order_acquire))) continue; // pairs with found_group()
            if (g.name[0].load(std::memory_order_relaxed) == name[0] && g.name[1].load(std::memory_order_relaxed) == name[1]) return number;
        }
        return no_group;
    }

    // Makes a group that begins at `index`; no_group if there is no room for one. Of two that make one of the same name at once, the
    // one with the lower number counts: look it up afterwards, once is_changing_before() says that none is coming.
    template <class IsAlive>
    std::uint32_t found_group(const std::uint64_t (&name)[2], group_state::mode mode, std::int64_t linger_ns, std::uint64_t index,
                              const process_identity& maker, IsAlive is_alive) noexcept {
        for (std::uint32_t number = 0; number < most_groups; ++number) {
            group_type& g = group(number);
            std::uint64_t before = g.state.load(std::memory_order_relaxed);
            const auto was = group_state::mode_of(before);
            const bool is_half_made = was == group_state::being_made && !is_alive(process_identity{group_state::pid(before)});
            if (was != group_state::free && !is_half_made) continue;
            // Acquire: pairs with the one who removed it.
            const std::uint64_t mine = group_state::pack(maker.pid, group_state::being_made);
            if (!g.state.compare_exchange_strong(before, mine, std::memory_order_acquire)) continue;
            g.cursor.store(index << 16, std::memory_order_relaxed);
            for (auto* counter : {&g.handovers, &g.orphaned_since, &g.abandoned, &g.redelivered, &g.lost}) {
                counter->store(0, std::memory_order_relaxed);
            }
            g.linger_ns.store(static_cast<std::uint64_t>(linger_ns), std::memory_order_relaxed);
            for (int i = 0; i < 2; ++i) g.name[i].store(name[i], std::memory_order_relaxed);
            raise(annex().groups_used, number + 1);
            g.state.store(group_state::pack(maker.pid, mode), std::memory_order_release); // pairs with find_group() and holds()
            return number;
        }
        return no_group;
    }

    // After a worker has joined the group that was found in that state. False: it was removed meanwhile.
    bool has_worker(std::uint32_t number, std::uint64_t state) noexcept {
        group(number).orphaned_since.store(0, std::memory_order_release);
        Atomics::full_fence(); // of a worker that joins and a removal, one sees the other: remove_group()
        return group(number).state.load(std::memory_order_relaxed) == state;
    }

    // With all that its dead workers have in hand. False: it has living ones.
    template <class IsAlive>
    bool remove_group(std::uint32_t number, const process_identity& remover, IsAlive is_alive) noexcept {
        group_type& g = group(number);
        std::uint64_t state = g.state.load(std::memory_order_acquire);
        if (!is_group(state)) return false;
        if (!g.state.compare_exchange_strong(state, group_state::pack(remover.pid, group_state::being_made), std::memory_order_acq_rel)) {
            return false; // another one is at it
        }
        Atomics::full_fence(); // has_worker()
        if (living_workers(number, is_alive) != 0) {
            g.state.store(state, std::memory_order_release);
            return false;
        }
        for_each([&](std::uint32_t m, std::uint64_t) {
            if (member(m).group.load(std::memory_order_relaxed) == number) member(m).in_hand.store(0, std::memory_order_relaxed);
        });
        g.state.store(0, std::memory_order_release); // pairs with found_group()
        made_room();
        return true;
    }

    // Whether a group with a lower number is just being made or removed: then one of any name may be there in a moment.
    template <class IsAlive>
    bool is_changing_before(std::uint32_t number, IsAlive is_alive) const noexcept {
        for (std::uint32_t before = 0; before < std::min(number, most_groups); ++before) {
            const std::uint64_t state = group(before).state.load(std::memory_order_acquire);
            const bool is_changing = group_state::mode_of(state) == group_state::being_made;
            if (is_changing && is_alive(process_identity{group_state::pid(state)})) return true;
        }
        return false;
    }

    // The index that a member of the group has claimed, when the group's cursor is `cursor`; no_index if none. An intention became a
    // claim if the cursor was then moved by its member: it says so until the next one moves it, who first makes a claim of it.
    std::uint64_t claim_of(std::uint32_t number, std::uint64_t cursor) const noexcept {
        const std::uint64_t word = member(number).in_hand.load(std::memory_order_acquire); // hand:A, group.hpp
        const std::uint64_t index = in_hand::index(word);
        switch (in_hand::step_of(word)) {
        case in_hand::has: return index;
        case in_hand::intends: {
            const bool moved_it = group_cursor::member(cursor) == number && ring_.difference(group_cursor::index(cursor), index) > 0;
            return moved_it ? index : no_index;
        }
        default: return no_index;
        }
    }

    // ---------------------------------------------------------------- observers

    template <class IsAlive>
    std::uint32_t living_workers(std::uint32_t number, IsAlive is_alive) const noexcept {
        std::uint32_t count = 0;
        for_each([&](std::uint32_t m, std::uint64_t state) {
            if (member_state::kind_of(state) != member_state::worker) return;
            if (member(m).group.load(std::memory_order_relaxed) == number && is_alive(owner(m, state))) ++count;
        });
        return count;
    }

    member_type& member(std::uint32_t number) const noexcept { return annex().members[number % most_members]; }
    group_type& group(std::uint32_t number) const noexcept { return annex().groups[number % most_groups]; }
    std::uint32_t members_used() const noexcept { return std::min(annex().members_used.load(std::memory_order_acquire), most_members); }
    std::uint32_t groups_used() const noexcept { return std::min(annex().groups_used.load(std::memory_order_acquire), most_groups); }

    // Calls visit(number, state) for each member.
    template <class Visit>
    void for_each(Visit visit) const noexcept {
        const std::uint32_t used = members_used();
        for (std::uint32_t number = 0; number < used; ++number) {
            const std::uint64_t state = member(number).state.load(std::memory_order_acquire); // gate:B
            if (member_state::kind_of(state) != member_state::free) visit(number, state);
        }
    }

    process_identity owner(std::uint32_t number, std::uint64_t state) const noexcept {
        const member_type& m = member(number);
        // One that is joining has not said yet when its process began.
        const bool is_known = member_state::kind_of(state) != member_state::joining;
        return {member_state::pid(state), is_known ? m.start_time.load(std::memory_order_relaxed) : 0,
                is_known ? m.pid_namespace.load(std::memory_order_relaxed) : 0};
    }

    static bool is_group(std::uint64_t state) noexcept {
        const auto mode = group_state::mode_of(state);
        return mode == group_state::at_least_once || mode == group_state::at_most_once;
    }
    static id id_of(std::uint64_t state, std::uint32_t number) noexcept { return (state & ~member_state::kind_mask) | number; }
    static std::uint32_t number_of(id member_id) noexcept { return static_cast<std::uint32_t>(member_id & member_state::kind_mask); }
    static std::uint64_t state_of(id member_id, member_state::kind kind) noexcept { return member_state::with(member_id, kind); }

    // How many elements `index` is behind `end`; 0 if it is not.
    std::uint64_t distance(std::uint64_t end, std::uint64_t index) const noexcept {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(ring_.difference(end, index), 0));
    }

    // The queue was reset, by this library.
    void reset() noexcept {
        for_each([&](std::uint32_t number, std::uint64_t) {
            member(number).position.store(0, std::memory_order_relaxed);
            member(number).in_hand.store(0, std::memory_order_relaxed);
        });
        for (std::uint32_t g = 0; g < groups_used(); ++g) group(g).cursor.store(0, std::memory_order_release);
        made_room();
    }

private:
    basic_annex<Atomics>& annex() const noexcept { return *ring_.annex(); }

    bool change(id member_id, member_state::kind from, member_state::kind to) noexcept {
        std::uint64_t expected = state_of(member_id, from);
        return member(number_of(member_id))
            .state.compare_exchange_strong(expected, state_of(member_id, to), std::memory_order_acq_rel); // evict:A
    }

    bool has_claim(std::uint32_t number) const noexcept {
        return in_hand::step_of(member(number).in_hand.load(std::memory_order_relaxed)) != in_hand::nothing;
    }

    // The oldest index that a group still needs. A claim that goes from one worker to another may be missed in both; then
    // `handovers` has changed.
    std::uint64_t first_needed(std::uint32_t number) const noexcept {
        const group_type& g = group(number);
        std::uint64_t first = 0;
        for (int tries = 0; tries < 1000; ++tries) { // more handovers than that, within microseconds, no workers make
            const std::uint64_t handovers = g.handovers.load(std::memory_order_acquire); // hand:C
            const std::uint64_t cursor = g.cursor.load(std::memory_order_acquire);       // take:A
            first = group_cursor::index(cursor);
            for_each([&](std::uint32_t m, std::uint64_t) {
                if (member(m).group.load(std::memory_order_relaxed) != number) return;
                const std::uint64_t claimed = claim_of(m, cursor);
                if (claimed != no_index && ring_.difference(first, claimed) > 0) first = claimed;
            });
            Atomics::acquire_fence();
            if (g.handovers.load(std::memory_order_relaxed) == handovers) break; // hand:C
        }
        return first;
    }

    static void raise(typename ring_type::template atomic<std::uint32_t>& word, std::uint32_t to) noexcept {
        std::uint32_t seen = word.load(std::memory_order_relaxed);
        while (seen < to && !word.compare_exchange_strong(seen, to, std::memory_order_acq_rel, std::memory_order_relaxed)) {
        }
    }

    ring_type ring_;
};

using roster = basic_roster<>;

} // namespace slickq

#endif
