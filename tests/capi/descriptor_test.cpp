// Descriptors for producers and workers in an event loop: of room in a lossless queue, of work in a group. (Those of
// readers are in waiting_test.cpp; what every system call's failure leaves is in tests/process/fault_test.cpp.)
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using test::options_for;
using test::queue_handle;
using test::segment_name;
using test::worker_handle;

constexpr std::int64_t millisecond = 1'000'000;
constexpr int long_enough = 20'000; // milliseconds
constexpr std::uint32_t capacity = 16;

bool is_readable(int descriptor, int timeout_ms) {
    pollfd one{descriptor, POLLIN, 0};
    return ::poll(&one, 1, timeout_ms) == 1 && (one.revents & POLLIN) != 0;
}

bool is_open(int descriptor) {
    pollfd one{descriptor, POLLIN, 0};
    return ::poll(&one, 1, 0) >= 0 && (one.revents & POLLNVAL) == 0;
}

// Runs in a child of fork(), and tells whether what it says is true.
template <class Says>
bool in_a_child(Says says) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(says() ? 0 : 1);
    int status = -1;
    return pid != -1 && ::waitpid(pid, &status, 0) == pid && status == 0;
}

slickq_options lossless_options(std::uint32_t flags = SLICKQ_OPEN_LOSSLESS) {
    slickq_options options = options_for(capacity, sizeof(std::uint64_t));
    options.flags = flags;
    return options;
}

// A local queue and a shared one.
class RoomDescriptor : public testing::TestWithParam<bool> {
protected:
    RoomDescriptor() {
        const slickq_options options = lossless_options();
        if (GetParam()) {
            EXPECT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
        } else {
            EXPECT_EQ(slickq_queue_create_local(&options, queue.out()), SLICKQ_OK);
        }
        EXPECT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &consumer, nullptr), SLICKQ_OK);
    }
    ~RoomDescriptor() override {
        if (GetParam()) slickq_segment_remove(name.c_str());
    }

    int descriptor() {
        int made = -1;
        EXPECT_EQ(slickq_queue_room_descriptor(queue, &made), SLICKQ_OK);
        return made;
    }
    slickq_status write(std::uint32_t count = 1) {
        const std::array<std::uint64_t, capacity> values{};
        return slickq_queue_write(queue, values.data(), count, nullptr);
    }
    void fill() {
        while (write() == SLICKQ_OK) {
        }
    }
    void acknowledge(std::uint64_t index) { EXPECT_EQ(slickq_consumer_acknowledge(queue, consumer, index), SLICKQ_OK); }

    segment_name name;
    queue_handle queue;
    std::uint64_t consumer = 0;
};

TEST_P(RoomDescriptor, IsReadableWhenAProducerMayTryAgain) {
    const int found = descriptor();
    EXPECT_EQ(descriptor(), found);
    EXPECT_TRUE(is_readable(found, 0)) << "at first";
    fill(); // the last one was told SLICKQ_FULL
    EXPECT_FALSE(is_readable(found, 0));
    for (std::uint64_t round = 1; round <= 100; ++round) {
        acknowledge(round);
        ASSERT_TRUE(is_readable(found, long_enough));
        EXPECT_TRUE(is_readable(found, 0)) << "until a producer was told that there is no room";
        ASSERT_EQ(write(), SLICKQ_OK);
        EXPECT_EQ(write(), SLICKQ_FULL);
        EXPECT_FALSE(is_readable(found, 0));
    }
}

TEST_P(RoomDescriptor, EveryAnswerThatThereIsNoRoomMakesItWait) {
    const int found = descriptor();
    fill();
    const std::array<std::uint64_t, capacity> values{};
    const auto reserves = [&] {
        std::uint64_t index = 0;
        return slickq_queue_reserve(queue, 1, &index);
    };
    const auto writes_batch = [&] { return slickq_queue_write_batch(queue, values.data(), nullptr, 2, nullptr); };
    std::uint64_t read = 0;
    for (int round = 0; round < 3; ++round) {
        acknowledge(++read);
        ASSERT_TRUE(is_readable(found, long_enough));
        std::uint64_t index = 0;
        ASSERT_EQ(slickq_queue_reserve(queue, 1, &index), SLICKQ_OK);
        ASSERT_EQ(slickq_queue_publish(queue, index, 1), SLICKQ_OK);
        EXPECT_EQ(reserves(), SLICKQ_FULL);
        EXPECT_FALSE(is_readable(found, 0));

        acknowledge(++read);
        ASSERT_TRUE(is_readable(found, long_enough));
        std::uint32_t written = 0;
        EXPECT_EQ(slickq_queue_write_batch(queue, values.data(), nullptr, 2, &written), SLICKQ_OK);
        EXPECT_EQ(written, 1u);
        EXPECT_FALSE(is_readable(found, 0)) << "only the first one was written";
        EXPECT_EQ(writes_batch(), SLICKQ_FULL);
        EXPECT_FALSE(is_readable(found, 0));
    }
    acknowledge(++read);
    ASSERT_TRUE(is_readable(found, long_enough));
    ASSERT_EQ(write(), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_write_until(queue, values.data(), 1, 0, nullptr), SLICKQ_TIMED_OUT);
    EXPECT_TRUE(is_readable(found, 0)) << "those who wait by themselves do not poll";
}

