// group_worker.hpp - a consumer that shares a group's cursor with others: each record is claimed by exactly one, who
// says what it has claimed, so that the others can take it over when it dies.
//
// A claim, in three steps: the worker writes that it intends to claim the index at the cursor; moves the cursor, which
// then says who moved it; writes that it has it. Whoever moves the cursor next does the third step first, for the one
// before. So whether a worker that died in between has claimed what it intended can always be told: the cursor was
// moved by it, beyond that index, or somebody has done its third step (claims.hpp).
//
// The cursor is changed together with a stamp, of which group and epoch its index is: a worker that has slept through a
// reset, or through the removal of its group, moves nothing. What a look at the ring found is of the epoch in which the
// cursor was found if that is still the epoch after the look: then the cursor's next move is of this epoch too, or
// fails. A record is handed out if the epoch is the same after it was copied. Otherwise it is lost to the reset, as all
// that was not claimed by then.
//
//   label       operation                                  pairs with      so that
//   take:A      group stamp, then cursor load (acquire)    take:B          who moved it has said what it intended
//   take:B      group cursor and stamp CAS (acquire,       take:A, take:B  each index is claimed once; the claim before
//               release)                                                   is written down
//   hand:B      claim's word store or CAS (release)        hand:A          what its worker read comes before what is
//                                                          (claims.hpp)    written in the room
//   hand:D      handovers RMW (acquire and release),       hand:C          a claim that goes from one worker to another
//               after the new one's word, before the old   (claims.hpp)    is seen at one of them, or the change is
//               one's
//   copy:A      elements, loaded (relaxed), acquire fence  reserve:B       if the copy holds anything of a later
//                                                                          record, validate:B sees its reservation
//   validate:B  reserved load (acquire)                    reserve:B       the same. Acquire for epoch:B: the counter
//                                                                          may be of another epoch
//   ahead:A     reserved load (acquire)                    reserve:A       (ring.hpp)
//   epoch:B     resets load (relaxed), after acquire       reset:A         (members.hpp)
//               loads
//   noted:A     reserved_before_epoch load (acquire)       noted:B         a statistic: the count noted is of that epoch
//   noted:B     reserved_before_epoch store (release)      noted:A         the same
#ifndef SLICKQ_DETAIL_GROUP_WORKER_HPP
#define SLICKQ_DETAIL_GROUP_WORKER_HPP

#include <slickq/detail/registry.hpp>
#include <slickq/detail/step_over.hpp>
#include <slickq/detail/wait_until.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

enum class work {
    record,    // claimed, and copied whole
    again,     // the same, from a worker that died or was evicted before it was done with it
    empty,     // nothing to claim
    lapped,    // `lost` elements were overwritten, by producers that do not wait, or before the group was waited for
    gap,       // `lost` elements stayed unpublished for longer than the stall time
    corrupt,   // `lost` elements of a slot that says what no producer writes
    abandoned, // at-most-once: a worker died that had claimed the record at `index`; nobody gets it any more
    reset,     // the queue was reset; `lost` elements that nobody had claimed, or this one had just claimed, are gone. The
               // worker that moves the group's cursor to the new epoch is told, also if nothing was lost
    too_large, // the record has more elements than the buffer: `count`. It is still there
    evicted,   // this worker is none any more
    half_reset, // a reset was begun, and nobody will finish it: src/worker.cpp
};

struct assignment {
    std::uint64_t index = 0;
    std::uint64_t lost = 0;
    std::uint32_t count = 0;
};

// Belongs to one thread at a time.
template <class Atomics = native_atomics>
class basic_worker {
public:
    using registry_type = basic_registry<Atomics>;
    using cursor_view = typename registry_type::cursor_view;

