// Threads on one queue, through the C++ face and the C API, under the eyes of ThreadSanitizer: with rings that are never lapped, and
// with tiny ones that always are.
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <span>
#include <thread>
#include <vector>

namespace {

// Verifies itself.
struct item {
    std::uint32_t producer;
    std::uint32_t sequence;
    std::uint64_t sum;

    std::uint64_t check() const { return (std::uint64_t{producer} + 1) * 0x9E3779B97F4A7C15 + sequence; }
};

constexpr std::uint32_t producers = 3;
constexpr std::uint32_t items_each = 40'000;
constexpr std::uint64_t items_in_all = std::uint64_t{producers} * items_each;
constexpr std::uint32_t capacity = 1 << 18;
constexpr std::uint32_t lapping_items = 400'000; // of each producer that laps

item make(std::uint32_t producer, std::uint32_t sequence) {
    item made{producer, sequence, 0};
    made.sum = made.check();
    return made;
}

// What one consumer saw: which items, each once, each producer's in order.
struct witness {
    std::vector<std::vector<bool>> seen{producers, std::vector<bool>(items_each)};
    std::array<std::int64_t, producers> latest{-1, -1, -1};
    std::uint64_t count = 0;
    std::uint64_t wrong = 0;

    void see(const item& i) {
        if (i.sum != i.check() || i.producer >= producers || i.sequence >= items_each || seen[i.producer][i.sequence] ||
            latest[i.producer] >= i.sequence) {
            ++wrong;
            return;
        }
        seen[i.producer][i.sequence] = true;
        latest[i.producer] = i.sequence;
        ++count;
    }
};

class Threads : public testing::TestWithParam<slickq_layout> {
protected:
    // A queue of the layout: the C++ face adopts what the C API made.
    void SetUp() override {
        slickq_options options{};
        options.struct_size = sizeof options;
        options.capacity = capacity;
        options.element_size = sizeof(item);
        options.layout = GetParam();
        options.items_per_slot = GetParam() == SLICKQ_LAYOUT_SLQ3 ? 2 : 1;
        slickq_queue* made = nullptr;
        ASSERT_EQ(slickq_queue_create(name_.c_str(), &options, &made), SLICKQ_OK) << slickq_last_message();
        slickq_queue_close(made);
    }