// What is too little for one record is told all the same, and it goes on until there is enough.
TEST_P(RoomDescriptor, ALargeRecordFindsRoomInTheEnd) {
    const int found = descriptor();
    fill();
    std::uint64_t read = 0;
    int tries = 0;
    while (write(capacity) == SLICKQ_FULL) {
        ASSERT_LT(++tries, 100);
        if (read < capacity) acknowledge(++read);
        ASSERT_TRUE(is_readable(found, long_enough));
    }
    EXPECT_EQ(read, capacity);
}

TEST_P(RoomDescriptor, NothingIsMissedBetweenAskingAndPolling) {
    const int found = descriptor();
    constexpr std::uint64_t records = 5'000;
    std::thread reader([&] {
        std::uint64_t cursor = 0;
        slickq_record record{};
        while (cursor != records) {
            if (slickq_queue_read(queue, &cursor, &record) != SLICKQ_OK) continue;
            slickq_consumer_acknowledge(queue, consumer, cursor);
        }
    });
    bool is_late = false;
    for (std::uint64_t k = 0; k < records && !is_late;) {
        if (write() == SLICKQ_OK) {
            ++k;
        } else {
            is_late = !is_readable(found, long_enough);
        }
    }
    EXPECT_FALSE(is_late);
    if (is_late) slickq_queue_reset(queue);
    while (is_late && write() == SLICKQ_OK) { // so that the reader ends
    }
    reader.join();
}

TEST_P(RoomDescriptor, TellsOfTheEvictedTheGoneAndAReset) {
    const int found = descriptor();
    fill();
    ASSERT_EQ(slickq_consumer_evict(queue, consumer), SLICKQ_OK);
    EXPECT_TRUE(is_readable(found, long_enough)) << "evicted";
    ASSERT_EQ(slickq_consumer_unregister(queue, consumer), SLICKQ_OK);

    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &consumer, nullptr), SLICKQ_OK);
    fill();
    EXPECT_FALSE(is_readable(found, 0));
    ASSERT_EQ(slickq_consumer_unregister(queue, consumer), SLICKQ_OK);
    EXPECT_TRUE(is_readable(found, long_enough)) << "unregistered";

    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &consumer, nullptr), SLICKQ_OK);
    fill();
    EXPECT_FALSE(is_readable(found, 0));
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    EXPECT_TRUE(is_readable(found, long_enough)) << "reset";
    EXPECT_EQ(write(), SLICKQ_OK);
}

// Nobody tries meanwhile, and so nobody else would look who is dead.
TEST_P(RoomDescriptor, TellsOfADeadConsumer) {
    ASSERT_EQ(slickq_consumer_unregister(queue, consumer), SLICKQ_OK);
    std::array<int, 2> is_registered{};
    ASSERT_EQ(::pipe(is_registered.data()), 0);
    const pid_t pid = ::fork();
    ASSERT_NE(pid, -1);
    if (pid == 0) {
        std::uint64_t mine = 0;
        const bool is_one = slickq_consumer_register(queue, SLICKQ_NO_INDEX, &mine, nullptr) == SLICKQ_OK;
        if (is_one && ::write(is_registered[1], "!", 1) == 1) ::pause();
        ::_exit(1);
    }
    char byte = 0;
    ASSERT_EQ(::read(is_registered[0], &byte, 1), 1);
    const int found = descriptor();
    fill();
    EXPECT_FALSE(is_readable(found, 150)) << "it lives";
    ASSERT_EQ(::kill(pid, SIGKILL), 0);
    ASSERT_EQ(::waitpid(pid, nullptr, 0), pid);
    EXPECT_TRUE(is_readable(found, long_enough));
    EXPECT_EQ(write(), SLICKQ_OK);
    for (const int end : is_registered) ::close(end);
}

