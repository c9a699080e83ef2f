#include "killer.hpp"

#include <csignal>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::string chosen;
int calls_to_go = 0;

void about_to(const char* call) {
    if (chosen == call && --calls_to_go == 0) ::kill(::getpid(), SIGKILL);
}

} // namespace

namespace test {

void die_before(const std::string& call, int count) {
    chosen = call;
    calls_to_go = count;
}

} // namespace test

extern "C" {

int __real_shm_open(const char* name, int flags, mode_t mode);
int __wrap_shm_open(const char* name, int flags, mode_t mode) {
    about_to("shm_open");
    return __real_shm_open(name, flags, mode);
}

int __real_fchmod(int descriptor, mode_t mode);
int __wrap_fchmod(int descriptor, mode_t mode) {
    about_to("fchmod");
    return __real_fchmod(descriptor, mode);
}

int __real_posix_fallocate(int descriptor, off_t offset, off_t length);
int __wrap_posix_fallocate(int descriptor, off_t offset, off_t length) {
    about_to("posix_fallocate");
    return __real_posix_fallocate(descriptor, offset, length);
}

void* __real_mmap(void* address, size_t length, int protection, int flags, int descriptor, off_t offset);
void* __wrap_mmap(void* address, size_t length, int protection, int flags, int descriptor, off_t offset) {
    about_to("mmap");
    return __real_mmap(address, length, protection, flags, descriptor, offset);
}

int __real_close(int descriptor);
int __wrap_close(int descriptor) {
    about_to("close");
    return __real_close(descriptor);
}
}
