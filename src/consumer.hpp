// consumer.hpp - what a registered consumer with a cursor of its own needs that a plain cursor has not: to get past
// what nobody publishes, and to learn of a reset.
#pragma once

#include "queue.hpp"

namespace slickq::detail {

enum class found_at_cursor {
    record,  // something to read
    nothing, // nothing yet
    gap,     // `lost` elements stayed unpublished for longer than the stall time: the cursor is behind them
    lapped,  // `lost` elements were overwritten unpublished: the same
    reset,   // the queue was reset: the cursor is at index 0
    evicted, // it is registered no more
    half_reset, // a reset was begun, and nobody will finish it
};

// One look for a consumer that has read all before `cursor`. Where the cursor is moved, also over the skipped end of
// the ring, that is acknowledged. It notes in the segment since when the record at the cursor has been missing.
found_at_cursor look_for_consumer(queue& q, registry::id consumer, std::uint64_t& cursor, std::int64_t stall_ns,
                                  std::uint64_t& lost);

// The same until it finds something: `found` is what the last look said, whatever the result.
wait_result wait_for_consumer(queue& q, registry::id consumer, std::uint64_t& cursor, std::int64_t stall_ns,
                              std::int64_t deadline_ns, found_at_cursor& found, std::uint64_t& lost);

inline constexpr std::int64_t default_stall_ns = 1'000'000'000;

} // namespace slickq::detail
