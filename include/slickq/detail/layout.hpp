// layout.hpp - owns every byte of a queue segment: structs, offsets, markers, index arithmetic. No behaviour, no OS.
//
//            SLQ0..SLQ3, packed                          wide
//       0  +--------------------------------+       0  +--------------------------------+
//          | reserved: index<<16 | count    |          | reserved: index (u64)          |
//       8  | capacity (u32)                 |       8  |           count (u32), 0 (u32) |
//      12  | element_size (u32)             |      16  | capacity (u32)                 |
//      16  | last_published (u64)      SLQ  |      20  | zero                           |
//      24  | marker (u32)              SLQ  |          |                                |
//      28  | items_per_slot (u32)      SLQ  |          |                                |
//      48  | init_state (u32)               |          |                                |
//      64  +--------------------------------+      64  +--------------------------------+
//          | slots: 16 bytes each           |          | slots: 16 bytes each           |
//          |   data_index u64, count u32, 0 |          |   the same                     |
//       D  +--------------------------------+       D  +--------------------------------+
//          | elements                       |          | elements                       |
//       A  +--------------------------------+          +--------------------------------+
//          | extension area, at a multiple of 64     |
//          +--------------------------------+
//
// The extension area is our own: what libslickq keeps for itself, in segments that it creates. Peers may map it, and never look at it.
// Segments that peers create have none, nor have wide ones, whose length has a meaning.
//
// All integers are little-endian and naturally aligned; the segment is mapped page-aligned. Bytes not named are zero.
#ifndef SLICKQ_LAYOUT_HPP
#define SLICKQ_LAYOUT_HPP

#include <slickq/detail/atomics.hpp>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace slickq {

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
    atomic_of<Atomics, std::uint64_t> reserved_index; // with reserved_count changed as one, by a 16-byte compare-and-swap
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

static_assert(sizeof(header) == header_length && sizeof(wide_header) == header_length && sizeof(slot) == 16);
static_assert(offsetof(header, reserved) == 0 && offsetof(header, capacity) == 8 && offsetof(header, element_size) == 12);
static_assert(offsetof(header, last_published) == 16 && offsetof(header, marker) == 24);
static_assert(offsetof(header, items_per_slot) == 28 && offsetof(header, init_state) == 48);
static_assert(offsetof(wide_header, reserved_count) == 8 && offsetof(wide_header, capacity) == 16);
static_assert(offsetof(wide_header, init_state) == offsetof(header, init_state), "one handshake for every layout");
static_assert(offsetof(slot, data_index) == 0 && offsetof(slot, count) == 8);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<std::uint32_t>::is_always_lock_free);

// ---------------------------------------------------------------- the extension area

// What a worker is about to claim, or has claimed and not done with. It stays where it is when its worker dies and the entry gets
// another owner, who uses another one: until a worker of the group takes it over.
template <class Atomics>
struct basic_claim {
    atomic_of<Atomics, std::uint64_t> word;  // claim_word; 0: nothing
    atomic_of<Atomics, std::uint64_t> stamp; // group_stamp: of which group and epoch; changed only while there is nothing
};

// Who registered: a consumer that producers in lossless mode wait for, or a worker of a group.
template <class Atomics>
struct alignas(64) basic_member {
    atomic_of<Atomics, std::uint64_t> state;    // member_state: what kind, whose, and for the how manieth time
    atomic_of<Atomics, std::uint64_t> position; // consumer: all before this index it has read, in the epoch `epoch`
    atomic_of<Atomics, std::uint64_t> epoch;    // consumer: extension.resets, as it knew it when it last wrote its position
    atomic_of<Atomics, std::uint64_t> group;    // worker: member_group, of which group; no_index: none (yet)
    atomic_of<Atomics, std::uint64_t> current;  // worker: which of the claims is its own
    atomic_of<Atomics, std::uint64_t> lease;    // 1: its owner holds a lock on the segment's file as long as it lives (lease_offset())
    atomic_of<Atomics, std::uint64_t> start_time;     // of the owning process, as its system counts; 0: not known
    atomic_of<Atomics, std::uint64_t> pid_namespace;  // in which its process id means that process; 0: not known
    atomic_of<Atomics, std::uint64_t> time_namespace; // in which its start time was read; 0: not known
    // Of the owner only, for slickq_consumer_wait_until():
    atomic_of<Atomics, std::uint64_t> stalled_at;    // the index that is reserved and not published
    atomic_of<Atomics, std::uint64_t> stall_end;     // what was reserved when it was first seen so
    atomic_of<Atomics, std::uint64_t> stalled_since; // nanoseconds on the owner's clock; 0: it is not so
    basic_claim<Atomics> claims[2];                  // of this worker's, and of former ones'
};

