#include "arrival.hpp"

#include "error.hpp"
#include "signals.hpp"

namespace tool {
namespace {

// Read-write, if we may: producers then wake us. Read-only we look by ourselves, which is a little later.
slickq_status open(const recv_options& options, slickq_queue*& handle) {
    slickq_options request{};
    request.struct_size = sizeof request;
    request.element_size = options.element_size;
    const slickq_status status = slickq_queue_open(options.name.c_str(), &request, &handle);
    if ((status != SLICKQ_E_ACCESS && status != SLICKQ_E_NO_SPACE) || options.consumer.registers ||
        !options.consumer.group.empty())
        return status;
    request.flags = SLICKQ_OPEN_READ_ONLY;
    return slickq_queue_open(options.name.c_str(), &request, &handle);
}

} // namespace

std::unique_ptr<shared_queue> open_when_there(const recv_options& options, const idle_limit& idle) {
    constexpr std::int64_t between_looks_ns = 10'000'000; // a name that appears is announced by nobody
    for (bool told = false; stop_signal() == 0; nap(between_looks_ns)) {
        slickq_queue* handle = nullptr;
        const slickq_status status = open(options, handle);
        if (status == SLICKQ_OK) return std::make_unique<shared_queue>(handle, options.name);
        if (status != SLICKQ_E_NOT_FOUND || idle.is_over()) check_segment(status, options.name);
        if (!told) note("there is no queue '" + options.name + "' yet; waiting for it (Ctrl-C ends)");
        told = true;
    }
    return nullptr;
}

} // namespace tool
