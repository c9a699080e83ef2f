// One producer, several consumers that each get every item. With queues that give an item to one consumer only, the producer does what
// a program would: it has a queue for each consumer, and pushes into all.
#ifndef BENCH_BROADCAST_HPP
#define BENCH_BROADCAST_HPP

#include "checks.hpp"
#include "ends.hpp"
#include "timed.hpp"

#include <deque>

namespace bench {

namespace detail {

// A producer that containers can hold: some can't be moved.
template <class Peer>
struct one_of_many {
    one_of_many(Peer& queue, progress& consumers) : end(producer_of(queue, consumers)) {}
    decltype(producer_of(std::declval<Peer&>(), std::declval<progress&>())) end;
};

} // namespace detail

template <class Peer>
measurement measure_broadcast(const request& asked) {
    using item = typename Peer::item;
    const unsigned consumers = asked.queue.consumers;
    const unsigned copies = Peer::about.is_lossy ? 1 : consumers;
    shape each_queue = asked.queue;
    if (!Peer::about.is_lossy) each_queue.consumers = 1;
    arena memory(arena_bytes(asked.queue, sizeof(item)) * copies);
    std::deque<Peer> queues;
    for (unsigned k = 0; k < copies; ++k) queues.emplace_back(memory, each_queue);
    progress places(memory, asked.queue);
    auto& shared = memory.make<together>(consumers + 1);
    const side_records records(memory, consumers);
    const std::uint64_t warm_up = std::uint64_t{2} * asked.queue.capacity;
    const std::uint64_t items = warm_up + asked.items;

    std::vector<std::function<void()>> sides{[&] {
        std::deque<detail::one_of_many<Peer>> outs;
        for (Peer& queue : queues) outs.emplace_back(queue, places);
        idler idle(shared, asked.pauses, must_yield(asked));
        shared.start_line();
        for (std::uint64_t next = 0; next < items; ++next) {
            for (auto& out : outs) {
                while (out.end.push([&](item& each, std::uint32_t) { each.fill(next); }) == 0) idle();
            }
        }
        shared.finish_line();
    }};
    for (unsigned number = 0; number < consumers; ++number) {
        sides.push_back([&, number] {
            auto end = consumer_of(queues[number % copies], places, number);
            idler idle(shared, asked.pauses, must_yield(asked));
            in_order<item> check;
            const auto receive = [&](std::uint64_t until) {
                while (check.received() < until) {
                    if (end.pop([&](const item& each) { check(each); }) == 0) idle();
                }
            };
            shared.start_line();
            receive(warm_up);
            records[number].begun_ns = now_ns();
            receive(items);
            records[number].ended_ns = now_ns();
            shared.finish_line();
            check.require_all(items);
        });
    }
    run_sides(asked.queue.how, shared, sides, asked.cpus);
    return {{{"million_per_s", static_cast<double>(asked.items) * 1e3 / records.duration_ns()}, {"lost", 0.0}}};
}

} // namespace bench

#endif
