// ring.hpp - the protocol of the queue, inline, over a geometry and bytes that someone else owns and has formatted.
//
// Every atomic operation on a segment in use is here (the creation handshake is in src/format.cpp). Which one pairs with
// which, and why:
//
//   label        operation                                  pairs with   so that
//   reserve:A    reserved RMW (relaxed)                      itself       each index is handed out once
//   reserve:B    release fence after reserve:A               validate:B      a producer's intent is visible before its writes are
//   publish:A    reserved load (relaxed)                     reserve:A    a lapped reservation is noticed; a late value only
//                                                                         delays that, and publish:B still protects the slot
//   publish:B    slot (data_index, count) CAS (release)      read:A       elements and count are visible before the index is;
//                                                                         one instruction, so that a slot never moves back
//   publish:C    last_published CAS (release)                last:A       the slot is visible before its index is announced
//   single:A..C   the same by a declared single producer:     as theirs    nobody else changes these words, and whoever reads them
//                load and store (relaxed), 16-byte store                  pairs with a store as with the RMW in its place
//                (release), load and store (release)
//   prompt:B     publish:B by a declared prompt producer:    as           publish:A alone keeps the slot from moving back: as long as
//                single:B's store                             publish:B    the ring does not come round between the two
//   read:A       data_index load (acquire)                   publish:B
//   read:B       count load (acquire)                        -            orders read:C after itself
//   read:C       data_index load (relaxed)                   publish:B    a count of another record than read:A's is noticed
//   claim:A      cursor load (acquire)                       claim:B      what the claimant before did is visible
//   claim:B      cursor CAS (acquire and release)            claim:A, B   each record is claimed once
//   last:A       last_published or reserved load (acquire)   publish:C, reserve:A
//   ahead:A      reserved load (acquire), after read:A       reserve:A    what a slot tells of is reserved by then: publish:B comes
//                                                                         after it, and read:A sees that. Else no producer of this
//                                                                         epoch wrote it
//   copy:A       elements, loaded (relaxed), acquire fence   reserve:B    if a copy holds anything of a later record, then
//   validate:B      reserved load (relaxed)                     reserve:B    validate:B sees that record's reservation
//   late:A       full fence, then reserved load (relaxed),   late:B       who looks for reports after a lapped producer has left one finds
//                report CAS, then suspicion CAS (release)                 it. The fence: what it wrote late is there before the report is
//   late:B       suspicion load (relaxed) behind copy:A; if  late:A       complete, so that no record beyond `until` is touched
//                it tells of something, acquire fence, then
//                the reports' loads (acquire)
//   reset:A      extension.resets odd, then release fence        resets:B       who sees anything of the reset sees that it is one
//   reset:B      extension.resets CAS, even (release)              resets:A       all is reset, and `reserved_before` is right
//   reset:C      extension.resets load (acquire), and CAS to an  itself       who goes on with a half reset knows what it had counted
//                odd number (acquire and release)
//   reset:D      extension.resets load (acquire), before what    reset:C      who was taken for dead, and goes on, leaves the rest to the
//                is cleared                                                   one who took the reset over
//   resets:A       extension.resets load (acquire)                 reset:B
//   publish:B,   slot or extension.resets (seq_cst RMW, store)   sleep:A      whoever falls asleep is woken (event_count.hpp)
//   reset:B
//   single:B,     slot, without a fence                       sleep:B      the same
//   prompt:B
//   join:A       reserved RMW (acquire and release)          limit:A       (see registry.hpp)
//   resets:B       acquire load of anything that a reset       reset:A      (resets:A and resets:B are in validated_reader.hpp)
//                changes, then extension.resets load (relaxed)
//
// What validate:B can't see is a producer that was lapped between its reservation and its last byte, and writes into newer records. When it is
// told that it is late it leaves a report; late:B refuses what is copied from then on, and a reader counts what it had before.
//
// A copy is validated by copy:A and validate:B: producers reserve before they write, so if fewer than a ring's elements were
// reserved since, nobody had begun to overwrite it. That holds on x86-64 for any peer (their locked reserve is a fence), on
// arm64 for producers of this library.
//
// x86-64 peers publish with two plain stores, count then data_index; read:B and read:C are for those.
#ifndef SLICKQ_RING_HPP
#define SLICKQ_RING_HPP

#include <slickq/detail/event_count.hpp>
#include <slickq/detail/layout.hpp>

#include <algorithm>

namespace slickq {

enum class ring_result {
    ok,
    empty,        // nothing (more) at the cursor
    lapped,       // copying: producers were overwriting the record; it is skipped
    corrupt,      // the slot says what no producer writes; the record is clamped to the ring
    too_large,    // claim: the record has more elements than the caller takes; not claimed
    stale,        // publish: the ring has lapped the reservation
    not_reserved, // publish: nobody reserved that, or not so much; or it was published already, where that shows
};

// Records to be written one after another: record k has counts[k] elements, all have one if counts is nullptr.
struct batch {
    const std::uint32_t* counts = nullptr;
    std::uint32_t records = 0;

    std::uint32_t count(std::uint32_t k) const noexcept { return counts != nullptr ? counts[k] : 1; }
    batch from(std::uint32_t k) const noexcept { return {counts != nullptr ? counts + k : nullptr, records - k}; }
    // How many the first `fits` of them have.
    std::uint64_t elements(std::uint32_t fits) const noexcept {
        std::uint64_t sum = counts == nullptr ? fits : 0;
        for (std::uint32_t k = 0; counts != nullptr && k < fits; ++k) sum += counts[k];
        return sum;
    }
};

// What the user of a ring has declared of its producing.
enum class producing {
    strict, // nothing: a slot is published by a compare-and-swap
    prompt,  // whatever is reserved is published within a lap
    single,   // nobody else produces
};

// What a declared single producer knows: *reserved* as it left it. If it finds something else, it was not alone. Belongs to one thread
// at a time; atomic, so that two which use it against the rule are told so, instead of racing.
template <class Atomics>
struct basic_single_producer {
    typename Atomics::template atomic<std::uint64_t> reserved{0};
};
using single_producer = basic_single_producer<native_atomics>;

struct record {
    std::uint64_t index = 0;
    std::uint64_t lost = 0;     // elements skipped before it, because producers had lapped the cursor
    std::uint32_t position = 0; // index mod capacity
    std::uint32_t count = 0;    // elements
};

// What one look at a cursor's slot found.
struct slot_view {
    enum kind { nothing, wrap_marker, changed, intact_record, damaged_record } what;
    std::uint64_t data_index;
    std::uint32_t count;
};

template <class Atomics = native_atomics>
class basic_ring {
public:
    template <class T>
    using atomic = typename Atomics::template atomic<T>;
    using header_type = basic_header<Atomics>;
    using wide_header_type = basic_wide_header<Atomics>;
    using slot_type = basic_slot<Atomics>;
    using extension_type = basic_extension<Atomics>;
    using single_producer_type = basic_single_producer<Atomics>;

    basic_ring() = default;

