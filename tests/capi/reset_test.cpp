// A reset that is not finished: said by whoever meets it, and mended by another one.
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>

#include <csignal>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using test::info_of;
using test::options_for;
using test::queue_handle;
using test::reader_handle;
using test::segment_name;

constexpr std::int64_t second = 1'000'000'000;

class Reset : public testing::Test {
protected:
    explicit Reset(std::uint32_t capacity = 64) {
        const slickq_options options = options_for(capacity, sizeof(std::uint64_t));
        EXPECT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
    }
    // The extension area's words, of which the first is odd while a reset is under way, and the second tells whose it is.
    std::uint64_t* resets() const { return word_at(16); }
    std::uint64_t* resetter() const { return word_at(88); }
    std::uint64_t* word_at(std::size_t offset) const {
        const slickq_queue_info info = info_of(queue);
        return reinterpret_cast<std::uint64_t*>(static_cast<std::byte*>(info.base) + info.extension_offset + offset);
    }
    void leave_half_done_by(pid_t pid) {
        *resetter() = static_cast<std::uint64_t>(pid) << 32;
        word_at(96)[0] = 0; // when its process began: not known
        struct stat here;
        word_at(104)[0] = ::stat("/proc/self/ns/pid", &here) == 0 ? here.st_ino : 0; // where its number means it
        ++*resets();
    }
    static pid_t dead_process() {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(0);
        ::waitpid(child, nullptr, 0);
        return child;
    }
    slickq_status open(std::uint32_t flags, std::int64_t timeout_ns, queue_handle& opened) const {
        slickq_options options{};
        options.struct_size = sizeof options;
        options.flags = flags;
        options.timeout_ns = timeout_ns;
        return slickq_queue_open(name.c_str(), &options, opened.out());
    }

    segment_name name;
    queue_handle queue;
};

TEST_F(Reset, OfADeadProcessIsSaidAtOnceAndMended) {
    for (std::uint64_t k = 0; k < 100; ++k) ASSERT_EQ(slickq_queue_write(queue, &k, 1, nullptr), SLICKQ_OK);
    const pid_t dead = dead_process();
    leave_half_done_by(dead);
    std::memset(static_cast<std::byte*>(info_of(queue).base), 0, 8); // nothing is reserved, all slots are as before

    queue_handle other;
    const std::int64_t begun = slickq_deadline(0);
    EXPECT_EQ(open(0, 20 * second, other), SLICKQ_E_HALF_RESET);
    EXPECT_LT(slickq_deadline(0) - begun, 10 * second);
    EXPECT_NE(std::string(slickq_last_message()).find(std::to_string(dead)), std::string::npos) << slickq_last_message();
    EXPECT_NE(std::string(slickq_last_message()).find("has died"), std::string::npos) << slickq_last_message();
    EXPECT_EQ(open(SLICKQ_OPEN_READ_ONLY, SLICKQ_TIMEOUT_NONE, other), SLICKQ_E_HALF_RESET);
    slickq_options options = options_for(64, sizeof(std::uint64_t));
    EXPECT_EQ(slickq_queue_open_or_create(name.c_str(), &options, other.out()), SLICKQ_E_HALF_RESET);

    slickq_inspection found{};
    found.struct_size = sizeof found;
    ASSERT_EQ(slickq_segment_inspect(name.c_str(), 0, &found), SLICKQ_OK);
    EXPECT_EQ(found.verdict, SLICKQ_E_HALF_RESET);

    const std::uint64_t value = 7;
    std::uint64_t index = 0;
    std::uint32_t written = 0;
    EXPECT_EQ(slickq_queue_write(queue, &value, 1, nullptr), SLICKQ_E_HALF_RESET);
    EXPECT_EQ(slickq_queue_write_batch(queue, &value, nullptr, 1, &written), SLICKQ_E_HALF_RESET);
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &index), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_publish(queue, index, 1), SLICKQ_E_HALF_RESET);

    ASSERT_EQ(open(SLICKQ_OPEN_HALF_RESET, SLICKQ_TIMEOUT_NONE, other), SLICKQ_OK) << slickq_last_message();
    ASSERT_EQ(slickq_queue_reset(other), SLICKQ_OK);
    EXPECT_EQ(slickq_queue_write(queue, &value, 1, &index), SLICKQ_OK);
    EXPECT_EQ(index, 0u);
    queue_handle third;
    EXPECT_EQ(open(0, SLICKQ_TIMEOUT_NONE, third), SLICKQ_OK);
    ASSERT_EQ(slickq_segment_inspect(name.c_str(), 0, &found), SLICKQ_OK);
    EXPECT_EQ(found.verdict, SLICKQ_OK);
}

