// The C API: orphans, queues whose name leads elsewhere by now. Check, call, translate.
#include <slickq/slickq.h>

#include "support.hpp"

using namespace slickq::capi;

extern "C" {

slickq_status slickq_queue_name_state(slickq_queue* queue, uint32_t* state) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(state);
    return guarded([&] {
        *state = static_cast<uint32_t>(state_of_name(*q));
        return SLICKQ_OK;
    });
}

slickq_status slickq_queue_reattach(slickq_queue* queue, slickq_queue** fresh) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(fresh);
    return guarded([&] { return hand_out(handle_kind::queue, fresh, [&] { return reopen_queue(*q); }); });
}

} // extern "C"
