// worker.hpp - a consumer that shares a group's cursor with others: each record is claimed by exactly one, who says what it has in
// hand, so that the others can take it over when it dies.
//
// A claim, in three steps: the worker writes that it intends to claim the index at the cursor; moves the cursor, which then says who
// moved it; writes that it has it. Whoever moves the cursor next does the third step first, for the one before. So whether a worker
// that died in between has claimed what it intended can always be told: the cursor was moved by it, beyond that index, or somebody
// has done its third step (basic_roster::claim_of).
//
//   label    operation                                      pairs with  so that
//   take:A   group cursor load (acquire)                    take:B      who moved it has said what it intended
//   take:B   group cursor CAS (acquire and release)         take:A, B   each index is claimed once; the claim before is written down
//   hand:A   in_hand load (acquire)                         hand:B
//   hand:B   in_hand store or CAS (release)                 hand:A      what its worker read comes before what is done with the room
//   hand:C   handovers, read before and after the workers'  hand:D      a claim that goes from one worker to another in between is
//            words, in basic_roster::first_needed()                     seen at one of them, or the change is
//   hand:D   handovers RMW (acquire and release), after     hand:C
//            the new one's word, before the old one's
#ifndef SLICKQ_WORKER_HPP
#define SLICKQ_WORKER_HPP

#include <slickq/roster.hpp>

#include <algorithm>

namespace slickq {

enum class work {
    record,    // claimed, and copied whole
    again,     // the same, from a worker that died or was evicted with it in hand
    empty,     // nothing to claim
    lapped,    // `lost` elements were overwritten, by producers that do not wait, or before the group was waited for
    hole,      // `lost` elements stayed unpublished for longer than the stall time
    corrupt,   // `lost` elements of a slot that says what no producer writes
    abandoned, // at-most-once: a worker died with the record at `index` in hand; nobody gets it any more
    too_large, // the record has more elements than the buffer: `count`. It is still there
    evicted,   // this worker is none any more
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
    using roster_type = basic_roster<Atomics>;

    // stall_ns: as in reader_options.
    basic_worker(const basic_ring<Atomics>& source, typename roster_type::id member_id, std::uint32_t group, std::int64_t stall_ns) noexcept
        : ring_(source), roster_(source), id_(member_id), number_(roster_type::number_of(member_id)), group_number_(group),
          stall_ns_(stall_ns) {}

    // The next record, copied to a buffer for `limit` elements. It completes the one before.
    work take(void* buffer, std::uint64_t limit, assignment& out) noexcept {
        if (!done()) return work::evicted;
        for (;;) {
            const std::uint64_t cursor = group().cursor.load(std::memory_order_acquire); // take:A
            const std::uint64_t at = group_cursor::index(cursor);
            const glimpse seen = ring_.look(at);
            if (seen.what == glimpse::changed) continue;
            if (seen.what == glimpse::nothing) {
                const work told = idle(cursor, at, out);
                if (told == work::record) continue; // the cursor has moved
                return told;
            }
            if (seen.what == glimpse::wrap_marker && ring_.is_skip(at, seen.data_index)) {
                move(cursor, seen.data_index);
                continue;
            }
            if (seen.what == glimpse::wrap_marker || seen.data_index != at) { // of a later lap
                if (skip_lap(cursor, at, seen.data_index, out)) return work::lapped;
                continue;
            }
            if (seen.what == glimpse::damaged_record) {
                const std::uint64_t next = ring_.after(at, seen.count);
                if (!move(cursor, next)) continue;
                return lose(work::corrupt, next, (next - at) & ring_.index_mask(), out);
            }
            if (seen.count > limit) {
                out = {at, 0, seen.count};
                return work::too_large;
            }
            if (!claim(cursor, at, ring_.after(at, seen.count))) continue;
            is_pending_ = false;
            if (!is_worker()) { // evicted meanwhile: the claim is for the others
                leaves_claim_ = true;
                return work::evicted;
            }
            return deliver(work::record, at, seen.count, buffer, out);
        }
    }

