// Handles of the C API that are closed at the end, and short ways to ask about them.
#pragma once

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <string>

namespace test {

template <class Handle, slickq_status (*Close)(Handle*)>
class scoped_handle {
public:
    scoped_handle() = default;
    scoped_handle(const scoped_handle&) = delete;
    scoped_handle& operator=(const scoped_handle&) = delete;
    ~scoped_handle() {
        if (handle_ != nullptr) Close(handle_);
    }
    operator Handle*() const { return handle_; } // NOLINT: it stands for the handle
    Handle** out() { return &handle_; }
    slickq_status close() {
        Handle* const closed = handle_;
        handle_ = nullptr;
        return Close(closed);
    }

private:
    Handle* handle_ = nullptr;
};
using queue_handle = scoped_handle<slickq_queue, slickq_queue_close>;
using reader_handle = scoped_handle<slickq_reader, slickq_reader_close>;

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
