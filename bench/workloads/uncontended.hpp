// Push and pop on one thread, nobody else around: what the calls themselves cost.
#ifndef BENCH_UNCONTENDED_HPP
#define BENCH_UNCONTENDED_HPP

#include "checks.hpp"
#include "ends.hpp"

namespace bench {

template <class Peer>
measurement measure_uncontended(const request& asked) {
    using item = typename Peer::item;
    arena memory(arena_bytes(asked.queue, sizeof(item)));
    Peer queue(memory, asked.queue);
    auto& shared = memory.make<together>(1u);
    auto& taken_ns = memory.make<std::int64_t>(0);
    const std::uint64_t warm_up = std::uint64_t{2} * asked.queue.capacity;
    const std::uint64_t items = (warm_up + asked.items) / Peer::about.group * Peer::about.group;

    const auto both = [&] {
        typename Peer::producer out(queue);
        typename Peer::consumer in(queue);
        in_order<item> check;
        const auto transfer = [&](std::uint64_t until) {
            while (check.received() < until) {
                std::uint64_t next = check.received();
                const std::uint32_t pushed = push_unpaced<Peer>(out, [&](item& each, std::uint32_t k) { each.fill(next + k); });
                for (next += pushed; check.received() < next;) in.pop([&](const item& each) { check(each); });
            }
        };
        transfer(warm_up);
        const std::int64_t begun = now_ns();
        transfer(items);
        taken_ns = now_ns() - begun;
        check.require_all(items);
    };
    run_sides(mode::threads, shared, {both}, asked.cpus);
    return {{{"ns_per_item", static_cast<double>(taken_ns) / static_cast<double>(asked.items)}}};
}

} // namespace bench

#endif
