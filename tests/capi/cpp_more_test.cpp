// What the C API has beyond the C++ face's queue, reader and worker, in C++.
#include "support/names.hpp"
#include "support/shm_file.hpp"

#include <slickq/consumer.hpp>
#include <slickq/cursor.hpp>
#include <slickq/inspect.hpp>
#include <slickq/polled_reader.hpp>
#include <slickq/records.hpp>
#include <slickq/slickq.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <exception>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#if !defined(_WIN32)
#  include <poll.h>
#endif

namespace {

using namespace std::chrono_literals;
using test::segment_name;

template <class Call>
slickq_status status_of(Call call) {
    try {
        call();
    } catch (const slickq::error& error) {
        return error.status();
    }
    return SLICKQ_OK;
}

slickq_options lossless() {
    slickq_options options{};
    options.flags = SLICKQ_OPEN_LOSSLESS;
    return options;
}

// ---------------------------------------------------------------- errors

static_assert(std::is_base_of_v<std::invalid_argument, slickq::argument_error>);
static_assert(std::is_base_of_v<std::runtime_error, slickq::failure>);
static_assert(std::is_convertible_v<const slickq::argument_error&, const std::exception&>, "one base of that type, not two");
static_assert(std::is_convertible_v<const slickq::failure&, const std::exception&>);

TEST(CppErrors, AreOfTheStandardLibrarysKinds) {
    const segment_name absent;
    slickq::queue<int> queue(8);
    EXPECT_THROW(slickq::queue<int>(7), std::invalid_argument);
    EXPECT_THROW(slickq::queue<int>("a/b"), std::invalid_argument);
    EXPECT_THROW(queue.reserve(0), std::invalid_argument);
    EXPECT_THROW(queue.reserve(9), std::runtime_error);
    EXPECT_THROW((slickq::queue<int>(absent.c_str())), std::runtime_error);
    try {
        slickq::queue<int> missing(absent.c_str());
    } catch (const std::exception& error) {
        EXPECT_EQ(std::string(error.what()).find("SLICKQ_E_NOT_FOUND: "), 0u) << error.what();
    }
    try {
        queue.reserve(0);
    } catch (const slickq::error& error) {
        EXPECT_EQ(error.status(), SLICKQ_E_ARGUMENT);
        EXPECT_EQ(std::string(error.what()).find("SLICKQ_E_ARGUMENT: "), 0u) << error.what();
    }
}

// ---------------------------------------------------------------- opening

TEST(CppQueue, CreateOnlyNeedsAFreeName) {
    const segment_name name;
    slickq::queue<int> made(slickq::create_only, 8, name.c_str());
    EXPECT_TRUE(made.own_buffer());
    EXPECT_EQ(status_of([&] { slickq::queue<int> q(slickq::create_only, 8, name.c_str()); }), SLICKQ_E_EXISTS);
    EXPECT_EQ(status_of([] { slickq::queue<int> q(slickq::create_only, 8, nullptr); }), SLICKQ_E_NULL);
    EXPECT_EQ(made.info().capacity, 8u);
    EXPECT_NE(made.info().created_ns, 0);
}

TEST(CppQueue, TakesAHandleOver) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.capacity = 8;
    options.element_size = sizeof(int);
    slickq_queue* handle = nullptr;
    ASSERT_EQ(slickq_queue_create_local(&options, &handle), SLICKQ_OK);
    {
        slickq::queue<int> queue(slickq::adopt, handle);
        EXPECT_EQ(queue.size(), 8u);
    }
    std::uint64_t index = 0;
    EXPECT_EQ(slickq_queue_next_index(handle, &index), SLICKQ_E_HANDLE) << "closed with the object";

    ASSERT_EQ(slickq_queue_create_local(&options, &handle), SLICKQ_OK);
    EXPECT_EQ(status_of([&] { slickq::queue<double> q(slickq::adopt, handle); }), SLICKQ_E_MISMATCH);
    EXPECT_EQ(slickq_queue_close(handle), SLICKQ_E_HANDLE) << "closed all the same";
    EXPECT_EQ(status_of([&] { slickq::queue<int> q(slickq::adopt, nullptr); }), SLICKQ_E_NULL);
}