    test::segment_name name_;
};

TEST_P(Threads, EveryReaderSeesEveryItemAndEachIsClaimedOnce) {
    slickq_options adopt{};
    adopt.struct_size = sizeof adopt;
    slickq::queue<item> queue(name_.c_str(), adopt);
    std::atomic<std::uint64_t> shared{0}, claimed{0};
    std::array<witness, 2> readers;
    std::array<witness, 3> sharers;
    std::vector<std::thread> threads;

    for (std::uint32_t p = 0; p < producers; ++p) {
        threads.emplace_back([&, p] {
            for (std::uint32_t sequence = 0; sequence < items_each;) {
                const std::uint32_t count = std::min(sequence % 4 + 1, items_each - sequence);
                const std::uint64_t index = queue.reserve(count);
                for (std::uint32_t k = 0; k < count; ++k) queue[index][k] = make(p, sequence + k);
                EXPECT_TRUE(queue.publish(index, count));
                sequence += count;
            }
        });
    }
    for (witness& w : readers) {
        threads.emplace_back([&] {
            std::uint64_t cursor = 0;
            while (w.count + w.wrong < items_in_all) {
                const auto [items, count] = queue.read(cursor);
                if (items == nullptr) std::this_thread::yield();
                for (std::uint32_t k = 0; k < count; ++k) w.see(items[k]);
            }
        });
    }
    for (witness& w : sharers) {
        threads.emplace_back([&] {
            while (claimed.load() < items_in_all) {
                const auto [items, count] = queue.read(shared);
                if (items == nullptr) std::this_thread::yield();
                for (std::uint32_t k = 0; k < count; ++k) w.see(items[k]);
                claimed += count;
            }
        });
    }
    for (std::thread& t : threads) t.join();

    for (const witness& w : readers) {
        EXPECT_EQ(w.count, items_in_all);
        EXPECT_EQ(w.wrong, 0u);
    }
    witness all;
    for (const witness& w : sharers) {
        EXPECT_EQ(w.wrong, 0u);
        for (std::uint32_t p = 0; p < producers; ++p) {
            for (std::uint32_t s = 0; s < items_each; ++s) {
                if (!w.seen[p][s]) continue;
                EXPECT_FALSE(all.seen[p][s]) << "claimed twice";
                all.seen[p][s] = true;
                ++all.count;
            }
        }
    }
    EXPECT_EQ(all.count, items_in_all);
    EXPECT_EQ(queue.loss_count(), 0u);
}

TEST_P(Threads, EachThreadOpensForItself) {
    std::atomic<std::uint64_t> received{0};
    std::vector<std::thread> threads;
    for (std::uint32_t p = 0; p < producers; ++p) {
        threads.emplace_back([&, p] {
            slickq_options options{};
            options.struct_size = sizeof options;
            options.element_size = sizeof(item);
            slickq_queue* queue = nullptr;
            ASSERT_EQ(slickq_queue_open(name_.c_str(), &options, &queue), SLICKQ_OK) << slickq_last_message();
            for (std::uint32_t sequence = 0; sequence < items_each; ++sequence) {
                const item made = make(p, sequence);
                ASSERT_EQ(slickq_queue_write(queue, &made, 1, nullptr), SLICKQ_OK);
            }
            slickq_queue_close(queue);
        });
        threads.emplace_back([&] {
            slickq_options options{};
            options.struct_size = sizeof options;
            options.element_size = sizeof(item);
            options.flags = SLICKQ_OPEN_READ_ONLY;
            slickq_queue* queue = nullptr;
            ASSERT_EQ(slickq_queue_open(name_.c_str(), &options, &queue), SLICKQ_OK) << slickq_last_message();
            std::uint64_t cursor = 0;
            witness w;
            while (w.count + w.wrong < items_in_all) {
                item copy;
                slickq_record record;
                const slickq_status status = slickq_queue_read_copy(queue, &cursor, &copy, sizeof copy, &record);
                if (status == SLICKQ_EMPTY) {
                    std::this_thread::yield();
                    continue;
                }
                ASSERT_EQ(status, SLICKQ_OK);
                w.see(copy);
            }
            EXPECT_EQ(w.wrong, 0u);
            received += w.count;
            slickq_queue_close(queue);
        });
    }
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(received, producers * items_in_all);
}

INSTANTIATE_TEST_SUITE_P(Layouts, Threads,
                         testing::Values(SLICKQ_LAYOUT_SLQ0, SLICKQ_LAYOUT_SLQ1, SLICKQ_LAYOUT_SLQ3, SLICKQ_LAYOUT_PACKED,
                                         SLICKQ_LAYOUT_WIDE),
                         [](const auto& tested) { return std::string(slickq_layout_name(tested.param)); });

// ---------------------------------------------------------------- lapped

// Producers overwrite what consumers are just copying. With write() on the one side and the copying reads on the other that is no
// data race, and what comes out is whole.
void lap_copying_consumers(slickq_layout layout, std::uint32_t producer_count) {
    const test::segment_name name;
    slickq_options options = test::options_for(32, sizeof(item));
    options.layout = layout;
    slickq_queue* made = nullptr;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, &made), SLICKQ_OK) << slickq_last_message();
    slickq_queue_close(made);
    slickq_options adopt = test::options_for(0, 0);
    slickq::queue<item> queue(name.c_str(), adopt);

    std::atomic<std::uint32_t> producers_left{producer_count};
    std::atomic<std::uint64_t> refused{0}, damaged{0}, received{0};
    std::atomic<std::uint64_t> shared{0};
    const auto use = [&](std::span<const item> items) {
        for (const item& i : items) damaged += i.sum == i.check() ? 0 : 1;
        received += items.size();
    };
    std::vector<std::thread> threads;
    for (std::uint32_t p = 0; p < producer_count; ++p) {
        threads.emplace_back([&, p] {
            for (std::uint32_t sequence = 0; sequence < lapping_items;) {
                std::array<item, 4> items;
                const std::uint32_t count = std::min(sequence % 4 + 1, lapping_items - sequence);
                for (item& i : items) i = make(p, sequence++);
                refused += queue.write({items.data(), count}) ? 0 : 1;
            }
            --producers_left;
        });
    }
    threads.emplace_back([&] {
        std::uint64_t cursor = 0;
        std::array<item, 4> buffer;
        while (producers_left != 0) use({buffer.data(), queue.read(cursor, buffer)});
    });
    for (int k = 0; k < 2; ++k) {
        threads.emplace_back([&] {
            std::array<item, 4> buffer;
            while (producers_left != 0) use({buffer.data(), queue.read(shared, buffer)});
        });
    }
    threads.emplace_back([&] {
        slickq::reader_options from_the_start;
        from_the_start.from = slickq::start::oldest;
        slickq::reader<item> reader(queue, from_the_start);
        for (bool is_last = false; !is_last;) {
            is_last = producers_left == 0;
            for (auto got = reader.read(); got.what != slickq::read_result::empty; got = reader.read()) {
                if (got) use(got.elements);
                ASSERT_NE(got.what, slickq::read_result::corrupt);
            }
        }
        EXPECT_EQ(reader.cursor(), queue.next_index());
    });
    for (std::thread& t : threads) t.join();
    EXPECT_GT(received, 0u);
    // A producer that slept for a lap in the middle of its writing spoils newer records, and is refused.
    if (refused == 0) { EXPECT_EQ(damaged, 0u); }
    if (producer_count == 1) { EXPECT_EQ(refused, 0u); }
}

class Lapped : public testing::TestWithParam<slickq_layout> {};

TEST_P(Lapped, OneProducerNeverSpoilsWhatIsCopied) { lap_copying_consumers(GetParam(), 1); }
TEST_P(Lapped, SeveralProducers) { lap_copying_consumers(GetParam(), producers); }

INSTANTIATE_TEST_SUITE_P(Layouts, Lapped, testing::Values(SLICKQ_LAYOUT_SLQ1, SLICKQ_LAYOUT_PACKED, SLICKQ_LAYOUT_WIDE),
                         [](const auto& tested) { return std::string(slickq_layout_name(tested.param)); });

TEST(Opening, OfManyWhoRaceForANameOneCreates) {
    for (int round = 0; round < 100; ++round) {
        const test::segment_name name;
        std::atomic<int> creators{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&] {
                slickq::queue<std::uint64_t> queue(1024, name.c_str());
                creators += queue.own_buffer() ? 1 : 0;
                EXPECT_EQ(queue.size(), 1024u);
            });
        }
        for (std::thread& t : threads) t.join();
        EXPECT_EQ(creators, 1);
    }
}

TEST(Opening, OpenAndCloseAsTheyLike) {
    const test::segment_name name;
    const slickq::queue<std::uint64_t> keeper(64, name.c_str());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int k = 0; k < 300; ++k) {
                slickq::queue<std::uint64_t> queue(name.c_str());
                const std::uint64_t index = queue.reserve();
                EXPECT_LT(index, 1200u);
            }
        });
    }
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(keeper.next_index(), 1200u);
}

} // namespace
