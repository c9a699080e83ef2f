// Runs the sides of a workload (its producers and consumers) at the same time, each pinned to a CPU, as threads or as processes.
#ifndef BENCH_SIDES_HPP
#define BENCH_SIDES_HPP

#include "arena.hpp"
#include "cpu.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

enum class mode { threads, processes };

// What all sides share: the line they start from, and word of one that failed, without which the others would spin for ever.
class together {
public:
    explicit together(unsigned sides) noexcept : sides_(sides) {}

    // Called by each side when it has opened its end of the queue.
    void start_line();
    // And when it has done its part: no side closes its end before all have, or others would be measured while it does.
    void finish_line();
    void fail(const char* why) noexcept;
    bool has_failed() const noexcept { return failed_.load(std::memory_order_acquire) == 2; }
    const char* why() const noexcept { return why_; }

private:
    void meet(std::atomic<unsigned>& arrived);

    unsigned sides_;
    std::atomic<unsigned> started_{0};
    std::atomic<unsigned> finished_{0};
    std::atomic<unsigned> failed_{0}; // 1: somebody writes why, 2: written
    char why_[256]{};
};

// What a side does when its queue was empty or full: `pauses` pauses, then the CPU to others if there are more sides than CPUs.
class idler {
public:
    idler(together& sides, unsigned pauses, bool yields) noexcept : sides_(sides), pauses_(pauses), yields_(yields) {}

    void operator()() {
        for (unsigned k = 0; k < pauses_; ++k) pause();
        if (yields_) ::sched_yield();
        if ((++idled_ & 0xFFFF) == 0) look_around();
    }

private:
    void look_around();

    together& sides_;
    unsigned pauses_;
    bool yields_;
    std::uint64_t idled_ = 0;
    std::int64_t since_ns_ = 0;
};

// sides[k] runs on cpus[k mod cpus.size()]. Throws what one of them threw.
void run_sides(mode how, together& shared, const std::vector<std::function<void()>>& sides, const std::vector<int>& cpus);

} // namespace bench

#endif