    // `base` has geometry.segment_length() bytes, aligned to 64. `extension area`: nullptr if the segment has none.
    basic_ring(std::byte* base, const geometry& g, extension_type* extra = nullptr) noexcept
        : base_(base),
          extension_(extra),
          arrivals_(extra != nullptr ? &extra->arrivals : &nobodys_event_count),
          suspicion_(extra != nullptr ? &extra->suspicion : &nobodys_suspicion),
          slots_(reinterpret_cast<slot_type*>(base + header_length)),
          elements_(base + g.data_offset()),
          capacity_(g.capacity),
          mask_(g.capacity - 1),
          item_mask_(g.items_per_slot - 1),
          slot_shift_(static_cast<std::uint32_t>(std::countr_zero(g.items_per_slot))),
          adds_up_to_(g.layout == layout::wide ? 0 : g.items_per_slot),
          index_shift_(64 - g.index_bits()),
          index_mask_(no_index >> index_shift_),
          slot_step_(g.items_per_slot),
          one_slot_(packed_reserved::pack(g.items_per_slot, 0)),
          element_size_(g.element_size),
          is_wide_(g.layout == layout::wide),
          keeps_last_(g.tracks_last_published()),
          keeps_no_last_(g.is_slq() && !keeps_last_),
          has_cas16_(Atomics::has_cas16()),
          has_store16_(Atomics::has_store16()) {}

    // ---------------------------------------------------------------- producing

    // 1 <= count <= capacity. The elements of a reservation never straddle the end of the ring.
    std::uint64_t reserve(std::uint32_t count) noexcept {
        std::uint64_t index;
        if (count <= adds_up_to_ && reserve_by_adding(count, index)) [[likely]] return index;
        return reserve_contiguous(count);
    }

    // The two parts of reserve(), for who has more to choose from. By a single addition, for up to adds_up_to() elements, none in some
    // layouts: one slot's worth. Slots are aligned, so it cannot straddle the ring's end. False, with a slot wasted, if the counter was
    // no multiple of items_per_slot: no peer leaves it so, but a damaged segment must not make us hand out elements beyond the ring.
    bool reserve_by_adding(std::uint32_t count, std::uint64_t& index) noexcept {
        std::uint64_t before = shared().reserved.fetch_add(one_slot_, std::memory_order_relaxed); // reserve:A
        index = packed_reserved::index(before);
        if (packed_reserved::count(before) != (count & packed_reserved::count_mask)) {
            // Old peers find their last record at index - count. If this fails, a later reservation's count is there or coming.
            std::uint64_t after = before + one_slot_;
            shared().reserved.compare_exchange_strong(after, packed_reserved::pack(packed_reserved::index(after), count),
                                                      std::memory_order_relaxed);
        }
        Atomics::release_fence(); // reserve:B
        return (index & item_mask_) == 0;
    }
    std::uint32_t adds_up_to() const noexcept { return adds_up_to_; }
    // Or whatever it takes.
    SLICKQ_NOINLINE std::uint64_t reserve_contiguous(std::uint32_t count) noexcept {
        const std::uint64_t index = is_wide_ ? reserve_wide(count) : reserve_span(count, align(count));
        Atomics::release_fence(); // reserve:B
        return index;
    }

    // reserve(), but for nothing at `limit` or beyond it, which is no more than a lap ahead: false, then. Not in the wide layout.
    //
    // False has changed nothing, but for one case. A record that is to begin at the ring's start takes the skipped end with it. If both
    // together are longer than a lap, there never is room for them at once: a consumer that has read all that was before them would find
    // itself lapped. Then, once everything is read, the end is skipped by a reservation of its own; and when consumers have come past that,
    // there is room for any record.
    // start_before (if not nullptr): nor for anything that begins at that index or beyond it.
    bool reserve_up_to(std::uint64_t limit, std::uint32_t count, std::uint64_t& index,
                       const std::uint64_t* start_before = nullptr) noexcept {
        const std::uint64_t need = align(count);
        std::uint64_t before = shared().reserved.load(std::memory_order_relaxed);
        for (;;) {
            const std::uint64_t from = packed_reserved::index(before);
            const std::uint64_t start = start_of_span(from, need);
            if (start_before != nullptr && difference(*start_before, start) <= 0) return false;
            const bool has_room = static_cast<std::uint64_t>(difference(limit, start + need)) <= capacity();
            if (!has_room) {
                const bool is_all_read = difference(limit, from) == static_cast<std::int64_t>(capacity());
                if (start + need - from <= capacity() || !is_all_read) return false;
            }
            const std::uint64_t end = has_room ? start + need : start;
            const auto told = static_cast<std::uint32_t>(has_room ? count : start - from);
            const std::uint64_t after = packed_reserved::pack(end, told);
            if (!shared().reserved.compare_exchange_weak(before, after, std::memory_order_relaxed)) continue; // reserve:A
            index = mark_skip(from, start, told);
            if (has_room) break;
            before = after;
        }
        Atomics::release_fence(); // reserve:B
        return true;
    }

    // Changes nothing, but is one of the changes of *reserved*: those that follow know what the caller did before, those that went
    // before are known to the caller. Not in the wide layout.
    std::uint64_t meet_producers() noexcept {
        return packed_reserved::index(shared().reserved.fetch_add(0, std::memory_order_acq_rel)); // join:A
    }

    // Room for the first of these records, as many as fit: the result is how many, and what was reserved for them begins at `from`. They
    // are at most a lap; with a limit nothing is at it or beyond it, as in reserve_up_to(), and there may be room for none. With
    // counts none of which is 0 or beyond the capacity, and at least one.
    std::uint32_t reserve_batch(const batch& wanted, std::uint64_t& from, const std::uint64_t* limit = nullptr) noexcept {
        const std::uint32_t fits = is_wide_ ? reserve_batch_wide(wanted, from) : reserve_batch_packed(wanted, from, limit);
        Atomics::release_fence(); // reserve:B
        return fits;
    }

    // Copies elements of so many bytes into a reservation.
    void fill(std::uint64_t index, const void* elements, std::size_t bytes) noexcept { Atomics::copy_in(at(index), elements, bytes); }

    // One that is lapped at this very moment, while its bytes are still on their way to the others, may not be told: only a full
    // fence before publish:A could do that, on every publish. Its record is refused by checked reads all the same.
    ring_result publish(std::uint64_t index, std::uint32_t count) noexcept {
        // Apart from each other, so that each is in one piece, without jumps.
        return producing_ == producing::strict ? publish_as(producing::strict, index, count)
               : producing_ == producing::prompt ? publish_as(producing::prompt, index, count)
                                                 : publish_as(producing::single, index, count);
    }

    // Copies the first records of a batch into what reserve_batch() gave them, and publishes them. stale: some of them came too late.
    // A group is filled, then published, the last record first: once a consumer sees one it sees all behind it, and need not take the
    // slots' cache line from the producer for each.
    ring_result write_batch(std::uint64_t from, const batch& records, const void* elements) noexcept {
        const producing how = producing_;
        const auto* source = static_cast<const std::byte*>(elements);
        std::uint64_t at = from & index_mask();
        bool in_time = true;
        std::uint64_t last = no_index;
        std::uint64_t late_from = 0, late_end = 0; // unless in_time
        const auto was_late = [&](std::uint64_t start, std::uint32_t count) {
            if (in_time || difference(late_from, start) > 0) late_from = start;
            if (in_time || difference(start + count, late_end) > 0) late_end = start + count;
            in_time = false;
        };
        for (std::uint32_t done = 0; done < records.records;) {
            std::uint64_t index[group];
            const batch rest = records.from(done);
            const std::uint32_t size = rest.counts == nullptr && item_mask_ == 0 ? fill_singles(at, rest, source, index)
                                                                                 : fill_records(at, rest, source, index);
            const std::uint64_t reserved = reserved_index(std::memory_order_relaxed); // publish:A
            std::uint32_t lapped = 0; // the first ones, if any
            while (lapped < size && !is_within(index[lapped], reserved)) ++lapped;
            if (lapped != 0) [[unlikely]] {
                was_late(index[0], rest.count(0));
                was_late(index[lapped - 1], rest.count(lapped - 1));
            }
            bool is_newest = true;
            for (std::uint32_t k = size; k-- > lapped;) {
                if (!put(how, index[k], rest.count(k))) [[unlikely]] {
                    was_late(index[k], rest.count(k));
                } else if (is_newest) {
                    last = index[k];
                    is_newest = false;
                }
            }
            done += size;
        }
        if (keeps_last_ && last != no_index) announce(how, last);
        wake_after_put(how);
        return in_time ? ring_result::ok : is_late(late_from, static_cast<std::uint32_t>(late_end - late_from));
    }

