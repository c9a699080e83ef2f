// consume.hpp - the last steps of a record: a consumer looks at the slot of its cursor, takes what is there, and
// validates it.
//
// A record is validated after its elements were copied (copy:A, validate:B): producers reserve before they write, so if
// fewer than a ring's elements were reserved since, nobody had begun to overwrite it. That holds on x86-64 for any peer
// (their locked reserve is a fence), on arm64 for producers of this library. Labels: see ring.hpp.
#ifndef SLICKQ_DETAIL_CONSUME_HPP
#define SLICKQ_DETAIL_CONSUME_HPP

#include <slickq/detail/write_batch.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class Atomics>
class basic_consuming : public basic_batch_writing<Atomics> {
    using base = basic_batch_writing<Atomics>;

public:
    template <class T>
    using atomic = typename Atomics::template atomic<T>;
    using typename base::extension_type;

    using base::after;
    using base::bytes_of;
    using base::difference;
    using base::index_mask;
    using base::is_next_single;
    using base::is_suspect;
    using base::is_within;
    using base::look;
    using base::past_damage;
    using base::position;
    using base::reserved_index;
    using base::slot_step;

    // ---------------------------------------------------------------- with a cursor of one's own

    ring_result read(std::uint64_t& cursor, record& out) const noexcept {
        if (read_single(cursor, out)) [[likely]] return ring_result::ok;
        return read_any(cursor, out);
    }

    // The two parts of read(), for callers that want the second out of line: the next record, if it is there and has
    // one element, ...
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

    // Reads as many records as follow one another, up to `limit` and as long as nothing else is to be told:
    // `take(record)` gets each. The result is that of the first read, unless it was ok.
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
        for (std::uint32_t k = 1; k < limit; ++k) {
            if (position(cursor) != out.position + out.count || !read_next(cursor, next)) break;
            out.count += next.count;
        }
        return ring_result::ok;
    }

    // Whether a read at the cursor would tell anything.
    bool is_ready(std::uint64_t cursor) const noexcept {
        const slot_view seen = look(cursor);
        const std::uint64_t reserved = reserved_index(std::memory_order_acquire); // ahead:A
        if (difference(reserved, cursor) < 0) return true; // behind it: reset
        if (seen.what != slot_view::intact_record) return seen.what != slot_view::nothing;
        return difference(reserved, seen.data_index + seen.count) >= 0;
    }

    // ---------------------------------------------------------------- with a shared cursor

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

    // ---------------------------------------------------------------- copying what is validated

    // read() and claim(), copying to a buffer for `limit` elements. lapped: the record could not be validated; out.lost
    // has its elements, and the cursor is past it.
    ring_result read_copy(std::uint64_t& cursor, void* buffer, std::uint64_t limit, record& out) const noexcept {
        std::uint64_t next = cursor;
        const ring_result found = read(next, out);
        if (found != ring_result::empty && out.count > limit) return ring_result::too_large;
        cursor = next;
        return found == ring_result::empty ? found : validated_copy(found, buffer, out);
    }
    ring_result claim_copy(atomic<std::uint64_t>& cursor, void* buffer, std::uint64_t limit,
                           record& out) const noexcept {
        const ring_result found = claim(cursor, out, limit);
        if (found == ring_result::empty || found == ring_result::too_large) return found;
        return validated_copy(found, buffer, out);
    }

    // Whether nobody had begun to overwrite the record at `index` when its elements were read, before this call. (Nor
    // had the queue been reset, as far as that can be seen: reserved is behind the index.)
    bool validate(std::uint64_t index) const noexcept {
        Atomics::acquire_fence();                                           // copy:A
        return is_within(index, reserved_index(std::memory_order_relaxed)); // validate:B
    }

    // validate() for a record of so many elements, and no lapped producer has told that it may have written into it.
    // Nor, with the capacity for a count, into any that follows.
    bool is_intact(std::uint64_t index, std::uint64_t count) const noexcept {
        return validate(index) && !is_suspect(index, count);
    }

protected:
    basic_consuming() = default;
    basic_consuming(std::byte* start, const geometry& g, extension_type* extra) noexcept : base(start, g, extra) {}

    // Fills `out`; the result is the cursor after it.
    std::uint64_t describe(const slot_view& seen, std::uint64_t cursor, record& out) const noexcept {
        out.index = seen.data_index;
        out.lost = (seen.data_index - cursor) & index_mask();
        out.position = position(seen.data_index);
        out.count = seen.count;
        return after(seen.data_index, seen.count);
    }

private:
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

    // Copies the record that was found. The result is `found` if the copy is whole.
    ring_result validated_copy(ring_result found, void* buffer, record& out) const noexcept {
        Atomics::copy_out(buffer, this->at(out.index), bytes_of(out.count)); // copy:A
        if (is_intact(out.index, out.count)) return found;
        const std::uint64_t next = after(out.index, out.count);
        out = {next, out.lost + ((next - out.index) & index_mask()), position(next), 0};
        return ring_result::lapped;
    }
};

} // namespace slickq

#endif
