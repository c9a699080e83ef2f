// producing.hpp - reserving and publishing through a queue's handle, in whichever mode it was opened. Failures are
// reported.
#pragma once

#include "error.hpp"
#include "lease.hpp"
#include "queue.hpp"
#include "room.hpp"

#include <cstddef>
#include <cstdint>

namespace slickq::detail {

// ---------------------------------------------------------------- one record

// The usual case, a single element, which needs little if all others are out of its way. False: it is one of those.
inline bool reserve_one(queue& q, std::uint64_t& index) noexcept {
    if (q.for_one == short_way::by_adding) return q.ring.reserve_by_adding(1, index);
    return q.for_one == short_way::single_producer && q.ring.reserve_by_adding_single(q.single, 1, index);
}

// Why nothing was reserved or published.
slickq_status report_second_producer(const queue& q) noexcept;
slickq_status report_late(const queue& q, std::uint64_t index) noexcept;
// SLICKQ_FULL; but there is none for long if the queue is in a reset that nobody finishes.
slickq_status report_no_room(queue& q) noexcept;
slickq_status report_unpublished(const queue& q, std::uint64_t index, std::uint32_t count, ring_result why) noexcept;

inline slickq_status reserve_lossless(queue& q, std::uint32_t count, std::uint64_t& index) noexcept {
    const judge lives(q);
    if (q.flow.reserve(count, index, lives)) return SLICKQ_OK;
    if (await_room(q) && q.flow.reserve(count, index, lives)) return SLICKQ_OK;
    return report_no_room(q);
}

// Any number of elements that the queue can hold. SLICKQ_FULL: there is no room, in lossless mode.
inline slickq_status reserve(queue& q, std::uint32_t count, std::uint64_t& index) noexcept {
    if (q.is_lossless) return reserve_lossless(q, count, index);
    if (!q.is_single_producer) {
        index = q.ring.reserve(count);
        return SLICKQ_OK;
    }
    return q.ring.reserve_single_producer(q.single, count, index) ? SLICKQ_OK : report_second_producer(q);
}
// The same, but waits for room.
slickq_status reserve_until(queue& q, std::uint32_t count, std::int64_t deadline_ns, std::uint64_t& index);

inline slickq_status publish(queue& q, std::uint64_t index, std::uint32_t count) noexcept {
    const ring_result result = q.ring.is_span(index, count) ? q.ring.publish(index, count) : ring_result::not_reserved;
    return result == ring_result::ok ? SLICKQ_OK : report_unpublished(q, index, count, result);
}

inline slickq_status fill_and_publish(queue& q, std::uint64_t reserved, const void* elements,
                                      std::uint32_t count) noexcept {
    q.ring.fill(reserved, elements, q.ring.bytes_of(count));
    return q.ring.publish(reserved, count) == ring_result::ok ? SLICKQ_OK : report_late(q, reserved);
}

// ---------------------------------------------------------------- batches

// Writes all that there is room for: all, but in lossless mode. SLICKQ_FULL: for none of them.
slickq_status write_batch(queue& q, unwritten& left) noexcept;
// Writes all, and waits for room. SLICKQ_TIMED_OUT and SLICKQ_CANCELLED: some are left.
slickq_status write_batch_until(queue& q, unwritten& left, std::int64_t deadline_ns);

} // namespace slickq::detail
