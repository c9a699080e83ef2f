// group.hpp - groups of workers: how one is made, joined, held for, and removed, by whoever lives.
//
// Making and removing a group takes several steps, between which its process may die. So the state of a group says
// which step it is at, and by whom it is being made. Whoever comes across a removal goes on with it; who needs a place
// takes that of a group whose maker has died.
//
//   label    operation                               pairs with  so that
//   found:A  group state store (release)             found:B     what a group is, is there before its state says that
//                                                                it is one
//   found:B  group state load (acquire)              found:A
//   found:C  group state CAS to free (release)       found:D     what is cleared away is, before the place is another's
//   found:D  group state CAS to being made           found:C
//            (acquire)
//   meet:A   member's group store, full fence,       meet:B      of a worker that joins and a removal one sees the
//            group state load (relaxed)                          other
//   meet:B   group state CAS, full fence, members    meet:A
//   limit:B  state load (acquire)                    join:B      (members.hpp)
#ifndef SLICKQ_DETAIL_GROUP_HPP
#define SLICKQ_DETAIL_GROUP_HPP

#include <slickq/detail/claims.hpp>

#include <algorithm>

namespace slickq::inline SLICKQ_NAMESPACE {

// `judge` in all that follows: judge(identity) is a liveness; judge.clock() see orphan_stamp.
template <class Atomics = native_atomics>
class basic_groups : public basic_claims<Atomics> {
    using base = basic_claims<Atomics>;

public:
    using base::for_each;
    using base::group;
    using base::is_dead;
    using base::made_room;
    using base::member;
    using base::number_of;
    using typename base::group_type;
    using typename base::id;
    static constexpr std::uint32_t no_group = ~std::uint32_t{0};

    using base::base;

    std::uint32_t groups_used() const noexcept {
        // Acquire: pairs with found_group(), which raises it before the group is one.
        return std::min(extension().groups_used.load(std::memory_order_acquire), most_groups);
    }

    // The number of the group of that name; no_group if there is none.
    std::uint32_t find_group(const std::uint64_t (&name)[2]) const noexcept {
        for (std::uint32_t number = 0; number < groups_used(); ++number) {
            const group_type& g = group(number);
            if (!group_state::is_group(g.state.load(std::memory_order_acquire))) continue; // found:B
            const bool is_named_so = g.name[0].load(std::memory_order_relaxed) == name[0] &&
                                     g.name[1].load(std::memory_order_relaxed) == name[1];
            if (is_named_so) return number;
        }
        return no_group;
    }

    // Workers of the group that are not surely dead.
    template <class Judge>
    std::uint32_t workers_left(std::uint32_t number, const Judge& judge) const noexcept {
        std::uint32_t count = 0;
        const std::uint64_t of = member_group::pack(number, group(number).state.load(std::memory_order_relaxed));
        for_each([&](std::uint32_t m, std::uint64_t state) {
            if (member_state::kind_of(state) != member_state::worker) return;
            if (member(m).group.load(std::memory_order_relaxed) == of && !is_dead(m, state, judge)) ++count;
        });
        return count;
    }

    // ---------------------------------------------------------------- whether producers wait for it

    // has_lingered(number): of one without workers.
    template <class HasLingered>
    bool holds(std::uint32_t number, HasLingered has_lingered) const noexcept {
        const group_type& g = group(number);
        if (!group_state::is_group(g.state.load(std::memory_order_acquire))) return false; // found:B
        return g.orphaned.load(std::memory_order_relaxed) == 0 || !has_lingered(number);
    }