    // stall_ns: as in reader_options. The member has entered the group that was found in that state.
    basic_worker(const basic_ring<Atomics>& source, typename registry_type::id member_id, std::uint32_t group,
                 std::uint64_t group_state, std::int64_t stall_ns) noexcept
        : ring_(source),
          registry_(source),
          id_(member_id),
          number_(registry_type::number_of(member_id)),
          group_number_(group),
          of_(member_group::pack(group, group_state)),
          stall_ns_(stall_ns),
          which_(static_cast<std::uint32_t>(registry_.member(number_).current.load(std::memory_order_relaxed))) {}

    // The next record, copied to a buffer for `limit` elements. It completes the one before.
    work take(void* buffer, std::uint64_t limit, assignment& out) noexcept {
        if (!done()) return work::evicted;
        for (;;) {
            const cursor_view cursor = registry_.cursor(group_number_); // take:A
            if (cursor.stamp != stamp_) {
                const work told = enter_epoch(cursor, out);
                if (told == work::record) continue;
                return told;
            }
            const std::uint64_t at = cursor.index();
            const slot_view seen = ring_.look(at);
            if (!registry_.is_still(epoch_)) { // epoch:B
                if (!look_up_epoch()) return nothing(at, out);
                continue;
            }
            if (seen.what == slot_view::changed) continue;
            if (seen.what == slot_view::nothing) {
                const work told = idle(cursor, at, out);
                if (told == work::record) continue; // the cursor has moved
                return told;
            }
            if (seen.what == slot_view::wrap_marker && ring_.is_skip(at, seen.data_index)) {
                move(cursor, seen.data_index);
                continue;
            }
            if (seen.what == slot_view::wrap_marker || seen.data_index != at) { // of a later lap
                if (skip_lap(cursor, at, seen.data_index, out)) return work::lapped;
                continue;
            }
            if (seen.what == slot_view::damaged_record) {
                const work told = skip_damage(cursor, at, seen.count, out);
                if (told == work::record) continue;
                return told;
            }
            const std::uint64_t next = ring_.after(at, seen.count);
            if (!is_reserved(next)) [[unlikely]] { // nobody wrote that
                const bool begins_well = ring_.is_reserved(at + 1);
                const work told = begins_well ? skip_damage(cursor, at, seen.count, out) : idle(cursor, at, out);
                if (told == work::record) continue;
                return told;
            }
            if (seen.count > limit) {
                out = {at, 0, seen.count};
                return work::too_large;
            }
            if (!claim(cursor, at, next)) continue;
            stall_.moved(ring_, next);
            if (!is_worker()) { // evicted meanwhile: the claim is for the others
                leaves_claim_ = true;
                return work::evicted;
            }
            return deliver(work::record, at, seen.count, buffer, out);
        }
    }

    // What dead, evicted and former workers have left. work::empty: nothing. judge: see basic_registry::evict_dead().
    template <class Judge>
    work recover(void* buffer, std::uint64_t limit, const Judge& judge, assignment& out) noexcept {
        if (!done()) return work::evicted;
        if (!registry_.is_still(epoch_) && !look_up_epoch()) return nothing(0, out);
        const std::uint32_t used = registry_.members_used();
        for (std::uint32_t n = 0; n < used; ++n) {
            for (std::uint32_t k = 0; k < claims_of_member; ++k) {
                if (n == number_ && k == which_) continue;
                const work told = recover_from(n, k, buffer, limit, judge, out);
                if (told != work::empty) return told;
            }
        }
        return work::empty;
    }

    // What this worker has claimed is done with. False: it is no worker any more (and others may have got that too).
    bool done() noexcept {
        auto& word = mine().word;
        std::uint64_t claimed = word.load(std::memory_order_relaxed);
        if (claim_word::step_of(claimed) == claim_word::has && !leaves_claim_) {
            word.compare_exchange_strong(claimed, 0, std::memory_order_release, std::memory_order_relaxed); // hand:B
            registry_.made_room();
        }
        return is_worker();
    }

    // Gives it up: what it has claimed is done with, unless it claimed that when it was evicted: then it is for the
    // others.
    void leave() noexcept {
        done();
        registry_.leave(id_);
    }

