// Batches: many records in one call are what the same records one by one are, in every layout, and a declared prompt or single
// producer leaves the same bytes as any other.
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <random>
#include <thread>
#include <tuple>
#include <vector>

namespace {

using test::info_of;
using test::options_for;
using test::queue_handle;
using test::reader_handle;

constexpr std::uint32_t element_size = 3; // bytes

struct sort_of_queue {
    std::uint32_t layout;
    std::uint32_t capacity;
    std::uint32_t items_per_slot;
};

std::string name_of(const sort_of_queue& sort) {
    return std::string(slickq_layout_name(sort.layout)) + "_" + std::to_string(sort.capacity) + "_" + std::to_string(sort.items_per_slot);
}

constexpr sort_of_queue sorts[] = {
    {SLICKQ_LAYOUT_SLQ0, 8, 1},   {SLICKQ_LAYOUT_SLQ1, 8, 1},  {SLICKQ_LAYOUT_SLQ1, 1, 1}, {SLICKQ_LAYOUT_SLQ1, 64, 1},
    {SLICKQ_LAYOUT_SLQ2, 16, 4},  {SLICKQ_LAYOUT_SLQ3, 16, 2}, {SLICKQ_LAYOUT_SLQ3, 8, 8}, {SLICKQ_LAYOUT_PACKED, 8, 1},
    {SLICKQ_LAYOUT_WIDE, 8, 1},
};

queue_handle make(const sort_of_queue& sort, std::uint32_t flags = 0) {
    slickq_options options = options_for(sort.capacity, element_size);
    options.layout = sort.layout;
    options.items_per_slot = sort.items_per_slot;
    options.flags = flags;
    queue_handle queue;
    EXPECT_EQ(slickq_queue_create_local(&options, queue.out()), SLICKQ_OK) << slickq_last_message();
    return queue;
}

// Header, slots and elements.
std::vector<std::byte> bytes_of(slickq_queue* queue) {
    const slickq_queue_info info = info_of(queue);
    const auto* const base = static_cast<const std::byte*>(info.base);
    return {base, base + info.data_offset + std::uint64_t{info.capacity} * info.element_size};
}

// Records that differ from one another: counts, and the elements of all of them.
class records {
public:
    records(std::mt19937& random, std::uint32_t number, std::uint32_t most) {
        for (std::uint32_t k = 0; k < number; ++k) counts_.push_back(1 + static_cast<std::uint32_t>(random()) % most);
        elements_.resize(element_size * std::accumulate(counts_.begin(), counts_.end(), std::size_t{0}));
        for (std::byte& b : elements_) b = static_cast<std::byte>(random());
    }
    const std::uint32_t* counts() const { return counts_.data(); }
    std::uint32_t size() const { return static_cast<std::uint32_t>(counts_.size()); }
    const std::byte* elements() const { return elements_.data(); }

    template <class Each> // (elements, count)
    void for_each(Each each) const {
        const std::byte* at = elements_.data();
        for (const std::uint32_t count : counts_) {
            each(at, count);
            at += std::size_t{count} * element_size;
        }
    }

private:
    std::vector<std::uint32_t> counts_;
    std::vector<std::byte> elements_;
};

// ---------------------------------------------------------------- the same bytes

class Same : public testing::TestWithParam<std::tuple<sort_of_queue, std::uint32_t>> {
protected:
    const sort_of_queue sort = std::get<0>(GetParam());
    const std::uint32_t flags = std::get<1>(GetParam());
    queue_handle one_by_one = make(sort);
    queue_handle batched = make(sort, flags);
    std::mt19937 random{7};