slickq_epoch_info epoch_of(slickq_queue* queue) {
    slickq_epoch_info info{};
    info.struct_size = sizeof info;
    EXPECT_EQ(slickq_queue_epoch(queue, &info), SLICKQ_OK) << slickq_last_message();
    return info;
}

TEST_F(Reset, BeginsAnotherEpochWhichIsTold) {
    const auto write = [&](int records) {
        for (std::uint64_t k = 0; records-- > 0; ++k) ASSERT_EQ(slickq_queue_write(queue, &k, 1, nullptr), SLICKQ_OK);
    };
    queue_handle watcher;
    ASSERT_EQ(open(SLICKQ_OPEN_READ_ONLY, SLICKQ_TIMEOUT_NONE, watcher), SLICKQ_OK);
    write(100);
    slickq_epoch_info told = epoch_of(watcher);
    EXPECT_EQ(told.resets, 0u);
    EXPECT_EQ(told.reserved_before, 0u);
    EXPECT_EQ(told.is_resetting, 0u);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    write(5);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    write(1);
    told = epoch_of(watcher);
    EXPECT_EQ(told.resets, 2u);
    EXPECT_EQ(told.reserved_before, 105u);
    EXPECT_EQ(told.is_resetting, 0u);

    leave_half_done_by(::getpid());
    told = epoch_of(watcher);
    EXPECT_EQ(told.is_resetting, 1u);
    EXPECT_EQ(told.resets, 2u); // that are finished
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    EXPECT_EQ(epoch_of(watcher).is_resetting, 0u);
    EXPECT_EQ(epoch_of(watcher).resets, 4u) << "the one that was left, and the one that mended it";
}

TEST_F(Reset, EpochsAreNotCountedWhereThereIsNoPlaceForThem) {
    slickq_options options = options_for(64, sizeof(std::uint64_t));
    options.layout = SLICKQ_LAYOUT_WIDE;
    queue_handle wide;
    ASSERT_EQ(slickq_queue_create_local(&options, wide.out()), SLICKQ_OK) << slickq_last_message();
    slickq_epoch_info info{};
    EXPECT_EQ(slickq_queue_epoch(queue, &info), SLICKQ_E_ARGUMENT); // its struct_size is not set
    info.struct_size = sizeof info;
    EXPECT_EQ(slickq_queue_epoch(wide, &info), SLICKQ_E_UNSUPPORTED);
    EXPECT_EQ(slickq_queue_epoch(queue, nullptr), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_queue_epoch(nullptr, &info), SLICKQ_E_NULL);
}

TEST_F(Reset, OfALivingProcessIsWaitedFor) {
    leave_half_done_by(::getpid());
    queue_handle other;
    EXPECT_EQ(open(0, SLICKQ_TIMEOUT_NONE, other), SLICKQ_E_HALF_RESET);
    EXPECT_EQ(std::string(slickq_last_message()).find("has died:"), std::string::npos) << slickq_last_message();
    EXPECT_EQ(open(0, second / 50, other), SLICKQ_E_HALF_RESET);
    std::thread finishing([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        __atomic_fetch_add(resets(), 1, __ATOMIC_SEQ_CST);
    });
    EXPECT_EQ(open(0, 20 * second, other), SLICKQ_OK);
    finishing.join();
}

class LargeReset : public Reset {
protected:
    LargeReset() : Reset(1 << 18) {}
};

