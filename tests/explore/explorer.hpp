// Every schedule of a few threads, up to a stated number of preemptions (context switches away from a thread that could have gone
// on) and of late loads (those that return an older value than the newest: see memory.hpp). The threads are coroutines on stacks
// of their own; each operation on a watched atomic is a point where another one may run. Between two points a thread runs alone.
// Without late loads the memory model explored is sequential consistency.
#pragma once

#include "memory.hpp"

#include <slickq/detail/cas16.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace explore {

struct bounds {
    int preemptions = 2;
    int late_loads = 0;
};

// Notes that an invariant does not hold in the schedule being run.
void violated(const std::string& what);
inline void require(bool holds, const char* what) {
    if (!holds) violated(what);
}

// ---------------------------------------------------------------- what a scenario's threads do to memory

// Outside of an exploration each acts on what is there. `place` holds the newest value of the location.
void step(); // a point of the schedule: each operation begins with one
std::uint64_t loaded(const void* place, std::uint64_t newest, std::memory_order order); // the value that the load returns
void stored(const void* place, std::uint64_t newest, std::uint64_t value, std::memory_order order);
void exchanged(std::span<const memory::change> changes, std::memory_order order);
void fence(std::memory_order order);
void heavy_fence();
// From now on `tell` gets every word that is copied into shared memory, once it is there. nullptr: nobody does.
void watch_writes(std::function<void(std::uint64_t)> tell);
void sleep(const void* word);    // until somebody wakes those who sleep on it
void wake_all(const void* word); // if nobody ever does, the schedule violates
// The thread that calls this dies at its so manieth step from here: it does not return, its memory stays as it is. `tell` is what
// comes of it, in steps of its own; then all who sleep wake up. It leaks what its locals own.
void die_after(int steps, std::function<void()> tell);

// std::atomic's operations that the ring uses.
template <class T>
class watched {
public:
    watched() = default;
    watched(T value) : value_(value) {}
    T load(std::memory_order order = std::memory_order_seq_cst) const {
        step();
        return static_cast<T>(loaded(this, value_, order));
    }
    void store(T value, std::memory_order order = std::memory_order_seq_cst) {
        step();
        stored(this, value_, value, order);
        value_ = value;
    }
    T fetch_add(T by, std::memory_order order = std::memory_order_seq_cst) {
        step();
        const T before = value_;
        exchange(static_cast<T>(before + by), order);
        return before;
    }
    T fetch_or(T bits, std::memory_order order = std::memory_order_seq_cst) {
        step();
        const T before = value_;
        exchange(static_cast<T>(before | bits), order);
        return before;
    }
    // A failure returns the newest value, never a late one.
    bool compare_exchange_strong(T& expected, T desired, std::memory_order order = std::memory_order_seq_cst,
                                 std::memory_order failure = std::memory_order_seq_cst) {
        step();
        if (value_ != expected) {
            expected = value_;
            exchange(value_, failure);
            return false;
        }
        exchange(desired, order);
        return true;
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order order = std::memory_order_seq_cst,
                               std::memory_order failure = std::memory_order_seq_cst) {
        return compare_exchange_strong(expected, desired, order, failure);
    }

    T peek() const { return value_; } // for checks: no step

private:
    void exchange(T desired, std::memory_order order) {
        const memory::change one[]{{this, static_cast<std::uint64_t>(value_), static_cast<std::uint64_t>(desired)}};
        exchanged(one, order);
        value_ = desired;
    }

    T value_;
};

// The policy for slickq::basic_ring and slickq::basic_reader.
struct watched_atomics {
    template <class T>
    using atomic = watched<T>;

    static bool cas16(void* address, slickq::detail::pair64& expected, slickq::detail::pair64 desired, std::memory_order order);
    static bool has_cas16() { return true; }
    static void store16(void* address, slickq::detail::pair64 value);
    static inline bool can_store16 = true; // the machine, as the scenario wants it
    static bool has_store16() { return can_store16; }
    static void release_fence() { fence(std::memory_order_release); }
    static void acquire_fence() { fence(std::memory_order_acquire); }
    static void full_fence() { fence(std::memory_order_seq_cst); }
    static void heavy_fence() {
        step();
        if (can_fence_others) explore::heavy_fence();
    }
    static inline bool can_fence_others = true; // as can_store16
    static bool can_use_heavy_fences() { return can_fence_others; }
    static void compiler_fence() {}
    static void prefetch_if_waiting(const void*) {}
    static std::uint64_t opaque(std::uint64_t value) { return value; }
    // As the kernel does it: looking at the word and falling asleep are one.
    static void sleep(const watched<std::uint32_t>& word, std::uint32_t expected, std::int64_t) {
        step();
        if (word.peek() == expected) explore::sleep(&word);
    }
    static void wake_all(watched<std::uint32_t>& word) {
        step();
        explore::wake_all(&word);
    }
    static void nap(std::int64_t) {}
    static constexpr std::uint32_t reports_kept = 2;
    static constexpr int looks_before_sleep = 0;
    static void pause() {}
    // Whole words only: the scenarios' elements are.
    static void copy_in(std::byte* shared, const void* from, std::size_t bytes);
    static void copy_out(void* to, const std::byte* shared, std::size_t bytes);
    static inline std::uint32_t running_process = 1; // as the scenario wants it
    static std::uint32_t process_id() { return running_process; }
    static std::int64_t now_ns() { return 1; } // whatever may time out has
};

// ---------------------------------------------------------------- exploring

// What is run again for every schedule: made anew, its threads run to their ends, then checked.
class scenario {
public:
    virtual ~scenario() = default;
    virtual std::vector<std::function<void()>> threads() = 0;
    virtual void check() = 0;
};

struct result {
    std::uint64_t schedules = 0;
    std::uint64_t longest = 0; // steps in one schedule
    std::string violation;     // the first one; empty: none
    std::string schedule;      // of the violation: the thread of each step
};

// Stops at the first violation.
result explore(const bounds& limits, const std::function<std::unique_ptr<scenario>()>& make);

} // namespace explore
