// Producers of a lossy queue by themselves, unpaced, with nobody who reads: what reserving and publishing cost against each other.
#ifndef BENCH_PRODUCERS_HPP
#define BENCH_PRODUCERS_HPP

#include "../harness/measure.hpp"
#include "timed.hpp"

namespace bench {

template <class Peer>
measurement measure_producers(const request& asked) {
    using item = typename Peer::item;
    constexpr std::uint64_t group = Peer::about.group;
    const unsigned producers = asked.queue.producers;
    // Warmed up by two laps, and ending with a lap of which nothing is wanted but that it is whole.
    const std::uint64_t items_of_each = (asked.items / producers + 2 * asked.queue.capacity) / group * group;

    arena memory(arena_bytes(asked.queue, sizeof(item)));
    Peer queue(memory, asked.queue);
    auto& shared = memory.make<together>(producers);
    const side_records records(memory, producers);

    std::vector<std::function<void()>> sides;
    for (unsigned number = 0; number < producers; ++number) {
        sides.push_back([&, number] {
            typename Peer::producer end(queue);
            shared.start_line();
            records[number].begun_ns = now_ns();
            for (std::uint64_t next = 0; next < items_of_each; next += group) {
                end.put([&](item& each, std::uint32_t k) { each.fill(next + k); });
            }
            records[number].ended_ns = now_ns();
            shared.finish_line();
        });
    }
    run_sides(asked.queue.how, shared, sides, asked.cpus);

    // One that was descheduled for a lap between reserve and publish spoils a record, or with some queues the order: that is the
    // protocol's limit, not this run's failure. How many whole records a reader finds afterwards is printed.
    typename Peer::consumer in(queue);
    std::uint64_t whole = 0;
    const auto count = [&](const item& each) { whole += each.sum() == each.value() * item::words ? 1 : 0; };
    while (in.pop(count) != 0 || in.pop(count) != 0) { // an answer without an item may tell of a lap, before the rest
    }
    require(whole != 0, "self-check failed: there is no whole record in the ring");
    const double items = static_cast<double>(items_of_each * producers);
    return {{{"million_per_s", items * 1e3 / records.duration_ns()}, {"whole", static_cast<double>(whole)}}};
}

} // namespace bench

#endif
