// Declared prompt producers: told when they are late all the same, beside one another and beside any other, and heard by who sleeps.
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <span>
#include <thread>
#include <vector>

namespace {

using test::info_of;
using test::options_for;
using test::queue_handle;
using test::reader_handle;
using test::segment_name;

constexpr std::int64_t long_enough = 30'000'000'000; // ns

class PromptProducer : public testing::TestWithParam<std::uint32_t> { // of a layout
protected:
    queue_handle open(std::uint32_t capacity, std::uint32_t flags) {
        slickq_options options = options_for(capacity, sizeof(std::uint64_t));
        options.layout = GetParam();
        options.flags = flags;
        queue_handle queue;
        EXPECT_EQ(slickq_queue_open_or_create(name.c_str(), &options, queue.out()), SLICKQ_OK) << slickq_last_message();
        return queue;
    }
    reader_handle open_reader(slickq_queue* queue, std::uint32_t flags) {
        slickq_reader_options options{};
        options.struct_size = sizeof options;
        options.flags = flags;
        reader_handle reader;
        EXPECT_EQ(slickq_reader_open(queue, &options, reader.out()), SLICKQ_OK) << slickq_last_message();
        return reader;
    }

    const segment_name name;
};

TEST_P(PromptProducer, IsTold) {
    const queue_handle queue = open(8, SLICKQ_OPEN_PROMPT_PRODUCER), other = open(8, 0);
    EXPECT_NE(info_of(queue).flags & SLICKQ_INFO_PROMPT_PRODUCER, 0u);
    EXPECT_EQ(info_of(other).flags & SLICKQ_INFO_PROMPT_PRODUCER, 0u) << "of the handle, not of the queue";
    slickq_options options = options_for(8, sizeof(std::uint64_t));
    options.flags = SLICKQ_OPEN_PROMPT_PRODUCER | SLICKQ_OPEN_READ_ONLY;
    queue_handle reading;
    EXPECT_EQ(slickq_queue_open(name.c_str(), &options, reading.out()), SLICKQ_E_ARGUMENT);
    EXPECT_TRUE(test::message_has("prompt producer"));
}

TEST_P(PromptProducer, IsRefusedWhenItIsLateAllTheSame) {
    const queue_handle queue = open(8, SLICKQ_OPEN_PROMPT_PRODUCER), other = open(8, 0);
    std::uint64_t late = 0, index = 0, cursor = 1;
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &late), SLICKQ_OK);
    for (std::uint64_t k = 1; k <= 8; ++k) ASSERT_EQ(slickq_queue_write(other, &k, 1, &index), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_publish(queue, late, 1), SLICKQ_E_STALE);
    EXPECT_EQ(slickq_queue_publish(queue, index + 1, 1), SLICKQ_E_NOT_RESERVED);
    // What is newer is still there, all of it.
    for (std::uint64_t k = 1; k <= 8; ++k) {
        slickq_record record{};
        ASSERT_EQ(slickq_queue_read(other, &cursor, &record), SLICKQ_OK);
        EXPECT_EQ(*static_cast<const std::uint64_t*>(record.data), k);
    }
}

// A publish of an older record does not take back what is announced as the last one.
TEST_P(PromptProducer, PublishesInAnyOrder) {
    const queue_handle queue = open(8, SLICKQ_OPEN_PROMPT_PRODUCER);
    std::uint64_t first = 0, second = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 2, &first), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &second), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_publish(queue, second, 1), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_publish(queue, first, 2), SLICKQ_OK);
    slickq_record last{};
    const slickq_status found = slickq_queue_read_last(queue, &last);
    if (found == SLICKQ_E_UNSUPPORTED) return; // a layout without one
    ASSERT_EQ(found, SLICKQ_OK);
    EXPECT_EQ(last.index, second);
}

TEST_P(PromptProducer, WakesReaders) {
    const queue_handle queue = open(64, SLICKQ_OPEN_PROMPT_PRODUCER);
    const reader_handle reader = open_reader(queue, 0);
    constexpr int number = 2000;
    std::atomic<int> received{0};
    std::atomic<bool> has_ended{false};
    std::thread consumer([&] {
        slickq_record record;
        while (received < number && slickq_reader_read_until(reader, slickq_deadline(long_enough), &record) == SLICKQ_OK) ++received;
        has_ended = true;
    });
    for (int k = 0; k < number; ++k) {
        const std::uint64_t element = 0;
        if (k % 2 == 0) {
            ASSERT_EQ(slickq_queue_write(queue, &element, 1, nullptr), SLICKQ_OK);
        } else {
            ASSERT_EQ(slickq_queue_write_batch(queue, &element, nullptr, 1, nullptr), SLICKQ_OK);
        }
        while (received <= k && !has_ended) std::this_thread::yield(); // often enough it falls asleep
    }
    consumer.join();
    EXPECT_EQ(received, number);
}

