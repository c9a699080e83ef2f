// Short forms of the C API for process tests; errors become exceptions with the message.
#pragma once

#include "support/options.hpp"

#include <slickq/slickq.h>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace test {

inline void require(slickq_status status) {
    if (status != SLICKQ_OK) throw std::runtime_error(std::string(slickq_status_name(status)) + ": " + slickq_last_message());
}

// A queue handle that closes itself.
class queue_handle {
public:
    queue_handle() = default;
    queue_handle(queue_handle&& other) noexcept : queue_(other.queue_) { other.queue_ = nullptr; }
    queue_handle& operator=(queue_handle&&) = delete;
    ~queue_handle() {
        if (queue_ != nullptr) slickq_queue_close(queue_);
    }

    operator slickq_queue*() const noexcept { return queue_; }
    slickq_queue** out() noexcept { return &queue_; }

    bool is_creator() const {
        slickq_queue_info info{};
        info.struct_size = sizeof info;
        require(slickq_queue_get_info(queue_, &info));
        return (info.flags & SLICKQ_INFO_CREATOR) != 0;
    }

private:
    slickq_queue* queue_ = nullptr;
};

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