    // ---------------------------------------------------------------- producing promptly, or alone

    // One who declares to publish within a lap whatever it reserves publishes by a look at *reserved* and a plain store. One that is
    // late against its word is refused all the same; only if it is lapped between the look and the moment when others see its store, the
    // slot moves back to its record: a reader that waits there for the newer one misses that. Does nothing where a slot can't be stored as
    // a whole, or where who falls asleep can't make a fence for those who have none. Before begin_single_producer(), if at all.
    void begin_promptly() noexcept {
        if (has_store16_ && use_light_fences()) producing_ = producing::prompt;
    }

    // One who is the only producer, by declaration, has plain stores for everything. Another producer beside it is noticed at the next
    // reservation (false) if it reserved between two of this one's; if it does so in the middle of one, both get the same elements.
    // Not in the wide layout.

    bool can_have_single_producer() const noexcept { return !is_wide_; }

    void begin_single_producer(single_producer_type& me) noexcept {
        me.reserved.store(shared().reserved.load(std::memory_order_relaxed), std::memory_order_relaxed);
        producing_ = producing::single;
        needs_fence_ = !use_light_fences();
    }

    bool reserve_single_producer(single_producer_type& me, std::uint32_t count, std::uint64_t& index) noexcept {
        if (reserve_by_adding_single(me, count, index)) [[likely]] return true;
        return reserve_contiguous_single(me, count, index);
    }

    // The two parts of it, as of reserve(). False: nothing was done. Nothing but an addition lies between two reservations, since each has
    // to wait for the one before.
    bool reserve_by_adding_single(single_producer_type& me, std::uint32_t count, std::uint64_t& index) noexcept {
        const std::uint64_t before = shared().reserved.load(std::memory_order_relaxed); // single:A
        if (before != me.reserved.load(std::memory_order_relaxed)) return false;
        const std::uint64_t from = packed_reserved::index(before);
        if (count > adds_up_to_ || packed_reserved::count(before) != count || (from & item_mask_) != 0) return false;
        move_single_producer(me, before + one_slot_);
        index = from;
        return true;
    }
    SLICKQ_NOINLINE bool reserve_contiguous_single(single_producer_type& me, std::uint32_t count, std::uint64_t& index) noexcept {
        std::uint64_t before;
        if (!is_single_producer(me, before)) return false;
        const std::uint64_t from = packed_reserved::index(before);
        const std::uint64_t need = align(count);
        const std::uint64_t start = start_of_span(from, need);
        move_single_producer(me, packed_reserved::pack(start + need, count));
        index = mark_skip(from, start, count);
        return true;
    }

    bool reserve_batch_single(single_producer_type& me, const batch& wanted, std::uint64_t& from, std::uint32_t& fits) noexcept {
        std::uint64_t before;
        if (!is_single_producer(me, before)) return false;
        from = packed_reserved::index(before);
        std::uint64_t end;
        fits = fit(wanted, from, nullptr, end);
        move_single_producer(me, packed_reserved::pack(end, wanted.count(fits - 1)));
        return true;
    }

    // ---------------------------------------------------------------- consuming

    ring_result read(std::uint64_t& cursor, record& out) const noexcept {
        if (read_single(cursor, out)) [[likely]] return ring_result::ok;
        return read_any(cursor, out);
    }

    // The two parts of read(), for who wants the second out of line: the next record, if it is there and has one element, ...
    bool read_single(std::uint64_t& cursor, record& out) const noexcept {
        std::uint64_t index;
        if (!is_next_single(cursor, index)) return false;
        out = {index, 0, position(index), 1};
        cursor = (index + slot_step()) & index_mask();
        return true;
    }
    // ... or whatever there is.
    ring_result read_any(std::uint64_t& cursor, record& out) const noexcept {
        std::uint64_t at = cursor;
        for (;;) {
            const slot_view seen = look(at);
            switch (seen.what) {
            case slot_view::nothing:
                cursor = at;
                // Once it is published, the elements come at the same time as the slot, not after it.
                Atomics::prefetch_if_waiting(this->at(at));
                return ring_result::empty;
            case slot_view::wrap_marker: at = seen.data_index; continue;
            case slot_view::changed: continue;
            case slot_view::damaged_record:
            case slot_view::intact_record: break;
            }
            cursor = describe(seen, at, out);
            if (seen.what == slot_view::intact_record) return ring_result::ok;
            cursor = past_damage(out.index, out.count);
            return ring_result::corrupt;
        }
    }

    // read() of as many records as follow one another, up to `limit` and as long as nothing else is to be told: `take(record)` gets
    // each. The result is that of the first read, unless it was ok.
    template <class Take>
    ring_result read_batch(std::uint64_t& cursor, std::uint32_t limit, Take take) const noexcept {
        record seen;
        const ring_result first = read(cursor, seen);
        if (first == ring_result::empty) return first;
        take(seen);
        if (first != ring_result::ok) return first;
        for (std::uint32_t k = 1; k < limit && read_next(cursor, seen); ++k) take(seen);
        return ring_result::ok;
    }

    // The same for records whose elements lie one after another: as if they were one.
    ring_result read_run(std::uint64_t& cursor, std::uint32_t limit, record& out) const noexcept {
        const ring_result first = read(cursor, out);
        if (first != ring_result::ok) return first;
        record next;
        for (std::uint32_t k = 1; k < limit && position(cursor) == out.position + out.count && read_next(cursor, next); ++k) {
            out.count += next.count;
        }
        return ring_result::ok;
    }