TEST_P(RoomDescriptor, EndsWithTheHandle) {
    const int found = descriptor();
    fill();
    ASSERT_EQ(queue.close(), SLICKQ_OK); // its thread is asleep
    EXPECT_FALSE(is_open(found));
}

TEST_P(RoomDescriptor, IsMadeOnceByAnyNumberOfThreads) {
    std::vector<int> found(8, -1);
    std::vector<std::thread> threads;
    for (int& mine : found) threads.emplace_back([this, &mine] { mine = descriptor(); });
    for (std::thread& one : threads) one.join();
    for (const int one : found) EXPECT_EQ(one, found[0]);
    EXPECT_TRUE(is_open(found[0]));
}

TEST_P(RoomDescriptor, AChildHasOneOfItsOwn) {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "ThreadSanitizer ends a child of fork() that starts a thread";
#endif
    const int found = descriptor();
    fill();
    EXPECT_TRUE(in_a_child([&] {
        if (write() != SLICKQ_FULL) return false; // the parent's thread is not there, and is not waited for
        int own = -1;
        if (slickq_queue_room_descriptor(queue, &own) != SLICKQ_OK) return false;
        if (write() != SLICKQ_FULL || is_readable(own, 0)) return false;
        if (slickq_consumer_evict(queue, consumer) != SLICKQ_OK) return false;
        return is_readable(own, long_enough) && queue.close() == SLICKQ_OK;
    }));
    EXPECT_TRUE(is_open(found));
    EXPECT_TRUE(is_readable(found, long_enough));
    EXPECT_TRUE(in_a_child([&] { return queue.close() == SLICKQ_OK; })) << "that did nothing with it";
    EXPECT_TRUE(is_open(found));
}

TEST_P(RoomDescriptor, RefusesWhatIsNoQueue) {
    int found = -1;
    EXPECT_EQ(slickq_queue_room_descriptor(nullptr, &found), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_queue_room_descriptor(queue, nullptr), SLICKQ_E_NULL);
    slickq_queue* const closed = queue;
    ASSERT_EQ(queue.close(), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_room_descriptor(closed, &found), SLICKQ_E_HANDLE);
    EXPECT_EQ(found, -1);
}

INSTANTIATE_TEST_SUITE_P(Of, RoomDescriptor, testing::Bool(),
                         [](const auto& one) { return one.param ? "Shared" : "Local"; });

TEST(RoomDescriptorElsewhere, IsAlwaysReadableWithoutLosslessAndNotForReadersOnly) {
    const segment_name name;
    slickq_options options = lossless_options(0);
    queue_handle lossy, read_only;
    ASSERT_EQ(slickq_queue_create(name.c_str(), &options, lossy.out()), SLICKQ_OK);
    int found = -1;
    ASSERT_EQ(slickq_queue_room_descriptor(lossy, &found), SLICKQ_OK);
    const std::uint64_t value = 0;
    for (std::uint32_t k = 0; k < 3 * capacity; ++k) {
        EXPECT_EQ(slickq_queue_write(lossy, &value, 1, nullptr), SLICKQ_OK);
    }
    EXPECT_TRUE(is_readable(found, 0));
    options.flags = SLICKQ_OPEN_READ_ONLY;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &options, read_only.out()), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_room_descriptor(read_only, &found), SLICKQ_E_READ_ONLY);
    EXPECT_EQ(slickq_segment_remove(name.c_str()), SLICKQ_OK);
}

// ---------------------------------------------------------------- workers

class WorkDescriptor : public testing::Test {
protected:
    WorkDescriptor() {
        const slickq_options options = lossless_options(0);
        EXPECT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
        EXPECT_EQ(join(worker), SLICKQ_OK);
    }
    ~WorkDescriptor() override { slickq_segment_remove(name.c_str()); }

    slickq_status join(worker_handle& made, std::int64_t stall_ns = 0) {
        slickq_worker_options options{};
        options.struct_size = sizeof options;
        options.group = "jobs";
        options.mode = SLICKQ_GROUP_AT_LEAST_ONCE;
        options.stall_ns = stall_ns;
        return slickq_worker_open(queue, &options, made.out());
    }
    int descriptor(slickq_worker* of) {
        int made = -1;
        EXPECT_EQ(slickq_worker_descriptor(of, &made), SLICKQ_OK);
        return made;
    }
    void write() {
        const std::uint64_t value = 7;
        ASSERT_EQ(slickq_queue_write(queue, &value, 1, nullptr), SLICKQ_OK);
    }
    slickq_status read(slickq_worker* by) { return slickq_worker_read(by, &record); }