    bool is_worker() const noexcept { return registry_.is(id_, member_state::worker); }
    std::uint64_t cursor() const noexcept { return registry_.cursor(group_number_).index(); } // take:A
    typename registry_type::id id() const noexcept { return id_; }
    std::uint32_t group_number() const noexcept { return group_number_; }
    std::uint64_t resets() const noexcept { return epoch_.resets; } // of the epoch that it knows
    // After work::empty: for how long that stays so if nobody does anything.
    std::int64_t patience_ns() const noexcept {
        if (!stall_.is_pending() || stall_ns_ < 0) return forever;
        return std::max<std::int64_t>(stall_ns_ - (Atomics::now_ns() - stall_.since()), 0);
    }

private:
    basic_group<Atomics>& group() const noexcept { return registry_.group(group_number_); }
    basic_claim<Atomics>& mine() const noexcept { return registry_.claim(number_, which_); }

    bool is_handed_on() const noexcept {
        return group_state::mode_of(group().state.load(std::memory_order_relaxed)) == group_state::at_least_once;
    }

    // From one index to another that is not before it, in elements.
    std::uint64_t length(std::uint64_t from, std::uint64_t to) const noexcept {
        return (to - from) & ring_.index_mask();
    }

    static work nothing(std::uint64_t at, assignment& out) noexcept {
        out = {at, 0, 0};
        return work::empty;
    }

    // ---------------------------------------------------------------- epochs

    // False: a reset is under way.
    bool look_up_epoch() noexcept {
        const epoch_view now = registry_.epoch();
        if (!now.is_settled()) return false;
        epoch_ = now;
        stamp_ = registry_type::stamp_of(of_, now);
        look_up_end(0);
        stall_.clear();
        return true;
    }

    // The cursor is of another epoch than the one this worker knows. work::record: go on, it knows it now, or has moved
    // the cursor.
    work enter_epoch(const cursor_view& cursor, assignment& out) noexcept {
        const epoch_view before = epoch_;
        if (!look_up_epoch()) return nothing(0, out);
        if (cursor.stamp == stamp_) return work::record;
        const bool is_same_group = group_stamp::generation(cursor.stamp) == group_stamp::generation(stamp_);
        if (!is_same_group) return is_worker() ? nothing(0, out) : work::evicted; // the group is no more
        // Unread when the queue was reset: as far as it is known how much there was.
        std::uint64_t reserved_before = before.reserved_before;
        bool is_known = registry_type::stamp_of(of_, before) == cursor.stamp;
        if (!is_known) {
            const std::uint64_t of = group().reserved_before_epoch.load(std::memory_order_acquire); // noted:A
            reserved_before = group().reserved_before.load(std::memory_order_relaxed);
            is_known = registry_type::stamp_of(of_, {of, reserved_before}) == cursor.stamp;
        }
        if (!move(cursor, 0)) return work::record;
        group().reserved_before.store(epoch_.reserved_before, std::memory_order_relaxed);
        group().reserved_before_epoch.store(epoch_.resets, std::memory_order_release); // noted:B
        const std::uint64_t lost = is_known ? length(cursor.index(), epoch_.reserved_before - reserved_before) : 0;
        return lose(work::reset, 0, lost, out);
    }

    // What was copied of the record at that index is whole, and of this epoch.
    bool is_whole(std::uint64_t index) noexcept {
        Atomics::acquire_fence(); // copy:A
        look_up_end(index);       // validate:B
        return ring_.is_within(index, known_end_);
    }
    // Whether all before `next`, the end of what was found at the cursor, is reserved: ring.is_reserved(), looked up
    // when it is news. A cursor that went back since was led there by a peer's reset.
    bool is_reserved(std::uint64_t next) noexcept {
        const bool is_ahead = ring_.difference(next, known_at_) > 0;
        if (is_ahead && ring_.difference(known_end_, next) >= 0) [[likely]] return true;
        look_up_end(next);
        return ring_.difference(known_end_, next) >= 0;
    }
    void look_up_end(std::uint64_t at) noexcept {
        known_at_ = at;
        known_end_ = ring_.reserved_index(std::memory_order_acquire); // validate:B, ahead:A
    }

