#include "queue_creation.hpp"

#include "error.hpp"

#include <algorithm>

namespace tool {
namespace {

slickq_options requested(const send_options& options) {
    slickq_options request{};
    request.struct_size = sizeof request;
    request.capacity = options.capacity;
    request.element_size = options.element_size;
    request.items_per_slot = options.items_per_slot;
    request.layout = options.layout;
    request.permissions = options.permissions;
    if (options.lossless) request.flags = SLICKQ_OPEN_LOSSLESS;
    return request;
}

// A ring of bytes, in which a record has exactly the length that was sent; a slot for 64 of them keeps the slots small.
slickq_options with_defaults(slickq_options request) {
    constexpr std::uint32_t default_capacity = std::uint32_t{1} << 22;
    constexpr std::uint32_t bytes_per_slot = 64;
    if (request.capacity == 0) request.capacity = default_capacity;
    if (request.element_size == 0) request.element_size = 1;
    const bool may_share_slots = request.layout == SLICKQ_LAYOUT_ANY || request.layout == SLICKQ_LAYOUT_SLQ2 ||
                                 request.layout == SLICKQ_LAYOUT_SLQ3;
    if (request.items_per_slot == 0 && request.element_size == 1 && may_share_slots) {
        request.items_per_slot = std::min(bytes_per_slot, request.capacity);
    }
    return request;
}

} // namespace

// Not slickq_queue_open_or_create(), to which the defaults would have to be right for what is there.
std::unique_ptr<shared_queue> open_or_create(const send_options& options, bool must_create) {
    const slickq_options request = requested(options);
    const slickq_options creation = with_defaults(request);
    slickq_queue* handle = nullptr;
    for (;;) {
        slickq_status status = SLICKQ_E_NOT_FOUND;
        if (!must_create) status = slickq_queue_open(options.name.c_str(), &request, &handle);
        if (status == SLICKQ_E_NOT_FOUND && !options.must_exist) {
            status = slickq_queue_create(options.name.c_str(), &creation, &handle);
            if (status == SLICKQ_E_EXISTS && !must_create) continue; // somebody was faster: open theirs
        }
        check_segment(status, options.name);
        return std::make_unique<shared_queue>(handle, options.name);
    }
}

} // namespace tool