#if !defined(_WIN32)
TEST(CppQueue, KnowsAnOrphanAndFindsTheNewOne) {
    const segment_name name;
    slickq::queue<int> old(8, name.c_str());
    EXPECT_EQ(old.name_state(), SLICKQ_NAME_OURS);
    old.remove_shm();
    EXPECT_EQ(old.name_state(), SLICKQ_NAME_GONE);
    EXPECT_EQ(status_of([&] { old.reattach(); }), SLICKQ_E_NOT_FOUND);
    slickq::queue<int> other(8, name.c_str());
    EXPECT_EQ(old.name_state(), SLICKQ_NAME_TAKEN);
    slickq::queue<int> fresh = old.reattach();
    other.publish(other.reserve());
    EXPECT_EQ(fresh.next_index(), 1u);
    EXPECT_EQ(old.next_index(), 0u);
}
#endif

// ---------------------------------------------------------------- registered consumers, and waiting for room

TEST(CppConsumer, HoldsProducersUpUntilItAcknowledges) {
    const segment_name name;
    slickq::queue<int> queue(4, name.c_str(), lossless());
    slickq::consumer consumer(queue);
    EXPECT_EQ(consumer.held_from(), 0u);
    const std::array<int, 1> one{1};
    for (int k = 0; k < 4; ++k) EXPECT_EQ(queue.write_for(one, 0s), SLICKQ_OK);
    EXPECT_EQ(queue.write_for(one, 0s), SLICKQ_TIMED_OUT);
    EXPECT_EQ(queue.write_until(one, 0), SLICKQ_TIMED_OUT);
    EXPECT_EQ(consumer.acknowledge(2), SLICKQ_OK);
    std::uint32_t written = 0;
    const std::array<int, 3> three{5, 6, 7};
    EXPECT_EQ(queue.write_batch_for(three, 0s, written), SLICKQ_TIMED_OUT);
    EXPECT_EQ(written, 2u);
    EXPECT_EQ(status_of([&] { queue.write_until({}, 0); }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(queue.write_batch_until({}, 0, written), SLICKQ_OK);
    EXPECT_EQ(written, 0u);

    const auto all = slickq::consumers(queue);
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].id, consumer.id());
    EXPECT_EQ(all[0].kind, std::uint32_t{SLICKQ_CONSUMER_READER});
    EXPECT_EQ(all[0].index, 2u);
    EXPECT_TRUE(slickq::evict(queue, consumer.id()));
    EXPECT_EQ(consumer.acknowledge(3), SLICKQ_E_EVICTED) << "it is told";
    EXPECT_EQ(queue.write_for(one, 1s), SLICKQ_OK);
}

TEST(CppConsumer, WaitsForRecordsAndGetsPastWhatNobodyPublishes) {
    constexpr std::int64_t a_moment_ns = 1'000'000;
    const segment_name name;
    slickq::queue<int> queue(8, name.c_str(), lossless());
    slickq::consumer consumer(queue);
    std::uint64_t cursor = 0;
    std::uint64_t lost = 9;
    EXPECT_EQ(consumer.wait_until(cursor, 0, &lost), SLICKQ_TIMED_OUT);
    EXPECT_EQ(consumer.wait_until(cursor, slickq_deadline(a_moment_ns)), SLICKQ_TIMED_OUT);
    EXPECT_EQ(lost, 0u);
    const std::array<int, 1> one{1};
    ASSERT_TRUE(queue.write(one));
    EXPECT_EQ(consumer.wait_until(cursor, SLICKQ_FOREVER, &lost), SLICKQ_OK);
    EXPECT_EQ(queue.read(cursor).second, 1u);

    static_cast<void>(queue.reserve(2)); // and its producer dies
    ASSERT_TRUE(queue.write(one));
    EXPECT_EQ(consumer.wait_until(cursor, SLICKQ_FOREVER, &lost, a_moment_ns), SLICKQ_GAP);
    EXPECT_EQ(cursor, 3u);
    EXPECT_EQ(lost, 2u);
    EXPECT_EQ(slickq::consumers(queue).at(0).index, 3u) << "acknowledged";

    std::atomic<bool> done{false};
    std::thread canceller([&] {
        while (!done) {
            queue.cancel();
            std::this_thread::sleep_for(1ms);
        }
    });
    std::uint64_t ahead = 4;
    EXPECT_EQ(consumer.wait_until(ahead, SLICKQ_FOREVER), SLICKQ_CANCELLED);
    done = true;
    canceller.join();

    EXPECT_TRUE(slickq::evict(queue, consumer.id()));
    EXPECT_EQ(consumer.wait_until(cursor, 0), SLICKQ_E_EVICTED);
    EXPECT_EQ(cursor, 3u);
}

