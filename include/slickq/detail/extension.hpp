// extension.hpp - the bytes that libslickq adds to the segments that it creates, behind those which peers share
// (layout.hpp). No behaviour: what is done with them is in the ring, the registry, the groups.
//
//       0  +----------------------------------------------+
//          | marker u64 | version u32, length u32         |
//      16  | resets u64 | reserved_before u64             |   epochs
//      32  | arrivals u32, room u32                       |   what readers and producers sleep on
//      40  | members_used u32, groups_used u32            |
//      48  | has_light_fences u32, 0 u32                  |
//      56  | suspicion u64                                |   which records a lapped producer may have damaged
//      64  | identity, 16 bytes                           |   which queue this is, whatever its name
//      80  | created_ns i64                               |
//      88  | resetter u64, its start time, pid namespace  |   who resets the queue
//     112  | late_publishes u64                           |
//     120  | the resetter's time namespace                |
//     128  | 48 reports of lapped producers: 16 bytes each|
//     896  | reserved_before_reset                        |   as it was before the last reset
//     904  | zero                                         |   room to grow
//    1024  | 64 members: 128 bytes each                   |   consumers and workers
//    9216  | 8 groups: 256 bytes each                     |   whose last 112 bytes are zero: room to grow
//   11264  +----------------------------------------------+
//
// Version 1 is the fields below. A later version gives a meaning to bytes that are zero now, where zero means that the
// field is not used, or appends fields and says so in `length`; nothing that is here moves or changes its meaning. So
// a library accepts any version from 1 on whose length is at least its own, and uses the fields that it knows.
#ifndef SLICKQ_DETAIL_EXTENSION_HPP
#define SLICKQ_DETAIL_EXTENSION_HPP

#include <slickq/detail/layout.hpp>

#include <cstddef>
#include <cstdint>