TEST_F(LargeReset, KilledInTheMiddleIsMendedByAnother) {
    const std::uint64_t value = 7;
    bool is_half = false;
    for (int tries = 0; tries < 500 && !is_half; ++tries) {
        const pid_t child = ::fork();
        if (child == 0) {
            for (;;) slickq_queue_reset(queue);
        }
        ::usleep(static_cast<useconds_t>(500 + tries * 37 % 3000));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        is_half = *resets() % 2 != 0;
    }
    ASSERT_TRUE(is_half) << "no kill came in the middle: this proves nothing";
    queue_handle other;
    EXPECT_EQ(open(0, SLICKQ_TIMEOUT_NONE, other), SLICKQ_E_HALF_RESET);
    EXPECT_NE(std::string(slickq_last_message()).find("has died"), std::string::npos) << slickq_last_message();
    ASSERT_EQ(open(SLICKQ_OPEN_HALF_RESET, 0, other), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_reset(other), SLICKQ_OK);
    for (std::uint32_t k = 0; k < (1u << 18) + 10; ++k) ASSERT_EQ(slickq_queue_write(other, &value, 1, nullptr), SLICKQ_OK);
}

TEST_F(LargeReset, StoppedInTheMiddleAndMendedByAnotherLeavesTheRestToThat) {
    pid_t child = 0;
    for (int tries = 0; tries < 500; ++tries) {
        child = ::fork();
        if (child == 0) {
            slickq_queue_reset(queue);
            ::_exit(0);
        }
        ::usleep(static_cast<useconds_t>(100 + tries * 37 % 2000));
        ::kill(child, SIGSTOP);
        int status = 0;
        ::waitpid(child, &status, WUNTRACED);
        if (*resets() % 2 != 0) break;
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
        ASSERT_LT(tries, 499) << "no signal came in the middle: this proves nothing";
    }
    queue_handle other;
    EXPECT_EQ(open(0, SLICKQ_TIMEOUT_NONE, other), SLICKQ_E_HALF_RESET);
    EXPECT_NE(std::string(slickq_last_message()).find("let it go on, or end it first"), std::string::npos) << slickq_last_message();
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK) << "the number goes on";
    const std::uint64_t resets_then = *resets();
    EXPECT_EQ(resets_then % 2, 0u);
    constexpr std::uint64_t records = 1 << 18;
    for (std::uint64_t k = 0; k < records; ++k) ASSERT_EQ(slickq_queue_write(queue, &k, 1, nullptr), SLICKQ_OK);
    ::kill(child, SIGCONT);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_EQ(*resets(), resets_then);
    std::uint64_t next = 0;
    ASSERT_EQ(slickq_queue_next_index(queue, &next), SLICKQ_OK);
    EXPECT_EQ(next, records);
    slickq_reader_options wanted{};
    wanted.struct_size = sizeof wanted;
    wanted.start = SLICKQ_START_OLDEST;
    wanted.stall_ns = 1;
    reader_handle reader;
    ASSERT_EQ(slickq_reader_open(queue, &wanted, reader.out()), SLICKQ_OK);
    std::uint64_t read = 0;
    slickq_record record{};
    slickq_status said = SLICKQ_OK;
    while ((said = slickq_reader_read(reader, &record)) != SLICKQ_EMPTY) read += said == SLICKQ_OK ? 1 : 0;
    EXPECT_GE(read, records - 1) << "one slot, if it was stopped between a look and a store and there is no 16-byte compare-and-swap";
}

// What each call says of a reset that its process has left, or that takes too long.
class LeftReset : public Reset {
protected:
    LeftReset() {
        slickq_options options = options_for(64, sizeof(std::uint64_t));
        options.flags = SLICKQ_OPEN_LOSSLESS;
        EXPECT_EQ(slickq_queue_open(name.c_str(), &options, producer.out()), SLICKQ_OK);
        slickq_worker_options wanted{};
        wanted.struct_size = sizeof wanted;
        wanted.group = "g";
        wanted.mode = SLICKQ_GROUP_AT_LEAST_ONCE;
        EXPECT_EQ(slickq_worker_open(queue, &wanted, worker.out()), SLICKQ_OK);
        EXPECT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &consumer, &cursor), SLICKQ_OK);
        deadline = slickq_deadline(60 * second);
    }
    // The answers of those who find no room and nothing to read; of those who wait, too.
    void expect(slickq_status full, slickq_status empty) {
        const std::uint64_t value = 7;
        std::uint32_t written = 0;
        std::uint64_t index = 0;
        EXPECT_EQ(slickq_queue_write(producer, &value, 1, nullptr), full);
        EXPECT_EQ(slickq_queue_reserve(producer, 1, &index), full);
        EXPECT_EQ(slickq_queue_write_batch(producer, &value, nullptr, 1, &written), full);
        EXPECT_EQ(slickq_worker_read(worker, &record), empty);
    }
    void expect_of_waiting(slickq_status status) {
        const std::uint64_t value = 7;
        std::uint32_t written = 0;
        std::uint64_t index = 0;
        EXPECT_EQ(slickq_queue_write_until(producer, &value, 1, deadline, nullptr), status);
        EXPECT_EQ(slickq_queue_reserve_until(producer, 1, deadline, &index), status);
        EXPECT_EQ(slickq_queue_write_batch_until(producer, &value, nullptr, 1, deadline, &written), status);
        EXPECT_EQ(slickq_worker_read_until(worker, deadline, &record), status);
        EXPECT_EQ(slickq_consumer_wait_until(queue, consumer, &cursor, 0, deadline, nullptr), status);
    }

    queue_handle producer;
    test::worker_handle worker;
    std::uint64_t consumer = 0, cursor = 0;
    std::int64_t deadline = 0;
    slickq_record record{};
};

