// index.hpp - the arithmetic of indices: where an index lies in the ring, which one follows, how far one is from
// another.
//
// An index is the serial number of an element, counted from the first one that was ever reserved. Indices wrap at 2^48,
// in the wide layout at 2^64. They are therefore compared by difference(), not as numbers.
//
//   position      index mod capacity: where the element lies
//   slot          items_per_slot positions share one slot; a record begins at a slot
//   skipped end   the rest of the ring, where the next record would straddle its end; it begins at the ring's start
#ifndef SLICKQ_DETAIL_INDEX_HPP
#define SLICKQ_DETAIL_INDEX_HPP

#include <slickq/detail/layout.hpp>

#include <bit>
#include <cstdint>

namespace slickq::inline SLICKQ_NAMESPACE {

class index_space {
public:
    index_space() = default;
    explicit index_space(const geometry& g) noexcept
        : capacity_(g.capacity),
          index_mask_(no_index >> (64 - g.index_bits())),
          slot_step_(g.items_per_slot),
          mask_(g.capacity - 1),
          item_mask_(g.items_per_slot - 1),
          slot_shift_(static_cast<std::uint32_t>(std::countr_zero(g.items_per_slot))),
          index_shift_(64 - g.index_bits()) {}

    std::uint64_t capacity() const noexcept { return capacity_; }
    std::uint64_t slot_step() const noexcept { return slot_step_; } // elements of a slot
    std::uint64_t index_mask() const noexcept { return index_mask_; }
    std::uint32_t position(std::uint64_t index) const noexcept { return static_cast<std::uint32_t>(index) & mask_; }

    // ---------------------------------------------------------------- comparing

    // How far index a is ahead of b, and negative if it is behind: indices are serial numbers that wrap.
    std::int64_t difference(std::uint64_t a, std::uint64_t b) const noexcept {
        return static_cast<std::int64_t>((a - b) << index_shift_) >> index_shift_;
    }
    // Whether the ring still has the record at `index` when the next index to be reserved is `end`: less than a lap
    // behind `end`, and not ahead of it.
    bool is_within(std::uint64_t index, std::uint64_t end) const noexcept {
        return static_cast<std::uint64_t>(difference(end, index)) <= capacity();
    }
    // Whether `index` is later than the one published last, in the layouts that keep that (their indices have 48 bits);
    // no_index stands for none.
    static bool is_later(std::uint64_t index, std::uint64_t last) noexcept {
        return static_cast<std::int64_t>((index - last) << packed_reserved::count_bits) > 0 || last == no_index;
    }

    // ---------------------------------------------------------------- records

    // Whether a record may have so many elements.
    bool can_hold(std::uint32_t count) const noexcept { return count - 1 <= mask_; }
    // Whether a reservation may be that, reserved or not: it begins a slot, and does not straddle the end of the ring.
    bool is_span(std::uint64_t index, std::uint32_t count) const noexcept {
        return (index & item_mask_) == 0 &&
               (count == 1 || (can_hold(count) && position(index) + std::uint64_t{count} <= capacity()));
    }
    // The index after a record. An empty (damaged) one takes up a slot, so that a reader gets past it.
    std::uint64_t after(std::uint64_t index, std::uint32_t count) const noexcept {
        return (index + align(count != 0 ? count : 1)) & index_mask();
    }
    // The first index from there on that begins a slot; it may have more bits than an index has.
    std::uint64_t align(std::uint64_t index) const noexcept {
        return (index + item_mask_) & ~std::uint64_t{item_mask_};
    }
    // Where `need` contiguous elements begin, `from` being the next free index.
    std::uint64_t start_of_span(std::uint64_t from, std::uint64_t need) const noexcept {
        const std::uint64_t start = align(from);
        return position(start) + need <= capacity() ? start : (start + mask_) & ~std::uint64_t{mask_};
    }

    // ---------------------------------------------------------------- the skipped end of the ring

    std::uint64_t start_of_ring_after(std::uint64_t index) const noexcept {
        return (index + mask_) & ~std::uint64_t{mask_} & index_mask();
    }
    // Whether a slot of index `from` that names `to` says that the end of the ring was skipped.
    bool is_skip(std::uint64_t from, std::uint64_t to) const noexcept {
        return position(from) != 0 && to == start_of_ring_after(from);
    }

protected:
    std::uint64_t capacity_ = 1;
    std::uint64_t index_mask_ = 0;
    std::uint64_t slot_step_ = 1;
    std::uint32_t mask_ = 0;
    std::uint32_t item_mask_ = 0;
    std::uint32_t slot_shift_ = 0;
    std::uint32_t index_shift_ = 0;
};

} // namespace slickq

#endif
