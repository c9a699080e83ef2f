// claims.hpp - what the workers of a group have claimed, and how a claim passes from a dead worker to another.
//
// A claim takes three steps (group_worker.hpp): the worker writes that it intends to claim the index at the group's
// cursor; it moves the cursor, which then says who moved it; it writes that it has it. Whoever moves the cursor next
// does the third step for the one before. So whether a worker that died in between has claimed what it intended can
// always be told: the cursor was moved by it, beyond that index, or somebody has done its third step.
//
//   label    operation                                pairs with          so that
//   take:A   group stamp, then cursor load (acquire)  take:B              who moved it has said what it intended
//                                                     (group_worker.hpp)
//   hand:A   claim's stamp, then word load (acquire)  hand:B
//   hand:B   claim's word store or CAS (release)      hand:A              what its worker read comes before what is
//                                                                         written in the room
//   hand:C   handovers, read before and after the     hand:D              a claim that goes from one worker to another
//            workers' claims                          (group_worker.hpp)  in between is seen at one of them, or the
//                                                                         change is
//   limit:B  state load (acquire)                     join:B              (members.hpp)
#ifndef SLICKQ_DETAIL_CLAIMS_HPP
#define SLICKQ_DETAIL_CLAIMS_HPP

#include <slickq/detail/members.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class Atomics = native_atomics>
class basic_claims : public basic_members<Atomics> {
    using base = basic_members<Atomics>;

public:
    using base::is_dead;
    using base::member;
    using base::members_used;
    using group_type = basic_group<Atomics>;
    using claim_type = basic_claim<Atomics>;

    // A group's cursor, as it was found.
    struct cursor_view {
        std::uint64_t word = 0;
        std::uint64_t stamp = 0;
        std::uint64_t index() const noexcept { return group_cursor::index(word); }
    };

    using base::base;

    group_type& group(std::uint32_t number) const noexcept { return extension().groups[number % most_groups]; }

    cursor_view cursor(std::uint32_t number) const noexcept {
        const group_type& g = group(number);
        // Should the cursor come into another epoch between the two, the stamp is that of an older epoch still, or the
        // cursor too new for it: a compare-and-swap of both fails, and who only looks sees no more than was claimed.
        const std::uint64_t stamp = g.stamp.load(std::memory_order_acquire); // take:A
        return {g.cursor.load(std::memory_order_acquire), stamp};           // take:A
    }

    // Of a member's group, and of a group as it is now, in that epoch.
    static std::uint64_t stamp_of(std::uint64_t of, const epoch_view& e) noexcept {
        return group_stamp::pack(of >> 8, e.resets);
    }
    std::uint64_t stamp_now(std::uint32_t number, const epoch_view& e) const noexcept {
        const std::uint64_t state = group(number).state.load(std::memory_order_relaxed);
        return group_stamp::pack(group_state::generation(state), e.resets);
    }

    // ---------------------------------------------------------------- what is claimed

    claim_type& claim(std::uint32_t number, std::uint32_t which) const noexcept {
        return member(number).claims[which % claims_of_member];
    }
    // The one that the entry's owner uses.
    claim_type& current_claim(std::uint32_t number) const noexcept {
        return claim(number, static_cast<std::uint32_t>(member(number).current.load(std::memory_order_relaxed)));
    }

    // What a claim of that entry says of the group in the epoch, 0: nothing. The stamp before the word: its owner takes
    // back what it says of one group and epoch before it speaks of another.
    std::uint64_t word_of(const claim_type& c, std::uint32_t group_number, std::uint64_t stamp) const noexcept {
        if (c.stamp.load(std::memory_order_acquire) != stamp) return 0;    // hand:A
        const std::uint64_t word = c.word.load(std::memory_order_acquire); // hand:A
        return claim_word::group(word) == group_number ? word : 0;
    }

    // The index that such a word of that entry claims, when the group's cursor is `at`; no_index if none. An intention
    // became a claim if the cursor was then moved by its member: it says so until the next one moves it, who first
    // makes a claim of it.
    std::uint64_t claimed(std::uint32_t number, std::uint64_t word, const cursor_view& at,
                          std::uint64_t stamp) const noexcept {
        const std::uint64_t index = claim_word::index(word);
        switch (claim_word::step_of(word)) {
        case claim_word::has: return index;
        case claim_word::intends: {
            const bool moved_it = at.stamp == stamp && group_cursor::member(at.word) == number &&
                                  ring_.difference(at.index(), index) > 0;
            return moved_it ? index : no_index;
        }
        default: return no_index;
        }
    }

    // Calls visit(number, claim, word) for each claim of the group in that epoch, whose-ever it is.
    template <class Visit>
    void for_each_claim(std::uint32_t group_number, std::uint64_t stamp, Visit visit) const noexcept {
        const std::uint32_t used = members_used();
        for (std::uint32_t n = 0; n < used; ++n) {
            for (std::uint32_t k = 0; k < claims_of_member; ++k) {
                const std::uint64_t word = word_of(claim(n, k), group_number, stamp);
                if (word != 0) visit(n, claim(n, k), word);
            }
        }
    }

