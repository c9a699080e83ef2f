// One producer and one consumer, each on its CPU, as fast as they can. The consumer takes the time, from the moment that it has
// got the items of the first two laps: those fault the pages in.
#ifndef BENCH_SPSC_HPP
#define BENCH_SPSC_HPP

#include "checks.hpp"
#include "ends.hpp"

namespace bench {

template <class Peer>
measurement measure_spsc(const request& asked) {
    using item = typename Peer::item;
    arena memory(arena_bytes(asked.queue, sizeof(item)));
    Peer queue(memory, asked.queue);
    progress consumers(memory, asked.queue);
    auto& shared = memory.make<together>(2u);
    auto& taken_ns = memory.make<std::int64_t>(0);
    const std::uint64_t warm_up = std::uint64_t{2} * asked.queue.capacity;
    const std::uint64_t items = warm_up + asked.items;

    const auto produce = [&] {
        auto end = producer_of(queue, consumers);
        idler idle(shared, asked.pauses, must_yield(asked));
        shared.start_line();
        for (std::uint64_t next = 0; next < items;) {
            const std::uint32_t pushed = end.push([&](item& each, std::uint32_t k) { each.fill(next + k); });
            if (pushed == 0) idle();
            next += pushed;
        }
        shared.finish_line();
    };
    const auto consume = [&] {
        auto end = consumer_of(queue, consumers, 0);
        idler idle(shared, asked.pauses, must_yield(asked));
        in_order<item> check;
        const auto receive = [&](std::uint64_t until) {
            while (check.received() < until) {
                if (end.pop([&](const item& each) { check(each); }) == 0) idle();
            }
        };
        shared.start_line();
        receive(warm_up);
        const std::int64_t begun = now_ns();
        receive(items);
        taken_ns = now_ns() - begun;
        shared.finish_line();
        check.require_all(items);
    };
    run_sides(asked.queue.how, shared, {produce, consume}, asked.cpus);
    return {{{"million_per_s", static_cast<double>(asked.items) * 1e3 / static_cast<double>(taken_ns)}, {"lost", 0.0}}};
}

} // namespace bench

#endif