// Workers that share a cursor.
template <class Atomics>
struct alignas(64) basic_group {
    atomic_of<Atomics, std::uint64_t> cursor;    // group_cursor: the next index to be claimed, and who moved it there. With the next ...
    atomic_of<Atomics, std::uint64_t> stamp;     // ... changed as one: group_stamp, of which group and epoch the index is
    atomic_of<Atomics, std::uint64_t> handovers; // how often a claim went from one place to another
    std::byte zero_24[40];
    atomic_of<Atomics, std::uint64_t> state;     // group_state
    atomic_of<Atomics, std::uint64_t> orphaned;  // orphan_stamp: since when it has had no living worker; 0: it has one
    atomic_of<Atomics, std::uint64_t> linger_ns; // for how long it holds producers up without any worker
    atomic_of<Atomics, std::uint64_t> abandoned; // at-most-once: claims of workers that died
    atomic_of<Atomics, std::uint64_t> redelivered; // at-least-once: the same, handed to others
    atomic_of<Atomics, std::uint64_t> lost;      // elements: lapped, torn, never published, or unread at a reset
    atomic_of<Atomics, std::uint64_t> name[2];   // up to 16 bytes, the rest zero
    atomic_of<Atomics, std::uint64_t> reserved_before;      // extension.reserved_before, as it was when the cursor came into the epoch ...
    atomic_of<Atomics, std::uint64_t> reserved_before_epoch; // ... of that number of resets
    std::byte zero_144[112]; // room to grow
};

inline constexpr std::uint32_t most_members = 64;
inline constexpr std::uint32_t most_groups = 8;
inline constexpr std::size_t longest_group_name = 16;
inline constexpr std::uint32_t claims_of_member = 2;

// What a producer leaves that was lapped before it published: it may have written into the records that were reserved meanwhile.
template <class Atomics>
struct alignas(16) basic_report {
    atomic_of<Atomics, std::uint64_t> range; // suspicion::range: where it wrote. Both are changed as one; 0: no report
    atomic_of<Atomics, std::uint64_t> until; // the next index to be reserved when it was done
};
inline constexpr std::uint32_t most_reports = 48;
static_assert(native_atomics::reports_kept == most_reports);

// What libslickq adds to a queue. Version 1 is the fields below; later versions use the bytes that are zero now, or append and say so in
// `length`.
template <class Atomics>
struct alignas(64) basic_extension {
    std::uint64_t marker;         // extension_marker, written last
    std::uint32_t version;        // at least 1
    std::uint32_t length;         // bytes of the extension area
    atomic_of<Atomics, std::uint64_t> resets; // twice the number of resets; odd while one is under way
    atomic_of<Atomics, std::uint64_t> reserved_before;   // elements that were reserved before the last reset, in all lives of the queue
    atomic_of<Atomics, std::uint32_t> arrivals; // what readers sleep on: odd while somebody may, changed to wake them
    atomic_of<Atomics, std::uint32_t> room;     // what producers sleep on, in lossless mode
    atomic_of<Atomics, std::uint32_t> members_used; // no member has this number or a higher one
    atomic_of<Atomics, std::uint32_t> groups_used;
    atomic_of<Atomics, std::uint32_t> has_light_fences; // 1: there was one that looks for sleepers without a fence (event_count.hpp)
    std::byte zero_52[4];
    atomic_of<Atomics, std::uint64_t> suspicion;    // which records a lapped producer may have damaged: see suspicion below
    std::byte identity[16];       // random, made with the segment: which queue this is, whatever its name. A reset keeps it
    std::int64_t created_ns;      // nanoseconds since 1970 (CLOCK_REALTIME) when the segment was formatted
    atomic_of<Atomics, std::uint64_t> resetter;     // pid << 32 of who resets the queue, or did so last; 0: not known
    atomic_of<Atomics, std::uint64_t> resetter_start_time;    // as in basic_member
    atomic_of<Atomics, std::uint64_t> resetter_pid_namespace; // as in basic_member
    atomic_of<Atomics, std::uint64_t> late_publishes; // how many reservations were lapped before they were published, as told
    atomic_of<Atomics, std::uint64_t> resetter_time_namespace; // as in basic_member
    basic_report<Atomics> reports[most_reports];
    atomic_of<Atomics, std::uint64_t> reserved_before_reset;  // `reserved_before` before the last reset, or before the one that is under way
    std::byte zero_904[120];      // room to grow
    basic_member<Atomics> members[most_members];
    basic_group<Atomics> groups[most_groups];
};
using extension = basic_extension<native_atomics>;

