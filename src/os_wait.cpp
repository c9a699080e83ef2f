#include <slickq/detail/os_wait.hpp>

#if defined(__linux__)
#  include <cerrno>
#  include <climits>
#  include <ctime>

#  include <linux/futex.h>
#  include <linux/membarrier.h>
#  include <sys/syscall.h>
#  include <unistd.h>
#else
#  include <algorithm>
#  include <chrono>
#  include <thread>
#endif

#if defined(__linux__)

// Not FUTEX_PRIVATE: others may be in other processes. errno stays as it was, since nothing can go wrong that the
// caller would not see by looking again.
void slickq_detail_sleep(const void* word, std::uint32_t expected, std::int64_t longest_ns) noexcept {
    if (longest_ns <= 0) return;
    const int error = errno;
    constexpr std::int64_t second = 1'000'000'000;
    const std::timespec longest{static_cast<std::time_t>(longest_ns / second), static_cast<long>(longest_ns % second)};
    ::syscall(SYS_futex, word, FUTEX_WAIT, expected, &longest, nullptr, 0);
    errno = error;
}

void slickq_detail_wake_all(const void* word) noexcept {
    const int error = errno;
    ::syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
    errno = error;
}

// membarrier(2), from Linux 4.16 on. It is inherited by fork() and asked for again after exec().
int slickq_detail_accept_heavy_fences() noexcept {
    const int error = errno;
    const bool accepted = ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0, 0) == 0;
    errno = error;
    return accepted ? 1 : 0;
}

// Where this process may not call it, a sleeper may miss the wake-up of a single or prompt producer, and looks again
// after its slice (wait_until.hpp).
void slickq_detail_heavy_fence() noexcept {
    const int error = errno;
    ::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0);
    errno = error;
}

#else

int slickq_detail_accept_heavy_fences() noexcept { return 0; }
void slickq_detail_heavy_fence() noexcept {}

void slickq_detail_sleep(const void*, std::uint32_t, std::int64_t longest_ns) noexcept {
    std::this_thread::sleep_for(std::chrono::nanoseconds(std::min<std::int64_t>(longest_ns, 2'000'000)));
}

void slickq_detail_wake_all(const void*) noexcept {}

#endif
