// The C API: groups of workers, as operators see them. Check, call, translate.
#include <slickq/slickq.h>

#include "registry_view.hpp"
#include "support.hpp"
#include "worker.hpp"

#include <cstring>

using namespace slickq::capi;

extern "C" {

slickq_status slickq_group_get_info(slickq_queue* queue, uint32_t number, slickq_group_info* info) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(info);
    if (number >= SLICKQ_MAX_GROUPS)
        return report(SLICKQ_E_ARGUMENT, "groups have numbers up to %u", SLICKQ_MAX_GROUPS - 1);
    const auto seen = group_at(*q, number);
    if (!seen) return SLICKQ_EMPTY;
    slickq_group_info filled{};
    filled.mode = seen->mode;
    std::memcpy(filled.name, seen->name, sizeof seen->name); // its last byte stays 0
    filled.cursor = seen->cursor;
    filled.lag = seen->lag;
    filled.redelivered = seen->redelivered;
    filled.abandoned = seen->abandoned;
    filled.lost = seen->lost;
    filled.workers = seen->workers;
    filled.is_waited_for = seen->is_waited_for ? 1 : 0;
    filled.unfinished = seen->unfinished;
    return write_struct(filled, info);
}

slickq_status slickq_group_remove(slickq_queue* queue, const char* name) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(name);
    return guarded([&] {
        remove_group(*q, name);
        return SLICKQ_OK;
    });
}

} // extern "C"
