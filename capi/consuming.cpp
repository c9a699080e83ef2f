// The C API: consuming with a plain cursor. Check, call, translate.
#include <slickq/slickq.h>

#include "delivered.hpp"
#include "platform.hpp"
#include "reset.hpp"

#include <slickq/detail/validated_reader.hpp>

using namespace slickq::capi;
using slickq::ring_result;

namespace {

// Apart from the usual case, a single element that is there, which needs little.
SLICKQ_NOINLINE slickq_status read_any(queue& q, std::uint64_t& cursor, slickq_record& record) noexcept {
    slickq::record seen;
    const ring_result result = q.ring.read_any(cursor, seen);
    return deliver(q, seen, result, data_of(q, seen), &record);
}

} // namespace

extern "C" {

slickq_status slickq_queue_cursor_at(slickq_queue* queue, uint32_t start, uint64_t* cursor) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cursor);
    if (start > SLICKQ_START_NEWEST) return report(SLICKQ_E_ARGUMENT, "%u is no starting position", start);
    *cursor = slickq::position_of(q->ring, static_cast<slickq::start>(start));
    return SLICKQ_OK;
}

slickq_status slickq_queue_next_index(slickq_queue* queue, uint64_t* index) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(index);
    *index = q->ring.reserved_index();
    return SLICKQ_OK;
}

slickq_status slickq_queue_read(slickq_queue* queue, uint64_t* cursor, slickq_record* record) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cursor);
    SLICKQ_REQUIRE(record);
    slickq::record seen;
    if (!q->ring.read_single(*cursor, seen)) return read_any(*q, *cursor, *record);
    *record = {data_of(*q, seen), seen.index, 0, 1, 0};
    return SLICKQ_OK;
}

slickq_status slickq_queue_read_copy(slickq_queue* queue, uint64_t* cursor, void* buffer, size_t buffer_size,
                                     slickq_record* record) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cursor);
    SLICKQ_REQUIRE(buffer);
    SLICKQ_REQUIRE(record);
    slickq::record seen;
    const ring_result result = q->ring.read_copy(*cursor, buffer, elements_in(*q, buffer_size), seen);
    return deliver_copy(*q, seen, result, buffer, buffer_size, record);
}

slickq_status slickq_queue_read_batch(slickq_queue* queue, uint64_t* cursor, slickq_record* records, uint32_t limit,
                                      uint32_t* count) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cursor);
    SLICKQ_REQUIRE(records);
    SLICKQ_REQUIRE(count);
    if (limit == 0) return report(SLICKQ_E_ARGUMENT, "a batch of 0 records can't be read");
    std::uint32_t found = 0;
    const ring_result result = q->ring.read_batch(*cursor, limit, [&](const slickq::record& seen) {
        records[found++] = {data_of(*q, seen), seen.index, seen.lost, seen.count, 0};
    });
    *count = found;
    if (found == 0) return SLICKQ_EMPTY;
    q->lost.add(records[0].lost); // before the others nothing was
    return result == ring_result::corrupt ? is_corrupt(*q, records[0]) : SLICKQ_OK;
}

slickq_status slickq_queue_read_last(slickq_queue* queue, slickq_record* record) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(record);
    if (!q->ring.can_read_last()) {
        return report(SLICKQ_E_UNSUPPORTED, "queue '%s' has layout %s, which keeps no last-published index",
                      q->name.c_str(), layout_name(q->shape.layout));
    }
    slickq::record seen;
    const ring_result result = q->ring.read_last(seen);
    return deliver(*q, seen, result, data_of(*q, seen), record);
}

slickq_status slickq_queue_loss_count(slickq_queue* queue, uint64_t* elements) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(elements);
    *elements = q->lost.elements();
    return SLICKQ_OK;
}

slickq_status slickq_queue_reset(slickq_queue* queue) {
    SLICKQ_QUEUE(q, queue);
    if (q->is_read_only) return is_read_only(*q);
    return guarded([&] {
        reset_to_end(q->ring, q->name);
        q->lost.clear();
        return SLICKQ_OK;
    });
}

slickq_status slickq_queue_validate(slickq_queue* queue, uint64_t index) {
    SLICKQ_QUEUE(q, queue);
    return q->ring.is_intact(index, q->ring.capacity()) ? SLICKQ_OK : SLICKQ_LAPPED;
}

} // extern "C"