// What slickq.h says of a ring that came round in the midst of a publish: the slot has gone back to its old record.
TEST_P(PromptProducer, ThatWasLappedInAPublishIsAHole) {
    constexpr std::uint32_t capacity = 8;
    const queue_handle queue = open(capacity, SLICKQ_OPEN_PROMPT_PRODUCER);
    const auto write = [&](std::uint64_t value) { ASSERT_EQ(slickq_queue_write(queue, &value, 1, nullptr), SLICKQ_OK); };
    for (std::uint64_t k = 0; k <= capacity + 1; ++k) write(k);
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.start = SLICKQ_START_INDEX;
    options.start_index = capacity;
    options.stall_ns = 1'000'000;
    reader_handle reader;
    ASSERT_EQ(slickq_reader_open(queue, &options, reader.out()), SLICKQ_OK);
    const struct { std::uint64_t index; std::uint32_t count; } old{0, 1}; // in place of the record of index 8
    std::memcpy(static_cast<std::byte*>(info_of(queue).base) + slickq::header_length, &old, sizeof old.index + sizeof old.count);

    slickq_record record{};
    std::uint64_t cursor = 0;
    ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK) << "the old one seems to be there";
    EXPECT_EQ(slickq_queue_validate(queue, record.index), SLICKQ_LAPPED);
    cursor = capacity;
    EXPECT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_EMPTY);
    EXPECT_EQ(slickq_reader_read_until(reader, slickq_deadline(long_enough), &record), SLICKQ_GAP);
    EXPECT_EQ(record.lost, 1u);
    ASSERT_EQ(slickq_reader_read_until(reader, slickq_deadline(long_enough), &record), SLICKQ_OK);
    EXPECT_EQ(*static_cast<const std::uint64_t*>(record.data), capacity + 1);

    for (std::uint64_t k = capacity + 2; k <= 2 * capacity; ++k) write(k); // the next lap
    ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
    EXPECT_EQ(*static_cast<const std::uint64_t*>(record.data), 2 * capacity);
    EXPECT_EQ(record.lost, capacity);
}

// Two declared prompt producers and one of the usual kind, each with a handle of its own, held back by a registered reader.
class PromptProducerWithoutLoss : public PromptProducer {};
TEST_P(PromptProducerWithoutLoss, HasPartInIt) {
    constexpr std::uint64_t producers = 3, number = 20'000;
    const queue_handle queue = open(64, 0);
    const reader_handle reader = open_reader(queue, SLICKQ_READER_REGISTERED);
    std::vector<std::thread> threads;
    for (std::uint64_t p = 0; p < producers; ++p) {
        threads.emplace_back([&, p] {
            const queue_handle mine = open(64, SLICKQ_OPEN_LOSSLESS | (p != 0 ? SLICKQ_OPEN_PROMPT_PRODUCER : 0));
            for (std::uint64_t k = 0; k < number; ++k) {
                const std::uint64_t value = p << 32 | k;
                ASSERT_EQ(slickq_queue_write_until(mine, &value, 1, slickq_deadline(long_enough), nullptr), SLICKQ_OK);
            }
        });
    }
    std::uint64_t next[producers]{};
    for (std::uint64_t k = 0; k < producers * number; ++k) {
        slickq_record record{};
        ASSERT_EQ(slickq_reader_read_until(reader, slickq_deadline(long_enough), &record), SLICKQ_OK) << k;
        const auto value = *static_cast<const std::uint64_t*>(record.data);
        ASSERT_LT(value >> 32, producers);
        ASSERT_EQ(value & 0xFFFFFFFF, next[value >> 32]++);
    }
    for (std::thread& t : threads) t.join();
}

std::string name_of(const testing::TestParamInfo<std::uint32_t>& tested) { return slickq_layout_name(tested.param); }
INSTANTIATE_TEST_SUITE_P(All, PromptProducer,
                         testing::Values(SLICKQ_LAYOUT_SLQ0, SLICKQ_LAYOUT_SLQ1, SLICKQ_LAYOUT_PACKED, SLICKQ_LAYOUT_WIDE), name_of);
// Not where nobody can register.
INSTANTIATE_TEST_SUITE_P(All, PromptProducerWithoutLoss,
                         testing::Values(SLICKQ_LAYOUT_SLQ0, SLICKQ_LAYOUT_SLQ1, SLICKQ_LAYOUT_PACKED), name_of);

TEST(CppPromptProducer, IsOneOfTheOptions) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.flags = SLICKQ_OPEN_PROMPT_PRODUCER;
    slickq::queue<std::uint64_t> queue(8, nullptr, options);
    const std::uint64_t late = queue.reserve();
    const std::uint64_t elements[]{1, 2, 3, 4, 5, 6, 7};
    EXPECT_TRUE(queue.write_batch(elements));
    EXPECT_TRUE(queue.write(std::span(elements, 1)));
    EXPECT_FALSE(queue.publish(late));
    std::uint64_t cursor = 1;
    for (const std::uint64_t element : elements) {
        const auto [data, count] = queue.read(cursor);
        ASSERT_EQ(count, 1u);
        EXPECT_EQ(*data, element);
    }
}

} // namespace