    // ---------------------------------------------------------------- claiming

    std::uint64_t word(claim_word::step step, std::uint64_t index) const noexcept {
        const std::uint64_t tag = epoch_.resets / 2 + 61 * member_state::generation(id_);
        return claim_word::pack(step, group_number_, tag, index);
    }

    // Of what was found in this epoch. `mine` has nothing.
    void say(claim_word::step step, std::uint64_t index) noexcept {
        basic_claim<Atomics>& c = mine();
        const bool is_of_epoch = c.stamp.load(std::memory_order_relaxed) == stamp_;
        if (!is_of_epoch) c.stamp.store(stamp_, std::memory_order_release); // hand:B
        c.word.store(word(step, index), std::memory_order_release);         // hand:B
    }

    bool move_cursor(const cursor_view& from, std::uint64_t next) noexcept {
        detail::pair64 expected{from.word, from.stamp};
        const detail::pair64 moved{group_cursor::pack(next, number_), stamp_};
        return Atomics::cas16(&group().cursor, expected, moved, std::memory_order_acq_rel); // take:B
    }

    bool claim(const cursor_view& cursor, std::uint64_t at, std::uint64_t next) noexcept {
        registry_.write_down(cursor, group_number_, stamp_);
        say(claim_word::intends, at);
        if (!move_cursor(cursor, next)) {
            mine().word.store(0, std::memory_order_release); // hand:B
            return false;
        }
        std::uint64_t intention = word(claim_word::intends, at);
        const std::uint64_t has = word(claim_word::has, at);
        mine().word.compare_exchange_strong(intention, has, std::memory_order_acq_rel); // hand:B
        return true;
    }

    // Moves the cursor without a claim.
    bool move(const cursor_view& cursor, std::uint64_t next) noexcept {
        registry_.write_down(cursor, group_number_, cursor.stamp);
        if (!move_cursor(cursor, next)) return false;
        stall_.moved(ring_, next);
        registry_.made_room();
        return true;
    }

    template <class Judge>
    work recover_from(std::uint32_t n, std::uint32_t k, void* buffer, std::uint64_t limit, const Judge& judge,
                      assignment& out) noexcept {
        basic_claim<Atomics>& c = registry_.claim(n, k);
        if (registry_.word_of(c, group_number_, stamp_) == 0 || !registry_.is_left(n, c, judge)) return work::empty;
        const cursor_view cursor = registry_.cursor(group_number_); // take:A
        registry_.write_down(cursor, group_number_, stamp_);
        const std::uint64_t word = registry_.word_of(c, group_number_, stamp_);
        if (claim_word::step_of(word) != claim_word::has || !registry_.is_left(n, c, judge)) return work::empty;
        const std::uint64_t index = claim_word::index(word);
        const slot_view seen = ring_.look(index);
        if (!registry_.is_still(epoch_)) return work::empty; // epoch:B
        const bool is_there = seen.what == slot_view::intact_record && seen.data_index == index;
        const bool hands_on = is_handed_on();
        if (is_there && hands_on && seen.count > limit) {
            out = {index, 0, seen.count};
            return work::too_large;
        }
        if (!take_over(c, word)) return work::empty;
        if (hands_on) {
            group().redelivered.fetch_add(1, std::memory_order_relaxed); // a statistic, as the next
            if (is_there) return deliver(work::again, index, seen.count, buffer, out);
            done();
            return lose(work::lapped, index, 1, out);
        }
        // It stays claimed until the next call: should this worker die before it has told anybody, another one will.
        group().abandoned.fetch_add(1, std::memory_order_relaxed);
        out = {index, 0, is_there ? seen.count : 0};
        return work::abandoned;
    }

