// slickq::queue<T>: constructors, members and errors. The first tests are what a program written for slick::queue<T> does, with
// the namespace changed.
#include "support/names.hpp"
#include "support/shm_file.hpp"

#include <slickq/slickq.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using test::segment_name;

TEST(CppFace, BasicUseAsOfTheOriginal) {
    slickq::queue<int> queue(1024);
    auto slot = queue.reserve();
    *queue[slot] = 42;
    queue.publish(slot);

    std::uint64_t cursor = 0;
    auto result = queue.read(cursor);
    ASSERT_NE(result.first, nullptr);
    EXPECT_EQ(*result.first, 42);
    EXPECT_EQ(result.second, 1u);
    EXPECT_EQ(queue.read(cursor).first, nullptr);
}

TEST(CppFace, SharedMemoryUseAsOfTheOriginal) {
    const segment_name name;
    slickq::SlickQueue<int> server(1024, name.c_str());
    EXPECT_TRUE(server.own_buffer());
    EXPECT_TRUE(server.use_shm());
    slickq::SlickQueue<int> client(name.c_str());
    EXPECT_FALSE(client.own_buffer());
    EXPECT_EQ(client.size(), 1024u);

    auto slot = server.reserve(3);
    for (int k = 0; k < 3; ++k) server[slot][k] = 100 + k;
    server.publish(slot, 3);
    std::uint64_t cursor = 0;
    auto [data, count] = client.read(cursor);
    ASSERT_NE(data, nullptr);
    ASSERT_EQ(count, 3u);
    EXPECT_EQ(data[2], 102);
    auto [last, last_count] = client.read_last();
    EXPECT_EQ(last, data);
    EXPECT_EQ(last_count, 3u);
}

TEST(CppFace, WorkStealingAsOfTheOriginal) {
    slickq::queue<int> queue(1024);
    std::atomic<std::uint64_t> shared_cursor{0};
    std::atomic<int> consumed{0};
    for (int k = 0; k < 200; ++k) {
        auto slot = queue.reserve();
        *queue[slot] = k;
        queue.publish(slot);
    }
    std::vector<std::thread> consumers;
    for (int t = 0; t < 2; ++t) {
        consumers.emplace_back([&] {
            while (queue.read(shared_cursor).first != nullptr) ++consumed;
        });
    }
    for (std::thread& t : consumers) t.join();
    EXPECT_EQ(consumed, 200);
    EXPECT_EQ(shared_cursor, 200u);
}

TEST(CppFace, EveryConstructor) {
    const segment_name plain, with_items;
    const slickq::queue<std::uint64_t> local(8);
    EXPECT_FALSE(local.use_shm());
    EXPECT_TRUE(local.own_buffer());
    EXPECT_EQ(local.shm_name(), "");
    EXPECT_EQ(local.layout(), slickq::layout::slq1);

    const slickq::queue<std::uint64_t> local_with_items(16, 4);
    EXPECT_EQ(local_with_items.items_per_slot(), 4u);
    EXPECT_EQ(local_with_items.slot_count(), 4u);

    const slickq::queue<std::uint64_t> made(8, plain.c_str());
    const slickq::queue<std::uint64_t> made_with_items(16, 4, with_items.c_str());
    EXPECT_EQ(made_with_items.layout(), slickq::layout::slq3);
    EXPECT_EQ(made.shm_name(), plain.text());

    const slickq::queue<std::uint64_t> found(with_items.c_str());
    EXPECT_EQ(found.items_per_slot(), 4u) << "adopted";
    EXPECT_EQ(found.size(), 16u);

    slickq_options options{};
    options.struct_size = sizeof options;
    options.flags = SLICKQ_OPEN_READ_ONLY;
    slickq::queue<std::uint64_t> read_only(plain.c_str(), options);
    std::uint64_t cursor = read_only.next_index();
    EXPECT_EQ(read_only.read(cursor).first, nullptr);
}

template <class Make>
slickq_status status_of(Make make) {
    try {
        make();
    } catch (const slickq::error& error) {
        EXPECT_NE(std::string(error.what()).find(slickq_status_name(error.status())), std::string::npos);
        return error.status();
    }
    return SLICKQ_OK;
}