    // The oldest index that a group still needs. A claim that goes from one place to another may be missed in both;
    // then `handovers` has changed.
    std::uint64_t first_needed(std::uint32_t number, const epoch_view& e) const noexcept {
        const group_type& g = group(number);
        const std::uint64_t stamp = stamp_now(number, e);
        std::uint64_t first = 0;
        for (int tries = 0; tries < 1000; ++tries) { // more handovers than that, within microseconds, no workers make
            const std::uint64_t handovers = g.handovers.load(std::memory_order_acquire); // hand:C
            const cursor_view at = cursor(number);
            first = at.stamp == stamp ? at.index() : 0;
            for_each_claim(number, stamp, [&](std::uint32_t n, const claim_type&, std::uint64_t word) {
                const std::uint64_t index = claimed(n, word, at, stamp);
                if (index != no_index && ring_.difference(first, index) > 0) first = index;
            });
            Atomics::acquire_fence();
            if (g.handovers.load(std::memory_order_relaxed) == handovers) break; // hand:C
        }
        return first;
    }

    // Whether a claim of that entry, found before, is for others to take over: not if it is a worker's which may live.
    // (The claim first, then the state: who claims has joined before.)
    template <class Judge>
    bool is_left(std::uint32_t number, const claim_type& c, const Judge& judge) const noexcept {
        const std::uint64_t state = member(number).state.load(std::memory_order_acquire); // limit:B
        return member_state::kind_of(state) != member_state::worker || &current_claim(number) != &c ||
               is_dead(number, state, judge);
    }

    // Claims that the group's dead, evicted and former workers have left.
    template <class Judge>
    std::uint32_t left_in_hand(std::uint32_t number, const Judge& judge) const noexcept {
        const std::uint64_t stamp = stamp_now(number, base::epoch());
        const cursor_view at = cursor(number);
        std::uint32_t count = 0;
        for_each_claim(number, stamp, [&](std::uint32_t n, const claim_type& c, std::uint64_t word) {
            if (claimed(n, word, at, stamp) != no_index && is_left(n, c, judge)) ++count;
        });
        return count;
    }

    // ---------------------------------------------------------------- what others do for a worker

    // The third step of whoever moved the cursor to where it is.
    void write_down(const cursor_view& at, std::uint32_t group_number, std::uint64_t stamp) noexcept {
        const std::uint32_t mover = group_cursor::member(at.word);
        if (mover >= most_members || at.stamp != stamp) return;
        claim_type& c = current_claim(mover);
        std::uint64_t seen = word_of(c, group_number, stamp);
        if (claim_word::step_of(seen) != claim_word::intends) return;
        // It may be another's by now, or it may be about to claim what is next. Then it told us so before it told us
        // that.
        if (ring_.difference(at.index(), claim_word::index(seen)) <= 0) return;
        const std::uint64_t has = claim_word::with(seen, claim_word::has);
        c.word.compare_exchange_strong(seen, has, std::memory_order_acq_rel); // hand:B
    }

    // Of an intention whose owner does nothing any more: it came about, or it did not. Before the entry has another
    // owner, who moves cursors under the same number.
    void settle_claim(std::uint32_t number, std::uint64_t state) noexcept {
        claim_type& c = current_claim(number);
        std::uint64_t word = c.word.load(std::memory_order_acquire); // hand:A
        if (claim_word::step_of(word) != claim_word::intends) return;
        if (member(number).state.load(std::memory_order_acquire) != state) return; // limit:B. It may be another owner's
        const std::uint32_t g = claim_word::group(word);
        const std::uint64_t stamp = c.stamp.load(std::memory_order_acquire); // hand:A
        const bool is_claim = claimed(number, word, cursor(g), stamp) != no_index;
        const std::uint64_t settled = is_claim ? claim_word::with(word, claim_word::has) : 0;
        c.word.compare_exchange_strong(word, settled, std::memory_order_acq_rel); // hand:B
    }

protected:
    using base::extension;
    using base::ring_;

    // One that nothing is in; claims_of_member: none. Of an entry that the caller has for itself.
    std::uint32_t free_claim(std::uint32_t number) const noexcept {
        std::uint32_t which = 0;
        while (which < claims_of_member && !is_unused(claim(number, which))) ++which;
        return which;
    }

    // What workers of a group that is no more had claimed. Twice, or late, it does no harm: what it changes is of that
    // group only.
    void clear_claims(std::uint32_t group_number, std::uint64_t state) noexcept {
        const std::uint32_t used = members_used();
        for (std::uint32_t n = 0; n < used; ++n) {
            for (std::uint32_t k = 0; k < claims_of_member; ++k) {
                claim_type& c = claim(n, k);
                const std::uint64_t stamp = c.stamp.load(std::memory_order_acquire); // hand:A
                std::uint64_t word = c.word.load(std::memory_order_acquire);         // hand:A
                const bool is_its = group_stamp::generation(stamp) == group_state::generation(state);
                if (word == 0 || !is_its || claim_word::group(word) != group_number) continue;
                c.word.compare_exchange_strong(word, 0, std::memory_order_acq_rel); // hand:B
            }
        }
    }

private:
    // Or what is in it is of a group or an epoch that is over.
    bool is_unused(claim_type& c) const noexcept {
        std::uint64_t word = c.word.load(std::memory_order_acquire); // hand:A
        if (word == 0) return true;
        const epoch_view now{extension().resets.load(std::memory_order_relaxed), 0};
        const std::uint64_t stamp = c.stamp.load(std::memory_order_relaxed);
        const std::uint64_t stamp_of_group = stamp_now(claim_word::group(word), now);
        if (stamp == stamp_of_group) return false;
        const bool is_same_group = group_stamp::generation(stamp) == group_stamp::generation(stamp_of_group);
        if (is_same_group && claim_word::step_of(word) == claim_word::has) {
            // A statistic: it was claimed, and not done with, at a reset.
            group(claim_word::group(word)).lost.fetch_add(1, std::memory_order_relaxed);
        }
        return c.word.compare_exchange_strong(word, 0, std::memory_order_acq_rel); // hand:B
    }
};

} // namespace slickq

#endif