TEST(CppConsumer, IsToldOfAReset) {
    slickq::queue<int> queue(8, nullptr, lossless());
    slickq::consumer consumer(queue);
    const std::array<int, 2> two{1, 2};
    ASSERT_TRUE(queue.write_batch(two));
    queue.reset();
    ASSERT_TRUE(queue.write_batch(two));
    EXPECT_EQ(consumer.acknowledge(2), SLICKQ_RESET) << "no exception: it is no error";
    EXPECT_EQ(slickq::consumers(queue).at(0).index, 0u) << "and nothing is acknowledged";
    EXPECT_EQ(consumer.acknowledge(2), SLICKQ_OK);
    queue.reset();
    std::uint64_t cursor = 2;
    EXPECT_EQ(consumer.wait_until(cursor, 0), SLICKQ_RESET);
    EXPECT_EQ(cursor, 0u);
    EXPECT_EQ(status_of([&] { static_cast<void>(consumer.acknowledge(5)); }), SLICKQ_E_ARGUMENT) << "is not reserved";
}

TEST(CppConsumer, EndsWithItsObject) {
    slickq::queue<int> queue(4, nullptr, lossless());
    std::uint64_t id = 0;
    {
        slickq::consumer consumer(queue.handle(), 0);
        slickq::consumer moved(std::move(consumer));
        id = moved.id();
        EXPECT_EQ(slickq::consumers(queue).size(), 1u);
    }
    EXPECT_EQ(slickq::consumers(queue).size(), 0u);
    EXPECT_FALSE(slickq::evict(queue, id));
    EXPECT_EQ(status_of([&] { slickq::consumer(queue, 1); }), SLICKQ_E_ARGUMENT) << "ahead of what is reserved";
}

TEST(CppConsumer, AWaitForRoomCanBeCancelled) {
    slickq::queue<int> queue(4, nullptr, lossless());
    slickq::consumer consumer(queue);
    const std::array<int, 4> all{};
    ASSERT_TRUE(queue.write(all));
    std::atomic<bool> done{false};
    std::thread canceller([&] {
        while (!done) {
            queue.cancel();
            std::this_thread::sleep_for(1ms);
        }
    });
    EXPECT_EQ(queue.write_until(all, SLICKQ_FOREVER), SLICKQ_CANCELLED);
    done = true;
    canceller.join();
}

TEST(CppConsumer, SeesAndRemovesGroups) {
    slickq::queue<int> queue(8);
    {
        slickq_worker_options options{};
        options.mode = SLICKQ_GROUP_AT_LEAST_ONCE;
        slickq::worker<int> worker(queue, "work", options);
        const auto found = slickq::groups(queue);
        ASSERT_EQ(found.size(), 1u);
        EXPECT_STREQ(found[0].name, "work");
        EXPECT_EQ(found[0].workers, 1u);
        EXPECT_EQ(worker.read_until(0).what, SLICKQ_TIMED_OUT);
        EXPECT_EQ(status_of([&] { slickq::remove_group(queue, "work"); }), SLICKQ_E_BUSY);
    }
    EXPECT_TRUE(slickq::remove_group(queue, "work"));
    EXPECT_FALSE(slickq::remove_group(queue, "work"));
    EXPECT_TRUE(slickq::groups(queue).empty());
}

// ---------------------------------------------------------------- named cursors, inspection

TEST(CppCursor, IsOneForAllWhoOpenItsName) {
    const segment_name name;
    EXPECT_EQ(status_of([&] { slickq::named_cursor::open(name.c_str()); }), SLICKQ_E_NOT_FOUND) << "a mistyped name makes none";
    auto made = slickq::named_cursor::create(name.c_str());
    EXPECT_EQ(status_of([&] { slickq::named_cursor::create(name.c_str()); }), SLICKQ_E_EXISTS);
    auto found = slickq::named_cursor::open(name.c_str());
    auto also = slickq::named_cursor::open_or_create(name.c_str());
    slickq::queue<int> queue(8);
    for (int k = 0; k < 3; ++k) *queue[queue.reserve()] = k;
    for (std::uint64_t k = 0; k < 3; ++k) queue.publish(k);
    EXPECT_EQ(*queue.read(*made).first, 0);
    EXPECT_EQ(*queue.read(*found).first, 1);
    found = std::move(also);
    EXPECT_EQ(*queue.read(*found).first, 2);
    EXPECT_EQ(made->load(), 3u);
}