    // What dead and evicted workers have left. work::empty: nothing.
    template <class IsAlive>
    work recover(void* buffer, std::uint64_t limit, IsAlive is_alive, assignment& out) noexcept {
        if (!done()) return work::evicted;
        const std::uint32_t used = roster_.members_used();
        for (std::uint32_t other = 0; other < used; ++other) {
            if (other == number_) continue;
            auto& m = roster_.member(other);
            const std::uint64_t state = m.state.load(std::memory_order_acquire); // gate:B
            const auto kind = member_state::kind_of(state);
            const bool was_worker = kind == member_state::worker || kind == member_state::evicted;
            if (!was_worker || m.group.load(std::memory_order_relaxed) != group_number_) continue;
            const bool is_dead = !is_alive(roster_.owner(other, state));
            if (kind != member_state::evicted && !is_dead) continue;
            const std::uint64_t cursor = group().cursor.load(std::memory_order_acquire); // take:A
            const std::uint64_t index = roster_.claim_of(other, cursor);
            if (index == no_index) {
                // A dead one does nothing any more; an evicted one may still succeed with what it intends.
                if (is_dead) roster_.leave(roster_type::id_of(state, other));
                continue;
            }
            write_down(cursor);
            const glimpse seen = ring_.look(index);
            const bool is_there = seen.what == glimpse::intact_record && seen.data_index == index;
            const bool hands_on = is_handed_on();
            if (is_there && hands_on && seen.count > limit) {
                out = {index, 0, seen.count};
                return work::too_large;
            }
            if (!take_over(m, index)) continue;
            if (hands_on) {
                group().redelivered.fetch_add(1, std::memory_order_relaxed); // a statistic, as the next
                if (is_there) return deliver(work::again, index, seen.count, buffer, out);
                done();
                return lose(work::lapped, index, 1, out);
            }
            // It stays in hand until the next call: should this worker die before it has told anybody, another one will.
            group().abandoned.fetch_add(1, std::memory_order_relaxed);
            out = {index, 0, is_there ? seen.count : 0};
            return work::abandoned;
        }
        return work::empty;
    }

    // What this worker has in hand is done with. False: it is no worker any more (and others may have got that too).
    bool done() noexcept {
        const std::uint64_t word = mine().load(std::memory_order_relaxed);
        if (in_hand::step_of(word) == in_hand::has && !leaves_claim_) {
            std::uint64_t expected = word;
            mine().compare_exchange_strong(expected, 0, std::memory_order_release, std::memory_order_relaxed); // hand:B
            roster_.made_room();
        }
        return is_worker();
    }

    // Gives it up: what is in hand is done with. One that leaves a claim keeps its entry, until its process ends.
    void leave() noexcept {
        done();
        if (!leaves_claim_) roster_.leave(id_);
    }

    bool is_worker() const noexcept { return roster_.is(id_, member_state::worker); }
    std::uint64_t cursor() const noexcept { return group_cursor::index(group().cursor.load(std::memory_order_acquire)); } // take:A
    typename roster_type::id id() const noexcept { return id_; }

private:
    basic_group<Atomics>& group() const noexcept { return roster_.group(group_number_); }
    auto& mine() const noexcept { return roster_.member(number_).in_hand; }

    bool is_handed_on() const noexcept {
        return group_state::mode_of(group().state.load(std::memory_order_relaxed)) == group_state::at_least_once;
    }

    // The third step of whoever moved the cursor to where it is.
    void write_down(std::uint64_t cursor) noexcept {
        const std::uint32_t mover = group_cursor::member(cursor);
        if (mover >= most_members) return;
        const auto& m = roster_.member(mover);
        auto& word = roster_.member(mover).in_hand;
        std::uint64_t seen = word.load(std::memory_order_acquire); // hand:A
        if (in_hand::step_of(seen) != in_hand::intends) return;
        // Its place may be another group's by now. Then it told us so before it told us that.
        if (m.group.load(std::memory_order_relaxed) != group_number_) return;
        if (ring_.difference(group_cursor::index(cursor), in_hand::index(seen)) <= 0) return;
        word.compare_exchange_strong(seen, in_hand::pack(in_hand::has, in_hand::index(seen)), std::memory_order_acq_rel); // hand:B
    }

    bool claim(std::uint64_t cursor, std::uint64_t at, std::uint64_t next) noexcept {
        write_down(cursor);
        mine().store(in_hand::pack(in_hand::intends, at), std::memory_order_release); // hand:B
        if (!group().cursor.compare_exchange_strong(cursor, group_cursor::pack(next, number_), std::memory_order_acq_rel)) { // take:B
            mine().store(0, std::memory_order_release);                                                                      // hand:B
            return false;
        }
        std::uint64_t intention = in_hand::pack(in_hand::intends, at);
        mine().compare_exchange_strong(intention, in_hand::pack(in_hand::has, at), std::memory_order_acq_rel); // hand:B
        return true;
    }

