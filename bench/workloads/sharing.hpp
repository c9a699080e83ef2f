// Producers and consumers that share the work: each item goes to exactly one consumer.
#ifndef BENCH_SHARING_HPP
#define BENCH_SHARING_HPP

#include "ends.hpp"
#include "timed.hpp"
#include "../harness/measure.hpp"

#include <array>

namespace bench {

namespace detail {

constexpr unsigned producer_shift = 48; // an item's value: its producer, then a number that the producer counts up

// What one consumer got: each producer's items in order, none torn.
template <class Item>
class in_order_of_each {
public:
    void operator()(const Item& got) {
        const std::uint64_t number = got.value() & ((std::uint64_t{1} << producer_shift) - 1);
        std::uint64_t& next = next_[(got.value() >> producer_shift) % next_.size()];
        is_wrong_ |= number < next || got.sum() != got.value() * Item::words;
        next = number + 1;
        sum_ += number;
        ++received_;
    }
    std::uint64_t received() const noexcept { return received_; }
    std::uint64_t sum() const noexcept { return sum_; }
    void require_order() const { require(!is_wrong_, "self-check failed: an item was torn or out of its producer's order"); }

private:
    std::array<std::uint64_t, 16> next_{};
    std::uint64_t received_ = 0;
    std::uint64_t sum_ = 0;
    bool is_wrong_ = false;
};

} // namespace detail

template <class Peer>
measurement measure_sharing(const request& asked) {
    using item = typename Peer::item;
    const unsigned producers = asked.queue.producers;
    const unsigned consumers = asked.queue.consumers;
    constexpr std::uint64_t group = Peer::about.group;
    constexpr std::uint64_t the_end = UINT64_MAX; // for consumers that block, and can't look whether all is done
    const std::uint64_t items_of_each = std::max<std::uint64_t>(asked.items / producers / group, 1) * group;
    const std::uint64_t items = items_of_each * producers;

    arena memory(arena_bytes(asked.queue, sizeof(item)));
    Peer queue(memory, asked.queue);
    progress places(memory, asked.queue);
    auto& shared = memory.make<together>(producers + consumers);
    auto& producers_left = memory.make<std::atomic<unsigned>>(producers);
    auto& taken = memory.make<std::atomic<std::uint64_t>>(0u);
    const side_records records(memory, producers + consumers);

    std::vector<std::function<void()>> sides;
    for (unsigned number = 0; number < producers; ++number) {
        sides.push_back([&, number] {
            auto end = producer_of(queue, places);
            idler idle(shared, asked.pauses, must_yield(asked));
            const std::uint64_t mine = std::uint64_t{number} << detail::producer_shift;
            shared.start_line();
            records[number].begun_ns = now_ns();
            for (std::uint64_t next = 0; next < items_of_each;) {
                const std::uint32_t pushed = end.push([&](item& each, std::uint32_t k) { each.fill(mine | (next + k)); });
                if (pushed == 0) idle();
                next += pushed;
            }
            records[number].ended_ns = now_ns();
            if (producers_left.fetch_sub(1) == 1 && !Peer::about.polls) {
                for (unsigned k = 0; k < consumers; ++k) {
                    end.push([&](item& each, std::uint32_t) { each.fill(the_end); });
                }
            }
            shared.finish_line();
        });
    }
    for (unsigned number = 0; number < consumers; ++number) {
        sides.push_back([&, number] {
            auto end = sharer_of(queue, places, number);
            idler idle(shared, asked.pauses, must_yield(asked));
            detail::in_order_of_each<item> check;
            bool is_over = false;
            std::uint64_t counted = 0; // of what was received, added to `taken`
            side_record& mine = records[producers + number];
            shared.start_line();
            mine.begun_ns = now_ns();
            while (!is_over) {
                const std::uint32_t got = end.pop([&](const item& each) {
                    if (each.value() == the_end) {
                        is_over = true;
                    } else {
                        check(each);
                    }
                });
                if (got != 0 || is_over) continue;
                if (counted != check.received()) {
                    taken.fetch_add(check.received() - counted);
                    counted = check.received();
                }
                is_over = taken.load(std::memory_order_acquire) == items;
                if (!is_over) idle();
            }
            mine.ended_ns = now_ns();
            mine.items = check.received();
            mine.sum = check.sum();
            shared.finish_line();
            check.require_order();
        });
    }
    run_sides(asked.queue.how, shared, sides, asked.cpus);

    std::uint64_t received = 0;
    std::uint64_t sum = 0;
    for (unsigned k = producers; k < producers + consumers; ++k) {
        received += records[k].items;
        sum += records[k].sum;
    }
    require(received == items, "self-check failed: items are missing or too many");
    require(sum == sum_of_first<bench::item<8>>(items_of_each) * producers, "self-check failed: an item was lost or repeated");
    return {{{"million_per_s", static_cast<double>(items) * 1e3 / records.duration_ns()}, {"lost", 0.0}}};
}

} // namespace bench

#endif
