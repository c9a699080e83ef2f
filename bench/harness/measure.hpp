// One measurement: a workload, its parameters, and the numbers that come out.
#ifndef BENCH_MEASURE_HPP
#define BENCH_MEASURE_HPP

#include "peer.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

enum class workload {
    spsc,         // one producer, one consumer, as fast as they can
    pingpong,     // one item there and back
    uncontended,  // push and pop on one thread
    broadcast,    // every consumer gets every item
    sharing,      // producers and consumers, each item to one consumer
    producers,    // producers alone, unpaced: a lossy queue that nobody reads
    laps          // a producer that does not wait, and a slow consumer
};

struct request {
    workload what = workload::spsc;
    shape queue{};
    std::uint64_t items = 0;
    unsigned pauses = 0;      // after an empty or full answer
    unsigned work_pauses = 0; // laps: what the slow consumer does for each item
    std::vector<int> cpus;
};

// The first number is the one that queues are compared by.
struct measurement {
    std::vector<std::pair<const char*, double>> numbers;
};

using measure_function = measurement (*)(const request&);

inline void require(bool holds, const char* what) {
    if (!holds) throw std::runtime_error(what);
}

// Memory for anything that a queue of that shape may need.
inline std::size_t arena_bytes(const shape& wanted, std::size_t item_bytes) {
    return (std::size_t{wanted.capacity} * (item_bytes + 64) * 2 + (16u << 20)) * (wanted.consumers + 1);
}

// Sides that do not fit onto the CPUs must let each other run.
inline bool must_yield(const request& asked) {
    return asked.queue.producers + asked.queue.consumers > asked.cpus.size();
}

} // namespace bench

#endif
