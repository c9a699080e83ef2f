// Each peculiarity, with where it is said. posix_shm.c is XNU's bsd/kern/posix_shm.c.
#include "xnu.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

constexpr off_t page = 16384; // of Apple silicon
int error_of_ftruncate = 0;
bool dies_in_ftruncate = false;

bool is_shared_memory(int descriptor) {
    char link[64], target[300];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = ::readlink(link, target, sizeof target - 1);
    if (length <= 0) return false;
    target[length] = '\0';
    return std::strncmp(target, "/dev/shm/", 9) == 0;
}

} // namespace

namespace test {
void fail_next_ftruncate(int error) { error_of_ftruncate = error; }
void die_in_ftruncate() { dies_in_ftruncate = true; }
} // namespace test

extern "C" {

int __real_shm_open(const char* name, int flags, mode_t mode);
int __wrap_shm_open(const char* name, int flags, mode_t mode) {
    // posix_shm.c, PSHMNAMLEN: 31 bytes, with the '/'.
    if (std::strlen(name) > 31) return errno = ENAMETOOLONG, -1;
    // macOS 26.4 refuses what POSIX does not name: LadybirdBrowser/ladybird, pull request 8614, of O_CLOEXEC.
    if ((flags & ~(O_RDONLY | O_RDWR | O_CREAT | O_EXCL | O_TRUNC)) != 0) return errno = EINVAL, -1;
    // posix_shm.c, shm_open(): pshm_mode is the mode as it was given; no umask.
    const mode_t mask = ::umask(0);
    const int descriptor = __real_shm_open(name, flags, mode);
    const int error = errno;
    ::umask(mask);
    errno = error;
    return descriptor;
}

// posix_shm.c, pshm_stat(): the rest is zero, the file type, the device, the inode and the links among it.
int __real_fstat(int descriptor, struct stat* status);
int __wrap_fstat(int descriptor, struct stat* status) {
    const int result = __real_fstat(descriptor, status);
    if (result != 0 || !is_shared_memory(descriptor)) return result;
    const struct stat all = *status;
    std::memset(status, 0, sizeof *status);
    status->st_mode = all.st_mode & 07777;
    status->st_uid = all.st_uid;
    status->st_gid = all.st_gid;
    status->st_size = all.st_size;
    return 0;
}

// posix_shm.c, pshm_truncate(): once (then EINVAL), rounded up to pages, and with all its memory.
int __real_ftruncate(int descriptor, off_t length);
int __wrap_ftruncate(int descriptor, off_t length) {
    if (!is_shared_memory(descriptor)) return __real_ftruncate(descriptor, length);
    if (dies_in_ftruncate) ::raise(SIGKILL);
    if (error_of_ftruncate != 0) {
        errno = error_of_ftruncate;
        error_of_ftruncate = 0;
        return -1;
    }
    struct stat status;
    if (__real_fstat(descriptor, &status) != 0) return -1;
    if (status.st_size != 0) return errno = EINVAL, -1;
    const int error = ::posix_fallocate(descriptor, 0, (length + page - 1) / page * page);
    return error == 0 ? 0 : (errno = error, -1);
}

// fchmod() is for files alone (it asks for the vnode, fp_getfvp()): eclipse-iceoryx/iceoryx2, issue 156.
int __real_fchmod(int descriptor, mode_t mode);
int __wrap_fchmod(int descriptor, mode_t mode) {
    return is_shared_memory(descriptor) ? (errno = EINVAL, -1) : __real_fchmod(descriptor, mode);
}

long __real_sysconf(int name);
long __wrap_sysconf(int name) { return name == _SC_PAGESIZE ? page : __real_sysconf(name); }
}