TEST_F(LeftReset, IsSaidAtOnceIfItsProcessHasDied) {
    leave_half_done_by(dead_process());
    expect(SLICKQ_E_HALF_RESET, SLICKQ_E_HALF_RESET);
    expect_of_waiting(SLICKQ_E_HALF_RESET);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    EXPECT_EQ(slickq_worker_read(worker, &record), SLICKQ_RESET);
    EXPECT_EQ(slickq_consumer_wait_until(queue, consumer, &cursor, 0, deadline, nullptr), SLICKQ_RESET);
    expect(SLICKQ_OK, SLICKQ_OK);
}

TEST_F(LeftReset, IsSaidAfterTwoSecondsIfThatCanNotBeTold) {
    leave_half_done_by(::getpid());
    expect(SLICKQ_FULL, SLICKQ_EMPTY);
    const std::int64_t begun = slickq_deadline(0);
    EXPECT_EQ(slickq_worker_read_until(worker, slickq_deadline(second / 50), &record), SLICKQ_TIMED_OUT);
    expect_of_waiting(SLICKQ_E_HALF_RESET);
    EXPECT_GE(slickq_deadline(0) - begun, second);
    expect(SLICKQ_E_HALF_RESET, SLICKQ_E_HALF_RESET);
}

// Each wait would end by itself after 100 ms.
TEST_F(Reset, WakesWhoWaitsEachTime) {
    slickq_options options = options_for(64, sizeof(std::uint64_t));
    options.flags = SLICKQ_OPEN_LOSSLESS;
    queue_handle producer;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &options, producer.out()), SLICKQ_OK);
    for (const std::uint32_t flags : std::initializer_list<std::uint32_t>{0u, SLICKQ_READER_REGISTERED}) {
        slickq_reader_options wanted{};
        wanted.struct_size = sizeof wanted;
        wanted.flags = flags;
        reader_handle reader;
        ASSERT_EQ(slickq_reader_open(queue, &wanted, reader.out()), SLICKQ_OK);
        constexpr std::uint64_t rounds = 200;
        std::atomic<std::uint64_t> told{0};
        std::thread waiting([&] {
            slickq_record record{};
            for (std::uint64_t k = 0; k < rounds; ++k) {
                EXPECT_EQ(slickq_reader_read_until(reader, slickq_deadline(20 * second), &record), SLICKQ_OK);
                told = 2 * k + 1;
                EXPECT_EQ(slickq_reader_read_until(reader, slickq_deadline(20 * second), &record), SLICKQ_RESET);
                told = 2 * k + 2;
            }
        });
        const auto wait_until_told = [&](std::uint64_t what) {
            while (told < what) std::this_thread::yield();
        };
        const std::int64_t begun = slickq_deadline(0);
        for (std::uint64_t k = 0; k < rounds; ++k) {
            ASSERT_EQ(slickq_queue_write_until(producer, &k, 1, slickq_deadline(20 * second), nullptr), SLICKQ_OK);
            wait_until_told(2 * k + 1);
            if (k % 2 != 0) std::this_thread::sleep_for(std::chrono::microseconds(300)); // it sleeps by then
            ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
            wait_until_told(2 * k + 2);
        }
        waiting.join();
        EXPECT_LT(slickq_deadline(0) - begun, static_cast<std::int64_t>(rounds) * 50'000'000);
    }
}

} // namespace