    // Batches up to three times as long as the ring.
    std::uint32_t some() { return 1 + static_cast<std::uint32_t>(random()) % (3 * sort.capacity); }
    void expect_same_bytes() { ASSERT_EQ(bytes_of(one_by_one), bytes_of(batched)); }
};

TEST_P(Same, SingleElements) {
    for (int round = 0; round < 200; ++round) {
        const records batch(random, some(), 1);
        batch.for_each([&](const std::byte* element, std::uint32_t) {
            ASSERT_EQ(slickq_queue_write(one_by_one, element, 1, nullptr), SLICKQ_OK);
        });
        std::uint32_t written = 0;
        ASSERT_EQ(slickq_queue_write_batch(batched, batch.elements(), nullptr, batch.size(), &written), SLICKQ_OK);
        ASSERT_EQ(written, batch.size());
        expect_same_bytes();
    }
}

TEST_P(Same, RecordsOfAnyLength) {
    for (int round = 0; round < 200; ++round) {
        const records batch(random, some(), sort.capacity);
        batch.for_each([&](const std::byte* elements, std::uint32_t count) {
            ASSERT_EQ(slickq_queue_write(one_by_one, elements, count, nullptr), SLICKQ_OK);
        });
        std::uint32_t written = 0;
        ASSERT_EQ(slickq_queue_write_batch(batched, batch.elements(), batch.counts(), batch.size(), &written), SLICKQ_OK);
        ASSERT_EQ(written, batch.size());
        expect_same_bytes();
    }
}

TEST_P(Same, OneByOne) {
    for (int round = 0; round < 500; ++round) {
        const records batch(random, 1, sort.capacity);
        for (slickq_queue* queue : {static_cast<slickq_queue*>(one_by_one), static_cast<slickq_queue*>(batched)}) {
            ASSERT_EQ(slickq_queue_write(queue, batch.elements(), batch.counts()[0], nullptr), SLICKQ_OK);
        }
        if (round == 250) {
            ASSERT_EQ(slickq_queue_reset(one_by_one), SLICKQ_OK);
            ASSERT_EQ(slickq_queue_reset(batched), SLICKQ_OK);
        }
        expect_same_bytes();
    }
}

INSTANTIATE_TEST_SUITE_P(All, Same,
                         testing::Combine(testing::ValuesIn(sorts),
                                          testing::Values(0u, SLICKQ_OPEN_SINGLE_PRODUCER, SLICKQ_OPEN_PROMPT_PRODUCER)),
                         [](const auto& tested) {
                             const std::uint32_t flags = std::get<1>(tested.param);
                             return name_of(std::get<0>(tested.param)) + (flags == SLICKQ_OPEN_SINGLE_PRODUCER   ? "_alone"
                                                                          : flags == SLICKQ_OPEN_PROMPT_PRODUCER ? "_prompt"
                                                                                                                 : "");
                         });

// ---------------------------------------------------------------- reading

struct heard {
    std::uint64_t index;
    std::vector<std::byte> bytes;
    bool operator==(const heard&) const = default;
};

heard of(const slickq_record& record) {
    const auto* const data = static_cast<const std::byte*>(record.data);
    return {record.index, {data, data + std::size_t{record.count} * element_size}};
}

class Reads : public testing::TestWithParam<sort_of_queue> {
protected:
    queue_handle queue = make(GetParam());
    std::mt19937 random{11};
    std::uint64_t cursor = 0;

