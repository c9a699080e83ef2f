// Every schedule of a few threads, up to a stated number of preemptions (context switches away from a thread that could have gone
// on). The threads are coroutines on stacks of their own; each operation on a watched atomic, and each step() of a scenario, is a
// point where another one may run. Between two points a thread runs alone: the memory model explored is sequential consistency.
#pragma once

#include <slickq/cas16.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace explore {

// A point where the schedule may change. Outside of an exploration it does nothing.
void step();

// Notes that an invariant does not hold in the schedule being run.
void violated(const std::string& what);
inline void require(bool holds, const char* what) {
    if (!holds) violated(what);
}

// std::atomic's operations that the ring uses, each one a step.
template <class T>
class watched {
public:
    T load(std::memory_order = std::memory_order_seq_cst) const {
        step();
        return value_;
    }
    void store(T value, std::memory_order = std::memory_order_seq_cst) {
        step();
        value_ = value;
    }
    T fetch_add(T by, std::memory_order = std::memory_order_seq_cst) {
        step();
        const T before = value_;
        value_ = static_cast<T>(before + by);
        return before;
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order = {}, std::memory_order = {}) {
        step();
        if (value_ != expected) {
            expected = value_;
            return false;
        }
        value_ = desired;
        return true;
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order = {}, std::memory_order = {}) {
        return compare_exchange_strong(expected, desired);
    }

    T peek() const { return value_; } // for checks: no step

private:
    T value_;
};

// The policy for slickq::basic_ring.
struct watched_atomics {
    template <class T>
    using atomic = watched<T>;

    static bool cas16(void* address, slickq::detail::pair64& expected, slickq::detail::pair64 desired) {
        step();
        auto& value = *static_cast<slickq::detail::pair64*>(address);
        if (value.low != expected.low || value.high != expected.high) {
            expected = value;
            return false;
        }
        value = desired;
        return true;
    }
    static bool has_cas16() { return true; }
    static void release_fence() {}
};

// What is run again for every schedule: made anew, its threads run to their ends, then checked.
class scenario {
public:
    virtual ~scenario() = default;
    virtual std::vector<std::function<void()>> threads() = 0;
    virtual void check() = 0;
};

struct result {
    std::uint64_t schedules = 0;
    std::uint64_t longest = 0;   // steps in one schedule
    std::string violation;       // the first one; empty: none
    std::string schedule;        // of the violation: the thread of each step
};

// Stops at the first violation.
result explore(int preemptions, const std::function<std::unique_ptr<scenario>()>& make);

} // namespace explore
