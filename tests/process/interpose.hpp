// What goes wrong on purpose: the system calls that the library makes, wrapped at link time (see CMakeLists.txt), the
// start of a thread, and allocations.
#pragma once

#include <cstdint>
#include <functional>
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

const std::vector<std::string>& interposed_calls();

// What is done before each of this process's calls from now on, with its number, 1 for the first; nothing again.
void before_each_call(std::function<void(int)> action);

// Files without a name can't be had, from now on, or can be had again.
void refuse_unnamed_files(bool refuses);

// Whoever asks for memory for more bytes than this at once is interrupted, as by a timer on kernels before 6.x.
void interrupt_allocations_beyond(std::uint64_t bytes);

// This thread's `count`th use of operator new from now on fails, alone or with all that follow.
class failing_allocation {
public:
    failing_allocation(int count, bool and_all_that_follow);
    failing_allocation(const failing_allocation&) = delete;
    failing_allocation& operator=(const failing_allocation&) = delete;
    ~failing_allocation();

    bool has_happened() const;
};

} // namespace test
