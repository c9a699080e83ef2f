// Messages of errors, copied: the calling thread's own, and the latest of any thread.
#include <slickq/slickq.h>

#include "error.hpp"

#include <algorithm>
#include <cstring>

namespace {

size_t copy(const char* message, char* buffer, size_t size) noexcept {
    const size_t length = std::strlen(message);
    if (buffer == nullptr || size == 0) return length;
    const size_t fits = std::min(length, size - 1);
    std::memcpy(buffer, message, fits);
    buffer[fits] = '\0';
    return length;
}

} // namespace

extern "C" {

size_t slickq_copy_message(char* buffer, size_t size) { return copy(slickq::detail::last_message(), buffer, size); }

size_t slickq_recent_message(slickq_status status, char* buffer, size_t size) {
    char message[slickq::detail::message_capacity];
    slickq::detail::recent_message(status, message);
    return copy(message, buffer, size);
}

} // extern "C"