    bool take_over(basic_claim<Atomics>& from, std::uint64_t theirs) noexcept {
        say(claim_word::has, claim_word::index(theirs));                                           // hand:B
        group().handovers.fetch_add(1, std::memory_order_acq_rel);                                 // hand:D
        if (from.word.compare_exchange_strong(theirs, 0, std::memory_order_acq_rel)) return true; // hand:B
        mine().word.store(0, std::memory_order_release);                                           // hand:B
        registry_.made_room(); // a producer may have taken ours for a claim, and wait
        return false;
    }

    work deliver(work what, std::uint64_t index, std::uint32_t count, void* buffer, assignment& out) noexcept {
        Atomics::copy_out(buffer, ring_.at(index), ring_.bytes_of(count)); // copy:A
        out = {index, 0, count};
        const bool is_intact = is_whole(index) && ring_.is_intact(index, count);
        const bool is_of_epoch = registry_.is_still(epoch_); // epoch:B
        if (is_intact && is_of_epoch) return what;
        if (!done()) return work::evicted; // and another one has had it
        return lose(is_of_epoch ? work::lapped : work::reset, index, length(index, ring_.after(index, count)), out);
    }

    work lose(work why, std::uint64_t index, std::uint64_t elements, assignment& out) noexcept {
        group().lost.fetch_add(elements, std::memory_order_relaxed); // a statistic
        out = {index, elements, 0};
        return why;
    }

    // ---------------------------------------------------------------- nothing to claim

    // work::record: go on, the cursor is elsewhere, or has a record now.
    work idle(const cursor_view& cursor, std::uint64_t at, assignment& out) noexcept {
        const unpublished seen = look_at_unpublished(ring_, stall_, at, stall_ns_);
        if (!registry_.is_still(epoch_)) return look_up_epoch() ? work::record : nothing(at, out); // epoch:B
        switch (seen.what) {
        case unpublished::nothing:
        case unpublished::pending: return nothing(at, out);
        case unpublished::behind: // a peer's reset: nobody knows how much there was
            if (at == 0) return nothing(at, out);
            return move(cursor, 0) ? lose(work::reset, 0, 0, out) : work::record;
        case unpublished::lapped: return skip_lap(cursor, at, seen.next, out) ? work::lapped : work::record;
        case unpublished::gap:
            if (!move(cursor, seen.next)) return work::record;
            return lose(work::gap, seen.next, length(at, seen.next), out);
        default: return work::record; // changed
        }
    }

    // work::record: the cursor has moved.
    work skip_damage(const cursor_view& cursor, std::uint64_t at, std::uint32_t count, assignment& out) noexcept {
        const std::uint64_t next = ring_.past_damage(at, count);
        return move(cursor, next) ? lose(work::corrupt, next, length(at, next), out) : work::record;
    }

    // From `at` to where one goes on after a lap; the slot at the cursor leads to `found`, of a later lap.
    bool skip_lap(const cursor_view& cursor, std::uint64_t at, std::uint64_t found, assignment& out) noexcept {
        const std::uint64_t reserved = ring_.reserved_index();
        const std::uint32_t slack = usual_slack(ring_);
        const std::uint64_t target = go_on_after_lap(ring_, after_lap::oldest, slack, reserved, at, found);
        if (!registry_.is_still(epoch_)) return false; // epoch:B
        if (ring_.difference(target, at) <= 0 || !move(cursor, target)) return false;
        lose(work::lapped, target, length(at, target), out);
        return true;
    }

    basic_ring<Atomics> ring_;
    registry_type registry_;
    typename registry_type::id id_;
    std::uint32_t number_;
    std::uint32_t group_number_;
    std::uint64_t of_; // member_group
    std::int64_t stall_ns_;
    std::uint32_t which_; // claim

    epoch_view epoch_;               // as this worker knows it: none at first
    std::uint64_t stamp_ = no_index; // of the group in it

    std::uint64_t known_end_ = 0; // what was reserved when last seen
    std::uint64_t known_at_ = 0;  // where the group was then

    bool leaves_claim_ = false;
    basic_stall_watch<Atomics> stall_;
};

} // namespace slickq

#endif
