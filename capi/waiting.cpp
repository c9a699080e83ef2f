// The C API: deadlines, and waiting for a record with a cursor of one's own. Check, call, translate.
#include <slickq/slickq.h>

#include "room.hpp"
#include "support.hpp"

using namespace slickq::capi;

extern "C" {

int64_t slickq_deadline(int64_t timeout_ns) {
    return slickq::deadline_after(slickq::native_atomics::now_ns(), timeout_ns);
}

slickq_status slickq_queue_wait_until(slickq_queue* queue, uint64_t cursor, int64_t deadline_ns) {
    SLICKQ_QUEUE(q, queue);
    if (cursor > q->ring.index_mask()) return is_bad_index(*q, cursor);
    return status_of(wait_for_record(*q, cursor, deadline_ns));
}

slickq_status slickq_queue_cancel(slickq_queue* queue) {
    SLICKQ_QUEUE(q, queue);
    cancel_waits(*q);
    return SLICKQ_OK;
}

slickq_status slickq_queue_room_descriptor(slickq_queue* queue, int* descriptor) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(descriptor);
    if (q->is_read_only) return is_read_only(*q);
    return guarded([&] {
        *descriptor = room_descriptor(*q);
        return SLICKQ_OK;
    });
}

} // extern "C"
