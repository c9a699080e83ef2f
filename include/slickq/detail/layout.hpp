// layout.hpp - the bytes that every implementation of the queue shares: structs, offsets, markers. No behaviour.
//
//            SLQ0..SLQ3, packed                          wide
//       0  +--------------------------------+       0  +--------------------------------+
//          | reserved: index<<16 | count    |          | reserved: index (u64)          |
//       8  | capacity (u32)                 |       8  |           count (u32), 0 (u32) |
//      12  | element_size (u32)             |      16  | capacity (u32)                 |
//      16  | last_published (u64)      SLQ  |      20  | zero                           |
//      24  | marker (u32)              SLQ  |          |                                |
//      28  | items_per_slot (u32)      SLQ  |          |                                |
//      48  | init_state (u32)               |      48  | init_state (u32), ours         |
//      64  +--------------------------------+      64  +--------------------------------+
//          | slots: 16 bytes each           |          | slots: 16 bytes each           |
//          |   data_index u64, count u32, 0 |          |   the same                     |
//       D  +--------------------------------+       D  +--------------------------------+
//          | elements                       |          | elements                       |
//       A  +--------------------------------+          +--------------------------------+
//          | our extension area             |
//          +--------------------------------+
//
// D is geometry::data_offset(), A is geometry::extension_offset(). The extension area (extension.hpp) is what libslickq
// keeps for itself, in segments that it creates. A peer, another implementation of the same bytes, may map it and never
// looks at it. Segments that peers create have none; nor have wide ones, whose length has a meaning for the peers.
//
// All integers are little-endian and naturally aligned; the segment is mapped page-aligned. Bytes not named are zero.
#ifndef SLICKQ_DETAIL_LAYOUT_HPP
#define SLICKQ_DETAIL_LAYOUT_HPP

#include <slickq/detail/atomics.hpp>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace slickq::inline SLICKQ_NAMESPACE {

static_assert(std::endian::native == std::endian::little, "segments are little-endian");
static_assert(sizeof(void*) == 8, "segments are mapped whole: a 64-bit platform is needed");

// The numbers are those of enum slickq_layout in slickq.h.
enum class layout : std::uint32_t { any = 0, slq0 = 1, slq1 = 2, slq2 = 3, slq3 = 4, packed = 5, wide = 6 };

// A slot that was never written, and a last_published of a queue that has none.
inline constexpr std::uint64_t no_index = ~std::uint64_t{0};

inline constexpr std::uint32_t max_capacity = std::uint32_t{1} << 31;

namespace marker {
inline constexpr std::uint32_t base = 0x534C5130; // the digits of "SLQ0"
inline constexpr std::uint32_t family_mask = 0xFFFFFF00; // 'S' 'L' 'Q'; then a digit, whose low bits are features
inline constexpr std::uint32_t tracks_last_published = 1;
inline constexpr std::uint32_t several_items_per_slot = 2;
inline constexpr std::uint32_t known_features = tracks_last_published | several_items_per_slot;

constexpr bool is_slq(std::uint32_t value) noexcept { return (value & family_mask) == (base & family_mask); }
constexpr bool is_known(std::uint32_t value) noexcept { return (value & ~known_features) == base; }
} // namespace marker

enum init_state : std::uint32_t { fresh = 0, legacy = 1, initialising = 2, ready = 3 };

// `Atomics` has native atomics, or those of a model checker, of equal size.
template <class Atomics, class T>
using atomic_of = typename Atomics::template atomic<T>;

template <class Atomics>
struct basic_header {
    atomic_of<Atomics, std::uint64_t> reserved;
    std::uint32_t capacity;
    std::uint32_t element_size;
    atomic_of<Atomics, std::uint64_t> last_published;
    std::uint32_t marker;
    std::uint32_t items_per_slot;
    std::byte zero_32[16];
    atomic_of<Atomics, std::uint32_t> init_state;
    std::byte zero_52[12]; // stays zero: Python peers load init_state as 8 bytes
};

template <class Atomics>
struct basic_wide_header {
    atomic_of<Atomics, std::uint64_t> reserved_index; // changed with reserved_count as one, by a 16-byte CAS
    atomic_of<Atomics, std::uint32_t> reserved_count;
    std::uint32_t zero_12;
    std::uint32_t capacity;
    std::byte zero_20[28];
    atomic_of<Atomics, std::uint32_t> init_state; // zero for the peers; ours is in it while we format
    std::byte zero_52[12];
};

template <class Atomics>
struct alignas(16) basic_slot {
    atomic_of<Atomics, std::uint64_t> data_index;
    atomic_of<Atomics, std::uint32_t> count;
    std::uint32_t zero;
};

