// A million items between processes, each of which verifies itself.
#include "child.hpp"
#include "support.hpp"
#include "support/names.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstring>
#include <map>

namespace {

using namespace test;

// One element: who made it, which one of his it is, and a sum over both, repeated to fill it.
struct item {
    std::uint32_t producer;
    std::uint32_t sequence;
    std::uint64_t check;

    static item make(std::uint32_t producer, std::uint32_t sequence) {
        return {producer, sequence, (std::uint64_t{producer} << 32 | sequence) * 0x9E3779B97F4A7C15};
    }
    bool is_intact() const { return check == make(producer, sequence).check; }
};
static_assert(sizeof(item) == 16);

// Numbers that processes tell each other: cells of one named segment.
class board {
public:
    explicit board(const std::string& name, std::uint64_t cells = 16) {
        require(slickq_cursor_open_or_create(name.c_str(), 8 * (cells - 1), 0, 0, &cursor_));
        std::uint64_t* last = nullptr;
        require(slickq_cursor_cell(cursor_, &last));
        cells_ = last - (cells - 1);
    }
    board(const board&) = delete;
    board& operator=(const board&) = delete;
    ~board() { slickq_cursor_close(cursor_); }

    std::uint64_t* cell(std::size_t number) const { return cells_ + number; }
    std::uint64_t get(std::size_t number) const {
        std::uint64_t value = 0;
        require(slickq_cell_load(cell(number), &value));
        return value;
    }
    void set(std::size_t number, std::uint64_t value) const { require(slickq_cell_store(cell(number), value)); }

private:
    slickq_cursor* cursor_ = nullptr;
    std::uint64_t* cells_ = nullptr;
};
constexpr std::size_t shared_cursor_cell = 0, done_cell = 1, first_result_cell = 2;

struct failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};
void verify(bool holds, const char* what) {
    if (!holds) throw failure(what);
}

// Checks what one consumer sees: every item whole, and each producer's in order.
class witness {
public:
    void see(const item& seen) {
        verify(seen.is_intact(), "an item is damaged");
        const auto [known, is_first] = next_.try_emplace(seen.producer, 0u);
        verify(seen.sequence >= known->second, "a producer's items came out of order or twice");
        (void)is_first;
        known->second = seen.sequence + 1;
        ++count_;
        sum_ += seen.check;
    }
    std::uint64_t count() const { return count_; }
    std::uint64_t sum() const { return sum_; }

private:
    std::map<std::uint32_t, std::uint32_t> next_;
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0; // modulo 2^64
};

std::uint32_t number(const std::string& text) { return static_cast<std::uint32_t>(std::stoul(text)); }

// QUEUE ID ITEMS LARGEST: produces so many items in records of 1 to LARGEST. In a small ring it may be lapped itself.
const role producer{"producer", [](const arguments& a) {
    const queue_handle queue = open_queue(a[0], sizeof(item));
    const std::uint32_t id = number(a[1]), items = number(a[2]), largest = number(a[3]);
    std::array<item, 64> record;
    for (std::uint32_t sequence = 0; sequence < items;) {
        const std::uint32_t count = std::min(sequence % largest + 1, items - sequence);
        for (std::uint32_t k = 0; k < count; ++k) record[k] = item::make(id, sequence + k);
        const slickq_status status = slickq_queue_write(queue, record.data(), count, nullptr);
        if (status != SLICKQ_E_STALE) require(status);
        sequence += count;
    }
    return 0;
}};

// QUEUE BOARD RESULT CURSOR SHARES: consumes until the board says that all is done and nothing is left.
const role consumer{"consumer", [](const arguments& a) {
    const queue_handle queue = open_queue(a[0], sizeof(item));
    const board numbers(a[1]);
    const std::size_t result = first_result_cell + 2 * number(a[2]);
    std::uint64_t cursor = std::stoull(a[3]);
    const bool shares = a[4] == "shares";
    witness seen;
    slickq_record record{};
    signal_parent();
    for (;;) {
        const bool all_is_published = numbers.get(done_cell) != 0; // before the last look
        const slickq_status status = shares ? slickq_queue_read_shared(queue, numbers.cell(shared_cursor_cell), &record)
                                            : slickq_queue_read(queue, &cursor, &record);
        if (status == SLICKQ_EMPTY) {
            if (all_is_published) break;
            continue;
        }
        require(status);
        verify(record.lost == 0, "items were lost, although the ring is large enough for all");
        const auto* items = static_cast<const item*>(record.data);
        for (std::uint32_t k = 0; k < record.count; ++k) seen.see(items[k]);
    }
    numbers.set(result, seen.count());
    numbers.set(result + 1, seen.sum());
    return 0;
}};

constexpr std::uint32_t items_each = 500'000;
constexpr std::uint64_t items_in_all = 2 * items_each;

std::uint64_t sum_of_all() {
    std::uint64_t sum = 0;
    for (std::uint32_t id = 0; id < 2; ++id) {
        for (std::uint32_t sequence = 0; sequence < items_each; ++sequence) sum += item::make(id, sequence).check;
    }
    return sum;
}

class Traffic : public testing::TestWithParam<std::tuple<slickq_layout, std::uint32_t>> {};

