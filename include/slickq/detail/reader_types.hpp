// reader_types.hpp - what is asked of the validated reader, and what it says. The C++ face exposes these types.
#ifndef SLICKQ_DETAIL_READER_TYPES_HPP
#define SLICKQ_DETAIL_READER_TYPES_HPP

#include <slickq/detail/version.hpp>

#include <cstddef>
#include <cstdint>

namespace slickq::inline SLICKQ_NAMESPACE {

// The numbers of the next two are those of slickq.h.
enum class start : std::uint32_t { now = 0, oldest = 1, newest = 2, index = 3 };

enum class after_lap : std::uint32_t {
    oldest = 0, // go on at the oldest record that is a little away from being overwritten
    newest = 1, // go on at the newest record
    compat = 2  // as the peers: where the slot at the cursor leads, whole laps ahead
};

struct reader_options {
    start from = start::now;
    std::uint64_t index = 0; // with start::index: not ahead of what is reserved
    after_lap policy = after_lap::oldest;
    std::uint32_t batch = 64; // records copied ahead at most
    std::uint32_t slack = 0;  // elements, with after_lap::oldest; 0: an eighth of the capacity
    // How long a record may stay unpublished before it is stepped over; 0: not at all; negative: for ever.
    std::int64_t stall_ns = 1'000'000'000;
};

enum class read_result {
    record,
    empty,      // nothing reserved at the cursor yet
    pending,    // reserved, not published
    lapped,     // producers had lapped the reader: `lost` elements were skipped
    gap,        // `lost` elements stayed unpublished for longer than stall_ns, and were stepped over
    reset,      // the queue was reset: the reader goes on at index 0, `lost` elements of its former epoch were not read
    corrupt,    // the slot says what no producer writes: skipped, `lost` elements
    half_reset, // a reset was begun and is not finished: its process died
    evicted,    // producers in lossless mode wait for this reader no more, said before a loss that comes of it; or it
                // is registered by a parent process
};

struct losses {
    std::uint64_t lapped = 0; // overwritten before the reader came to them
    std::uint64_t gap = 0;    // reserved, and not published within the stall time
    std::uint64_t torn = 0;   // copied, and rejected: being overwritten meanwhile, or damaged
    std::uint64_t reset = 0;  // unread when the queue was reset
};

struct delivery {
    const std::byte* data = nullptr; // in the reader's memory, until its next read
    std::uint64_t index = 0;         // of the record; without one, where the reader goes on
    std::uint64_t lost = 0;
    std::uint32_t count = 0;
};

// Several at once, validated together: laid out as slickq_entry and slickq_batch of slickq.h.
struct batch_entry {
    std::uint64_t index = 0; // of the record's first element
    std::uint32_t count = 0; // elements
    std::uint32_t reserved = 0;
};
struct batch_delivery {
    const std::byte* data = nullptr;      // the elements of all its records, in the reader's memory, until its next read
    const batch_entry* entries = nullptr; // `records` of them, there too
    std::uint64_t index = 0;              // of the first record; without one, where the reader goes on
    std::uint64_t lost = 0;
    std::uint32_t records = 0;
    std::uint32_t elements = 0; // of all records
};

} // namespace slickq

#endif
