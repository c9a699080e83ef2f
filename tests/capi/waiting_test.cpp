// Waiting through the C API: deadlines, wake-ups, cancelling.
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using test::info_of;
using test::options_for;
using test::queue_handle;
using test::reader_handle;
using test::segment_name;

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t second = 1'000 * millisecond;

class Waiting : public testing::Test {
protected:
    Waiting() {
        const slickq_options options = options_for(64, sizeof(std::uint64_t));
        EXPECT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
        EXPECT_EQ(slickq_reader_open(queue, nullptr, reader.out()), SLICKQ_OK);
    }
    void write(std::uint64_t value) { EXPECT_EQ(slickq_queue_write(queue, &value, 1, nullptr), SLICKQ_OK); }
    slickq_status read_for(std::int64_t timeout_ns) { return slickq_reader_read_until(reader, slickq_deadline(timeout_ns), &record); }

    segment_name name;
    queue_handle queue;
    reader_handle reader;
    slickq_record record{};
};

TEST_F(Waiting, DeadlinesAreOnTheMonotonicClock) {
    const std::int64_t now = slickq_deadline(0);
    EXPECT_GT(now, 0);
    EXPECT_GE(slickq_deadline(second), now + second);
    EXPECT_EQ(slickq_deadline(-1), SLICKQ_FOREVER);
    EXPECT_EQ(slickq_deadline(INT64_MAX), SLICKQ_FOREVER);
}

TEST_F(Waiting, EndsAtTheDeadlineAndNotBefore) {
    EXPECT_EQ(slickq_reader_read_until(reader, 0, &record), SLICKQ_TIMED_OUT) << "looks once";
    const std::int64_t begun = slickq_deadline(0);
    EXPECT_EQ(read_for(30 * millisecond), SLICKQ_TIMED_OUT);
    EXPECT_GE(slickq_deadline(0) - begun, 30 * millisecond);
    EXPECT_EQ(record.data, nullptr);
    EXPECT_EQ(slickq_queue_wait_until(queue, 0, slickq_deadline(millisecond)), SLICKQ_TIMED_OUT);
    write(7);
    EXPECT_EQ(slickq_reader_read_until(reader, 0, &record), SLICKQ_OK) << "what is there is read, deadline or not";
    EXPECT_EQ(slickq_queue_wait_until(queue, 0, 0), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_wait_until(queue, 1, 0), SLICKQ_TIMED_OUT);
}

TEST_F(Waiting, RefusesWrongArguments) {
    EXPECT_EQ(slickq_reader_read_until(nullptr, 0, &record), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_reader_read_until(reader, 0, nullptr), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_reader_cancel(nullptr), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_queue_wait_until(nullptr, 0, 0), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_queue_wait_until(queue, std::uint64_t{1} << 48, 0), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_queue_cancel(nullptr), SLICKQ_E_NULL);
}

// Makes sure that the other thread sleeps: every wait says so before it does, in the word that the extension area has at offset 32.
void wait_for_sleeper(slickq_queue* queue) {
    const slickq_queue_info info = info_of(queue);
    const auto* word = reinterpret_cast<const std::uint32_t*>(static_cast<const std::byte*>(info.base) + info.extension_offset + 32);
    while ((__atomic_load_n(word, __ATOMIC_SEQ_CST) & 1) == 0) std::this_thread::yield();
}

TEST_F(Waiting, IsWokenByAPublish) {
    std::thread sleeper([&] { EXPECT_EQ(read_for(20 * second), SLICKQ_OK); });
    wait_for_sleeper(queue);
    write(7);
    sleeper.join();
    EXPECT_EQ(*static_cast<const std::uint64_t*>(record.data), 7u);
}

TEST_F(Waiting, IsWokenByAReset) {
    write(7);
    ASSERT_EQ(slickq_reader_read(reader, &record), SLICKQ_OK);
    std::thread sleeper([&] { EXPECT_EQ(read_for(20 * second), SLICKQ_RESET); });
    wait_for_sleeper(queue);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    sleeper.join();
}

