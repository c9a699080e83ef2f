#include "sleep.hpp"

#if defined(__linux__)
#  include <climits>

#  include <linux/futex.h>
#  include <sys/syscall.h>
#  include <unistd.h>
#endif

#include <algorithm>
#include <ctime>

namespace tool {
namespace {

std::timespec timespec_of(std::int64_t nanoseconds) noexcept {
    constexpr std::int64_t second = 1'000'000'000;
    return {static_cast<std::time_t>(nanoseconds / second), static_cast<long>(nanoseconds % second)};
}

} // namespace

void nap(std::int64_t nanoseconds) noexcept {
    if (nanoseconds <= 0) return;
    // Not std::this_thread::sleep_for(), which goes on sleeping after a signal.
    const std::timespec longest = timespec_of(nanoseconds);
    ::nanosleep(&longest, nullptr);
}

#if defined(__linux__)

// Not FUTEX_PRIVATE: the others are in other processes.
void sleep_on(const void* word, std::uint32_t expected, std::int64_t longest_ns) noexcept {
    if (longest_ns <= 0) return;
    const std::timespec longest = timespec_of(longest_ns);
    ::syscall(SYS_futex, word, FUTEX_WAIT, expected, &longest, nullptr, 0);
}

void wake_sleepers(const void* word) noexcept { ::syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0); }

#else

void sleep_on(const void*, std::uint32_t, std::int64_t longest_ns) noexcept {
    nap(std::min<std::int64_t>(longest_ns, 2'000'000));
}
void wake_sleepers(const void*) noexcept {}

#endif

} // namespace tool
