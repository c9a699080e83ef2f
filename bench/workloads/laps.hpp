// What a slow reader of a lossy queue gets: the producer does not wait, the consumer spends some pauses on each item. Torn items are
// those that the queue handed out although a producer was overwriting them; from a validated read there may be none.
#ifndef BENCH_LAPS_HPP
#define BENCH_LAPS_HPP

#include "../harness/measure.hpp"
#include "timed.hpp"

namespace bench {

template <class Peer>
measurement measure_laps(const request& asked) {
    using item = typename Peer::item;
    constexpr std::uint64_t group = Peer::about.group;
    const std::uint64_t items = (asked.items + 2 * asked.queue.capacity) / group * group;
    struct tally {
        std::uint64_t received = 0;
        std::uint64_t torn = 0;
        std::uint64_t lost = 0;
        std::uint64_t repeated = 0;
    };

    arena memory(arena_bytes(asked.queue, sizeof(item)));
    Peer queue(memory, asked.queue);
    auto& shared = memory.make<together>(2u);
    auto& is_over = memory.make<std::atomic<bool>>(false);
    auto& got = memory.make<tally>();
    const side_records records(memory, 1);

    const auto produce = [&] {
        typename Peer::producer end(queue);
        shared.start_line();
        records[0].begun_ns = now_ns();
        for (std::uint64_t next = 0; next < items; next += group) {
            end.put([&](item& each, std::uint32_t k) { each.fill(next + k); });
        }
        records[0].ended_ns = now_ns();
        is_over.store(true, std::memory_order_release);
        shared.finish_line();
    };
    const auto consume = [&] {
        typename Peer::consumer end(queue);
        idler idle(shared, asked.pauses, must_yield(asked));
        tally mine;
        std::uint64_t expected = 0;
        const auto use = [&](const item& each) {
            item copy;
            for (std::size_t k = 0; k < item::words; ++k) copy.word[k] = each.word[k];
            for (unsigned k = 0; k < asked.work_pauses; ++k) pause();
            if (copy.sum() != copy.value() * item::words || copy.value() >= items) {
                ++mine.torn;
                return;
            }
            ++mine.received;
            if (copy.value() < expected) ++mine.repeated;
            else mine.lost += copy.value() - expected;
            expected = copy.value() + 1;
        };
        shared.start_line();
        for (;;) {
            const bool was_over = is_over.load(std::memory_order_acquire);
            if (end.pop(use) != 0) continue;
            // An answer without an item may tell of a lap, and the next one bring the rest.
            if (was_over && (expected == items || end.pop(use) == 0)) break;
            idle();
        }
        mine.lost += items - std::min(expected, items);
        got = mine;
        shared.finish_line();
    };
    run_sides(asked.queue.how, shared, {produce, consume}, asked.cpus);

    if (Peer::about.is_validated) {
        require(got.torn == 0, "self-check failed: a validated read handed out a torn item");
        require(got.repeated == 0, "self-check failed: a validated read handed out an item twice");
        require(got.received + got.lost == items, "self-check failed: received and lost do not add up");
    }
    const double all = static_cast<double>(items);
    return {{{"million_per_s", all * 1e3 / records.duration_ns()},
             {"received_pct", static_cast<double>(got.received) * 100 / all},
             {"lost_pct", static_cast<double>(got.lost) * 100 / all},
             {"torn", static_cast<double>(got.torn)},
             {"repeated", static_cast<double>(got.repeated)}}};
}

} // namespace bench

#endif