// Between two waits of one call, where the writer is most of the time: its consumer reads as fast as it can.
TEST_F(Waiting, ACancelEndsABatchWhereverItIs) {
    slickq_options options = options_for(4, sizeof(std::uint64_t));
    options.flags = SLICKQ_OPEN_LOSSLESS;
    const std::vector<std::uint64_t> data(1 << 21);
    for (int round = 0; round < 20; ++round) {
        queue_handle lossless;
        ASSERT_EQ(slickq_queue_create_local(&options, lossless.out()), SLICKQ_OK);
        slickq_reader_options registered{};
        registered.struct_size = sizeof registered;
        registered.flags = SLICKQ_READER_REGISTERED;
        reader_handle fast;
        ASSERT_EQ(slickq_reader_open(lossless, &registered, fast.out()), SLICKQ_OK);
        std::atomic<bool> has_begun{false}, has_ended{false};
        std::uint32_t written = 0;
        std::thread writer([&] {
            has_begun = true;
            EXPECT_EQ(slickq_queue_write_batch_until(lossless, data.data(), nullptr, static_cast<std::uint32_t>(data.size()), SLICKQ_FOREVER,
                                                     &written),
                      SLICKQ_CANCELLED);
            has_ended = true;
        });
        std::thread consumer([&] {
            slickq_record record_read{};
            while (!has_ended) slickq_reader_read(fast, &record_read);
        });
        while (!has_begun) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::microseconds(300 + 40 * round));
        EXPECT_EQ(slickq_queue_cancel(lossless), SLICKQ_OK);
        writer.join();
        consumer.join();
        EXPECT_LT(written, data.size());
    }
}

// Also a registered one, whose reads change what the reader is; ThreadSanitizer watches.
TEST_F(Waiting, CancellingDoesNotRaceWithReading) {
    slickq_reader_options registered{};
    registered.struct_size = sizeof registered;
    registered.flags = SLICKQ_READER_REGISTERED;
    reader_handle held;
    ASSERT_EQ(slickq_reader_open(queue, &registered, held.out()), SLICKQ_OK);
    std::thread reading([&] {
        slickq_record got{};
        for (int k = 0; k < 2000; ++k) slickq_reader_read_until(held, slickq_deadline(millisecond / 10), &got);
    });
    for (int k = 0; k < 2000; ++k) {
        write(7);
        EXPECT_EQ(slickq_reader_cancel(held), SLICKQ_OK);
    }
    reading.join();
}

TEST_F(Waiting, CanBeCancelledByAnotherThread) {
    std::thread sleeper([&] { EXPECT_EQ(read_for(20 * second), SLICKQ_CANCELLED); });
    wait_for_sleeper(queue);
    EXPECT_EQ(slickq_reader_cancel(reader), SLICKQ_OK);
    sleeper.join();

    EXPECT_EQ(slickq_reader_cancel(reader), SLICKQ_OK);
    EXPECT_EQ(read_for(20 * second), SLICKQ_CANCELLED) << "one that comes first ends the next wait";
    EXPECT_EQ(read_for(millisecond), SLICKQ_TIMED_OUT) << "and only that";

    std::atomic<bool> has_ended{false};
    std::thread waiter([&] {
        EXPECT_EQ(slickq_queue_wait_until(queue, 0, slickq_deadline(20 * second)), SLICKQ_CANCELLED);
        has_ended = true;
    });
    while (!has_ended) { // it may not wait yet
        EXPECT_EQ(slickq_queue_cancel(queue), SLICKQ_OK);
        std::this_thread::yield();
    }
    waiter.join();
}

TEST_F(Waiting, EndsWhenTheStallTimeDoes) {
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.stall_ns = 20 * millisecond;
    reader_handle impatient;
    ASSERT_EQ(slickq_reader_open(queue, &options, impatient.out()), SLICKQ_OK);
    std::uint64_t index = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &index), SLICKQ_OK);
    EXPECT_EQ(slickq_reader_read_until(impatient, slickq_deadline(20 * second), &record), SLICKQ_GAP);
    EXPECT_EQ(record.lost, 1u);
}

bool is_readable(int descriptor, int timeout_ms) {
    pollfd one{descriptor, POLLIN, 0};
    return ::poll(&one, 1, timeout_ms) == 1 && (one.revents & POLLIN) != 0;
}