    // Whether a group without workers has been so for its time, by a clock that both have; can_compare: whether it is
    // one.
    bool has_lingered(std::uint32_t number, std::uint32_t clock, bool& can_compare) const noexcept {
        return linger_left_ns(number, clock, can_compare) == 0;
    }
    // The same in nanoseconds: how much of its time is left. no_index: it has workers, or the clock is another one.
    std::uint64_t linger_left_ns(std::uint32_t number, std::uint32_t clock, bool& can_compare) const noexcept {
        const group_type& g = group(number);
        const std::uint64_t since = g.orphaned.load(std::memory_order_relaxed);
        can_compare = since == 0 || (clock != 0 && orphan_stamp::clock(since) == clock);
        if (since == 0 || !can_compare) return no_index;
        const std::uint64_t elapsed = orphan_stamp::elapsed_ns(since, orphan_stamp::pack(clock, Atomics::now_ns()));
        const std::uint64_t linger = g.linger_ns.load(std::memory_order_relaxed);
        return elapsed < linger ? linger - elapsed : 0;
    }

    // Notes of each group since when it has been without a living worker.
    template <class Judge>
    void note_orphans(const Judge& judge) noexcept {
        for (std::uint32_t g = 0; g < groups_used(); ++g) {
            auto& since = group(g).orphaned;
            std::uint64_t none = 0;
            // Acquire: a worker that was counted out here, and made it 0 before (enter_group()), has joined, and is
            // found the second time.
            if (workers_left(g, judge) == 0) {
                const std::uint64_t now = orphan_stamp::pack(judge.clock(), Atomics::now_ns());
                since.compare_exchange_strong(none, now, std::memory_order_acq_rel);
            }
            const bool is_noted = since.load(std::memory_order_relaxed) != 0;
            if (is_noted && workers_left(g, judge) != 0) since.store(0, std::memory_order_relaxed);
        }
    }

    // ---------------------------------------------------------------- making and joining

    // Makes a group that begins at `index` of the epoch; no_group if there is no room for one. `maker` is a member. Of
    // two that make one of the same name at once, the one with the lower number counts: look it up afterwards, once
    // is_changing_before() says that none is coming.
    template <class Judge>
    std::uint32_t found_group(const std::uint64_t (&name)[2], group_state::mode mode, std::int64_t linger_ns,
                              std::uint64_t index, const epoch_view& e, id maker, const Judge& judge) noexcept {
        const std::uint64_t turn = (member_state::generation(maker) << 6 | number_of(maker)) & 0xFFFFFFFF;
        for (std::uint32_t number = 0; number < most_groups; ++number) {
            group_type& g = group(number);
            std::uint64_t before = g.state.load(std::memory_order_acquire); // found:B
            if (is_being_removed(before)) before = go_on_removing(number, before, judge);
            const auto stage = group_state::stage(before);
            const bool is_half_made = stage == group_state::being_made && !may_be_made(before, judge);
            if (stage != group_state::free && !is_half_made) continue;
            const std::uint64_t generation = group_state::generation(before) + 1;
            const std::uint64_t mine = group_state::pack(turn, generation, group_state::being_made);
            if (!g.state.compare_exchange_strong(before, mine, std::memory_order_acquire)) continue; // found:D
            // In this order: a worker of the former group that has slept since never finds its stamp with another
            // cursor.
            const std::uint64_t stamp = group_stamp::pack(group_state::generation(mine), e.resets);
            g.stamp.store(stamp, std::memory_order_relaxed);
            g.cursor.store(index << 16, std::memory_order_release); // take:A may load it
            for (auto* counter : {&g.handovers, &g.orphaned, &g.abandoned, &g.redelivered, &g.lost}) {
                counter->store(0, std::memory_order_relaxed);
            }
            g.reserved_before.store(e.reserved_before, std::memory_order_relaxed);
            g.reserved_before_epoch.store(e.resets, std::memory_order_relaxed);
            g.linger_ns.store(static_cast<std::uint64_t>(linger_ns), std::memory_order_relaxed);
            for (int i = 0; i < 2; ++i) g.name[i].store(name[i], std::memory_order_relaxed);
            raise(extension().groups_used, number + 1);
            g.state.store(group_state::with(mine, mode), std::memory_order_release); // found:A
            return number;
        }
        return no_group;
    }