    // Takes the record at a cursor that others share, if it has at most `limit` elements.
    ring_result claim(atomic<std::uint64_t>& cursor, record& out, std::uint64_t limit = max_capacity) const noexcept {
        std::uint64_t at = cursor.load(std::memory_order_acquire); // claim:A
        for (;;) {
            const slot_view seen = look(at);
            std::uint64_t next;
            switch (seen.what) {
            case slot_view::nothing: return ring_result::empty;
            case slot_view::changed: continue;
            case slot_view::wrap_marker: next = seen.data_index; break;
            default:
                next = describe(seen, at, out);
                if (seen.what == slot_view::damaged_record) next = past_damage(out.index, out.count);
                if (out.count > limit) return ring_result::too_large;
            }
            // claim:B. A failure loads what another consumer made of the cursor, as claim:A.
            if (!cursor.compare_exchange_weak(at, next, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
            if (seen.what == slot_view::intact_record) return ring_result::ok;
            if (seen.what == slot_view::damaged_record) return ring_result::corrupt;
            at = next;
        }
    }

    // The same two, copying to a buffer for `limit` elements what is validated. lapped: the record was not; out.lost has it,
    // and the cursor is past it.
    ring_result read_copy(std::uint64_t& cursor, void* buffer, std::uint64_t limit, record& out) const noexcept {
        std::uint64_t next = cursor;
        const ring_result found = read(next, out);
        if (found != ring_result::empty && out.count > limit) return ring_result::too_large;
        cursor = next;
        return found == ring_result::empty ? found : validated_copy(found, buffer, out);
    }
    ring_result claim_copy(atomic<std::uint64_t>& cursor, void* buffer, std::uint64_t limit, record& out) const noexcept {
        const ring_result found = claim(cursor, out, limit);
        return found == ring_result::empty || found == ring_result::too_large ? found : validated_copy(found, buffer, out);
    }

    // Whether nobody had begun to overwrite the record at `index` when its elements were read, before this call. (Nor had the
    // queue been reset, as far as that can be seen: reserved is behind the index.)
    bool validate(std::uint64_t index) const noexcept {
        Atomics::acquire_fence();                                             // copy:A
        return is_within(index, reserved_index(std::memory_order_relaxed)); // validate:B
    }

    // validate() for a record of so many elements, and no lapped producer has told that it may have written into it. Nor, with the capacity for a
    // count, into any that follows.
    bool is_intact(std::uint64_t index, std::uint64_t count) const noexcept { return validate(index) && !is_suspect(index, count); }

    // Whether a report tells of these elements, if they are within the last lap. Behind copy:A.
    bool is_suspect(std::uint64_t index, std::uint64_t count) const noexcept {
        const std::uint64_t word = suspicion(); // late:B
        if (word == 0 || difference(suspicion::until(word), index) <= 0) [[likely]] return false;
        return is_reported(index, count);
    }
    std::uint64_t suspicion() const noexcept { return suspicion_->load(std::memory_order_relaxed); }
    SLICKQ_NOINLINE bool is_reported(std::uint64_t index, std::uint64_t count) const noexcept {
        Atomics::acquire_fence(); // late:B
        for (std::uint32_t number = 0; extension_ != nullptr && number < Atomics::reports_kept; ++number) {
            if (tells_of(report(number), index, count)) return true;
        }
        return false;
    }

    // A report as it was left: where a lapped producer wrote, and the next index when it was done. The range is 0 if there is none.
    detail::pair64 report(std::uint32_t number) const noexcept {
        const auto& r = extension_->reports[number];
        for (;;) {
            const std::uint64_t range = r.range.load(std::memory_order_acquire); // late:B, as the next two
            const std::uint64_t until = r.until.load(std::memory_order_acquire);
            if (r.range.load(std::memory_order_relaxed) == range) return {range, until};
        }
    }
    // Whether it tells of one of these elements: of the later laps at its place, up to its end.
    bool tells_of(const detail::pair64& report, std::uint64_t index, std::uint64_t count) const noexcept {
        const std::uint64_t from = suspicion::index(report.low);
        const std::uint64_t behind = (index - from) & mask_;
        const auto lap = static_cast<std::int64_t>(capacity());
        const bool is_inside = behind < suspicion::count(report.low) && difference(index, from) >= lap;
        const std::uint64_t first = is_inside ? index : index + (capacity() - behind);
        return report.low != 0 && difference(first, from) >= lap && difference(index + count, first) > 0 &&
               difference(report.high, first) > 0;
    }

    // Whether the ring still has the record at `index` when the next one to be reserved is `end`: less than a lap behind, and not
    // ahead of it.
    bool is_within(std::uint64_t index, std::uint64_t end) const noexcept {
        return static_cast<std::uint64_t>(difference(end, index)) <= capacity();
    }

    // Without a last-published index (packed, wide) this is the last reservation, if it is published.
    ring_result read_last(record& out) const noexcept {
        std::uint64_t index;
        if (keeps_last_) {
            index = shared().last_published.load(std::memory_order_acquire); // last:A
            if (index == no_index) return ring_result::empty;
        } else if (!last_reservation(index)) {
            return ring_result::empty;
        }
        const slot_view seen = look(index);
        const bool is_record = seen.what == slot_view::intact_record || seen.what == slot_view::damaged_record;
        if (!is_record || seen.data_index != index) return ring_result::empty; // not published yet, or lapped since
        describe(seen, index, out);
        return seen.what == slot_view::intact_record ? ring_result::ok : ring_result::corrupt;
    }
    bool can_read_last() const noexcept { return !keeps_no_last_; }

    // The oldest record still in the ring. In the first lap that is index 0 although unpublished: nothing was overwritten before it, so
    // a reader may wait there.
    std::uint64_t oldest() const noexcept {
        const std::uint64_t end = reserved_index();
        if (end <= capacity() && !has_wrapped(end)) return 0;
        const std::uint64_t index = next_start((end - capacity()) & index_mask(), end);
        const std::uint64_t named = slot_of(index).data_index.load(std::memory_order_acquire); // as read:A
        return index != end && is_skip(index, named) ? next_start(named, end) : index;
    }

    // The newest record that is published; the next index if there is none.
    std::uint64_t newest() const noexcept {
        const std::uint64_t end = reserved_index();
        for (std::uint64_t back = slot_step(); back <= capacity(); back += slot_step()) {
            const std::uint64_t index = (end - back) & index_mask();
            const std::uint64_t named = slot_of(index).data_index.load(std::memory_order_acquire); // as read:A
            if (named == index && named != no_index) return index;
        }
        return end;
    }

    // The first true start of a record (or of the skipped end of the ring) in [from, end), a part of the last lap; else `end`.
    // An index is reserved once: within the last lap a slot that names itself is the start of a record.
    std::uint64_t next_start(std::uint64_t from, std::uint64_t end) const noexcept {
        std::uint64_t index = align(from) & index_mask();
        for (; difference(end, index) > 0; index = (index + slot_step()) & index_mask()) {
            const std::uint64_t named = slot_of(index).data_index.load(std::memory_order_acquire); // as read:A
            if (named != no_index && (named == index || is_skip(index, named))) return index;
        }
        return end;
    }

    // Whether a slot of index `from` that names `to` says that the end of the ring was skipped.
    bool is_skip(std::uint64_t from, std::uint64_t to) const noexcept {
        return position(from) != 0 && to == start_of_ring_after(from);
    }
    // Whether the slot there says so, now.
    bool is_end_skipped(std::uint64_t index) const noexcept {
        const slot_view seen = look(index);
        return seen.what == slot_view::wrap_marker && is_skip(index, seen.data_index);
    }
    std::uint64_t start_of_ring_after(std::uint64_t index) const noexcept {
        return (index + mask_) & ~std::uint64_t{mask_} & index_mask();
    }

    std::uint64_t reserved_index(std::memory_order order = std::memory_order_acquire) const noexcept {
        return first_word().load(order) >> index_shift_;
    }

    std::uint64_t last_published() const noexcept {
        return keeps_last_ ? shared().last_published.load(std::memory_order_acquire) : no_index;
    }

    // ---------------------------------------------------------------- life

    // Every slot as never written, nothing reserved. The caller makes sure that no producer is active. One that was left half done is
    // finished by the next one, whoever makes it: what was reserved before it is counted once. False: it was another one who took this
    // one for left, and goes on with it; should this one have been stopped between a look and a store, it has spoilt one slot at most, and
    // where there is a 16-byte compare-and-swap only one that holds again what it held before.
    bool reset() noexcept {
        const std::uint64_t mine = begin_reset();
        // reset:D
        const auto is_mine = [&] { return extension_ == nullptr || extension_->resets.load(std::memory_order_acquire) == mine; };
        if (extension_ != nullptr && !count_reset(is_mine)) return false;
        // First of all the counter: from now on validate:B refuses what the slots still say.
        if (is_wide_) {
            wide().reserved_count.store(0, std::memory_order_relaxed);
            wide().reserved_index.store(0, std::memory_order_relaxed);
        } else {
            if (!is_mine()) return false;
            shared().reserved.store(0, std::memory_order_relaxed);
        }
        for (std::uint64_t i = 0; i <= mask_ >> slot_shift_; ++i) {
            if (!clear_slot(slots_[i], is_mine)) return false;
        }
        if (!is_mine()) return false;
        if (keeps_last_) shared().last_published.store(no_index, std::memory_order_release);
        if (extension_ != nullptr) {
            std::uint64_t expected = mine;
            if (!extension_->resets.compare_exchange_strong(expected, mine + 1, std::memory_order_seq_cst)) return false; // reset:B
        }
        wake_sleepers();
        return true;
    }

    // What takes longer than this is taken for left by one who died: 2 s, and 10 ns for each slot.
    std::int64_t longest_reset_ns() const noexcept {
        return 2'000'000'000 + static_cast<std::int64_t>(capacity() / slot_step()) * 10;
    }

    // ---------------------------------------------------------------- sleeping and waking

    // What readers sleep on until something is published. Nobody who sleeps elsewhere is woken: where there is no extension area, or it is
    // `is_read_only`. Producers that are peers wake nobody.
    basic_event_count<Atomics> arrivals(bool is_read_only = false) const noexcept {
        if (extension_ == nullptr || is_read_only) return basic_event_count<Atomics>();
        return basic_event_count<Atomics>(&extension_->arrivals, &extension_->has_light_fences);
    }
    void wake_sleepers() const noexcept { basic_event_count<Atomics>::wake_sleepers_on(*arrivals_); }

    // ---------------------------------------------------------------- observers

    std::byte* at(std::uint64_t index) const noexcept { return elements_ + std::uint64_t{position(index)} * element_size_; }
    std::byte* elements() const noexcept { return elements_; }
    std::uint32_t position(std::uint64_t index) const noexcept { return static_cast<std::uint32_t>(index) & mask_; }
    bool can_hold(std::uint32_t count) const noexcept { return count - 1 <= mask_; } // a record of so many elements
    // Whether any reservation may be that, reserved or not: it begins a slot, and does not straddle the end of the ring.
    bool is_span(std::uint64_t index, std::uint32_t count) const noexcept {
        return (index & item_mask_) == 0 && (count == 1 || (can_hold(count) && position(index) + std::uint64_t{count} <= capacity()));
    }
    std::uint64_t capacity() const noexcept { return capacity_; }
    std::uint32_t element_size() const noexcept { return element_size_; }
    std::uint64_t bytes_of(std::uint32_t count) const noexcept { return std::uint64_t{count} * element_size_; }
    std::uint64_t slot_step() const noexcept { return slot_step_; }
    std::uint64_t index_mask() const noexcept { return index_mask_; }
    extension_type* extension() const noexcept { return extension_; }

    // How far index a is ahead of b: indices are serial numbers that wrap.
    std::int64_t difference(std::uint64_t a, std::uint64_t b) const noexcept {
        return static_cast<std::int64_t>((a - b) << index_shift_) >> index_shift_;
    }

    // ---------------------------------------------------------------- for readers

    // Whether the cursor is at a record of one element, the usual case; `index` is then the record's, the same number.
    //
    // Who goes on from the cursor, in a batch, does not wait for what is loaded here: the processor predicts the comparisons, knows the
    // next cursor before the slot's cache line is there, and fetches several lines at once. Who goes on from `index` waits for each.
    // One by one that is better: close behind the producer to run ahead takes the lines from it which it is writing, and halved the
    // rate where it was measured (bench/README.md).
    bool is_next_single(std::uint64_t cursor, std::uint64_t& index) const noexcept {
        const slot_type& s = slot_of(cursor);
        const std::uint64_t expected = Atomics::opaque(cursor);
        const std::uint64_t found = s.data_index.load(std::memory_order_acquire); // read:A
        index = Atomics::opaque(found);
        return found == expected && s.count.load(std::memory_order_acquire) == 1 && // read:B
               s.data_index.load(std::memory_order_relaxed) == expected &&          // read:C
               expected != no_index;
    }
    bool is_next_single(std::uint64_t cursor) const noexcept {
        std::uint64_t index;
        return is_next_single(cursor, index);
    }

    slot_view look(std::uint64_t cursor) const noexcept {
        const slot_type& s = slot_of(cursor);
        const std::uint64_t raw = s.data_index.load(std::memory_order_acquire); // read:A
        if (raw == no_index) return {slot_view::nothing, raw, 0};
        const std::uint64_t index = raw & index_mask();
        const std::int64_t ahead = difference(index, cursor);
        if (ahead < 0) return {slot_view::nothing, index, 0};
        if (position(index) != position(cursor)) {
            // A producer skipped the end of the ring. Its marker leads to the ring's start; a cursor that is not a record
            // start (the caller's choice) is led to its own slot's. Anything else would let a hostile segment lead us in
            // circles.
            if (position(index) != 0 && &slot_of(index) != &s) return damaged(cursor & index_mask(), 0);
            return {is_reserved(index) ? slot_view::wrap_marker : slot_view::nothing, index, 0};
        }
        if (ahead != 0 && !is_reserved(index + 1)) return {slot_view::nothing, index, 0};
        std::uint32_t count = s.count.load(std::memory_order_acquire);                          // read:B
        if (s.data_index.load(std::memory_order_relaxed) != raw) return {slot_view::changed, 0, 0}; // read:C
        const auto room = static_cast<std::uint32_t>(capacity() - position(index));
        if (count != 0 && count <= room) return {slot_view::intact_record, index, count};
        return damaged(index, count < room ? count : room);
    }

    // Whether all before `end`, of which a slot tells that was loaded before, is reserved: it is, unless the queue was reset meanwhile. Else a
    // peer has published, after a reset, what it had reserved before it, or the segment is damaged: then it is as if nothing was
    // published there.
    bool is_reserved(std::uint64_t end) const noexcept { return difference(reserved_index(), end) >= 0; } // ahead:A

    // Whether a read at the cursor would tell anything.
    bool is_ready(std::uint64_t cursor) const noexcept {
        const slot_view seen = look(cursor);
        const std::uint64_t reserved = reserved_index(); // ahead:A
        if (difference(reserved, cursor) < 0) return true; // behind it: reset
        return seen.what != slot_view::nothing &&
               (seen.what != slot_view::intact_record || difference(reserved, seen.data_index + seen.count) >= 0);
    }

    // The index after a record. An empty (damaged) one takes up a slot, so that a reader gets past it.
    std::uint64_t after(std::uint64_t index, std::uint32_t count) const noexcept {
        return (index + align(count != 0 ? count : 1)) & index_mask();
    }
    // The same for a damaged one: not beyond what is reserved, where a consumer would take itself for reset.
    std::uint64_t past_damage(std::uint64_t index, std::uint32_t count) const noexcept {
        const std::uint64_t next = after(index, count), reserved = reserved_index(); // ahead:A
        return difference(next, reserved) > 0 && difference(reserved, index) > 0 ? reserved : next;
    }

private:
    // At a cursor where nothing is reserved it tells of nothing.
    slot_view damaged(std::uint64_t index, std::uint32_t count) const noexcept {
        return {is_reserved(index + 1) ? slot_view::damaged_record : slot_view::nothing, index, count};
    }

    // The number of the reset that now is the caller's: odd, and another one than that of a reset which is under way.
    std::uint64_t begin_reset() noexcept {
        if (extension_ == nullptr) return 0;
        std::uint64_t resets = extension_->resets.load(std::memory_order_acquire); // reset:C
        for (;;) {
            const bool is_half = (resets & 1) != 0;
            if (!is_half) extension_->reserved_before_reset.store(extension_->reserved_before.load(std::memory_order_relaxed), std::memory_order_relaxed);
            const std::uint64_t mine = resets + (is_half ? 2 : 1);
            if (!extension_->resets.compare_exchange_weak(resets, mine, std::memory_order_acq_rel, std::memory_order_acquire)) continue; // reset:C
            Atomics::release_fence(); // reset:A
            return mine;
        }
    }
    template <class IsMine>
    bool clear_slot(slot_type& s, IsMine is_mine) noexcept {
        constexpr detail::pair64 fresh{no_index, fresh_slot_count};
        detail::pair64 seen{s.data_index.load(std::memory_order_relaxed), s.count.load(std::memory_order_relaxed)};
        while (is_mine()) { // after the look at the slot
            if (seen.low == fresh.low && seen.high == fresh.high) return true;
            if (has_cas16_) {
                if (Atomics::cas16(&s, seen, fresh, std::memory_order_release)) return true;
                continue; // `seen` is what there is, also in the bytes behind the count
            }
            s.count.store(fresh_slot_count, std::memory_order_relaxed);
            s.data_index.store(no_index, std::memory_order_release);
            return true;
        }
        return false;
    }
    // What was reserved, unless a reset before that was left half done has counted it; and nobody is suspected. False: it is another one's.
    template <class IsMine>
    bool count_reset(IsMine is_mine) noexcept {
        std::uint64_t before = extension_->reserved_before_reset.load(std::memory_order_relaxed);
        const std::uint64_t after = before + reserved_index();
        if (!is_mine()) return false;
        extension_->reserved_before.compare_exchange_strong(before, after, std::memory_order_relaxed);
        extension_->suspicion.store(0, std::memory_order_relaxed);
        for (std::uint32_t k = 0; k < Atomics::reports_kept; ++k) extension_->reports[k].range.store(0, std::memory_order_relaxed);
        return true;
    }

    // read(), of the very next record and of nothing else.
    bool read_next(std::uint64_t& cursor, record& out) const noexcept {
        const std::uint64_t at = cursor & index_mask();
        if (is_next_single(at)) {
            out = {at, 0, position(at), 1};
            cursor = (at + slot_step()) & index_mask();
            return true;
        }
        const slot_view seen = look(at);
        if (seen.what != slot_view::intact_record || seen.data_index != at) return false;
        cursor = describe(seen, at, out);
        return true;
    }

    // Fills `out`; returns the cursor after it.
    std::uint64_t describe(const slot_view& seen, std::uint64_t cursor, record& out) const noexcept {
        out.index = seen.data_index;
        out.lost = (seen.data_index - cursor) & index_mask();
        out.position = position(seen.data_index);
        out.count = seen.count;
        return after(seen.data_index, seen.count);
    }

    // Copies the record that was found, and says what `found` says if the copy is whole.
    ring_result validated_copy(ring_result found, void* buffer, record& out) const noexcept {
        Atomics::copy_out(buffer, at(out.index), bytes_of(out.count)); // copy:A
        if (is_intact(out.index, out.count)) return found;
        const std::uint64_t next = after(out.index, out.count);
        out = {next, out.lost + ((next - out.index) & index_mask()), position(next), 0};
        return ring_result::lapped;
    }

    std::uint64_t reserve_span(std::uint32_t count, std::uint64_t need) noexcept {
        std::uint64_t before = shared().reserved.load(std::memory_order_relaxed);
        for (;;) {
            const std::uint64_t from = packed_reserved::index(before);
            const std::uint64_t index = start_of_span(from, need);
            const std::uint64_t after = packed_reserved::pack(index + need, count);
            if (shared().reserved.compare_exchange_weak(before, after, std::memory_order_relaxed)) { // reserve:A
                return mark_skip(from, index, count);
            }
        }
    }

    // How many of the first records fit from `from` on, up to a lap or the limit; `end` is the index behind the last of them.
    std::uint32_t fit(const batch& wanted, std::uint64_t from, const std::uint64_t* limit, std::uint64_t& end) const noexcept {
        const std::uint64_t start = start_of_span(from, align(wanted.count(0)));
        const std::uint64_t last = limit != nullptr ? *limit : start + capacity();
        const std::uint64_t room = static_cast<std::uint64_t>(difference(last, start));
        end = from;
        if (room > capacity()) return 0;
        if (wanted.counts == nullptr) {
            const auto fits = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted.records, room >> slot_shift_));
            if (fits != 0) end = start + (std::uint64_t{fits} << slot_shift_);
            return fits;
        }
        std::uint32_t fits = 0;
        for (std::uint64_t at = start; fits < wanted.records; ++fits) {
            const std::uint64_t need = align(wanted.counts[fits]);
            at = start_of_span(at, need) + need;
            if (at - start > room) break;
            end = at;
        }
        return fits;
    }