    void write_some() {
        for (std::uint32_t left = 1 + static_cast<std::uint32_t>(random()) % GetParam().capacity; left != 0;) {
            const records one(random, 1, std::min(left, 3u));
            ASSERT_EQ(slickq_queue_write(queue, one.elements(), one.counts()[0], nullptr), SLICKQ_OK);
            left -= one.counts()[0];
        }
    }
    std::vector<heard> one_by_one() {
        std::vector<heard> all;
        for (slickq_record record; slickq_queue_read(queue, &cursor, &record) == SLICKQ_OK;) all.push_back(of(record));
        return all;
    }
};

TEST_P(Reads, ManyInPlace) {
    for (int round = 0; round < 300; ++round) {
        write_some();
        std::uint64_t at = cursor;
        const auto expected = one_by_one();
        std::vector<heard> all;
        slickq_record found[5];
        const std::uint32_t limit = 1 + static_cast<std::uint32_t>(random()) % 5;
        for (std::uint32_t count = 0; slickq_queue_read_batch(queue, &at, found, limit, &count) == SLICKQ_OK;) {
            ASSERT_GE(count, 1u);
            ASSERT_LE(count, limit);
            for (std::uint32_t k = 0; k < count; ++k) {
                ASSERT_TRUE(k == 0 || found[k].lost == 0);
                all.push_back(of(found[k]));
            }
        }
        ASSERT_EQ(all, expected);
        ASSERT_EQ(at, cursor);
    }
    std::uint64_t lost = 0;
    ASSERT_EQ(slickq_queue_loss_count(queue, &lost), SLICKQ_OK);
    EXPECT_EQ(lost % 2, 0u) << "each loss was met twice, and counted twice";
}

TEST_P(Reads, ManyCopied) {
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.batch = 7;
    reader_handle reader, other;
    ASSERT_EQ(slickq_reader_open(queue, &options, reader.out()), SLICKQ_OK);
    ASSERT_EQ(slickq_reader_open(queue, &options, other.out()), SLICKQ_OK);
    for (int round = 0; round < 300; ++round) {
        write_some();
        std::vector<heard> expected, all;
        slickq_record one;
        for (slickq_status status; (status = slickq_reader_read(other, &one)) != SLICKQ_EMPTY;) {
            if (status == SLICKQ_OK) expected.push_back(of(one));
        }
        slickq_batch got{};
        slickq_status status;
        while ((status = slickq_reader_read_batch(reader, static_cast<std::uint32_t>(random()) % 4, &got)) != SLICKQ_EMPTY) {
            if (status == SLICKQ_LAPPED) continue;
            ASSERT_EQ(status, SLICKQ_OK);
            ASSERT_GE(got.records, 1u);
            ASSERT_EQ(got.index, got.entries[0].index);
            std::uint32_t elements = 0;
            for (std::uint32_t k = 0; k < got.records; ++k) {
                const slickq_entry& e = got.entries[k];
                all.push_back(of({static_cast<const std::byte*>(got.data) + std::size_t{elements} * element_size, e.index, 0, e.count, 0}));
                elements += e.count;
            }
            ASSERT_EQ(got.elements, elements);
        }
        ASSERT_EQ(got.data, nullptr);
        ASSERT_EQ(got.records, 0u);
        ASSERT_EQ(all, expected);
    }
}

INSTANTIATE_TEST_SUITE_P(All, Reads, testing::ValuesIn(sorts), [](const auto& tested) { return name_of(tested.param); });

// ---------------------------------------------------------------- outcomes

TEST(Batch, RefusesCountsThatNoRecordHas) {
    const queue_handle queue = make({SLICKQ_LAYOUT_SLQ1, 8, 1});
    const std::byte elements[64 * element_size]{};
    const std::uint32_t none[]{1, 0, 1}, too_many[]{8, 9};
    std::uint32_t written = 99;
    const auto before = bytes_of(queue);
    EXPECT_EQ(slickq_queue_write_batch(queue, elements, none, 3, &written), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(written, 0u);
    EXPECT_EQ(slickq_queue_write_batch(queue, elements, too_many, 2, nullptr), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_queue_write_batch(queue, nullptr, nullptr, 2, &written), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_queue_write_batch(queue, nullptr, nullptr, 0, &written), SLICKQ_OK);
    EXPECT_EQ(bytes_of(queue), before);
    slickq_record record;
    std::uint64_t cursor = 0;
    std::uint32_t count = 99;
    EXPECT_EQ(slickq_queue_read_batch(queue, &cursor, &record, 0, &count), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_queue_read_batch(queue, &cursor, &record, 1, &count), SLICKQ_EMPTY);
    EXPECT_EQ(count, 0u);
}

TEST(Batch, AnOldPeerFindsTheLastRecordOfAPackedOne) {
    const queue_handle queue = make({SLICKQ_LAYOUT_PACKED, 8, 1});
    const std::byte elements[6 * element_size]{};
    ASSERT_EQ(slickq_queue_write_batch(queue, elements, nullptr, 5, nullptr), SLICKQ_OK);
    const auto* const reserved = static_cast<const std::uint64_t*>(info_of(queue).base);
    EXPECT_EQ(*reserved, 5u << 16 | 1u);
    const std::uint32_t counts[]{1, 2};
    ASSERT_EQ(slickq_queue_write_batch(queue, elements, counts, 2, nullptr), SLICKQ_OK);
    EXPECT_EQ(*reserved, 8u << 16 | 2u);
}

TEST(Batch, WritesAsManyAsThereIsRoomForWithoutLoss) {
    const queue_handle queue = make({SLICKQ_LAYOUT_SLQ1, 8, 1}, SLICKQ_OPEN_LOSSLESS);
    std::uint64_t consumer = 0, from = 0;
    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &consumer, &from), SLICKQ_OK);
    const std::byte elements[40 * element_size]{};
    std::uint32_t written = 0;
    EXPECT_EQ(slickq_queue_write_batch(queue, elements, nullptr, 5, &written), SLICKQ_OK);
    EXPECT_EQ(written, 5u);
    EXPECT_EQ(slickq_queue_write_batch(queue, elements, nullptr, 5, &written), SLICKQ_OK);
    EXPECT_EQ(written, 3u);
    EXPECT_EQ(slickq_queue_write_batch(queue, elements, nullptr, 5, &written), SLICKQ_FULL);
    EXPECT_EQ(written, 0u);
    ASSERT_EQ(slickq_consumer_acknowledge(queue, consumer, 6), SLICKQ_OK);
    const std::uint32_t counts[]{2, 3, 4};
    EXPECT_EQ(slickq_queue_write_batch(queue, elements, counts, 3, &written), SLICKQ_OK);
    EXPECT_EQ(written, 2u) << "5 of 6 elements, and 4 more do not fit";
    EXPECT_EQ(slickq_queue_write_batch_until(queue, elements, nullptr, 4, slickq_deadline(1'000'000), &written), SLICKQ_TIMED_OUT);
    EXPECT_EQ(written, 1u);
}