TEST(CppFace, ExceptionsCarryTheStatus) {
    const segment_name name, absent;
    const slickq::queue<std::uint64_t> made(8, name.c_str());
    EXPECT_EQ(status_of([] { slickq::queue<int> q(7); }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(status_of([] { slickq::queue<int> q(8, 3); }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(status_of([&] { slickq::queue<int> q(absent.c_str()); }), SLICKQ_E_NOT_FOUND);
    EXPECT_EQ(status_of([&] { slickq::queue<int> q(name.c_str()); }), SLICKQ_E_MISMATCH) << "another element size";
    EXPECT_EQ(status_of([&] { slickq::queue<std::uint64_t> q(16, name.c_str()); }), SLICKQ_E_MISMATCH);
    EXPECT_EQ(status_of([] { slickq::queue<int> q("bad/name"); }), SLICKQ_E_NAME);
    slickq::queue<int> local(8);
    EXPECT_EQ(status_of([&] { local.reserve(0); }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(status_of([&] { local.reserve(9); }), SLICKQ_E_ARGUMENT);
    EXPECT_THROW(local.reserve(9), std::runtime_error) << "what the original throws";
}

TEST(CppFace, TellsWhetherAPublishCameInTime) {
    slickq::queue<int> queue(4);
    const std::uint64_t late = queue.reserve();
    for (int k = 0; k < 4; ++k) EXPECT_TRUE(queue.publish(queue.reserve()));
    EXPECT_FALSE(queue.publish(late));
}

TEST(CppFace, CountsLossesPerObject) {
    const segment_name name;
    slickq::queue<int> writer(4, name.c_str());
    slickq::queue<int> reader(name.c_str());
    for (int k = 0; k < 10; ++k) writer.publish(writer.reserve());
    std::uint64_t cursor = 0;
    while (reader.read(cursor).first != nullptr) {
    }
    EXPECT_EQ(reader.loss_count(), 8u);
    EXPECT_EQ(writer.loss_count(), 0u);
    reader.reset();
    EXPECT_EQ(reader.loss_count(), 0u);
    EXPECT_EQ(writer.next_index(), 0u);
}

TEST(CppFace, ADamagedSlotThrowsAndIsPassed) {
    slickq::queue<int> queue(4);
    queue.publish(queue.reserve());
    slickq_queue_info info{};
    info.struct_size = sizeof info;
    ASSERT_EQ(slickq_queue_get_info(queue.handle(), &info), SLICKQ_OK);
    const std::uint32_t hostile = 1000;
    std::memcpy(static_cast<std::byte*>(info.base) + 64 + 8, &hostile, sizeof hostile);
    std::uint64_t cursor = 0;
    EXPECT_EQ(status_of([&] { queue.read(cursor); }), SLICKQ_E_CORRUPT);
    EXPECT_EQ(cursor, 1u) << "not beyond what is reserved";
}

TEST(CppFace, ReadLastNeedsItsIndex) {
    const segment_name name;
    slickq_options options{};
    options.struct_size = sizeof options;
    options.capacity = 8;
    options.element_size = sizeof(int);
    options.layout = SLICKQ_LAYOUT_SLQ0;
    slickq_queue* made = nullptr;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, &made), SLICKQ_OK);
    slickq::queue<int> queue(name.c_str());
    EXPECT_EQ(queue.layout(), slickq::layout::slq0) << "adopted";
    EXPECT_EQ(status_of([&] { queue.read_last(); }), SLICKQ_E_UNSUPPORTED);
    slickq_queue_close(made);
}

TEST(CppFace, RemovesItsNameOnlyWhenAsked) {
    const segment_name name;
    { const slickq::queue<int> made(8, name.c_str()); }
    EXPECT_TRUE(test::shm_exists(name.text()));
    slickq::queue<int> found(name.c_str());
    EXPECT_TRUE(found.remove_shm());
    EXPECT_FALSE(test::shm_exists(name.text()));
    EXPECT_FALSE(found.remove_shm());
    slickq::queue<int> local(8);
    EXPECT_FALSE(local.remove_shm());
}

struct alignas(64) wide_element {
    char bytes[64];
};

TEST(CppFace, ElementsAreAlignedAsTheirTypeAsks) {
    slickq::queue<wide_element> aligned(4, 4); // its slots are padded to the element's lowest set bit
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(aligned[0]) % 64, 0u);
    EXPECT_EQ(status_of([] { slickq::queue<wide_element> q(1); }), SLICKQ_E_UNSUPPORTED) << "the peers' bytes put it at 80";
}

TEST(CppFace, WhatWasOverwrittenIsToldAndSkipped) {
    slickq::queue<std::uint64_t> queue(4);
    const std::array<std::uint64_t, 2> pair{1, 2};
    ASSERT_TRUE(queue.write(pair));
    std::uint64_t in_place = 0, copied = 0;
    std::atomic<std::uint64_t> shared{0};
    const auto [elements, count] = queue.read(in_place);
    ASSERT_EQ(count, 2u);
    EXPECT_TRUE(queue.validate(in_place - count));
    queue.reserve(3); // over the first record, unpublished: its slot still says that it is there
    EXPECT_FALSE(queue.validate(in_place - count));

    std::array<std::uint64_t, 4> buffer{};
    EXPECT_EQ(queue.read(copied, buffer), 0u);
    EXPECT_EQ(queue.read(shared, buffer), 0u);
    EXPECT_EQ(copied, 4u) << "past the lost record, and the end of the ring that the reservation skipped";
    EXPECT_EQ(shared, 4u);
    EXPECT_EQ(queue.loss_count(), 4u) << "two elements by each of the two";
    EXPECT_EQ(elements[0], 1u);
}

TEST(CppFace, CopiesWhatFits) {
    slickq::queue<std::uint64_t> queue(8);
    const std::array<std::uint64_t, 3> three{1, 2, 3};
    ASSERT_TRUE(queue.write(three));
    std::uint64_t cursor = 0;
    std::array<std::uint64_t, 2> small{};
    std::array<std::uint64_t, 3> enough{};
    EXPECT_EQ(status_of([&] { queue.read(cursor, small); }), SLICKQ_E_BUFFER);
    EXPECT_EQ(queue.read(cursor, enough), 3u);
    EXPECT_EQ(enough, three);
    EXPECT_EQ(queue.read(cursor, enough), 0u);
}

TEST(CppFace, AReaderAccountsForAll) {
    const segment_name name;
    slickq::queue<std::uint32_t> queue(16, name.c_str());
    slickq::reader_options options;
    options.from = slickq::start::oldest;
    options.stall_ns = 0;
    slickq::reader<std::uint32_t> reader(queue, options);
    EXPECT_EQ(reader.read().what, slickq::read_result::empty);

    const auto produce = [&](std::uint32_t value) { EXPECT_TRUE(queue.write(std::span(&value, 1))); };
    for (std::uint32_t k = 0; k < 3; ++k) produce(k);
    for (std::uint32_t k = 0; k < 3; ++k) {
        const auto item = reader.read();
        ASSERT_TRUE(item);
        EXPECT_EQ(item.index, k);
        ASSERT_EQ(item.elements.size(), 1u);
        EXPECT_EQ(item.elements[0], k);
    }

    queue.reserve(); // and its producer dies
    produce(4);
    const auto gap = reader.read();
    EXPECT_EQ(gap.what, slickq::read_result::gap);
    EXPECT_EQ(gap.lost, 1u);
    EXPECT_EQ(reader.read().index, 4u);

    for (std::uint32_t k = 5; k < 105; ++k) produce(k);
    const auto lapped = reader.read();
    EXPECT_EQ(lapped.what, slickq::read_result::lapped);
    std::uint64_t received = 4;
    for (auto item = reader.read(); item; item = reader.read()) {
        EXPECT_EQ(item.elements[0], item.index);
        ++received;
    }
    EXPECT_EQ(reader.received(), received);
    EXPECT_EQ(received + reader.lost().lapped + reader.lost().gap, 105u);

    produce(105);
    queue.reset();
    const auto reset = reader.read();
    EXPECT_EQ(reset.what, slickq::read_result::reset);
    EXPECT_EQ(reset.lost, 1u);
    EXPECT_EQ(reader.cursor(), 0u);

    options.from = slickq::start::index;
    options.index = 7;
    EXPECT_EQ(status_of([&] { slickq::reader<std::uint32_t>(queue, options); }), SLICKQ_E_ARGUMENT);
}

slickq_options lossless() {
    slickq_options options{};
    options.flags = SLICKQ_OPEN_LOSSLESS;
    return options;
}

// Also if its producer is declared to be the only one, or a prompt one.
TEST(CppFace, ALosslessQueueWaitsForItsReaders) {
    using namespace std::chrono_literals;
    for (const std::uint32_t more : std::initializer_list<std::uint32_t>{
             0u, SLICKQ_OPEN_SINGLE_PRODUCER, SLICKQ_OPEN_PROMPT_PRODUCER}) {
        const segment_name name;
        slickq_options options = lossless();
        options.flags |= more;
        slickq::queue<int> queue(16, name.c_str(), options);
        slickq::reader<int> reader(queue, {}, true);
        for (int k = 0; k < 16; ++k) EXPECT_TRUE(queue.write(std::span<const int>(&k, 1)));
        EXPECT_EQ(queue.reserve_for(1, 0s), std::nullopt);
        EXPECT_EQ(queue.reserve_for(1, 2ms), std::nullopt);
        constexpr int records = 5000;
        std::thread producer([&] {
            for (int k = 16; k < records; ++k) {
                const std::uint64_t index = queue.reserve();
                *queue[index] = k;
                queue.publish(index);
            }
        });
        for (int k = 0; k < records; ++k) {
            const auto item = reader.read_for(20s);
            ASSERT_TRUE(item);
            ASSERT_EQ(item.elements[0], k);
        }
        producer.join();
    }
}

TEST(CppFace, AReaderRegistersForWhatIsThere) {
    using namespace std::chrono_literals;
    const segment_name name;
    slickq::queue<int> queue(16, name.c_str(), lossless());
    for (int k = 0; k < 5; ++k) queue.write(std::span<const int>(&k, 1));
    slickq::reader_options options;
    options.from = slickq::start::oldest;
    {
        slickq::reader<int> reader(queue, options, true);
        for (int k = 5; k < 16; ++k) queue.write(std::span<const int>(&k, 1));
        EXPECT_FALSE(queue.reserve_for(1, 0s));
        EXPECT_EQ(reader.read().elements[0], 0);
    }
    EXPECT_TRUE(queue.reserve_for(1, 0s)) << "it is registered no more";
    options.from = slickq::start::index;
    options.index = 1000;
    EXPECT_THROW(slickq::reader<int>(queue, options, true), slickq::error);
    slickq::queue<int> local(16);
    slickq::reader<int> registered(local, {}, true);
    for (int k = 0; k < 40; ++k) local.write(std::span<const int>(&k, 1));
    EXPECT_EQ(registered.read().what, slickq::read_result::lapped) << "the queue was not opened as lossless";
}

TEST(CppFace, WorkersShareAndComplete) {
    using namespace std::chrono_literals;
    const segment_name name;
    slickq::queue<int> queue(16, name.c_str(), lossless());
    slickq_worker_options options{};
    EXPECT_THROW(slickq::worker<int>(queue, "work", options), slickq::error) << "who makes a group says its mode";
    options.mode = SLICKQ_GROUP_AT_LEAST_ONCE;
    slickq::worker<int> first(queue, "work", options), second(queue, "work", options);
    for (int k = 0; k < 2; ++k) queue.write(std::span<const int>(&k, 1));
    EXPECT_EQ(first.read().elements[0], 0);
    EXPECT_EQ(second.read_for(1s).elements[0], 1);
    first.done();
    EXPECT_EQ(first.read().what, SLICKQ_EMPTY);
    second.cancel();
    EXPECT_EQ(second.read_for(20s).what, SLICKQ_CANCELLED);
}

TEST(CppFace, AChildsCopyOfARegisteredReaderIsInert) {
    const segment_name name;
    slickq_options options{};
    options.flags = SLICKQ_OPEN_LOSSLESS;
    slickq::queue<std::uint64_t> q(8, name.c_str(), options);
    pid_t child;
    {
        slickq::reader<std::uint64_t> r(q, {.batch = 4}, true);
        for (std::uint64_t k = 0; k < 8; ++k) q.write(std::span<const std::uint64_t>(&k, 1));
        ASSERT_TRUE(r.read());
        child = ::fork();
        if (child == 0) {
            if (r.read().what != slickq::read_result::evicted || r.read_batch().what != slickq::read_result::evicted) ::_exit(1);
        } else {
            int status = 0;
            ASSERT_EQ(::waitpid(child, &status, 0), child);
            EXPECT_EQ(status, 0);
            for (std::uint64_t k = 1; k < 8; ++k) EXPECT_EQ(r.read().elements[0], k);
            for (std::uint64_t k = 0; k < 8; ++k) ASSERT_TRUE(q.reserve_for(1, std::chrono::milliseconds(0)).has_value());
            EXPECT_FALSE(q.reserve_for(1, std::chrono::milliseconds(0)).has_value()) << "it is still registered";
        }
    } // here the child's is destroyed
    if (child == 0) ::_exit(0);
}

} // namespace