using header = basic_header<native_atomics>;
using wide_header = basic_wide_header<native_atomics>;
using slot = basic_slot<native_atomics>;

inline constexpr std::size_t header_length = 64;
inline constexpr std::uint32_t fresh_slot_count = 1; // what a slot's count is before its first record

// Of the extension area, as extension.hpp asserts: the length of the segments that we create follows from it.
inline constexpr std::uint64_t extension_alignment = 64;
inline constexpr std::uint64_t extension_length = 11264;

static_assert(sizeof(header) == header_length && sizeof(wide_header) == header_length && sizeof(slot) == 16);
static_assert(offsetof(header, reserved) == 0 && offsetof(header, capacity) == 8);
static_assert(offsetof(header, element_size) == 12);
static_assert(offsetof(header, last_published) == 16 && offsetof(header, marker) == 24);
static_assert(offsetof(header, items_per_slot) == 28 && offsetof(header, init_state) == 48);
static_assert(offsetof(wide_header, reserved_count) == 8 && offsetof(wide_header, capacity) == 16);
static_assert(offsetof(wide_header, init_state) == offsetof(header, init_state), "one handshake for every layout");
static_assert(offsetof(slot, data_index) == 0 && offsetof(slot, count) == 8);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free);

// *reserved* of the SLQ and packed layouts: the next free index in the high 48 bits, the last reservation's count (its
// low 16 bits) in the low ones. Adding to the index wraps at 2^48 by itself.
namespace packed_reserved {
inline constexpr unsigned count_bits = 16;
inline constexpr std::uint64_t count_mask = 0xFFFF;

constexpr std::uint64_t pack(std::uint64_t index, std::uint32_t count) noexcept {
    return index << count_bits | (count & count_mask);
}
constexpr std::uint64_t index(std::uint64_t reserved) noexcept { return reserved >> count_bits; }
constexpr std::uint32_t count(std::uint64_t reserved) noexcept {
    return static_cast<std::uint32_t>(reserved & count_mask);
}
} // namespace packed_reserved

// What determines every offset in a segment.
struct geometry {
    slickq::layout layout = layout::slq1;
    std::uint32_t capacity = 0;       // elements, a power of two
    std::uint32_t element_size = 0;   // bytes
    std::uint32_t items_per_slot = 1; // elements, a power of two <= capacity

    constexpr bool operator==(const geometry&) const = default;

    constexpr bool is_slq() const noexcept { return layout >= layout::slq0 && layout <= layout::slq3; }

    constexpr bool tracks_last_published() const noexcept { return layout == layout::slq1 || layout == layout::slq3; }

    constexpr std::uint32_t marker() const noexcept {
        if (!is_slq()) return 0;
        return marker::base | (tracks_last_published() ? marker::tracks_last_published : 0u) |
               (items_per_slot != 1 ? marker::several_items_per_slot : 0u);
    }

    // Indices are serial numbers of so many bits.
    constexpr unsigned index_bits() const noexcept { return layout == layout::wide ? 64 : 48; }

    constexpr std::uint32_t slot_count() const noexcept { return capacity / items_per_slot; }

    constexpr std::uint64_t data_offset() const noexcept {
        const std::uint64_t end = header_length + sizeof(slot) * std::uint64_t{slot_count()};
        if (items_per_slot == 1) return end;
        const std::uint64_t alignment = element_size & (~element_size + 1); // the lowest set bit
        return (end + alignment - 1) & ~(alignment - 1);
    }

    // What the peers ask for. At most 64 + 2^35 + 2^63: no overflow for any valid geometry.
    constexpr std::uint64_t segment_length() const noexcept {
        return data_offset() + std::uint64_t{capacity} * element_size;
    }

    constexpr std::uint64_t extension_offset() const noexcept {
        return (segment_length() + extension_alignment - 1) & ~(extension_alignment - 1);
    }

    // What we create: with the extension area, where there may be one.
    constexpr std::uint64_t created_length() const noexcept {
        return layout == layout::wide ? segment_length() : extension_offset() + extension_length;
    }

    // Whether the three numbers can be those of a queue.
    constexpr bool is_valid() const noexcept {
        return std::has_single_bit(capacity) && capacity <= max_capacity && element_size != 0 &&
               std::has_single_bit(items_per_slot) && items_per_slot <= capacity;
    }
};

// The layout that carries these features.
constexpr layout slq_layout(bool tracks_last_published, bool several_items_per_slot) noexcept {
    return static_cast<layout>(static_cast<std::uint32_t>(layout::slq0) + (tracks_last_published ? 1u : 0u) +
                               (several_items_per_slot ? 2u : 0u));
}
static_assert(slq_layout(true, false) == layout::slq1 && slq_layout(false, true) == layout::slq2);

} // namespace slickq

#endif
