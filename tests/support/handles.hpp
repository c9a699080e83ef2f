// Handles of the C API that are closed at the end, and short ways to ask about them.
#pragma once

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace test {

template <class Handle, slickq_status (*Close)(Handle*)>
class scoped_handle {
public:
    scoped_handle() = default;
    scoped_handle(scoped_handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    scoped_handle& operator=(scoped_handle&&) = delete;
    ~scoped_handle() {
        if (handle_ != nullptr) Close(handle_);
    }
    operator Handle*() const noexcept { return handle_; } // NOLINT: it stands for the handle
    Handle** out() noexcept { return &handle_; }
    slickq_status close() { return Close(std::exchange(handle_, nullptr)); }

private:
    Handle* handle_ = nullptr;
};
using queue_handle = scoped_handle<slickq_queue, slickq_queue_close>;
using reader_handle = scoped_handle<slickq_reader, slickq_reader_close>;
using worker_handle = scoped_handle<slickq_worker, slickq_worker_close>;

inline slickq_queue_info info_of(slickq_queue* queue) {
    slickq_queue_info info{};
    info.struct_size = sizeof info;
    EXPECT_EQ(slickq_queue_get_info(queue, &info), SLICKQ_OK);
    return info;
}

inline slickq_reader_info info_of(slickq_reader* reader) {
    slickq_reader_info info{};
    info.struct_size = sizeof info;
    EXPECT_EQ(slickq_reader_get_info(reader, &info), SLICKQ_OK);
    return info;
}

inline bool message_has(const std::string& part) {
    return std::string(slickq_last_message()).find(part) != std::string::npos;
}

} // namespace test