TEST_P(Traffic, AMillionItemsReachEveryReaderAndEachClaimOnce) {
    const auto [layout, largest] = GetParam();
    const segment_name name, board_name;
    const bool rounds_up = layout == SLICKQ_LAYOUT_SLQ3;
    slickq_options options = options_for(rounds_up ? 1 << 21 : 1 << 20, sizeof(item)); // all items fit: none is lost
    options.layout = layout;
    options.items_per_slot = rounds_up ? 4 : 1;
    const queue_handle queue = create_queue(name.text(), options);
    const board numbers(board_name.text());

    // Somewhere in the ring, so that the traffic runs across its end.
    std::vector<item> filler(1000);
    for (int k = 0; k < 1500; ++k) require(slickq_queue_write(queue, filler.data(), 1000, nullptr));
    std::uint64_t start = 0;
    require(slickq_queue_cursor_at(queue, SLICKQ_START_NOW, &start));
    numbers.set(shared_cursor_cell, start);

    std::vector<child> consumers;
    for (int id = 0; id < 4; ++id) {
        consumers.emplace_back("consumer", arguments{name.text(), board_name.text(), std::to_string(id), std::to_string(start),
                                                     id < 2 ? "reads" : "shares"});
    }
    for (child& c : consumers) c.wait_for_signal();
    std::vector<child> producers;
    for (int id = 0; id < 2; ++id) {
        producers.emplace_back("producer", arguments{name.text(), std::to_string(id), std::to_string(items_each),
                                                     std::to_string(largest)});
    }
    for (child& p : producers) ASSERT_EQ(p.wait(), 0);
    numbers.set(done_cell, 1);
    for (child& c : consumers) ASSERT_EQ(c.wait(), 0);

    const auto count = [&](std::size_t id) { return numbers.get(first_result_cell + 2 * id); };
    const auto sum = [&](std::size_t id) { return numbers.get(first_result_cell + 2 * id + 1); };
    const std::uint64_t expected = sum_of_all();
    for (const std::size_t reader : {std::size_t{0}, std::size_t{1}}) {
        EXPECT_EQ(count(reader), items_in_all);
        EXPECT_EQ(sum(reader), expected);
    }
    EXPECT_EQ(count(2) + count(3), items_in_all);
    EXPECT_EQ(sum(2) + sum(3), expected);
}

INSTANTIATE_TEST_SUITE_P(Layouts, Traffic,
                         testing::Values(std::tuple(SLICKQ_LAYOUT_SLQ1, 1u), std::tuple(SLICKQ_LAYOUT_SLQ0, 1u),
                                         std::tuple(SLICKQ_LAYOUT_SLQ1, 7u), std::tuple(SLICKQ_LAYOUT_SLQ3, 7u),
                                         std::tuple(SLICKQ_LAYOUT_PACKED, 3u), std::tuple(SLICKQ_LAYOUT_WIDE, 3u)),
                         [](const auto& tested) {
                             return std::string(slickq_layout_name(std::get<0>(tested.param))) + "_to_" +
                                    std::to_string(std::get<1>(tested.param));
                         });

// A small ring laps its reader all the time. What the reader proves intact is whole and in order, and what it did not get is
// counted exactly.
TEST(LossyTraffic, TheBooksBalanceWhileLapping) {
    const segment_name name;
    const queue_handle queue = create_queue(name.text(), options_for(256, sizeof(item)));
    std::vector<child> producers;
    for (int id = 0; id < 2; ++id) {
        producers.emplace_back("producer", arguments{name.text(), std::to_string(id), std::to_string(items_each), "1"});
    }
    witness seen;
    std::uint64_t cursor = 0, lost = 0, doubtful = 0;
    while (seen.count() + doubtful + lost < items_in_all) {
        slickq_record record{};
        const slickq_status status = slickq_queue_read(queue, &cursor, &record);
        if (status == SLICKQ_EMPTY) continue;
        require(status);
        item copy;
        std::memcpy(&copy, record.data, sizeof copy);
        lost += record.lost;
        std::uint64_t next = 0;
        std::atomic_thread_fence(std::memory_order_acquire);
        require(slickq_queue_next_index(queue, &next));
        if (next <= record.index + 256) {
            seen.see(copy);
        } else {
            ++doubtful;
        }
    }
    for (child& p : producers) EXPECT_EQ(p.wait(), 0);
    std::uint64_t counted = 0, end = 0;
    require(slickq_queue_loss_count(queue, &counted));
    require(slickq_queue_next_index(queue, &end));
    EXPECT_EQ(end, items_in_all);
    EXPECT_EQ(seen.count() + doubtful + lost, items_in_all);
    EXPECT_EQ(counted, lost);
    EXPECT_GT(lost, 0u) << "the ring was never lapped: this proves nothing";
}

// A producer that is stopped between reserve and publish for more than a lap, and then goes on.
const role sleepy_producer{"sleepy_producer", [](const arguments& a) {
    const queue_handle queue = open_queue(a[0]);
    std::uint64_t index = 0;
    require(slickq_queue_reserve(queue, 1, &index));
    signal_parent();
    ::raise(SIGSTOP);
    return -slickq_queue_publish(queue, index, 1);
}};

TEST(LossyTraffic, AProducerThatSleptThroughALapIsToldAndHarmsNobody) {
    const segment_name name;
    const queue_handle queue = create_queue(name.text(), options_for(8, 8));
    child sleeper("sleepy_producer", {name.text()});
    sleeper.wait_for_signal();
    for (std::uint64_t k = 0; k < 8; ++k) require(slickq_queue_write(queue, &k, 1, nullptr));
    // It may not have stopped yet: SIGCONT is repeated until it has ended.
    int code = 0;
    for (bool has_ended = false; !has_ended;) {
        sleeper.kill(SIGCONT);
        try {
            code = sleeper.wait(std::chrono::seconds(1));
            has_ended = true;
        } catch (const std::runtime_error&) {
        }
    }
    EXPECT_EQ(-code, SLICKQ_E_STALE);
    std::uint64_t cursor = 8;
    slickq_record record{};
    ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK) << "the slot was not moved back";
    EXPECT_EQ(record.index, 8u);
    EXPECT_EQ(*static_cast<const std::uint64_t*>(record.data), 7u);
}

} // namespace
