#include "interpose.hpp"

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <limits>

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::string chosen;
int calls_to_go = 0;
int error_to_give = 0; // 0: die
bool unnamed_files_are_refused = false;
std::uint64_t most_at_once = std::numeric_limits<std::uint64_t>::max();

std::function<void(int)> action_before;
int calls_so_far = 0;
bool is_in_action = false; // whose own calls don't count

// The error that this call is to give; 0 if it is to be made.
int about_to(const char* call) {
    if (action_before && !is_in_action) {
        is_in_action = true;
        action_before(++calls_so_far);
        is_in_action = false;
    }
    if (calls_to_go == 0 || chosen != call || --calls_to_go != 0) return 0;
    if (error_to_give == 0) ::kill(::getpid(), SIGKILL);
    return error_to_give;
}

void arm(const std::string& call, int count, int error) {
    chosen = call;
    calls_to_go = count;
    error_to_give = error;
}

} // namespace

namespace test {

void die_before(const std::string& call, int count) { arm(call, count, 0); }

failing_call::failing_call(const std::string& call, int count, int error) { arm(call, count, error); }
failing_call::~failing_call() { arm("", 0, 0); }
bool failing_call::has_happened() const { return calls_to_go == 0; }

const std::vector<std::string>& interposed_calls() {
    static const std::vector<std::string> all{
        "shm_open", "open",   "openat", "opendir", "fchmod",  "posix_fallocate", "fallocate", "fstat",
        "fstatat",  "lseek",  "flock",  "linkat",  "unlink",  "mmap",            "madvise",   "mlock",
        "close",    "shm_unlink", "pipe2", "memfd_create", "pthread_create", "read", "stat"};
    return all;
}

void before_each_call(std::function<void(int)> action) {
    action_before = std::move(action);
    calls_so_far = 0;
}

void refuse_unnamed_files(bool refuses) { unnamed_files_are_refused = refuses; }
void interrupt_allocations_beyond(std::uint64_t bytes) { most_at_once = bytes; }

} // namespace test

// Each: the real one, or the error.
#define SLICKQ_WRAP(result, call, parameters, arguments, failed)                                                       \
    result __real_##call parameters;                                                                                   \
    result __wrap_##call parameters {                                                                                  \
        if (const int error = about_to(#call)) return errno = error, failed;                                           \
        return __real_##call arguments;                                                                                \
    }

extern "C" {

SLICKQ_WRAP(int, shm_open, (const char* name, int flags, mode_t mode), (name, flags, mode), -1)
SLICKQ_WRAP(int, fchmod, (int descriptor, mode_t mode), (descriptor, mode), -1)
SLICKQ_WRAP(int, fstat, (int descriptor, struct stat* status), (descriptor, status), -1)
SLICKQ_WRAP(int, fstatat, (int at, const char* path, struct stat* status, int flags), (at, path, status, flags), -1)
SLICKQ_WRAP(off_t, lseek, (int descriptor, off_t offset, int whence), (descriptor, offset, whence), -1)
SLICKQ_WRAP(int, flock, (int descriptor, int operation), (descriptor, operation), -1)
SLICKQ_WRAP(int, linkat, (int from, const char* old, int to, const char* fresh, int flags),
            (from, old, to, fresh, flags), -1)
SLICKQ_WRAP(int, unlink, (const char* path), (path), -1)
SLICKQ_WRAP(int, madvise, (void* address, size_t length, int advice), (address, length, advice), -1)
SLICKQ_WRAP(int, mlock, (const void* address, size_t length), (address, length), -1)
SLICKQ_WRAP(int, shm_unlink, (const char* name), (name), -1)
SLICKQ_WRAP(int, pipe2, (int* ends, int flags), (ends, flags), -1)
SLICKQ_WRAP(int, memfd_create, (const char* name, unsigned flags), (name, flags), -1)
SLICKQ_WRAP(ssize_t, read, (int descriptor, void* buffer, size_t length), (descriptor, buffer, length), -1)
SLICKQ_WRAP(int, stat, (const char* path, struct stat* status), (path, status), -1)
SLICKQ_WRAP(DIR*, opendir, (const char* path), (path), nullptr)
SLICKQ_WRAP(void*, mmap, (void* address, size_t length, int protection, int flags, int descriptor, off_t offset),
            (address, length, protection, flags, descriptor, offset), MAP_FAILED)

int __real_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    if (const int error = about_to("open")) return errno = error, -1;
    if (unnamed_files_are_refused && (flags & O_TMPFILE) == O_TMPFILE) return errno = EOPNOTSUPP, -1;
    return __real_open(path, flags, mode);
}

int __real_openat(int at, const char* path, int flags, ...);
int __wrap_openat(int at, const char* path, int flags, ...) {
    if (const int error = about_to("openat")) return errno = error, -1;
    return __real_openat(at, path, flags);
}

int __real_posix_fallocate(int descriptor, off_t offset, off_t length);
int __wrap_posix_fallocate(int descriptor, off_t offset, off_t length) {
    if (const int error = about_to("posix_fallocate")) return error; // it returns its error
    if (static_cast<std::uint64_t>(length) > most_at_once) return EINTR;
    return __real_posix_fallocate(descriptor, offset, length);
}

int __real_fallocate(int descriptor, int mode, off_t offset, off_t length);
int __wrap_fallocate(int descriptor, int mode, off_t offset, off_t length) {
    if (const int error = about_to("fallocate")) return errno = error, -1;
    if (static_cast<std::uint64_t>(length) > most_at_once) return errno = EINTR, -1;
    return __real_fallocate(descriptor, mode, offset, length);
}

int __real_close(int descriptor);
int __wrap_close(int descriptor) {
    const int error = about_to("close");
    const int result = __real_close(descriptor);
    return error != 0 ? (errno = error, -1) : result;
}

// std::thread calls it from the C++ library: this definition comes before the C library's.
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
    using function = int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
    static auto* const real = reinterpret_cast<function*>(::dlsym(RTLD_NEXT, "pthread_create"));
    if (const int error = about_to("pthread_create")) return error;
    return real(thread, attributes, run, argument);
}
}