namespace slickq::inline SLICKQ_NAMESPACE {

inline constexpr std::uint64_t extension_marker = 0x58454E4E41514C53; // "SLQANNEX"
inline constexpr std::uint32_t extension_version = 1;

inline constexpr std::uint32_t most_members = 64;
inline constexpr std::uint32_t most_groups = 8;
inline constexpr std::uint32_t claims_of_member = 2;
inline constexpr std::size_t longest_group_name = 16;
inline constexpr std::uint32_t most_reports = 48;
static_assert(native_atomics::reports_kept == most_reports);

// ---------------------------------------------------------------- structs

// What a worker is about to claim, or has claimed and not done with. It stays where it is when its worker dies and the
// entry gets another owner, who uses another one: until a worker of the group takes it over.
template <class Atomics>
struct basic_claim {
    atomic_of<Atomics, std::uint64_t> word;  // claim_word; 0: nothing
    atomic_of<Atomics, std::uint64_t> stamp; // group_stamp: of which group and epoch; changed while the word is 0
};

// Who is registered: a consumer that producers in lossless mode wait for, or a worker of a group.
template <class Atomics>
struct alignas(64) basic_member {
    atomic_of<Atomics, std::uint64_t> state;    // member_state: of which kind, whose, which generation
    atomic_of<Atomics, std::uint64_t> position; // consumer: it has read all before this index, in the epoch `epoch`
    atomic_of<Atomics, std::uint64_t> epoch;    // consumer: extension.resets, as known when it last wrote its position
    atomic_of<Atomics, std::uint64_t> group;    // worker: member_group, of which group; no_index: none (yet)
    atomic_of<Atomics, std::uint64_t> current;  // worker: which of the claims is its own
    atomic_of<Atomics, std::uint64_t> lease;    // 1: its owner locks a byte of the file while it lives (lease_offset())
    atomic_of<Atomics, std::uint64_t> start_time;     // of the owning process, as its system counts; 0: not known
    atomic_of<Atomics, std::uint64_t> pid_namespace;  // in which its process id means that process; 0: not known
    atomic_of<Atomics, std::uint64_t> time_namespace; // in which its start time was read; 0: not known
    // Of the owner only, for slickq_consumer_wait_until(). See stall_watch in step_over.hpp:
    atomic_of<Atomics, std::uint64_t> stalled_at;    // the index that is reserved and not published
    atomic_of<Atomics, std::uint64_t> stall_end;     // what was reserved when it was first seen so
    atomic_of<Atomics, std::uint64_t> stalled_since; // nanoseconds on the owner's clock; 0: it is not so
    basic_claim<Atomics> claims[claims_of_member];   // of this worker, and of former ones
};

// Workers that share a cursor.
template <class Atomics>
struct alignas(64) basic_group {
    atomic_of<Atomics, std::uint64_t> cursor;    // group_cursor: the next index to be claimed, and who moved it there,
    atomic_of<Atomics, std::uint64_t> stamp;     // changed as one with its group_stamp: of which group and epoch it is
    atomic_of<Atomics, std::uint64_t> handovers; // how often a claim went from one place to another
    std::byte zero_24[40];
    atomic_of<Atomics, std::uint64_t> state;       // group_state
    atomic_of<Atomics, std::uint64_t> orphaned;    // orphan_stamp: since when no worker of it lives; 0: one does
    atomic_of<Atomics, std::uint64_t> linger_ns;   // for how long it holds producers up without any worker
    atomic_of<Atomics, std::uint64_t> abandoned;   // at-most-once: claims of workers that died
    atomic_of<Atomics, std::uint64_t> redelivered; // at-least-once: the same, handed to others
    atomic_of<Atomics, std::uint64_t> lost;        // elements: lapped, torn, never published, or unread at a reset
    atomic_of<Atomics, std::uint64_t> name[2];     // up to 16 bytes, the rest zero
    atomic_of<Atomics, std::uint64_t> reserved_before;       // extension.reserved_before when the cursor came into
    atomic_of<Atomics, std::uint64_t> reserved_before_epoch; // the epoch of that number of resets
    std::byte zero_144[112]; // room to grow
};

// What a producer leaves that was lapped before it published: it may have written into the records that were reserved
// meanwhile.
template <class Atomics>
struct alignas(16) basic_report {
    atomic_of<Atomics, std::uint64_t> range; // suspicion::range: where it wrote. Both are changed as one; 0: no report
    atomic_of<Atomics, std::uint64_t> until; // the next index to be reserved when it was done
};

template <class Atomics>
struct alignas(extension_alignment) basic_extension {
    std::uint64_t marker;  // extension_marker, written last
    std::uint32_t version; // at least 1
    std::uint32_t length;  // bytes of the extension area
    atomic_of<Atomics, std::uint64_t> resets;          // twice the number of resets; odd while one is under way
    atomic_of<Atomics, std::uint64_t> reserved_before; // elements reserved before the last reset, in all epochs
    atomic_of<Atomics, std::uint32_t> arrivals; // what readers sleep on: odd while somebody may, changed to wake them
    atomic_of<Atomics, std::uint32_t> room;     // what producers sleep on, in lossless mode
    atomic_of<Atomics, std::uint32_t> members_used; // no member has this number or a higher one
    atomic_of<Atomics, std::uint32_t> groups_used;
    atomic_of<Atomics, std::uint32_t> has_light_fences; // 1: somebody publishes without a fence (event_count.hpp)
    std::byte zero_52[4];
    atomic_of<Atomics, std::uint64_t> suspicion; // see suspicion below
    std::byte identity[16]; // random, made with the segment. A reset keeps it
    std::int64_t created_ns; // nanoseconds since 1970 (CLOCK_REALTIME) when the segment was formatted
    atomic_of<Atomics, std::uint64_t> resetter; // pid << 32 of who resets the queue, or did so last; 0: not known
    atomic_of<Atomics, std::uint64_t> resetter_start_time;    // as in basic_member
    atomic_of<Atomics, std::uint64_t> resetter_pid_namespace; // as in basic_member
    atomic_of<Atomics, std::uint64_t> late_publishes; // reservations lapped before they were published, as told
    atomic_of<Atomics, std::uint64_t> resetter_time_namespace; // as in basic_member
    basic_report<Atomics> reports[most_reports];
    // `reserved_before` before the last reset, or before the one that is under way: one that goes on with a half reset
    // counts nothing twice.
    atomic_of<Atomics, std::uint64_t> reserved_before_reset;
    std::byte zero_904[120]; // room to grow
    basic_member<Atomics> members[most_members];
    basic_group<Atomics> groups[most_groups];
};
using extension = basic_extension<native_atomics>;

static_assert(sizeof(basic_member<native_atomics>) == 128 && sizeof(basic_group<native_atomics>) == 256);
static_assert(offsetof(basic_member<native_atomics>, claims) == 96);
static_assert(offsetof(basic_group<native_atomics>, state) == 64);
static_assert(offsetof(extension, resets) == 16 && offsetof(extension, reserved_before) == 24);
static_assert(offsetof(extension, arrivals) == 32 && offsetof(extension, room) == 36);
static_assert(offsetof(extension, has_light_fences) == 48 && offsetof(extension, suspicion) == 56);
static_assert(offsetof(extension, identity) == 64 && offsetof(extension, created_ns) == 80);
static_assert(offsetof(extension, resetter) == 88 && offsetof(extension, late_publishes) == 112);
static_assert(offsetof(extension, reports) == 128 && sizeof(basic_report<native_atomics>) == 16);
static_assert(offsetof(extension, reserved_before_reset) == 896);
static_assert(offsetof(extension, members) == 1024 && offsetof(extension, groups) == 9216);
static_assert(sizeof(extension) == extension_length && alignof(extension) == extension_alignment);

// ---------------------------------------------------------------- what is packed into their words

// extension::suspicion is the highest `until` of all reports << 16 | how many there were, modulo 2^16 but never 0.
// 0: none.
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

// basic_member::state is pid << 32 | generation << 8 | kind. A free one keeps the rest, so that it never has the same
// owner again.
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

// Which byte of the segment's file the owner of a registration holds a lock on while it lives: far beyond the file's
// end, and another one for each registration. `id` has the generation and the number of the entry in its low half.
constexpr std::int64_t lease_offset(std::uint64_t id) noexcept {
    return static_cast<std::int64_t>(std::uint64_t{1} << 61 | (id & 0xFFFFFFFF));
}

// basic_claim::word is the step in the highest two bits, the group's number in the next three, a tag of 11 that tells
// apart what is otherwise the same (of the entry's other owners, and in other epochs), an index in the lowest 48.
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

// basic_group::state is turn << 32 | generation << 8 | mode. Each group in a place has another generation. The turn
// makes each attempt to remove it another state; of one that is being made it says by which member:
// generation << 6 | number.
namespace group_state {
// removing: unless it has a living worker. clearing: it is no group any more, what it left behind is being cleared
// away. Anybody may go on with either.
enum mode : std::uint32_t {
    free = 0,
    being_made = 1,
    at_least_once = 2,
    at_most_once = 3,
    removing = 0x10,
    clearing = 0x20
};

constexpr std::uint32_t stage(std::uint64_t state) noexcept { return static_cast<std::uint32_t>(state & 0xFF); }
constexpr mode mode_of(std::uint64_t state) noexcept { return static_cast<mode>(state & 0x0F); }
constexpr bool is_group(std::uint64_t state) noexcept {
    return stage(state) == at_least_once || stage(state) == at_most_once;
}
constexpr std::uint64_t generation(std::uint64_t state) noexcept { return state >> 8 & 0xFFFFFF; }
constexpr std::uint64_t turn(std::uint64_t state) noexcept { return state >> 32; }
constexpr std::uint64_t pack(std::uint64_t turn, std::uint64_t generation, std::uint32_t stage) noexcept {
    return turn << 32 | (generation & 0xFFFFFF) << 8 | stage;
}
constexpr std::uint64_t with(std::uint64_t state, std::uint32_t stage) noexcept {
    return (state & ~std::uint64_t{0xFF}) | stage;
}
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
constexpr std::uint32_t member(std::uint64_t cursor) noexcept {
    return static_cast<std::uint32_t>(cursor & 0xFFFF) - 1;
}
} // namespace group_cursor

// basic_group::stamp is generation << 40 | resets. With it an index of one group and epoch is never that of another.
namespace group_stamp {
constexpr std::uint64_t pack(std::uint64_t generation, std::uint64_t resets) noexcept {
    return generation << 40 | (resets & (no_index >> 24));
}
constexpr std::uint64_t generation(std::uint64_t stamp) noexcept { return stamp >> 40; }
} // namespace group_stamp

// basic_group::orphaned is the clock in the highest 22 bits, milliseconds on it in the rest. Clocks of other numbers
// can't be compared.
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

} // namespace slickq

#endif
