#include "interpose.hpp"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::string chosen;
int calls_to_go = 0;
int error_to_give = 0; // 0: die

// The error that this call is to give; 0 if it is to be made.
int about_to(const char* call) {
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

std::vector<std::string> interposed_calls() {
    return {"shm_open", "fchmod", "posix_fallocate", "fstat", "mmap", "close", "shm_unlink"};
}

} // namespace test

extern "C" {

int __real_shm_open(const char* name, int flags, mode_t mode);
int __wrap_shm_open(const char* name, int flags, mode_t mode) {
    if (const int error = about_to("shm_open")) return errno = error, -1;
    return __real_shm_open(name, flags, mode);
}

int __real_fchmod(int descriptor, mode_t mode);
int __wrap_fchmod(int descriptor, mode_t mode) {
    if (const int error = about_to("fchmod")) return errno = error, -1;
    return __real_fchmod(descriptor, mode);
}

int __real_posix_fallocate(int descriptor, off_t offset, off_t length);
int __wrap_posix_fallocate(int descriptor, off_t offset, off_t length) {
    if (const int error = about_to("posix_fallocate")) return error; // it returns its error
    return __real_posix_fallocate(descriptor, offset, length);
}

int __real_fstat(int descriptor, struct stat* status);
int __wrap_fstat(int descriptor, struct stat* status) {
    if (const int error = about_to("fstat")) return errno = error, -1;
    return __real_fstat(descriptor, status);
}

void* __real_mmap(void* address, size_t length, int protection, int flags, int descriptor, off_t offset);
void* __wrap_mmap(void* address, size_t length, int protection, int flags, int descriptor, off_t offset) {
    if (const int error = about_to("mmap")) return errno = error, MAP_FAILED;
    return __real_mmap(address, length, protection, flags, descriptor, offset);
}

int __real_close(int descriptor);
int __wrap_close(int descriptor) {
    const int error = about_to("close");
    const int result = __real_close(descriptor);
    return error != 0 ? (errno = error, -1) : result;
}

int __real_shm_unlink(const char* name);
int __wrap_shm_unlink(const char* name) {
    if (const int error = about_to("shm_unlink")) return errno = error, -1;
    return __real_shm_unlink(name);
}
}
