// Short forms of the C API for process tests; errors become exceptions with the message.
#pragma once

#include "support/handles.hpp"
#include "support/options.hpp"

#include <slickq/slickq.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace test {

inline void require(slickq_status status) {
    if (status != SLICKQ_OK) throw std::runtime_error(std::string(slickq_status_name(status)) + ": " + slickq_last_message());
}

inline bool is_creator(slickq_queue* queue) { return (info_of(queue).flags & SLICKQ_INFO_CREATOR) != 0; }

// element_size: bytes; only a wide segment needs it.
inline queue_handle open_queue(const std::string& name, std::uint32_t element_size = 0) {
    const slickq_options options = options_for(0, element_size);
    queue_handle queue;
    require(slickq_queue_open(name.c_str(), &options, queue.out()));
    return queue;
}

inline queue_handle create_queue(const std::string& name, const slickq_options& options) {
    queue_handle queue;
    require(slickq_queue_create(name.c_str(), &options, queue.out()));
    return queue;
}

} // namespace test