TEST_F(Waiting, HasADescriptorToPoll) {
    constexpr int long_enough = 20'000; // milliseconds
    int descriptor = -1, again = -1;
    ASSERT_EQ(slickq_reader_descriptor(reader, &descriptor), SLICKQ_OK);
    ASSERT_EQ(slickq_reader_descriptor(reader, &again), SLICKQ_OK);
    EXPECT_EQ(descriptor, again);
    EXPECT_TRUE(is_readable(descriptor, long_enough)) << "at first";
    for (std::uint64_t round = 0; round < 100; ++round) {
        EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_EMPTY);
        EXPECT_FALSE(is_readable(descriptor, 0));
        write(round);
        if (round % 3 == 0) write(round);
        EXPECT_TRUE(is_readable(descriptor, long_enough));
        EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_OK);
        EXPECT_TRUE(is_readable(descriptor, 0)) << "until the reader was told that there is nothing more";
        if (round % 3 == 0) { EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_OK); }
    }
    EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_EMPTY);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    EXPECT_TRUE(is_readable(descriptor, long_enough)) << "a reset";
    EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_RESET);
    EXPECT_EQ(slickq_reader_descriptor(nullptr, &descriptor), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_reader_descriptor(reader, nullptr), SLICKQ_E_NULL);
}

TEST_F(Waiting, TheDescriptorTellsOfAStallThatEnded) {
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.stall_ns = 20 * millisecond;
    reader_handle impatient;
    ASSERT_EQ(slickq_reader_open(queue, &options, impatient.out()), SLICKQ_OK);
    int descriptor = -1;
    ASSERT_EQ(slickq_reader_descriptor(impatient, &descriptor), SLICKQ_OK);
    EXPECT_EQ(slickq_reader_read(impatient, &record), SLICKQ_EMPTY);
    std::uint64_t index = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &index), SLICKQ_OK);
    EXPECT_EQ(slickq_reader_read(impatient, &record), SLICKQ_PENDING);
    ASSERT_TRUE(is_readable(descriptor, 20'000));
    EXPECT_EQ(slickq_reader_read(impatient, &record), SLICKQ_GAP);
}

TEST_F(Waiting, AChildClosesAReaderWhoseThreadItDoesNotHave) {
    int descriptor = -1;
    ASSERT_EQ(slickq_reader_descriptor(reader, &descriptor), SLICKQ_OK);
    const pid_t pid = ::fork();
    ASSERT_NE(pid, -1);
    if (pid == 0) {
        const bool goes_on = slickq_reader_read(reader, &record) == SLICKQ_EMPTY && slickq_reader_close(reader) == SLICKQ_OK;
        ::_exit(goes_on ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_EMPTY);
    write(7);
    EXPECT_TRUE(is_readable(descriptor, 20'000));
}

// Nobody wakes these; they look by themselves.
TEST_F(Waiting, WorksWhereNobodyWakes) {
    slickq_options options = options_for(64, sizeof(std::uint64_t));
    options.flags = SLICKQ_OPEN_READ_ONLY;
    queue_handle read_only;
    reader_handle other;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &options, read_only.out()), SLICKQ_OK);
    ASSERT_EQ(slickq_reader_open(read_only, nullptr, other.out()), SLICKQ_OK);
    std::thread producer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        write(7);
    });
    EXPECT_EQ(slickq_reader_read_until(other, slickq_deadline(20 * second), &record), SLICKQ_OK);
    producer.join();

    slickq_options wide = options_for(64, sizeof(std::uint64_t));
    wide.layout = SLICKQ_LAYOUT_WIDE; // without extension area
    queue_handle old;
    ASSERT_EQ(slickq_queue_create_local(&wide, old.out()), SLICKQ_OK);
    std::thread old_producer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        const std::uint64_t value = 7;
        EXPECT_EQ(slickq_queue_write(old, &value, 1, nullptr), SLICKQ_OK);
    });
    EXPECT_EQ(slickq_queue_wait_until(old, 0, slickq_deadline(20 * second)), SLICKQ_OK);
    old_producer.join();
    EXPECT_EQ(slickq_queue_cancel(read_only), SLICKQ_OK);
}

} // namespace