    std::uint32_t reserve_batch_packed(const batch& wanted, std::uint64_t& from, const std::uint64_t* limit) noexcept {
        std::uint64_t before = shared().reserved.load(std::memory_order_relaxed);
        for (;;) {
            from = packed_reserved::index(before);
            std::uint64_t end;
            const std::uint32_t fits = fit(wanted, from, limit, end);
            if (fits == 0) return 0;
            // Old peers find their last record at index - count.
            const std::uint64_t after = packed_reserved::pack(end, wanted.count(fits - 1));
            if (shared().reserved.compare_exchange_weak(before, after, std::memory_order_relaxed)) return fits; // reserve:A
        }
    }

    std::uint32_t reserve_batch_wide(const batch& wanted, std::uint64_t& from) noexcept {
        detail::pair64 before{wide().reserved_index.load(std::memory_order_relaxed),
                              wide().reserved_count.load(std::memory_order_relaxed)};
        for (;;) {
            from = before.low;
            std::uint64_t end;
            const std::uint32_t fits = fit(wanted, from, nullptr, end);
            // reserve:A
            if (Atomics::cas16(&wide().reserved_index, before, {end, wanted.count(fits - 1)}, std::memory_order_relaxed)) return fits;
        }
    }

    static constexpr std::uint32_t group = 16; // records: four cache lines of slots

