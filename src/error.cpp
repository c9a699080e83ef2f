#include "error.hpp"

#include "recent_message.hpp"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>

#if defined(_WIN32)
#  define WIN32_LEAN_AND_MEAN
#  include <windows.h>
#endif

namespace slickq::detail {
namespace {

// Plain data, so that a thread's end needs no destructor of ours and the library can be unloaded while threads live.
struct last_error {
    int os_error;
    char message[message_capacity];
};
thread_local constinit last_error last{};

// Every status once: its name is the enumerator's, its number stands in slickq.h, this is its sentence.
#define SLICKQ_STATUS_LIST(X)                                                                                                  \
    X(SLICKQ_OK, "Success.")                                                                                                   \
    X(SLICKQ_EMPTY, "There is no record to read yet.")                                                                         \
    X(SLICKQ_CHANGED, "The cell held another value than expected; the expected value was updated: try again with it.") \
    X(SLICKQ_PENDING, "The next record is reserved and not published yet.")                                                    \
    X(SLICKQ_LAPPED, "Producers had lapped the reader: what they overwrote is lost; go on reading.")                           \
    X(SLICKQ_FULL, "There is no room before a registered consumer or a group has read on; wait, or see who holds it up.")      \
    X(SLICKQ_TIMED_OUT, "The deadline passed.")                                                                                \
    X(SLICKQ_GAP, "A record was not published within the stall time and was stepped over; go on reading.")                    \
    X(SLICKQ_RESET, "The queue was reset: the reader goes on at index 0.")                                                     \
    X(SLICKQ_CANCELLED, "Another thread ended the wait.")                                                                      \
    X(SLICKQ_ABANDONED, "A worker died with that record claimed; by the group's mode nobody gets it again.")                   \
    X(SLICKQ_E_NULL, "A handle or a required pointer is NULL.")                                                                \
    X(SLICKQ_E_HANDLE, "The handle was closed already, is of another kind, belongs to the process that this one " \
      "was forked from, or never was one.") \
    X(SLICKQ_E_ARGUMENT, "An argument is out of range or contradicts another; slickq_last_message() says which.") \
    X(SLICKQ_E_NAME, "A segment's name is an optional '/' and then 1 to 255 bytes (30 on macOS) without '/'.") \
    X(SLICKQ_E_BUFFER, "The buffer is too small for the record; give a larger one, the record is still there.")                \
    X(SLICKQ_E_READ_ONLY, "The queue was opened read-only; open it without SLICKQ_OPEN_READ_ONLY to do that.")                 \
    X(SLICKQ_E_UNSUPPORTED, "This platform, or this kind of queue, cannot do that; slickq_last_message() says why.") \
    X(SLICKQ_E_NOT_FOUND, "There is no segment of that name; check it (slickq_last_message() has it).") \
    X(SLICKQ_E_EXISTS, "The name is taken: open the segment, or remove it.") \
    X(SLICKQ_E_ACCESS, "The operating system denies access: check the segment's owner and permission bits, and " \
      "that shared memory is not mounted read-only.") \
    X(SLICKQ_E_NO_SPACE, "Shared memory is full; make room in it (on Linux /dev/shm) or use a smaller queue.")                 \
    X(SLICKQ_E_NO_MEMORY, "Memory or address space ran out: use a smaller queue, or allow the process more.") \
    X(SLICKQ_E_LIMIT, "A limit is reached: of open files, of a file's length, of handles, or of a queue's 64 consumers " \
      "or 8 groups; slickq_last_message() says which.") \
    X(SLICKQ_E_OS, "The operating system refused; slickq_last_os_error() has its error number.")                               \
    X(SLICKQ_E_NO_LENGTH, "The segment is shorter than a header: it is just being made, or its creator died; wait " \
      "longer, and remove it if that does not help.") \
    X(SLICKQ_E_NOT_READY, "The segment is all zero: it is just being made, or its creator died; " \
      "slickq_queue_open_or_create() takes it over in time.") \
    X(SLICKQ_E_HALF_MADE, "The segment is half initialised: it is just being made, or its creator died; wait " \
      "longer, and remove it if that does not help.") \
    X(SLICKQ_E_NOT_A_QUEUE, "What is under that name is not a queue of any known layout; a wide one (slick-queue 1.0 " \
      "and 1.1) is known by its element size only.") \
    X(SLICKQ_E_NEWER, "The segment was made by a newer version with features unknown here; upgrade this side.")                \
    X(SLICKQ_E_TRUNCATED, "The segment is shorter than its header says: it is damaged; stop who uses it, and remove it.") \
    X(SLICKQ_E_CORRUPT, "A header or slot contradicts itself: a reader has stepped over it and can go on; a " \
      "segment that can't be opened is to be removed.") \
    X(SLICKQ_E_MISMATCH, "The segment is a queue, but not as asked; open it with its own values or remove it.")                \
    X(SLICKQ_E_STALE, "The publish came too late: the ring has lapped the reservation and the record is lost; " \
      "use a larger capacity.") \
    X(SLICKQ_E_NOT_RESERVED, "That index is not reserved, or not with so many elements; was it published already, or " \
      "the queue reset?") \
    X(SLICKQ_E_SECOND_PRODUCER, "The handle was opened for a single producer, but there is another: open it without that flag.") \
    X(SLICKQ_E_HALF_RESET, "A reset was begun and not finished: its process died; reset the queue again.")                     \
    X(SLICKQ_E_EVICTED, "This consumer or worker is registered no more: it was evicted, or taken for dead; " \
      "register again to be waited for.") \
    X(SLICKQ_E_NO_CONSUMER, "No consumer or worker of that id is registered: it is over; slickq_consumer_get_info() lists those " \
      "that there are.") \
    X(SLICKQ_E_NO_GROUP, "The queue has no group of that name; check it, or say of which mode to make it.") \
    X(SLICKQ_E_BUSY, "The group has workers: close them, or evict them, first.") \
    X(SLICKQ_E_INTERNAL, "A defect in libslickq; please report it with the last message.")

struct status_entry {
    slickq_status status;
    const char* name;
    const char* text;
};
constexpr status_entry statuses[] = {
#define SLICKQ_STATUS_ENTRY(name, text) {name, #name, text},
    SLICKQ_STATUS_LIST(SLICKQ_STATUS_ENTRY)
#undef SLICKQ_STATUS_ENTRY
};
constexpr status_entry unknown_status{SLICKQ_OK, "SLICKQ_UNKNOWN", "Not a status of this version of libslickq."};

constexpr const status_entry& entry_of(slickq_status status) noexcept {
    for (const status_entry& entry : statuses) {
        if (entry.status == status) return entry;
    }
    return unknown_status;
}

// One place for each.
constinit message_place<message_capacity> recent[sizeof statuses / sizeof *statuses];

message_place<message_capacity>* place_of(slickq_status status) noexcept {
    if (status >= 0) return nullptr;
    const status_entry& entry = entry_of(status);
    return &entry == &unknown_status ? nullptr : &recent[&entry - statuses];
}

// What the system says of its error. Nothing is allocated for it: memory may be what has run out.
#if defined(_WIN32)
constexpr const char* os_error_kind = "error";
const char* os_text(int os_error, char* buffer, std::size_t length) {
    constexpr DWORD plain = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS;
    const auto number = static_cast<DWORD>(os_error);
    std::size_t end = ::FormatMessageA(plain, nullptr, number, 0, buffer, static_cast<DWORD>(length), nullptr);
    while (end != 0 && (buffer[end - 1] == '\r' || buffer[end - 1] == '\n')) --end;
    if (end == length) --end;
    buffer[end] = '\0';
    return buffer;
}
#else
constexpr const char* os_error_kind = "errno";
// strerror_r() returns the text in glibc, in others a number and the text in the buffer.
[[maybe_unused]] const char* chosen(const char* text, const char*) { return text; }
[[maybe_unused]] const char* chosen(int failed, const char* buffer) { return failed == 0 ? buffer : "unknown error"; }
const char* os_text(int os_error, char* buffer, std::size_t length) {
    return chosen(::strerror_r(os_error, buffer, length), buffer);
}
#endif

void append_os_text(char (&message)[message_capacity], int os_error) {
    char buffer[256] = "";
    const std::size_t used = std::char_traits<char>::length(message);
    const char* const what = os_text(os_error, buffer, sizeof buffer);
    std::snprintf(message + used, message_capacity - used, ": %s (%s %d)", what, os_error_kind, os_error);
}

SLICKQ_PRINTF(3, 0) failure os_failure(slickq_status status, int os_error, const char* format, va_list arguments) {
    failure error(status, os_error);
    std::vsnprintf(error.message, message_capacity, format, arguments);
    append_os_text(error.message, os_error);
    return error;
}

} // namespace

void fail(slickq_status status, const char* format, ...) {
    failure error(status, 0);
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(error.message, message_capacity, format, arguments);
    va_end(arguments);
    throw error;
}

void fail_os(int os_error, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const failure error = os_failure(status_of_os_error(os_error), os_error, format, arguments);
    va_end(arguments);
    throw error;
}

void fail_os_as(slickq_status status, int os_error, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const failure error = os_failure(status, os_error, format, arguments);
    va_end(arguments);
    throw error;
}

slickq_status report(slickq_status status, const char* format, ...) noexcept {
    last.os_error = 0;
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(last.message, message_capacity, format, arguments);
    va_end(arguments);
    if (auto* const place = place_of(status)) place->set(last.message);
    return status;
}

slickq_status report_current_exception() noexcept {
    try {
        throw;
    } catch (const failure& error) {
        report(error.status, "%s", error.message);
        last.os_error = error.os_error;
        return error.status;
    } catch (const std::bad_alloc&) {
        return report(SLICKQ_E_NO_MEMORY, "out of memory");
    } catch (const std::exception& error) {
        return report(SLICKQ_E_INTERNAL, "unexpected: %s", error.what());
    } catch (...) {
        return report(SLICKQ_E_INTERNAL, "unexpected: an exception of unknown type");
    }
}

const char* last_message() noexcept { return last.message; }

void recent_message(slickq_status status, char (&message)[message_capacity]) noexcept {
    message[0] = '\0';
    if (const auto* const place = place_of(status)) place->get(message);
}

int last_os_error() noexcept { return last.os_error; }

const char* status_name(slickq_status status) noexcept { return entry_of(status).name; }
const char* status_text(slickq_status status) noexcept { return entry_of(status).text; }

slickq_status status_of_os_error(int os_error) noexcept {
    switch (os_error) {
#if defined(_WIN32)
    case ERROR_FILE_NOT_FOUND: return SLICKQ_E_NOT_FOUND;
    case ERROR_ALREADY_EXISTS: return SLICKQ_E_EXISTS;
    case ERROR_ACCESS_DENIED: return SLICKQ_E_ACCESS;
    case ERROR_COMMITMENT_LIMIT:
    case ERROR_DISK_FULL: return SLICKQ_E_NO_SPACE;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY: return SLICKQ_E_NO_MEMORY;
    case ERROR_TOO_MANY_OPEN_FILES: return SLICKQ_E_LIMIT;
    case ERROR_INVALID_NAME:
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_HANDLE: return SLICKQ_E_NAME; // CreateFileMapping: the name is another kind of object's
#else
    case ENOENT: return SLICKQ_E_NOT_FOUND;
    case EEXIST: return SLICKQ_E_EXISTS;
    case EACCES:
    case EPERM:
    case EROFS: return SLICKQ_E_ACCESS;
    case ENOSPC:
    case EDQUOT: return SLICKQ_E_NO_SPACE;
    case ENOMEM: return SLICKQ_E_NO_MEMORY;
    case EMFILE:
    case ENFILE:
    case EFBIG:
    case EOVERFLOW: return SLICKQ_E_LIMIT; // the last two: of how long a file may be
    case ENAMETOOLONG: return SLICKQ_E_NAME;
    case EISDIR:
    case ELOOP: return SLICKQ_E_NOT_A_QUEUE; // a directory, or a symbolic link, where the segment should be
#endif
    default: return SLICKQ_E_OS;
    }
}

} // namespace slickq::detail