TEST(Batch, OfARecordBehindTheEndOfTheRingWithoutLoss) {
    const queue_handle queue = make({SLICKQ_LAYOUT_SLQ1, 8, 1}, SLICKQ_OPEN_LOSSLESS);
    std::uint64_t consumer = 0, from = 0;
    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &consumer, &from), SLICKQ_OK);
    const std::byte elements[8 * element_size]{};
    ASSERT_EQ(slickq_queue_write(queue, elements, 3, nullptr), SLICKQ_OK);
    const std::uint32_t counts[]{8};
    std::uint32_t written = 9;
    EXPECT_EQ(slickq_queue_write_batch(queue, elements, counts, 1, &written), SLICKQ_FULL);
    ASSERT_EQ(slickq_consumer_acknowledge(queue, consumer, 3), SLICKQ_OK) << "all that it could read";
    EXPECT_EQ(slickq_queue_write_batch(queue, elements, counts, 1, &written), SLICKQ_OK);
    EXPECT_EQ(written, 1u);
}

TEST(Batch, WaitsUntilAllAreWrittenWithoutLoss) {
    const queue_handle queue = make({SLICKQ_LAYOUT_SLQ3, 16, 2}, SLICKQ_OPEN_LOSSLESS);
    constexpr std::uint32_t number = 20'000;
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.flags = SLICKQ_READER_REGISTERED;
    reader_handle reader;
    ASSERT_EQ(slickq_reader_open(queue, &options, reader.out()), SLICKQ_OK);
    std::vector<std::byte> sent(std::size_t{number} * element_size), received;
    std::mt19937 random(3);
    for (std::byte& b : sent) b = static_cast<std::byte>(random());
    std::thread producer([&] {
        std::uint32_t written = 0;
        EXPECT_EQ(slickq_queue_write_batch_until(queue, sent.data(), nullptr, number, SLICKQ_FOREVER, &written), SLICKQ_OK);
        EXPECT_EQ(written, number);
    });
    while (received.size() < sent.size()) {
        slickq_batch got{};
        ASSERT_EQ(slickq_reader_read_batch_until(reader, 0, slickq_deadline(30'000'000'000), &got), SLICKQ_OK);
        const auto* const data = static_cast<const std::byte*>(got.data);
        received.insert(received.end(), data, data + std::size_t{got.elements} * element_size);
    }
    producer.join();
    EXPECT_EQ(received, sent);
}

// ---------------------------------------------------------------- a single producer

TEST(SingleProducer, IsToldOfAnother) {
    const queue_handle queue = make({SLICKQ_LAYOUT_SLQ1, 8, 1}, SLICKQ_OPEN_SINGLE_PRODUCER);
    EXPECT_NE(info_of(queue).flags & SLICKQ_INFO_SINGLE_PRODUCER, 0u);
    const std::byte elements[2 * element_size]{};
    ASSERT_EQ(slickq_queue_write(queue, elements, 1, nullptr), SLICKQ_OK);
    // Another one, as the ring sees it.
    auto* const reserved = static_cast<std::uint64_t*>(info_of(queue).base);
    *reserved += std::uint64_t{1} << 16;
    const auto before = bytes_of(queue);
    std::uint64_t index = 0;
    std::uint32_t written = 9;
    EXPECT_EQ(slickq_queue_write(queue, elements, 1, &index), SLICKQ_E_SECOND_PRODUCER);
    EXPECT_EQ(slickq_queue_reserve(queue, 1, &index), SLICKQ_E_SECOND_PRODUCER);
    EXPECT_EQ(slickq_queue_write_batch(queue, elements, nullptr, 2, &written), SLICKQ_E_SECOND_PRODUCER);
    EXPECT_EQ(written, 0u);
    EXPECT_EQ(bytes_of(queue), before);
}

TEST(SingleProducer, PublishesWhatItReservedAndNothingElse) {
    const queue_handle queue = make({SLICKQ_LAYOUT_SLQ1, 8, 1}, SLICKQ_OPEN_SINGLE_PRODUCER);
    std::uint64_t first = 0, second = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 2, &first), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &second), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_publish(queue, 3, 1), SLICKQ_E_NOT_RESERVED);
    EXPECT_EQ(slickq_queue_publish(queue, second, 1), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_publish(queue, first, 2), SLICKQ_OK);
    slickq_record last;
    ASSERT_EQ(slickq_queue_read_last(queue, &last), SLICKQ_OK);
    EXPECT_EQ(last.index, second) << "publishing an earlier one does not take it back";
    std::uint64_t late = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &late), SLICKQ_OK);
    const std::byte elements[8 * element_size]{};
    ASSERT_EQ(slickq_queue_write_batch(queue, elements, nullptr, 8, nullptr), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_publish(queue, late, 1), SLICKQ_E_STALE);
}

