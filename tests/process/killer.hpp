// A process that dies at a chosen system call. The calls are wrapped at link time (see CMakeLists.txt).
#pragma once

#include <string>

namespace test {

// The calling process gets SIGKILL just before its `count`th call from now on of shm_open, fchmod, posix_fallocate, mmap or
// close.
void die_before(const std::string& call, int count);

} // namespace test
