// error.hpp - how errors travel: inside as an exception with a status and a sentence, outside as a status and the
// thread's last message. A leaf: it knows nothing of queues.
#pragma once

#include <slickq/detail/version.hpp>
#include <slickq/slickq.h>

#include <cstddef>
#include <exception>
#include <utility>

#if defined(__MINGW32__) && !defined(__clang__)
// As C has it, %zu and all: so do the functions that libstdc++ makes MinGW use, unlike those of the old Microsoft
// runtime.
#  define SLICKQ_PRINTF(text, first) __attribute__((format(gnu_printf, text, first)))
#elif defined(__GNUC__)
#  define SLICKQ_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#  define SLICKQ_PRINTF(text, first)
#endif

namespace slickq::detail {

inline constexpr std::size_t message_capacity = 768; // bytes, with the final NUL

class failure : public std::exception {
public:
    failure(slickq_status what_status, int what_os_error) noexcept : status(what_status), os_error(what_os_error) {}
    const char* what() const noexcept override { return message; }

    slickq_status status;
    int os_error;
    char message[message_capacity] = "";
};

[[noreturn]] void fail(slickq_status status, const char* format, ...) SLICKQ_PRINTF(2, 3);

// For an error of the operating system: the status that fits it, the sentence, and the system's own words behind it.
[[noreturn]] void fail_os(int os_error, const char* format, ...) SLICKQ_PRINTF(2, 3);
// The same with another status than the one that the error usually stands for.
[[noreturn]] void fail_os_as(slickq_status status, int os_error, const char* format, ...) SLICKQ_PRINTF(3, 4);

slickq_status status_of_os_error(int os_error) noexcept;

// Sets the thread's last message; returns status. For the paths that fail without an exception.
slickq_status report(slickq_status status, const char* format, ...) noexcept SLICKQ_PRINTF(2, 3);

// Sets the thread's last message from the exception being handled; returns its status.
slickq_status report_current_exception() noexcept;

const char* last_message() noexcept;

// The latest message of that status in any thread of the process; "" if there is none.
void recent_message(slickq_status status, char (&message)[message_capacity]) noexcept;
int last_os_error() noexcept;

const char* status_name(slickq_status status) noexcept;
const char* status_text(slickq_status status) noexcept;

// The boundary: runs f, and turns whatever it throws into a status.
template <class F>
slickq_status guarded(F&& f) noexcept {
    try {
        return std::forward<F>(f)();
    } catch (...) {
        return report_current_exception();
    }
}

} // namespace slickq::detail