inline constexpr std::uint64_t extension_marker = 0x58454E4E41514C53; // "SLQANNEX"
inline constexpr std::uint32_t extension_version = 1;
static_assert(sizeof(basic_member<native_atomics>) == 128 && sizeof(basic_group<native_atomics>) == 256);
static_assert(offsetof(basic_member<native_atomics>, claims) == 96 && offsetof(basic_group<native_atomics>, state) == 64);
static_assert(offsetof(extension, resets) == 16 && offsetof(extension, reserved_before) == 24 && offsetof(extension, arrivals) == 32);
static_assert(offsetof(extension, room) == 36 && offsetof(extension, has_light_fences) == 48);
static_assert(offsetof(extension, suspicion) == 56);
static_assert(offsetof(extension, identity) == 64 && offsetof(extension, created_ns) == 80);
static_assert(offsetof(extension, resetter) == 88 && offsetof(extension, reports) == 128 && sizeof(basic_report<native_atomics>) == 16);
static_assert(offsetof(extension, reserved_before_reset) == 896);
static_assert(offsetof(extension, members) == 1024 && offsetof(extension, groups) == 1024 + 64 * 128);
static_assert(sizeof(extension) == 1024 + 64 * 128 + 8 * 256);

// extension::suspicion is the highest `until` of all reports << 16 | how many there were, modulo 2^16 but never 0. 0: none.
namespace suspicion {
inline constexpr std::uint64_t serial_mask = 0xFFFF;

constexpr std::uint64_t until(std::uint64_t word) noexcept { return word >> 16; }
constexpr std::uint64_t next(std::uint64_t word, std::uint64_t until) noexcept {
    const std::uint64_t serial = (word + 1) & serial_mask;
    return until << 16 | (serial != 0 ? serial : 1);
}
// A report's range is the index of its first element << 16 | how many; as many as that can say stand for all.
constexpr std::uint64_t range(std::uint64_t index, std::uint64_t count) noexcept {
    return index << 16 | (count < serial_mask ? count : serial_mask);
}
constexpr std::uint64_t index(std::uint64_t range) noexcept { return range >> 16; }
constexpr std::uint64_t count(std::uint64_t range) noexcept {
    const std::uint64_t told = range & serial_mask;
    return told != serial_mask ? told : no_index;
}
} // namespace suspicion

// basic_member::state is pid << 32 | generation << 8 | kind. A free one keeps the rest, so that it never has the same owner again.
namespace member_state {
// joining: nothing else is known of it. leased: the same, but its owner has the lease already.
enum kind : std::uint32_t { free = 0, joining = 1, consumer = 2, worker = 3, evicted = 4, leased = 5 };
inline constexpr std::uint64_t kind_mask = 0xFF;

constexpr std::uint64_t pack(std::uint64_t pid, std::uint64_t generation, kind k) noexcept {
    return pid << 32 | (generation & 0xFFFFFF) << 8 | k;
}
constexpr kind kind_of(std::uint64_t state) noexcept { return static_cast<kind>(state & kind_mask); }
constexpr std::uint64_t generation(std::uint64_t state) noexcept { return state >> 8 & 0xFFFFFF; }
constexpr std::uint32_t pid(std::uint64_t state) noexcept { return static_cast<std::uint32_t>(state >> 32); }
constexpr std::uint64_t with(std::uint64_t state, kind k) noexcept { return (state & ~kind_mask) | k; }
} // namespace member_state

// Which byte of the segment's file the owner of a registration holds a lock on while it lives: far beyond its end, and another one for
// each registration. `id` has the generation and the number of the entry in its low half.
constexpr std::int64_t lease_offset(std::uint64_t id) noexcept {
    return static_cast<std::int64_t>(std::uint64_t{1} << 61 | (id & 0xFFFFFFFF));
}

// basic_claim::word is the step in the highest two bits, the group's number in the next three, a tag of 11 that tells apart what is
// otherwise the same (of the entry's other owners, and in other epochs), an index in the lowest 48.
namespace claim_word {
enum step : std::uint64_t { nothing = 0, intends = 1, has = 2 };

constexpr std::uint64_t pack(step s, std::uint32_t group, std::uint64_t tag, std::uint64_t index) noexcept {
    return std::uint64_t{s} << 62 | std::uint64_t{group & 7} << 59 | (tag & 0x7FF) << 48 | index;
}
constexpr step step_of(std::uint64_t word) noexcept { return static_cast<step>(word >> 62); }
constexpr std::uint32_t group(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word >> 59 & 7); }
constexpr std::uint64_t index(std::uint64_t word) noexcept { return word & (no_index >> 16); }
constexpr std::uint64_t with(std::uint64_t word, step s) noexcept { return (word << 2 >> 2) | std::uint64_t{s} << 62; }
} // namespace claim_word

