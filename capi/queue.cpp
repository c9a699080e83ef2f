// The C API: life of a queue. Check, call, translate.
#include <slickq/slickq.h>

#include "room.hpp"
#include "support.hpp"

using namespace slickq::capi;

namespace {

queue_request request_of(const slickq_options* options) {
    queue_request request;
    if (options == nullptr) return request;
    const slickq_options given = read_struct(options);
    constexpr std::uint32_t known_flags = SLICKQ_OPEN_READ_ONLY | SLICKQ_OPEN_LOSSLESS | SLICKQ_OPEN_SINGLE_PRODUCER |
                                          SLICKQ_OPEN_PROMPT_PRODUCER | SLICKQ_OPEN_PREFAULT | SLICKQ_OPEN_LOCK_MEMORY |
                                          SLICKQ_OPEN_HUGE_PAGES | SLICKQ_OPEN_HUGETLB | SLICKQ_OPEN_HALF_RESET;
    if ((given.flags & ~known_flags) != 0) fail(SLICKQ_E_ARGUMENT, "flags 0x%X are unknown", given.flags);
    if (given.reserved != 0) fail(SLICKQ_E_ARGUMENT, "slickq_options.reserved must be 0");
    request.shape = {static_cast<slickq::layout>(given.layout), given.capacity, given.element_size,
                     given.items_per_slot};
    request.read_only = (given.flags & SLICKQ_OPEN_READ_ONLY) != 0;
    request.producing.is_lossless = (given.flags & SLICKQ_OPEN_LOSSLESS) != 0;
    request.producing.is_single_producer = (given.flags & SLICKQ_OPEN_SINGLE_PRODUCER) != 0;
    request.producing.is_prompt_producer = (given.flags & SLICKQ_OPEN_PROMPT_PRODUCER) != 0;
    request.takes_half_reset = (given.flags & SLICKQ_OPEN_HALF_RESET) != 0;
    request.memory_advice.prefault = (given.flags & SLICKQ_OPEN_PREFAULT) != 0;
    request.memory_advice.lock = (given.flags & SLICKQ_OPEN_LOCK_MEMORY) != 0;
    request.memory_advice.huge_pages = (given.flags & (SLICKQ_OPEN_HUGE_PAGES | SLICKQ_OPEN_HUGETLB)) != 0;
    request.memory_advice.hugetlb = (given.flags & SLICKQ_OPEN_HUGETLB) != 0;
    request.permissions = given.permissions;
    request.timeout_ns = given.timeout_ns;
    return request;
}

slickq_status open_named(const char* name, const slickq_options* options, how manner, slickq_queue** queue) noexcept {
    SLICKQ_REQUIRE(name);
    SLICKQ_REQUIRE(queue);
    return guarded([&] {
        return hand_out(handle_kind::queue, queue, [&] { return open_queue(name, request_of(options), manner); });
    });
}

} // namespace

extern "C" {

slickq_status slickq_queue_create_local(const slickq_options* options, slickq_queue** queue) {
    SLICKQ_REQUIRE(options);
    SLICKQ_REQUIRE(queue);
    return guarded([&] {
        return hand_out(handle_kind::queue, queue, [&] { return create_local_queue(request_of(options)); });
    });
}

slickq_status slickq_queue_create(const char* name, const slickq_options* options, slickq_queue** queue) {
    SLICKQ_REQUIRE(options);
    return open_named(name, options, how::create, queue);
}

slickq_status slickq_queue_open(const char* name, const slickq_options* options, slickq_queue** queue) {
    return open_named(name, options, how::open, queue);
}

slickq_status slickq_queue_open_or_create(const char* name, const slickq_options* options, slickq_queue** queue) {
    SLICKQ_REQUIRE(options);
    return open_named(name, options, how::open_or_create, queue);
}

slickq_status slickq_queue_close(slickq_queue* queue) {
    auto* const retired = static_cast<slickq::detail::queue*>(retire_handle(handle_kind::queue, queue));
    if (retired == nullptr) return is_no_handle(queue, "queue");
    wake_waiting(*retired);
    close_room_descriptor(*retired);
    release(retired);
    return SLICKQ_OK;
}

slickq_status slickq_segment_remove(const char* name) {
    SLICKQ_REQUIRE(name);
    return guarded([&] {
        named_object::remove(named_object::checked_name(name));
        return SLICKQ_OK;
    });
}

} // extern "C"