    // Single elements that are contiguous: how many. `at`, the next free index, and `source` are moved on; their indices are noted.
    std::uint32_t fill_singles(std::uint64_t& at, const batch& records, const std::byte*& source, std::uint64_t (&index)[group]) noexcept {
        const std::uint64_t room = capacity() - position(at);
        const auto size = static_cast<std::uint32_t>(std::min<std::uint64_t>({group, records.records, room}));
        fill(at, source, bytes_of(size));
        source += bytes_of(size);
        for (std::uint32_t k = 0; k < size; ++k) index[k] = at + k; // not beyond the ring's end, hence no index more than there are
        at = (at + size) & index_mask();
        return size;
    }
    // Records of any lengths, the same.
    std::uint32_t fill_records(std::uint64_t& at, const batch& records, const std::byte*& source, std::uint64_t (&index)[group]) noexcept {
        const std::uint32_t size = std::min(group, records.records);
        for (std::uint32_t k = 0; k < size; ++k) {
            const std::uint32_t count = records.count(k);
            const std::uint64_t start = start_of_span(at, align(count));
            index[k] = mark_skip(at, start, count);
            fill(index[k], source, bytes_of(count));
            source += bytes_of(count);
            at = (start + align(count)) & index_mask();
        }
        return size;
    }

    // ---------------------------------------------------------------- alone

