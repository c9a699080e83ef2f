// resume.hpp - where a consumer begins or goes on: the oldest record, the newest, the first one after a gap or a lap;
// and the record that was reserved or published last. For plain cursors, readers and workers. Labels: see ring.hpp.
#ifndef SLICKQ_DETAIL_RESUME_HPP
#define SLICKQ_DETAIL_RESUME_HPP

#include <slickq/detail/consume.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class Atomics>
class basic_resuming : public basic_consuming<Atomics> {
    using base = basic_consuming<Atomics>;

public:
    using typename base::extension_type;
    using typename base::slot_type;

    using base::align;
    using base::capacity;
    using base::difference;
    using base::index_mask;
    using base::is_skip;
    using base::look;
    using base::reserved_index;
    using base::slot_step;

    // The oldest record still in the ring. In the first lap that is index 0 although it may be unpublished: nothing was
    // overwritten before it, so a reader may wait there.
    std::uint64_t oldest() const noexcept {
        const std::uint64_t end = reserved_index();
        if (end <= capacity() && !has_wrapped(end)) return 0;
        const std::uint64_t index = next_start((end - capacity()) & index_mask(), end);
        const std::uint64_t named = slot_of(index).data_index.load(std::memory_order_acquire); // as read:A
        return index != end && is_skip(index, named) ? next_start(named, end) : index;
    }

    // The newest record that is published; the next index to be reserved if there is none.
    std::uint64_t newest() const noexcept {
        const std::uint64_t end = reserved_index();
        for (std::uint64_t back = slot_step(); back <= capacity(); back += slot_step()) {
            const std::uint64_t index = (end - back) & index_mask();
            const std::uint64_t named = slot_of(index).data_index.load(std::memory_order_acquire); // as read:A
            if (named == index && named != no_index) return index;
        }
        return end;
    }

    // The first true start of a record (or of the skipped end of the ring) in [from, end), a part of the last lap; else
    // `end`. An index is reserved once: within the last lap a slot that names itself is the start of a record.
    std::uint64_t next_start(std::uint64_t from, std::uint64_t end) const noexcept {
        std::uint64_t index = align(from) & index_mask();
        for (; difference(end, index) > 0; index = (index + slot_step()) & index_mask()) {
            const std::uint64_t named = slot_of(index).data_index.load(std::memory_order_acquire); // as read:A
            if (named != no_index && (named == index || is_skip(index, named))) return index;
        }
        return end;
    }

    // Whether the slot there says, now, that the end of the ring was skipped.
    bool is_end_skipped(std::uint64_t index) const noexcept {
        const slot_view seen = look(index);
        return seen.what == slot_view::wrap_marker && is_skip(index, seen.data_index);
    }

    // ---------------------------------------------------------------- the last record

    // The index that was published last, where that is kept; else no_index.
    std::uint64_t last_published() const noexcept {
        return keeps_last_ ? shared().last_published.load(std::memory_order_acquire) : no_index; // last:A
    }

    // Where no last-published index is kept (packed, wide) this is the last reservation, if it is published.
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

protected:
    using base::describe;
    using base::has_wrapped;
    using base::is_wide_;
    using base::keeps_last_;
    using base::shared;
    using base::slot_of;
    using base::wide;

    basic_resuming() = default;
    basic_resuming(std::byte* start, const geometry& g, extension_type* extra) noexcept
        : base(start, g, extra), keeps_no_last_(g.is_slq() && !g.tracks_last_published()) {}

private:
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
    // *reserved* has the low 16 bits of the count: a record of more elements begins 65,536 or a multiple of that
    // before. There its slot names itself, and says that it ends at `end`. False: there is none.
    bool can_be_larger(std::uint64_t index) const noexcept {
        return capacity() > packed_reserved::count_mask &&
               slot_of(index).data_index.load(std::memory_order_acquire) != index; // read:A
    }
    SLICKQ_NOINLINE bool find_larger(std::uint64_t end, std::uint64_t count, std::uint64_t& index) const noexcept {
        for (count += packed_reserved::count_mask + 1; count <= capacity(); count += packed_reserved::count_mask + 1) {
            const std::uint64_t start = (end - count) & index_mask();
            const slot_type& s = slot_of(start);
            if (s.data_index.load(std::memory_order_acquire) != start) continue; // read:A
            if (s.count.load(std::memory_order_relaxed) != count) continue;
            index = start;
            return true;
        }
        return false;
    }

    bool keeps_no_last_ = false;
};

} // namespace slickq

#endif