    // Whether a group with a lower number is just being made: then one of any name may be there in a moment.
    template <class Judge>
    bool is_changing_before(std::uint32_t number, const Judge& judge) noexcept {
        for (std::uint32_t before = 0; before < std::min(number, most_groups); ++before) {
            const std::uint64_t state = group(before).state.load(std::memory_order_acquire); // found:B
            if (is_being_removed(state)) go_on_removing(before, state, judge);
            if (group_state::stage(state) == group_state::being_made && may_be_made(state, judge)) return true;
        }
        return false;
    }

    // A worker joins the group that was found in that state. False: it is no more, or is being removed.
    bool enter_group(id worker, std::uint32_t number, std::uint64_t state) noexcept {
        auto& of = member(number_of(worker)).group;
        of.store(member_group::pack(number, state), std::memory_order_release);
        group(number).orphaned.store(0, std::memory_order_release); // pairs with the CAS of note_orphans()
        Atomics::full_fence();                                      // meet:A
        if (group(number).state.load(std::memory_order_relaxed) == state) return true;
        of.store(no_index, std::memory_order_release);
        return false;
    }

    // ---------------------------------------------------------------- removing

    // With all that its dead workers have claimed. False: it has workers that are not surely dead, or another one is at
    // it.
    template <class Judge>
    bool remove_group(std::uint32_t number, const Judge& judge) noexcept {
        group_type& g = group(number);
        std::uint64_t state = g.state.load(std::memory_order_acquire); // found:B
        if (!group_state::is_group(state)) return false;
        const std::uint64_t removing = group_state::pack(group_state::turn(state) + 1, group_state::generation(state),
                                                         group_state::stage(state) | group_state::removing);
        if (!g.state.compare_exchange_strong(state, removing, std::memory_order_acq_rel)) return false; // meet:B
        return !group_state::is_group(go_on_removing(number, removing, judge));
    }

protected:
    using base::extension;

    template <class Word>
    static void raise(Word& word, std::uint32_t to) noexcept {
        std::uint32_t seen = word.load(std::memory_order_relaxed);
        while (seen < to) {
            // Release: pairs with the acquire loads of members_used() and groups_used().
            if (word.compare_exchange_strong(seen, to, std::memory_order_acq_rel, std::memory_order_relaxed)) return;
        }
    }

private:
    static bool is_being_removed(std::uint64_t state) noexcept {
        return (group_state::stage(state) & (group_state::removing | group_state::clearing)) != 0;
    }

    // Whether the member that is making the group may still be at it.
    template <class Judge>
    bool may_be_made(std::uint64_t making, const Judge& judge) const noexcept {
        const auto number = static_cast<std::uint32_t>(group_state::turn(making) & 63);
        const std::uint64_t state = member(number).state.load(std::memory_order_acquire); // limit:B
        const std::uint64_t turn = (member_state::generation(state) << 6 | number) & 0xFFFFFFFF;
        const bool is_it = turn == group_state::turn(making);
        return is_it && member_state::kind_of(state) != member_state::free && !is_dead(number, state, judge);
    }

    // Whoever comes across a removal goes on with it: who began it may have died. The result is the state it comes to.
    template <class Judge>
    std::uint64_t go_on_removing(std::uint32_t number, std::uint64_t state, const Judge& judge) noexcept {
        group_type& g = group(number);
        if ((group_state::stage(state) & group_state::removing) != 0) {
            Atomics::full_fence(); // meet:B
            const auto mode = group_state::mode_of(state);
            const bool has_workers = workers_left(number, judge) != 0;
            const std::uint64_t next = group_state::with(state, has_workers ? mode : group_state::clearing | mode);
            std::uint64_t expected = state;
            // If it fails, another one has come to a result.
            if (!g.state.compare_exchange_strong(expected, next, std::memory_order_acq_rel)) return expected; // found:B
            state = next;
        }
        if ((group_state::stage(state) & group_state::clearing) == 0) return state;
        base::clear_claims(number, state);
        std::uint64_t expected = state;
        const std::uint64_t none = group_state::with(state, group_state::free);
        const bool was_us = g.state.compare_exchange_strong(expected, none, std::memory_order_acq_rel); // found:C
        made_room();
        return was_us ? none : expected;
    }
};

} // namespace slickq

#endif