    // `before` is *reserved*. A reset, by whomever, is no reservation: it leaves 0 there, as no reservation does.
    bool is_single_producer(const single_producer_type& me, std::uint64_t& before) const noexcept {
        before = shared().reserved.load(std::memory_order_relaxed); // single:A
        return before == me.reserved.load(std::memory_order_relaxed) || before == 0;
    }
    void move_single_producer(single_producer_type& me, std::uint64_t after) noexcept {
        shared().reserved.store(after, std::memory_order_relaxed); // single:A
        me.reserved.store(after, std::memory_order_relaxed);
        Atomics::release_fence(); // reserve:B
    }

    // ---------------------------------------------------------------- publishing, in each manner

    ring_result publish_as(producing how, std::uint64_t index, std::uint32_t count) noexcept {
        const std::uint64_t reserved = reserved_index(std::memory_order_relaxed); // publish:A
        const std::uint64_t distance = reserved - index;
        if (reserved < index || distance - 1 > mask_ || distance < count) [[unlikely]] return publish_if_reserved(how, index, count);
        if (!put(how, index, count)) [[unlikely]] return refused(index, count);
        if (keeps_last_) [[likely]] announce(how, index);
        wake_after_put(how);
        return ring_result::ok;
    }
    // The same, for an index that is not just behind *reserved*.
    SLICKQ_NOINLINE ring_result publish_if_reserved(producing how, std::uint64_t index, std::uint32_t count) noexcept {
        const ring_result told = judge(index, count);
        if (told != ring_result::ok) return told == ring_result::stale ? is_late(index, count) : told;
        if (!put(how, index, count)) return refused(index, count);
        if (keeps_last_) announce(how, index);
        wake_after_put(how);
        return ring_result::ok;
    }
    // False: too late. Both words at once: who read the count of one record with the index of another would not know how far to go on.
    bool put(producing how, std::uint64_t index, std::uint32_t count) noexcept {
        if (how == producing::strict) return store_slot(index, index, count);
        if (how == producing::prompt || has_store16_) [[likely]] {
            Atomics::store16(&slot_of(index), {index, count}); // single:B, prompt:B
        } else {
            set_slot_in_parts(slot_of(index), index, count);
        }
        return true;
    }
    void announce(producing how, std::uint64_t index) noexcept {
        how == producing::single ? set_last_published(index) : raise_last_published(index);
    }
    void wake_after_put(producing how) const noexcept {
        if (how != producing::strict) Atomics::compiler_fence();                            // wake:B
        if (how == producing::single && needs_fence_) [[unlikely]] Atomics::full_fence(); // wake:A
        wake_sleepers();
    }

    // From now on this one need not have a fence in its publish: whoever falls asleep makes it. False: they can't.
    bool use_light_fences() noexcept {
        if (extension_ == nullptr) return true; // nobody is woken
        if (!Atomics::can_use_heavy_fences()) return false;
        extension_->has_light_fences.store(1, std::memory_order_relaxed); // light:A
        Atomics::full_fence();                                         // light:A
        return true;
    }

    SLICKQ_NOINLINE void set_slot_in_parts(slot_type& s, std::uint64_t index, std::uint32_t count) noexcept {
        if (s.count.load(std::memory_order_relaxed) == count) {
            s.data_index.store(index, std::memory_order_release); // single:B
        } else {
            store_slot(index, index, count);
        }
    }

    void set_last_published(std::uint64_t index) noexcept {
        const std::uint64_t seen = shared().last_published.load(std::memory_order_relaxed);
        if (!is_later(index, seen)) return;
        shared().last_published.store(index, std::memory_order_release); // single:C
    }

    std::uint64_t reserve_wide(std::uint32_t count) noexcept {
        // The two loads may be of different reservations; then the CAS fails and tells what is there.
        detail::pair64 before{wide().reserved_index.load(std::memory_order_relaxed),
                              wide().reserved_count.load(std::memory_order_relaxed)};
        for (;;) {
            const std::uint64_t index = start_of_span(before.low, count);
            const std::uint64_t from = before.low;
            // reserve:A
            if (Atomics::cas16(&wide().reserved_index, before, {index + count, count}, std::memory_order_relaxed)) {
                return mark_skip(from, index, count);
            }
        }
    }

    // Where `need` contiguous elements begin, from the next free index on.
    std::uint64_t start_of_span(std::uint64_t from, std::uint64_t need) const noexcept {
        const std::uint64_t start = align(from);
        return position(start) + need <= capacity() ? start : (start + mask_) & ~std::uint64_t{mask_};
    }

    // The skipped end of the ring gets a marker, so that consumers follow.
    std::uint64_t mark_skip(std::uint64_t from, std::uint64_t index, std::uint32_t count) noexcept {
        index &= index_mask();
        if (position(index) == 0 && from != index) {
            store_slot(from, index, count);
            wake_sleepers();
        }
        return index;
    }

    // The slot has that index already, or a newer one.
    SLICKQ_NOINLINE ring_result refused(std::uint64_t index, std::uint32_t count) noexcept {
        if (slot_of(index).data_index.load(std::memory_order_relaxed) == index) return ring_result::not_reserved; // published before
        return is_late(index, count);
    }
    // Too late: leaves a report for those who copy what was reserved since.
    SLICKQ_NOINLINE ring_result is_late(std::uint64_t index, std::uint32_t count) noexcept {
        if (extension_ == nullptr) return ring_result::stale;
        extension_->late_publishes.fetch_add(1, std::memory_order_relaxed); // a statistic
        if (!has_cas16_) return ring_result::stale;
        Atomics::full_fence(); // late:A
        const std::uint64_t until = reserved_index(std::memory_order_relaxed);
        leave_report({suspicion::range(index, count), until});
        std::uint64_t word = extension_->suspicion.load(std::memory_order_relaxed);
        for (;;) {
            const bool is_latest = word == 0 || difference(until, suspicion::until(word)) > 0;
            const std::uint64_t after = suspicion::next(word, is_latest ? until : suspicion::until(word));
            // late:A
            if (extension_->suspicion.compare_exchange_weak(word, after, std::memory_order_release, std::memory_order_relaxed)) break;
        }
        return ring_result::stale;
    }
    void leave_report(const detail::pair64& mine) noexcept {
        for (std::uint32_t k = 0; k < Atomics::reports_kept; ++k) {
            detail::pair64 there{extension_->reports[k].range.load(std::memory_order_relaxed), extension_->reports[k].until.load(std::memory_order_relaxed)};
            while (is_over(there, mine.high)) {
                if (Atomics::cas16(&extension_->reports[k], there, mine, std::memory_order_release)) return; // late:A
            }
        }
        // There are many within a lap: one of them takes this one in, and tells of all that lies between.
        detail::pair64 there = report(0), both;
        do {
            const std::uint64_t one = suspicion::index(there.low), other = suspicion::index(mine.low);
            both.low = suspicion::range(difference(one, other) < 0 ? one : other, no_index);
            both.high = difference(there.high, mine.high) > 0 ? there.high : mine.high;
        } while (!Atomics::cas16(&extension_->reports[0], there, both, std::memory_order_release)); // late:A
    }
    // All that it tells of has left the ring.
    bool is_over(const detail::pair64& report, std::uint64_t reserved) const noexcept {
        return report.low == 0 || static_cast<std::uint64_t>(difference(reserved, report.high)) >= capacity();
    }

