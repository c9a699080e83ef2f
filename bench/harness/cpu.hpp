// Processors and time: pinning, the pause of a spinning loop, clocks.
#ifndef BENCH_CPU_HPP
#define BENCH_CPU_HPP

#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <vector>

#include <sched.h>

#if defined(__x86_64__)
#    include <x86intrin.h>
#endif

namespace bench {

inline void pause() noexcept {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#endif
}

inline std::int64_t now_ns() noexcept {
    timespec now;
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// The calling thread runs on that CPU only.
inline void pin(int cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(cpu), &one);
    if (::sched_setaffinity(0, sizeof one, &one) != 0) throw std::runtime_error("cannot pin a thread to its CPU");
}

// Those this process may run on.
inline std::vector<int> allowed_cpus() {
    cpu_set_t all;
    CPU_ZERO(&all);
    if (::sched_getaffinity(0, sizeof all, &all) != 0) return {0};
    std::vector<int> cpus;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(static_cast<unsigned>(cpu), &all)) cpus.push_back(cpu);
    }
    return cpus;
}

// A cheaper clock for single round trips: the time stamp counter where it ticks evenly on all CPUs, else now_ns().
class stopwatch {
public:
    static std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
        if (is_tsc()) {
            unsigned cpu;
            return __rdtscp(&cpu); // waits for what comes before it
        }
#endif
        return static_cast<std::uint64_t>(now_ns());
    }
    static bool is_tsc() noexcept { return facts().is_tsc; }
    static double ns_per_tick() noexcept { return facts().ns_per_tick; }
    // What two readings in a row differ by, in nanoseconds: part of every time taken.
    static double own_cost_ns() noexcept { return facts().own_cost_ns; }

private:
    struct truth {
        bool is_tsc;
        double ns_per_tick;
        double own_cost_ns;
    };
    static const truth& facts() noexcept;
};

} // namespace bench

#endif
