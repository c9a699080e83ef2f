// reserve.hpp - the first step of a record: a producer takes indices from the counter that all producers share.
//
// Elements of a reservation never straddle the end of the ring: if they would, its rest is skipped (slot.hpp,
// mark_skip()). The counter has two encodings, packed and wide (layout.hpp); in the packed one a reservation of up to
// one slot is a single addition, where the layout lets it be. Labels: see ring.hpp.
#ifndef SLICKQ_DETAIL_RESERVE_HPP
#define SLICKQ_DETAIL_RESERVE_HPP

#include <slickq/detail/record.hpp>
#include <slickq/detail/slot.hpp>

#include <algorithm>

namespace slickq::inline SLICKQ_NAMESPACE {

template <class Atomics>
class basic_reserving : public basic_slots<Atomics> {
    using base = basic_slots<Atomics>;

public:
    using typename base::extension_type;

    using base::align;
    using base::capacity;
    using base::difference;
    using base::start_of_span;

    // 1 <= count <= capacity. The elements of a reservation never straddle the end of the ring.
    std::uint64_t reserve(std::uint32_t count) noexcept {
        std::uint64_t index;
        if (count <= adds_up_to_ && reserve_by_adding(count, index)) [[likely]] return index;
        return reserve_contiguous(count);
    }

    // The two parts of reserve(), for callers that have more to choose from. The first is a single addition, for up to
    // adds_up_to() elements, one slot's worth (for none in some layouts). Slots are aligned, so these elements cannot
    // straddle the ring's end. The result is false, with a slot wasted, if the counter was no multiple of
    // items_per_slot: no peer leaves it so, but a damaged segment must not make us hand out elements beyond the ring.
    bool reserve_by_adding(std::uint32_t count, std::uint64_t& index) noexcept {
        std::uint64_t before = shared().reserved.fetch_add(one_slot_, std::memory_order_relaxed); // reserve:A
        index = packed_reserved::index(before);
        if (packed_reserved::count(before) != (count & packed_reserved::count_mask)) {
            // Old peers find their last record at index - count. If this fails, the count of a later reservation is
            // there or coming.
            std::uint64_t after = before + one_slot_;
            const std::uint64_t told = packed_reserved::pack(packed_reserved::index(after), count);
            shared().reserved.compare_exchange_strong(after, told, std::memory_order_relaxed);
        }
        Atomics::release_fence(); // reserve:B
        return (index & item_mask_) == 0;
    }
    std::uint32_t adds_up_to() const noexcept { return adds_up_to_; }
    // The second does whatever it takes.
    SLICKQ_NOINLINE std::uint64_t reserve_contiguous(std::uint32_t count) noexcept {
        const std::uint64_t index = is_wide_ ? reserve_wide(count) : reserve_span(count, align(count));
        Atomics::release_fence(); // reserve:B
        return index;
    }

    // As reserve(), but takes nothing at `limit` or beyond it, which is no more than a lap ahead: the result is false
    // then. With `start_before` it takes nothing either that begins at that index or beyond it. Not in the wide layout.
    //
    // False has changed nothing, but for one case. A record that is to begin at the ring's start takes the skipped end
    // with it. If both together are longer than a lap, there never is room for them at once: a consumer that has read
    // all that was before them would find itself lapped. Then, once everything is read, the end is skipped by a
    // reservation of its own; and when consumers have come past that, there is room for any record.
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
            // reserve:A
            if (!shared().reserved.compare_exchange_weak(before, after, std::memory_order_relaxed)) continue;
            index = mark_skip(from, start, told);
            if (has_room) break;
            before = after;
        }
        Atomics::release_fence(); // reserve:B
        return true;
    }

    // Changes nothing, but takes part in the order of the changes of *reserved*: producers that follow know what the
    // caller did before, and the caller knows what those before it did. Not in the wide layout.
    std::uint64_t meet_producers() noexcept {
        return packed_reserved::index(shared().reserved.fetch_add(0, std::memory_order_acq_rel)); // join:A
    }

    // Room for the first of these records, as many as fit: the result is how many, and what was reserved for them
    // begins at `from`. They are at most a lap; with a limit nothing is at it or beyond it, as in reserve_up_to(), and
    // there may be room for none. There is at least one record, and no count is 0 or beyond the capacity.
    std::uint32_t reserve_batch(const batch& wanted, std::uint64_t& from,
                                const std::uint64_t* limit = nullptr) noexcept {
        const std::uint32_t fits = is_wide_ ? reserve_batch_wide(wanted, from)
                                            : reserve_batch_packed(wanted, from, limit);
        Atomics::release_fence(); // reserve:B
        return fits;
    }

protected:
    using base::is_wide_;
    using base::item_mask_;
    using base::mark_skip;
    using base::shared;
    using base::slot_shift_;
    using base::wide;

    basic_reserving() = default;
    basic_reserving(std::byte* start, const geometry& g, extension_type* extra) noexcept
        : base(start, g, extra),
          one_slot_(packed_reserved::pack(g.items_per_slot, 0)),
          adds_up_to_(g.layout == layout::wide ? 0 : g.items_per_slot) {}

    // How many of the first records fit from `from` on, up to a lap or the limit; `end` is the index behind the last of
    // them.
    std::uint32_t fit(const batch& wanted, std::uint64_t from, const std::uint64_t* limit,
                      std::uint64_t& end) const noexcept {
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

    std::uint64_t one_slot_ = 0;   // the elements of a slot, as *reserved* counts
    std::uint32_t adds_up_to_ = 0; // so many elements at most are reserved by a single addition

private:
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

    std::uint32_t reserve_batch_packed(const batch& wanted, std::uint64_t& from, const std::uint64_t* limit) noexcept {
        std::uint64_t before = shared().reserved.load(std::memory_order_relaxed);
        for (;;) {
            from = packed_reserved::index(before);
            std::uint64_t end;
            const std::uint32_t fits = fit(wanted, from, limit, end);
            if (fits == 0) return 0;
            // Old peers find their last record at index - count.
            const std::uint64_t after = packed_reserved::pack(end, wanted.count(fits - 1));
            // reserve:A
            if (shared().reserved.compare_exchange_weak(before, after, std::memory_order_relaxed)) return fits;
        }
    }

    std::uint32_t reserve_batch_wide(const batch& wanted, std::uint64_t& from) noexcept {
        detail::pair64 before{wide().reserved_index.load(std::memory_order_relaxed),
                              wide().reserved_count.load(std::memory_order_relaxed)};
        for (;;) {
            from = before.low;
            std::uint64_t end;
            const std::uint32_t fits = fit(wanted, from, nullptr, end);
            const detail::pair64 after{end, wanted.count(fits - 1)};
            // reserve:A
            if (Atomics::cas16(&wide().reserved_index, before, after, std::memory_order_relaxed)) return fits;
        }
    }
};

} // namespace slickq

#endif
