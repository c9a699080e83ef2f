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