    // Moves the cursor without a claim.
    bool move(std::uint64_t cursor, std::uint64_t next) noexcept {
        write_down(cursor);
        if (!group().cursor.compare_exchange_strong(cursor, group_cursor::pack(next, number_), std::memory_order_acq_rel)) { // take:B
            return false;
        }
        is_pending_ = false;
        roster_.made_room();
        return true;
    }

    bool take_over(basic_member<Atomics>& from, std::uint64_t index) noexcept {
        mine().store(in_hand::pack(in_hand::has, index), std::memory_order_release);     // hand:B
        group().handovers.fetch_add(1, std::memory_order_acq_rel);                       // hand:D
        std::uint64_t theirs = in_hand::pack(in_hand::has, index);
        if (from.in_hand.compare_exchange_strong(theirs, 0, std::memory_order_acq_rel)) { // hand:B
            return true;
        }
        mine().store(0, std::memory_order_release); // hand:B
        roster_.made_room();                        // a producer may have taken ours for a claim, and wait
        return false;
    }

    work deliver(work what, std::uint64_t index, std::uint32_t count, void* buffer, assignment& out) noexcept {
        Atomics::copy_out(buffer, ring_.at(index), ring_.bytes_of(count)); // copy:A
        out = {index, 0, count};
        if (ring_.is_intact(index, count)) return what;
        if (!done()) return work::evicted; // and another one has had it
        return lose(work::lapped, index, (ring_.after(index, count) - index) & ring_.index_mask(), out);
    }

    work lose(work why, std::uint64_t index, std::uint64_t elements, assignment& out) noexcept {
        group().lost.fetch_add(elements, std::memory_order_relaxed); // a statistic
        out = {index, elements, 0};
        return why;
    }

    // work::record: go on, the cursor is elsewhere.
    work idle(std::uint64_t cursor, std::uint64_t at, assignment& out) noexcept {
        const std::uint64_t reserved = ring_.reserved_index();
        const std::int64_t ahead = ring_.difference(reserved, at);
        out = {at, 0, 0};
        if (ahead < 0) return at != 0 && move(cursor, 0) ? work::record : work::empty; // a reset
        if (static_cast<std::uint64_t>(ahead) > ring_.capacity()) {
            return skip_lap(cursor, at, (reserved - ring_.capacity()) & ring_.index_mask(), out) ? work::lapped : work::record;
        }
        if (ahead == 0 || stall_ns_ < 0) {
            is_pending_ = ahead != 0;
            return work::empty;
        }
        const std::int64_t now = Atomics::now_ns();
        if (!is_pending_ || stalled_at_ != at) {
            is_pending_ = true;
            stalled_at_ = at;
            stall_end_ = reserved;
            stalled_since_ = now;
        }
        if (now - stalled_since_ < stall_ns_) return work::empty;
        const std::uint64_t next = ring_.next_start(at, stall_end_);
        if (next == at) return work::record; // published just now
        if (!ring_.check(at) || !move(cursor, next)) return work::record;
        return lose(work::hole, next, (next - at) & ring_.index_mask(), out);
    }

    // From `at` to the oldest record that is a little away from being overwritten, or to `found`, which is of a later lap.
    bool skip_lap(std::uint64_t cursor, std::uint64_t at, std::uint64_t found, assignment& out) noexcept {
        const std::uint64_t reserved = ring_.reserved_index();
        const std::uint64_t safe = (reserved - ring_.capacity() + ring_.capacity() / 8) & ring_.index_mask();
        std::uint64_t target = ring_.next_start(ring_.difference(safe, at) > 0 ? safe : at, reserved);
        if (ring_.difference(target, at) <= 0) target = found;
        if (ring_.difference(target, at) <= 0 || !move(cursor, target)) return false;
        lose(work::lapped, target, (target - at) & ring_.index_mask(), out);
        return true;
    }

    basic_ring<Atomics> ring_;
    roster_type roster_;
    typename roster_type::id id_;
    std::uint32_t number_;
    std::uint32_t group_number_;
    std::int64_t stall_ns_;

    bool leaves_claim_ = false;
    bool is_pending_ = false; // of the next three: the record at stalled_at_ is reserved and not published
    std::uint64_t stalled_at_ = 0;
    std::uint64_t stall_end_ = 0; // what was reserved then
    std::int64_t stalled_since_ = 0;
};

} // namespace slickq

#endif
