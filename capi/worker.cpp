// The C API: workers of a group. Check, call, translate.
#include <slickq/slickq.h>

#include "support.hpp"
#include "worker.hpp"

using namespace slickq::capi;
using slickq::assignment;
using slickq::work;

namespace {

worker_request request_of(const slickq_worker_options& given) {
    if (given.reserved != 0) fail(SLICKQ_E_ARGUMENT, "slickq_worker_options.reserved must be 0");
    if (given.group == nullptr) fail(SLICKQ_E_NULL, "slickq_worker_options.group is NULL");
    if (given.mode != SLICKQ_GROUP_ANY && given.mode != SLICKQ_GROUP_AT_LEAST_ONCE &&
        given.mode != SLICKQ_GROUP_AT_MOST_ONCE) {
        fail(SLICKQ_E_ARGUMENT, "%u is no mode of a group", given.mode);
    }
    if (given.start > SLICKQ_START_NEWEST)
        fail(SLICKQ_E_ARGUMENT, "%u is no starting position of a group", given.start);
    worker_request request;
    request.group = given.group;
    request.mode = static_cast<slickq::group_state::mode>(given.mode);
    request.from = static_cast<slickq::start>(given.start);
    if (given.stall_ns != SLICKQ_STALL_DEFAULT) request.stall_ns = given.stall_ns;
    if (given.linger_ns != SLICKQ_LINGER_DEFAULT)
        request.linger_ns = given.linger_ns < 0 ? slickq::forever : given.linger_ns;
    return request;
}

slickq_status describe(const worker& w, work what, const assignment& got, slickq_record& record) noexcept {
    const bool has_record = what == work::record || what == work::again;
    const std::uint32_t flags = what == work::again ? SLICKQ_RECORD_REDELIVERED : 0;
    record = {has_record ? w.data() : nullptr, got.index, got.lost, got.count, flags};
    switch (what) {
    case work::record:
    case work::again: return SLICKQ_OK;
    case work::empty: return SLICKQ_EMPTY;
    case work::lapped: return SLICKQ_LAPPED;
    case work::gap: return SLICKQ_GAP;
    case work::abandoned: return SLICKQ_ABANDONED;
    case work::reset: return SLICKQ_RESET;
    case work::corrupt:
        return report(SLICKQ_E_CORRUPT, "queue '%s': the slot before index %llu does not hold what a producer writes",
                      w.source().name.c_str(), static_cast<unsigned long long>(got.index));
    case work::evicted:
        return report(SLICKQ_E_EVICTED, "this worker was evicted: what it had claimed may have been given to another");
    case work::half_reset: return report_half_reset(w.source().ring, w.source().name);
    case work::too_large: break;
    }
    return report(SLICKQ_E_INTERNAL, "a worker's answer of no kind: %d", static_cast<int>(what));
}

} // namespace

extern "C" {

slickq_status slickq_worker_open(slickq_queue* queue, const slickq_worker_options* options, slickq_worker** handle) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(options);
    SLICKQ_REQUIRE(handle);
    return guarded([&] {
        const auto open = [&] { return std::make_unique<worker>(*q, request_of(read_struct(options))); };
        return hand_out(handle_kind::worker, handle, open);
    });
}

slickq_status slickq_worker_close(slickq_worker* handle) {
    auto* const retired = static_cast<worker*>(retire_handle(handle_kind::worker, handle));
    if (retired == nullptr) return is_no_handle(handle, "worker");
    delete retired;
    return SLICKQ_OK;
}

slickq_status slickq_worker_read(slickq_worker* handle, slickq_record* record) {
    SLICKQ_WORKER(w, handle);
    SLICKQ_REQUIRE(record);
    return guarded([&] {
        assignment got;
        const work what = w->read(got);
        return describe(*w, what, got, *record);
    });
}

slickq_status slickq_worker_read_until(slickq_worker* handle, int64_t deadline_ns, slickq_record* record) {
    SLICKQ_WORKER(w, handle);
    SLICKQ_REQUIRE(record);
    return guarded([&] {
        assignment got;
        work what{};
        const slickq::wait_result ended = w->read_until(deadline_ns, what, got);
        const slickq_status status = describe(*w, what, got, *record);
        return ended == slickq::wait_result::ready ? status : status_of(ended);
    });
}

slickq_status slickq_worker_cancel(slickq_worker* handle) {
    SLICKQ_WORKER(w, handle);
    w->cancel();
    return SLICKQ_OK;
}

slickq_status slickq_worker_descriptor(slickq_worker* handle, int* descriptor) {
    SLICKQ_WORKER(w, handle);
    SLICKQ_REQUIRE(descriptor);
    return guarded([&] {
        *descriptor = w->descriptor();
        return SLICKQ_OK;
    });
}

slickq_status slickq_worker_done(slickq_worker* handle) {
    SLICKQ_WORKER(w, handle);
    if (w->done()) return SLICKQ_OK;
    return report(SLICKQ_E_EVICTED, "this worker was evicted: what it had claimed may have been given to another");
}

} // extern "C"
