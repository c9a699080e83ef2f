// The bytes under a segment's name, past the library: for making segments that no library would make, and for looking at those
// it made.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace test {

using bytes = std::vector<std::byte>;

inline void write_shm(const std::string& name, const bytes& content) {
    const int fd = ::shm_open(name.c_str(), O_CREAT | O_RDWR, 0600);
    if (fd == -1) throw std::runtime_error("shm_open " + name);
    const bool written = ::ftruncate(fd, static_cast<off_t>(content.size())) == 0 &&
                         ::pwrite(fd, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size());
    ::close(fd);
    if (!written) throw std::runtime_error("write " + name);
}

inline bool shm_exists(const std::string& name) {
    const int fd = ::shm_open(name.c_str(), O_RDONLY, 0);
    if (fd == -1) return false;
    ::close(fd);
    return true;
}

inline struct stat stat_shm(const std::string& name) {
    const int fd = ::shm_open(name.c_str(), O_RDONLY, 0);
    struct stat status {};
    const bool found = fd != -1 && ::fstat(fd, &status) == 0;
    if (fd != -1) ::close(fd);
    if (!found) throw std::runtime_error("stat " + name);
    return status;
}

inline bytes read_shm(const std::string& name) {
    bytes content(static_cast<std::size_t>(stat_shm(name).st_size));
    const int fd = ::shm_open(name.c_str(), O_RDONLY, 0);
    const bool read = fd != -1 && ::pread(fd, content.data(), content.size(), 0) == static_cast<ssize_t>(content.size());
    if (fd != -1) ::close(fd);
    if (!read) throw std::runtime_error("read " + name);
    return content;
}

} // namespace test