    // Whether so much may be published from that index on, when *reserved* is not just ahead of it as plain numbers go. Then it is too late,
    // was never reserved, or is one of the last before the indices began again at 0.
    ring_result judge(std::uint64_t index, std::uint32_t count) const noexcept {
        if (index > index_mask_ || !can_hold(count)) return ring_result::not_reserved;
        const std::uint64_t reserved = reserved_index(std::memory_order_relaxed); // publish:A
        if (difference(reserved, index) < std::int64_t{count}) return ring_result::not_reserved;
        if (index > reserved && !has_wrapped(reserved)) return ring_result::not_reserved;
        return is_within(index, reserved) ? ring_result::ok : ring_result::stale;
    }

    // Whether the indices have begun again at 0, or may have, when `end` is the next one. In the first lap of all the last slots of the ring
    // were never written; in one after 2^48 elements, in one of so many a record must have begun. Later nobody can tell.
    bool has_wrapped(std::uint64_t end) const noexcept {
        const std::uint64_t at_start = slots_[0].data_index.load(std::memory_order_relaxed);
        if (at_start != no_index && (at_start > end || end == capacity())) return true;
        if (end > capacity()) return true;
        const std::uint32_t slots = (mask_ >> slot_shift_) + 1;
        const std::uint32_t first = std::max(static_cast<std::uint32_t>(end >> slot_shift_), slots - std::min(slots, telling_slots));
        for (std::uint32_t k = slots; k-- > first;) {
            if (slots_[k].data_index.load(std::memory_order_relaxed) != no_index) return true;
        }
        return false;
    }
    static constexpr std::uint32_t telling_slots = 4096;

    // Sets the slot of index `at` to (data_index, count) unless it already holds that index or a newer one. publish:B
    bool store_slot(std::uint64_t at, std::uint64_t data_index, std::uint32_t count) noexcept {
        slot_type& s = slot_of(at);
        if (!has_cas16_) [[unlikely]] return store_slot_in_two(s, data_index, count);
        // Most likely the record of the lap before is there, of the same count. A wrong guess costs a second try.
        detail::pair64 seen{at < capacity() ? no_index : at - capacity(), count};
        if (Atomics::cas16(&s, seen, {data_index, count}, std::memory_order_seq_cst)) [[likely]] return true;
        return store_slot_over(s, seen, data_index, count);
    }
    SLICKQ_NOINLINE bool store_slot_over(slot_type& s, detail::pair64 seen, std::uint64_t data_index, std::uint32_t count) noexcept {
        while (!holds_newer(seen.low, data_index)) {
            if (Atomics::cas16(&s, seen, {data_index, count}, std::memory_order_seq_cst)) return true;
        }
        return false;
    }
    // Where there is no such compare-and-swap, a producer that sleeps a whole lap just between the two can spoil a newer record's count.
    SLICKQ_NOINLINE bool store_slot_in_two(slot_type& s, std::uint64_t data_index, std::uint32_t count) noexcept {
        std::uint64_t seen = s.data_index.load(std::memory_order_relaxed);
        for (;;) {
            s.count.store(count, std::memory_order_relaxed);
            if (s.data_index.compare_exchange_weak(seen, data_index, std::memory_order_seq_cst, std::memory_order_relaxed)) return true;
            if (holds_newer(seen, data_index)) return false;
        }
    }
    bool holds_newer(std::uint64_t seen, std::uint64_t data_index) const noexcept {
        return seen != no_index && difference(seen & index_mask(), data_index) >= 0;
    }

    // Than what is published last, in the layouts that keep that; none is no_index.
    static bool is_later(std::uint64_t index, std::uint64_t last) noexcept {
        return static_cast<std::int64_t>((index - last) << packed_reserved::count_bits) > 0 || last == no_index;
    }
    void raise_last_published(std::uint64_t index) noexcept {
        atomic<std::uint64_t>& last = shared().last_published;
        std::uint64_t seen = last.load(std::memory_order_relaxed);
        while (is_later(index, seen)) {
            // publish:C
            if (last.compare_exchange_weak(seen, index, std::memory_order_release, std::memory_order_relaxed)) return;
        }
    }

    // False in a queue where nothing was ever reserved.
    bool last_reservation(std::uint64_t& index) const noexcept {
        if (is_wide_) {
            const std::uint64_t end = wide().reserved_index.load(std::memory_order_acquire); // last:A
            const std::uint32_t count = wide().reserved_count.load(std::memory_order_relaxed);
            index = end - count;
            return count != 0;
        }
        const std::uint64_t reserved = shared().reserved.load(std::memory_order_acquire); // last:A
        const std::uint64_t end = packed_reserved::index(reserved);
        const std::uint32_t count = packed_reserved::count(reserved);
        index = (end - count) & index_mask();
        return (count != 0 && !can_be_larger(index)) || find_larger(end, count, index);
    }
    // *reserved* has the low 16 bits of the count: a record of more elements begins 65,536 or a multiple of that before. There its slot
    // names itself, and says that it ends at `end`. False: there is none.
    bool can_be_larger(std::uint64_t index) const noexcept {
        return capacity() > packed_reserved::count_mask && slot_of(index).data_index.load(std::memory_order_acquire) != index; // read:A
    }
    SLICKQ_NOINLINE bool find_larger(std::uint64_t end, std::uint64_t count, std::uint64_t& index) const noexcept {
        for (count += packed_reserved::count_mask + 1; count <= capacity(); count += packed_reserved::count_mask + 1) {
            const std::uint64_t start = (end - count) & index_mask();
            const slot_type& s = slot_of(start);
            if (s.data_index.load(std::memory_order_acquire) != start || s.count.load(std::memory_order_relaxed) != count) continue; // read:A
            index = start;
            return true;
        }
        return false;
    }

    std::uint64_t align(std::uint64_t index) const noexcept { return (index + item_mask_) & ~std::uint64_t{item_mask_}; }
    slot_type& slot_of(std::uint64_t index) const noexcept { return slots_[position(index) >> slot_shift_]; }
    // The reserved index, in any layout: in a wide one it has all the bits.
    atomic<std::uint64_t>& first_word() const noexcept { return shared().reserved; }
    header_type& shared() const noexcept { return *reinterpret_cast<header_type*>(base_); }
    wide_header_type& wide() const noexcept { return *reinterpret_cast<wide_header_type*>(base_); }

    SLICKQ_HIDDEN static inline atomic<std::uint32_t> nobodys_event_count{};
    SLICKQ_HIDDEN static inline atomic<std::uint64_t> nobodys_suspicion{};

    std::byte* base_ = nullptr;
    extension_type* extension_ = nullptr;
    atomic<std::uint32_t>* arrivals_ = nullptr; // the extension area's; without one, a word on which nobody sleeps
    atomic<std::uint64_t>* suspicion_ = nullptr; // the extension area's, or a word that stays 0
    slot_type* slots_ = nullptr;
    std::byte* elements_ = nullptr;
    std::uint64_t capacity_ = 1;
    std::uint32_t mask_ = 0;
    std::uint32_t item_mask_ = 0;
    std::uint32_t slot_shift_ = 0;
    std::uint32_t adds_up_to_ = 0; // so many elements at most are reserved by a single addition
    std::uint32_t index_shift_ = 0;
    std::uint64_t index_mask_ = 0;
    std::uint64_t slot_step_ = 1; // elements of a slot
    std::uint64_t one_slot_ = 0;  // the same, as *reserved* counts
    std::uint32_t element_size_ = 0;
    bool is_wide_ = false;
    bool keeps_last_ = false;
    bool keeps_no_last_ = false;
    bool has_cas16_ = false;
    bool has_store16_ = false;
    producing producing_ = producing::strict;
    bool needs_fence_ = false; // alone, to see who has fallen asleep
};

using ring = basic_ring<>;

} // namespace slickq

#endif