    segment_name name;
    queue_handle queue;
    worker_handle worker;
    slickq_record record{};
};

TEST_F(WorkDescriptor, IsReadableWhenThereIsSomethingToClaim) {
    const int found = descriptor(worker);
    EXPECT_EQ(descriptor(worker), found);
    EXPECT_TRUE(is_readable(found, 0)) << "at first";
    for (int round = 0; round < 100; ++round) {
        EXPECT_EQ(read(worker), SLICKQ_EMPTY);
        EXPECT_FALSE(is_readable(found, 0));
        write();
        ASSERT_TRUE(is_readable(found, long_enough));
        EXPECT_EQ(read(worker), SLICKQ_OK);
        EXPECT_TRUE(is_readable(found, 0)) << "until the worker was told that there is nothing more";
    }
    EXPECT_EQ(read(worker), SLICKQ_EMPTY);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    EXPECT_TRUE(is_readable(found, long_enough)) << "a reset";
    EXPECT_EQ(read(worker), SLICKQ_RESET) << "though nothing was lost by it";
    EXPECT_EQ(read(worker), SLICKQ_EMPTY);
    EXPECT_FALSE(is_readable(found, 0));
    write();
    ASSERT_TRUE(is_readable(found, long_enough));
    EXPECT_EQ(read(worker), SLICKQ_OK);
}

TEST_F(WorkDescriptor, TellsOfAStallOfAnEvictionAndOfADeadWorker) {
    worker_handle impatient;
    ASSERT_EQ(join(impatient, 20 * millisecond), SLICKQ_OK);
    const int stalled = descriptor(impatient), found = descriptor(worker);
    std::uint64_t index = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &index), SLICKQ_OK);
    EXPECT_EQ(read(impatient), SLICKQ_EMPTY);
    ASSERT_TRUE(is_readable(stalled, long_enough));
    EXPECT_EQ(read(impatient), SLICKQ_GAP);

    // A child dies with a claimed record.
    write();
    ASSERT_TRUE(in_a_child([&] {
        worker_handle mine;
        const bool has_one = join(mine) == SLICKQ_OK && read(mine) == SLICKQ_OK;
        ::_exit(has_one ? 0 : 1); // without closing it
        return has_one;
    }));
    slickq_status status = read(worker);
    for (int tries = 0; status == SLICKQ_EMPTY && tries < 10; ++tries) {
        ASSERT_TRUE(is_readable(found, long_enough));
        status = read(worker);
    }
    EXPECT_EQ(status, SLICKQ_OK);
    EXPECT_EQ(record.flags, SLICKQ_RECORD_REDELIVERED);

    EXPECT_EQ(read(worker), SLICKQ_EMPTY);
    EXPECT_FALSE(is_readable(found, 0));
    slickq_consumer_info info{};
    info.struct_size = sizeof info;
    for (std::uint32_t number = 0; number < SLICKQ_MAX_CONSUMERS; ++number) {
        if (slickq_consumer_get_info(queue, number, &info) == SLICKQ_OK) {
            EXPECT_EQ(slickq_consumer_evict(queue, info.id), SLICKQ_OK);
        }
    }
    ASSERT_TRUE(is_readable(found, long_enough));
    EXPECT_EQ(read(worker), SLICKQ_E_EVICTED);
}

TEST_F(WorkDescriptor, EndsWithTheWorkerAndIsNotTheChilds) {
    const int found = descriptor(worker);
    EXPECT_EQ(read(worker), SLICKQ_EMPTY);
    EXPECT_TRUE(in_a_child([&] {
        int own = -1;
        return slickq_worker_descriptor(worker, &own) == SLICKQ_E_HANDLE && worker.close() == SLICKQ_OK;
    }));
    EXPECT_TRUE(is_open(found));
    write();
    EXPECT_TRUE(is_readable(found, long_enough));
    EXPECT_EQ(slickq_worker_descriptor(worker, nullptr), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_worker_descriptor(nullptr, nullptr), SLICKQ_E_NULL);
    ASSERT_EQ(worker.close(), SLICKQ_OK);
    EXPECT_FALSE(is_open(found));
}

} // namespace
