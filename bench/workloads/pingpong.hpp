// One item to the other side and back, again and again, through two queues: half the round trip, of each one.
#ifndef BENCH_PINGPONG_HPP
#define BENCH_PINGPONG_HPP

#include "checks.hpp"
#include "ends.hpp"

#include <algorithm>
#include <cmath>

namespace bench {

namespace detail {

// The value that `share` of all samples are not above.
inline double percentile(const std::vector<std::uint32_t>& sorted, double share) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return static_cast<double>(sorted[std::min(std::max<std::size_t>(rank, 1), sorted.size()) - 1]);
}

} // namespace detail

template <class Peer>
measurement measure_pingpong(const request& asked) {
    using item = typename Peer::item;
    constexpr std::uint64_t warm_up = 1'000;
    const std::uint64_t items = warm_up + asked.items;
    arena memory(2 * arena_bytes(asked.queue, sizeof(item)) + items * sizeof(std::uint32_t));
    Peer there(memory, asked.queue);
    Peer back(memory, asked.queue);
    auto& shared = memory.make<together>(2u);
    auto* const round_trips = static_cast<std::uint32_t*>(memory.allocate(asked.items * sizeof(std::uint32_t)));

    const auto send = [&](auto& end, std::uint64_t value, idler& idle) {
        while (push_unpaced<Peer>(end, [&](item& each, std::uint32_t) { each.fill(value); }) == 0) idle();
    };
    const auto serve = [&] {
        typename Peer::producer out(there);
        typename Peer::consumer in(back);
        idler idle(shared, asked.pauses, must_yield(asked));
        in_order<item> check;
        shared.start_line();
        for (std::uint64_t k = 0; k < items; ++k) {
            const std::uint64_t begun = stopwatch::ticks();
            send(out, k, idle);
            while (in.pop([&](const item& each) { check(each); }) == 0) idle();
            const std::uint64_t taken = stopwatch::ticks() - begun;
            if (k >= warm_up) round_trips[k - warm_up] = static_cast<std::uint32_t>(std::min<std::uint64_t>(taken, UINT32_MAX));
        }
        shared.finish_line();
        check.require_all(items);
    };
    const auto answer = [&] {
        typename Peer::producer out(back);
        typename Peer::consumer in(there);
        idler idle(shared, asked.pauses, must_yield(asked));
        in_order<item> check;
        shared.start_line();
        for (std::uint64_t k = 0; k < items; ++k) {
            while (in.pop([&](const item& each) { check(each); }) == 0) idle();
            send(out, k, idle);
        }
        shared.finish_line();
        check.require_all(items);
    };
    stopwatch::ns_per_tick(); // calibrated here, once for all sides
    run_sides(asked.queue.how, shared, {serve, answer}, asked.cpus);

    std::vector<std::uint32_t> sorted(round_trips, round_trips + asked.items);
    std::sort(sorted.begin(), sorted.end());
    const auto one_way_ns = [&](double share) { return detail::percentile(sorted, share) * stopwatch::ns_per_tick() / 2; };
    return {{{"p50_ns", one_way_ns(0.5)},
             {"p90_ns", one_way_ns(0.9)},
             {"p99_ns", one_way_ns(0.99)},
             {"p999_ns", one_way_ns(0.999)},
             {"max_ns", one_way_ns(1.0)}}};
}

} // namespace bench

#endif