TEST(SingleProducer, GoesOnAfterAReset) {
    const queue_handle queue = make({SLICKQ_LAYOUT_SLQ1, 8, 1}, SLICKQ_OPEN_SINGLE_PRODUCER);
    const std::byte elements[5 * element_size]{};
    std::uint64_t index = 9;
    ASSERT_EQ(slickq_queue_write_batch(queue, elements, nullptr, 5, nullptr), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_write(queue, elements, 1, &index), SLICKQ_OK);
    EXPECT_EQ(index, 0u);
}

TEST(SingleProducer, IsNoReader) {
    slickq_options options = options_for(8, element_size);
    options.flags = SLICKQ_OPEN_SINGLE_PRODUCER;
    queue_handle queue;
    const test::segment_name name;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
    options.flags |= SLICKQ_OPEN_READ_ONLY;
    queue_handle other;
    EXPECT_EQ(slickq_queue_open(name.c_str(), &options, other.out()), SLICKQ_E_ARGUMENT);
    EXPECT_TRUE(test::message_has("single producer"));
}

TEST(SingleProducer, IsOneOfManyInAWideQueue) {
    const queue_handle queue = make({SLICKQ_LAYOUT_WIDE, 8, 1}, SLICKQ_OPEN_SINGLE_PRODUCER);
    EXPECT_EQ(info_of(queue).flags & SLICKQ_INFO_SINGLE_PRODUCER, 0u);
}