// basic_group::state is turn << 32 | generation << 8 | mode. Each group in a place has another generation. The turn makes each attempt
// to remove it another state; of one that is being made it says by which member: generation << 6 | number.
namespace group_state {
// removing: unless it has a living worker. clearing: it is no group any more, what it left behind is being cleared away. Anybody may
// go on with either.
enum mode : std::uint32_t { free = 0, being_made = 1, at_least_once = 2, at_most_once = 3, removing = 0x10, clearing = 0x20 };

constexpr std::uint32_t stage(std::uint64_t state) noexcept { return static_cast<std::uint32_t>(state & 0xFF); }
constexpr mode mode_of(std::uint64_t state) noexcept { return static_cast<mode>(state & 0x0F); }
constexpr bool is_group(std::uint64_t state) noexcept { return stage(state) == at_least_once || stage(state) == at_most_once; }
constexpr std::uint64_t generation(std::uint64_t state) noexcept { return state >> 8 & 0xFFFFFF; }
constexpr std::uint64_t turn(std::uint64_t state) noexcept { return state >> 32; }
constexpr std::uint64_t pack(std::uint64_t turn, std::uint64_t generation, std::uint32_t stage) noexcept {
    return turn << 32 | (generation & 0xFFFFFF) << 8 | stage;
}
constexpr std::uint64_t with(std::uint64_t state, std::uint32_t stage) noexcept { return (state & ~std::uint64_t{0xFF}) | stage; }
} // namespace group_state

// basic_member::group is generation << 8 | the group's number.
namespace member_group {
constexpr std::uint64_t pack(std::uint32_t number, std::uint64_t group_state) noexcept {
    return group_state::generation(group_state) << 8 | number;
}
constexpr std::uint32_t number(std::uint64_t group) noexcept { return static_cast<std::uint32_t>(group & 0xFF); }
} // namespace member_group

// basic_group::cursor is index << 16 | 1 + the number of the member that moved it there (0: nobody did).
namespace group_cursor {
constexpr std::uint64_t pack(std::uint64_t index, std::uint32_t member) noexcept { return index << 16 | (member + 1); }
constexpr std::uint64_t index(std::uint64_t cursor) noexcept { return cursor >> 16; }
constexpr std::uint32_t member(std::uint64_t cursor) noexcept { return static_cast<std::uint32_t>(cursor & 0xFFFF) - 1; }
} // namespace group_cursor

// basic_group::stamp is generation << 40 | resets. With it an index of one group and epoch is never that of another.
namespace group_stamp {
constexpr std::uint64_t pack(std::uint64_t generation, std::uint64_t resets) noexcept {
    return generation << 40 | (resets & (no_index >> 24));
}
} // namespace group_stamp

// basic_group::orphaned is the clock in the highest 22 bits, milliseconds on it in the rest. Clocks of other numbers can't be compared.
namespace orphan_stamp {
inline constexpr std::uint64_t ms_mask = (std::uint64_t{1} << 42) - 1;

constexpr std::uint64_t pack(std::uint32_t clock, std::int64_t now_ns) noexcept {
    return std::uint64_t{clock} << 42 | ((static_cast<std::uint64_t>(now_ns) / 1'000'000 + 1) & ms_mask); // never 0
}
constexpr std::uint32_t clock(std::uint64_t stamp) noexcept { return static_cast<std::uint32_t>(stamp >> 42); }
constexpr std::uint64_t elapsed_ns(std::uint64_t since, std::uint64_t now) noexcept {
    return ((now - since) & ms_mask) * 1'000'000;
}
} // namespace orphan_stamp

// *reserved* of the SLQ and packed layouts: the next free index in the high 48 bits, the last reservation's count (its low
// 16 bits) in the low ones. Adding to the index wraps at 2^48 by itself.
namespace packed_reserved {
inline constexpr unsigned count_bits = 16;
inline constexpr std::uint64_t count_mask = 0xFFFF;

constexpr std::uint64_t pack(std::uint64_t index, std::uint32_t count) noexcept {
    return index << count_bits | (count & count_mask);
}
constexpr std::uint64_t index(std::uint64_t reserved) noexcept { return reserved >> count_bits; }
constexpr std::uint32_t count(std::uint64_t reserved) noexcept { return static_cast<std::uint32_t>(reserved & count_mask); }
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
        return (segment_length() + alignof(extension) - 1) & ~(std::uint64_t{alignof(extension)} - 1);
    }

    // What we create: with the extension area, where there may be one.
    constexpr std::uint64_t created_length() const noexcept {
        return layout == layout::wide ? segment_length() : extension_offset() + sizeof(extension);
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
