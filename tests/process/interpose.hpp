// System calls that go wrong on purpose: shm_open, fchmod, posix_fallocate, fstat, mmap, close and shm_unlink, as the library
// makes them. They are wrapped at link time (see CMakeLists.txt).
#pragma once

#include <string>
#include <vector>

namespace test {

// The calling process gets SIGKILL just before its `count`th call from now on.
void die_before(const std::string& call, int count);

// The `count`th call from now on fails with `error` and is not made; close is made all the same, as the system does. EINTR is
// what a signal at that point would give.
class failing_call {
public:
    failing_call(const std::string& call, int count, int error);
    failing_call(const failing_call&) = delete;
    failing_call& operator=(const failing_call&) = delete;
    ~failing_call();

    bool has_happened() const; // whether the call was reached
};

std::vector<std::string> interposed_calls();

} // namespace test