// A sleeping reader is woken although its producer has no fence, in lossless mode too.
TEST(SingleProducer, WakesReaders) {
    for (const std::uint32_t more : std::initializer_list<std::uint32_t>{0u, SLICKQ_OPEN_LOSSLESS}) {
        const queue_handle queue = make({SLICKQ_LAYOUT_SLQ1, 64, 1}, SLICKQ_OPEN_SINGLE_PRODUCER | more);
        reader_handle reader;
        slickq_reader_options options{};
        options.struct_size = sizeof options;
        options.flags = more != 0 ? SLICKQ_READER_REGISTERED : 0;
        ASSERT_EQ(slickq_reader_open(queue, &options, reader.out()), SLICKQ_OK);
        constexpr int number = 2000;
        std::atomic<int> received{0};
        std::thread consumer([&] {
            slickq_record record;
            while (received < number && slickq_reader_read_until(reader, slickq_deadline(30'000'000'000), &record) == SLICKQ_OK) ++received;
        });
        const std::byte element[element_size]{};
        for (int k = 0; k < number; ++k) {
            ASSERT_EQ(slickq_queue_write_until(queue, element, 1, SLICKQ_FOREVER, nullptr), SLICKQ_OK);
            while (received <= k) std::this_thread::yield(); // often enough it falls asleep
        }
        consumer.join();
        EXPECT_EQ(received, number);
    }
}

// ---------------------------------------------------------------- the C++ face

TEST(CppBatches, AreWrittenAndReadInPlace) {
    slickq::queue<std::uint64_t> queue(8);
    std::uint64_t cursor = 0;
    std::vector<std::uint64_t> received, sent;
    for (std::uint64_t k = 0; k < 1000; k += 5) {
        const std::uint64_t batch[]{k, k + 1, k + 2, k + 3, k + 4};
        sent.insert(sent.end(), std::begin(batch), std::end(batch));
        ASSERT_TRUE(queue.write_batch(batch));
        for (;;) {
            const auto got = queue.read_batch(cursor, 3);
            if (got.empty()) break;
            ASSERT_LE(got.size(), 3u);
            ASSERT_TRUE(queue.validate(cursor - got.size()));
            received.insert(received.end(), got.begin(), got.end());
        }
    }
    EXPECT_EQ(received, sent);
}

TEST(CppBatches, HaveRecordsOfAnyLength) {
    for (const std::uint32_t flags : std::initializer_list<std::uint32_t>{
             0u, SLICKQ_OPEN_SINGLE_PRODUCER, SLICKQ_OPEN_PROMPT_PRODUCER, SLICKQ_OPEN_LOSSLESS}) {
        slickq_options options{};
        options.flags = flags;
        slickq::queue<std::uint16_t> queue(16, nullptr, options);
        slickq::reader<std::uint16_t> reader(queue);
        const std::uint16_t elements[]{1, 2, 3, 4, 5, 6};
        const std::uint32_t counts[]{3, 1, 2}, wrong[]{3, 1, 1}, none[]{6, 0};
        EXPECT_THROW(queue.write_batch(elements, wrong), slickq::error);
        EXPECT_THROW(queue.write_batch(elements, none), slickq::error);
        ASSERT_TRUE(queue.write_batch(elements, counts));
        const auto got = reader.read_batch();
        ASSERT_TRUE(got);
        EXPECT_TRUE(std::equal(got.elements.begin(), got.elements.end(), std::begin(elements), std::end(elements)));
        ASSERT_EQ(got.records.size(), 3u);
        EXPECT_EQ(got.records[1].index, 3u);
        EXPECT_EQ(got.records[2].count, 2u);
        EXPECT_EQ(reader.read_batch_until(0, 0).what, slickq::read_result::empty);
    }
}

TEST(CppBatches, ASingleProducerIsToldOfAnother) {
    slickq_options options{};
    options.flags = SLICKQ_OPEN_SINGLE_PRODUCER;
    slickq::queue<std::uint64_t> queue(8, nullptr, options);
    queue.publish(queue.reserve());
    ASSERT_EQ(slickq_queue_write(queue.handle(), "12345678", 1, nullptr), SLICKQ_E_SECOND_PRODUCER) << "one who produces through C";
    *static_cast<std::uint64_t*>(info_of(queue.handle()).base) += std::uint64_t{1} << 16;
    const std::uint64_t batch[]{1, 2};
    EXPECT_THROW(queue.reserve(), slickq::error);
    EXPECT_THROW(queue.write_batch(batch), slickq::error);
}

} // namespace