TEST(CppInspect, TellsWhatItIsAndWhyItIsNone) {
    const segment_name name, none;
    slickq::queue<int> queue(8, name.c_str());
    queue.publish(queue.reserve(2), 2);
    const auto good = slickq::inspect(name.c_str());
    EXPECT_EQ(good.verdict, SLICKQ_OK);
    EXPECT_EQ(good.capacity, 8u);
    EXPECT_EQ(good.next_index, 2u);
    EXPECT_EQ(good.why, "");
    test::write_shm(none.text(), test::bytes(100, {}));
    const auto bad = slickq::inspect(none.c_str());
    EXPECT_EQ(bad.verdict, SLICKQ_E_NOT_READY);
    EXPECT_NE(bad.why, "");
    slickq_segment_remove(none.c_str());
    EXPECT_EQ(status_of([&] { slickq::inspect(none.c_str()); }), SLICKQ_E_NOT_FOUND);
}

// ---------------------------------------------------------------- readers in loops

TEST(CppRecords, AreWhatIsThereNow) {
    static_assert(std::ranges::input_range<slickq::records<int>> && std::ranges::view<slickq::records<int>>);
    slickq::queue<int> queue(4);
    slickq::reader<int> reader(queue);
    const auto write = [&](int value) { queue.write(std::span<const int>(&value, 1)); };
    std::vector<int> got;
    for (int k = 0; k < 3; ++k) write(k);
    for (const auto& item : slickq::records(reader)) got.push_back(item.elements[0]);
    EXPECT_EQ(got, (std::vector{0, 1, 2}));
    EXPECT_EQ(reader.received_records(), 3u);
    for (const auto& item : slickq::records(reader)) got.push_back(item.elements[0]);
    EXPECT_EQ(got.size(), 3u) << "nothing more";

    for (int k = 3; k < 13; ++k) write(k); // over its head
    std::uint64_t lost = 0, read = 0;
    for (const auto& item : slickq::records(reader)) (item ? read : lost) += item ? item.elements.size() : item.lost;
    EXPECT_GT(lost, 0u);
    EXPECT_EQ(lost + read, 10u) << "a loss is an item too, and does not end the range";
}

#if !defined(_WIN32)
bool is_readable(int descriptor, std::chrono::milliseconds patience) {
    pollfd wanted{descriptor, POLLIN, 0};
    return ::poll(&wanted, 1, static_cast<int>(patience.count())) == 1;
}

TEST(CppPolledReader, ItsDescriptorIsReadableWhenThereIsSomething) {
    slickq::queue<int> queue(8);
    slickq::polled_reader<int> reader(queue);
    const int descriptor = reader.descriptor();
    while (reader.read().what != SLICKQ_EMPTY) {
    }
    while (is_readable(descriptor, 0ms)) reader.read(); // it may be so once, with nothing there
    const std::array<int, 2> two{1, 2};
    queue.write(two);
    ASSERT_TRUE(is_readable(descriptor, 10s));
    const auto item = reader.read();
    ASSERT_TRUE(item);
    EXPECT_EQ(item.elements.size(), 2u);
    EXPECT_EQ(reader.info().received_elements, 2u);
    EXPECT_EQ(reader.read_for(0s).what, SLICKQ_TIMED_OUT);
    reader.cancel();
    EXPECT_EQ(reader.read_until(SLICKQ_FOREVER).what, SLICKQ_CANCELLED);
}
#endif

TEST(CppQueue, StartsWhereAsked) {
    slickq::queue<int> queue(4);
    EXPECT_FALSE(queue.wait_until(0, 0));
    for (int k = 0; k < 6; ++k) queue.publish(queue.reserve());
    EXPECT_EQ(queue.cursor_at(slickq::start::now), 6u);
    EXPECT_EQ(queue.cursor_at(slickq::start::newest), 5u);
    EXPECT_EQ(queue.cursor_at(slickq::start::oldest), 2u);
    EXPECT_TRUE(queue.wait_until(5, 0));
}

} // namespace
