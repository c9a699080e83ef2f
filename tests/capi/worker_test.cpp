// Groups of workers through the C API.
#include "storm/process.hpp"
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using test::message_has;
using test::options_for;
using test::queue_handle;
using test::segment_name;
using test::worker_handle;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::uint32_t capacity = 16;

class Workers : public testing::Test {
protected:
    Workers() {
        slickq_options o = options_for(capacity, sizeof(std::uint64_t));
        o.flags = SLICKQ_OPEN_LOSSLESS;
        EXPECT_EQ(slickq_queue_create(name.c_str(), &o, queue.out()), SLICKQ_OK);
    }
    slickq_worker_options options(std::uint32_t mode = SLICKQ_GROUP_AT_LEAST_ONCE, const char* group = "work") {
        slickq_worker_options o{};
        o.struct_size = sizeof o;
        o.mode = mode;
        o.group = group;
        return o;
    }
    worker_handle open(std::uint32_t mode = SLICKQ_GROUP_AT_LEAST_ONCE) {
        worker_handle w;
        const slickq_worker_options o = options(mode);
        EXPECT_EQ(slickq_worker_open(queue, &o, w.out()), SLICKQ_OK) << slickq_last_message();
        return w;
    }
    slickq_status write(std::uint64_t value) { return slickq_queue_write(queue, &value, 1, nullptr); }
    slickq_status read(slickq_worker* w) { return slickq_worker_read(w, &record); }
    std::uint64_t value() const { return *static_cast<const std::uint64_t*>(record.data); }
    slickq_group_info group(std::uint32_t number = 0) {
        slickq_group_info info{};
        info.struct_size = sizeof info;
        EXPECT_EQ(slickq_group_get_info(queue, number, &info), SLICKQ_OK);
        return info;
    }
    slickq_consumer_info member(std::uint32_t number) {
        slickq_consumer_info info{};
        info.struct_size = sizeof info;
        EXPECT_EQ(slickq_consumer_get_info(queue, number, &info), SLICKQ_OK);
        return info;
    }
    // A process that joins the group, takes a record, and is killed with it claimed.
    void lose_a_worker(std::uint32_t mode) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            slickq_worker* w = nullptr;
            slickq_record got{};
            const slickq_worker_options o = options(mode);
            if (slickq_worker_open(queue, &o, &w) != SLICKQ_OK) ::_exit(1);
            if (slickq_worker_read_until(w, slickq_deadline(20 * second), &got) != SLICKQ_OK) ::_exit(2);
            ::kill(::getpid(), SIGKILL);
        }
        int status = 0;
        ::waitpid(pid, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << status;
    }

    segment_name name;
    queue_handle queue;
    slickq_record record{};
};

TEST_F(Workers, ShareTheWork) {
    const worker_handle a = open(), b = open();
    EXPECT_EQ(read(a), SLICKQ_EMPTY);
    for (std::uint64_t k = 0; k < 4; ++k) write(k);
    EXPECT_EQ(read(a), SLICKQ_OK);
    EXPECT_EQ(value(), 0u);
    EXPECT_EQ(read(b), SLICKQ_OK);
    EXPECT_EQ(value(), 1u);
    EXPECT_EQ(record.flags, 0u);
    EXPECT_EQ(read(b), SLICKQ_OK);
    EXPECT_EQ(value(), 2u);
    EXPECT_EQ(read(a), SLICKQ_OK);
    EXPECT_EQ(value(), 3u);
    EXPECT_EQ(read(a), SLICKQ_EMPTY);
    EXPECT_EQ(group().cursor, 4u);
    EXPECT_EQ(group().lag, 0u);
    EXPECT_EQ(group().workers, 2u);
    EXPECT_STREQ(group().name, "work");
}

TEST_F(Workers, ProducersWaitForWhatIsInHand) {
    const worker_handle a = open(), b = open();
    std::uint64_t written = 0;
    while (write(written) == SLICKQ_OK) ASSERT_LT(++written, 1000u);
    EXPECT_EQ(written, capacity);
    EXPECT_EQ(read(a), SLICKQ_OK); // 0
    for (int k = 1; k < 5; ++k) EXPECT_EQ(read(b), SLICKQ_OK);
    EXPECT_EQ(write(0), SLICKQ_FULL) << "a is still at record 0";
    EXPECT_EQ(member(0).has_claim, 1u);
    EXPECT_EQ(member(0).index, 0u);
    EXPECT_EQ(member(1).index, 4u);
    EXPECT_EQ(slickq_worker_done(a), SLICKQ_OK);
    EXPECT_EQ(member(0).has_claim, 0u);
    for (int k = 0; k < 4; ++k) EXPECT_EQ(write(0), SLICKQ_OK);
    EXPECT_EQ(write(0), SLICKQ_FULL);
}

TEST_F(Workers, ADeadOnesRecordGoesToAnother) {
    const worker_handle a = open();
    for (std::uint64_t k = 0; k < 3; ++k) write(k);
    lose_a_worker(SLICKQ_GROUP_AT_LEAST_ONCE);
    std::map<std::uint64_t, std::uint32_t> got; // and their flags
    for (int k = 0; k < 3; ++k) {
        ASSERT_EQ(slickq_worker_read_until(a, slickq_deadline(20 * second), &record), SLICKQ_OK);
        EXPECT_TRUE(got.emplace(value(), record.flags).second);
    }
    EXPECT_EQ(got[0], SLICKQ_RECORD_REDELIVERED);
    EXPECT_EQ(got[1], 0u);
    EXPECT_EQ(got[2], 0u);
    EXPECT_EQ(group().redelivered, 1u);
    EXPECT_EQ(slickq_worker_read_until(a, slickq_deadline(second / 4), &record), SLICKQ_TIMED_OUT);
    EXPECT_EQ(group().workers, 1u);
}

TEST_F(Workers, ADeadOnesRecordIsReported) {
    const worker_handle a = open(SLICKQ_GROUP_AT_MOST_ONCE);
    for (std::uint64_t k = 0; k < 3; ++k) write(k);
    lose_a_worker(SLICKQ_GROUP_AT_MOST_ONCE);
    std::set<std::uint64_t> got;
    int abandoned = 0;
    for (int k = 0; k < 3; ++k) {
        const slickq_status status = slickq_worker_read_until(a, slickq_deadline(20 * second), &record);
        if (status == SLICKQ_ABANDONED) {
            ++abandoned;
            EXPECT_EQ(record.index, 0u);
            EXPECT_EQ(record.data, nullptr);
        } else {
            ASSERT_EQ(status, SLICKQ_OK);
            got.insert(value());
        }
    }
    EXPECT_EQ(abandoned, 1);
    EXPECT_EQ(got, (std::set<std::uint64_t>{1, 2}));
    EXPECT_EQ(group().abandoned, 1u);
}

TEST_F(Workers, AnEvictedOneIsToldAndReplaced) {
    const worker_handle a = open(), b = open();
    write(7);
    ASSERT_EQ(read(a), SLICKQ_OK);
    ASSERT_EQ(slickq_consumer_evict(queue, member(0).id), SLICKQ_OK);
    ASSERT_EQ(slickq_worker_read_until(b, slickq_deadline(20 * second), &record), SLICKQ_OK);
    EXPECT_EQ(value(), 7u);
    EXPECT_EQ(record.flags, SLICKQ_RECORD_REDELIVERED);
    EXPECT_EQ(slickq_worker_done(a), SLICKQ_E_EVICTED);
    EXPECT_EQ(read(a), SLICKQ_E_EVICTED);
    EXPECT_EQ(slickq_worker_done(b), SLICKQ_OK);
}

TEST_F(Workers, AGroupWithoutWorkersHoldsProducersForItsTime) {
    slickq_worker_options o = options();
    o.linger_ns = second / 5;
    worker_handle w;
    ASSERT_EQ(slickq_worker_open(queue, &o, w.out()), SLICKQ_OK);
    for (std::uint64_t k = 0; k < capacity; ++k) ASSERT_EQ(write(k), SLICKQ_OK);
    const std::uint64_t late = capacity;
    EXPECT_EQ(slickq_queue_write_until(queue, &late, 1, slickq_deadline(second / 2), nullptr), SLICKQ_TIMED_OUT) << "it has a worker";
    ASSERT_EQ(w.close(), SLICKQ_OK);
    EXPECT_EQ(group().is_waited_for, 1u);
    EXPECT_EQ(slickq_queue_write_until(queue, &late, 1, slickq_deadline(20 * second), nullptr), SLICKQ_OK);
    EXPECT_EQ(group().is_waited_for, 0u);
    const worker_handle again = open();
    EXPECT_EQ(group().is_waited_for, 1u);
    EXPECT_EQ(read(again), SLICKQ_LAPPED) << "what was overwritten meanwhile";
    EXPECT_GT(record.lost, 0u);
    EXPECT_EQ(group().lost, record.lost);
    EXPECT_EQ(read(again), SLICKQ_OK);
}

TEST_F(Workers, StepOverWhatIsNeverPublished) {
    slickq_worker_options o = options();
    o.stall_ns = 10'000'000;
    worker_handle w;
    ASSERT_EQ(slickq_worker_open(queue, &o, w.out()), SLICKQ_OK);
    std::uint64_t index = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 2, &index), SLICKQ_OK);
    write(5);
    EXPECT_EQ(read(w), SLICKQ_EMPTY);
    EXPECT_EQ(slickq_worker_read_until(w, slickq_deadline(20 * second), &record), SLICKQ_GAP);
    EXPECT_EQ(record.lost, 2u);
    EXPECT_EQ(read(w), SLICKQ_OK);
    EXPECT_EQ(value(), 5u);
}

TEST_F(Workers, TakeRecordsOfAnySize) {
    const worker_handle w = open();
    for (int round = 0; round < 200; ++round) {
        const std::uint32_t count = 1 + static_cast<std::uint32_t>(round) % capacity;
        const std::vector<std::uint64_t> values(count, static_cast<std::uint64_t>(round));
        for (int tries = 0; slickq_queue_write(queue, values.data(), count, nullptr) == SLICKQ_FULL; ++tries) {
            ASSERT_LT(tries, 10);
            read(w);
        }
        ASSERT_EQ(read(w), SLICKQ_OK);
        ASSERT_EQ(record.count, count);
        ASSERT_EQ(std::memcmp(record.data, values.data(), count * sizeof(std::uint64_t)), 0);
    }
}

TEST_F(Workers, CanBeCancelled) {
    const worker_handle w = open();
    EXPECT_EQ(slickq_worker_cancel(w), SLICKQ_OK);
    EXPECT_EQ(slickq_worker_read_until(w, SLICKQ_FOREVER, &record), SLICKQ_CANCELLED);
    EXPECT_EQ(slickq_worker_read_until(w, 0, &record), SLICKQ_TIMED_OUT);
}

TEST_F(Workers, GoOnAfterAReset) {
    const worker_handle w = open();
    for (std::uint64_t k = 0; k < 5; ++k) write(k);
    EXPECT_EQ(read(w), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    EXPECT_EQ(group().cursor, 0u);
    EXPECT_EQ(read(w), SLICKQ_RESET);
    EXPECT_EQ(record.lost, 4u) << "one was claimed";
    EXPECT_EQ(group().lost, 4u);
    EXPECT_EQ(read(w), SLICKQ_EMPTY);
    write(42);
    EXPECT_EQ(read(w), SLICKQ_OK);
    EXPECT_EQ(value(), 42u);
}

TEST_F(Workers, GroupsAreMadeFoundAndRemoved) {
    worker_handle w;
    slickq_worker_options o = options(SLICKQ_GROUP_ANY);
    EXPECT_EQ(slickq_worker_open(queue, &o, w.out()), SLICKQ_E_NO_GROUP);
    EXPECT_EQ(slickq_group_remove(queue, "work"), SLICKQ_E_NO_GROUP);
    {
        const worker_handle first = open();
        EXPECT_EQ(slickq_worker_open(queue, &o, w.out()), SLICKQ_OK) << "as it is";
        o.mode = SLICKQ_GROUP_AT_MOST_ONCE;
        worker_handle other;
        EXPECT_EQ(slickq_worker_open(queue, &o, other.out()), SLICKQ_E_MISMATCH);
        EXPECT_TRUE(message_has("at-least-once"));
        EXPECT_EQ(slickq_group_remove(queue, "work"), SLICKQ_E_BUSY);
        EXPECT_EQ(w.close(), SLICKQ_OK);
    }
    EXPECT_EQ(slickq_group_remove(queue, "work"), SLICKQ_OK);
    slickq_group_info info{};
    info.struct_size = sizeof info;
    EXPECT_EQ(slickq_group_get_info(queue, 0, &info), SLICKQ_EMPTY);
    for (std::uint32_t k = 0; k <= SLICKQ_MAX_GROUPS; ++k) {
        const std::string text = "group of 16 by" + std::to_string(10 + k);
        o = options(SLICKQ_GROUP_AT_MOST_ONCE, text.c_str());
        worker_handle one;
        EXPECT_EQ(slickq_worker_open(queue, &o, one.out()), k < SLICKQ_MAX_GROUPS ? SLICKQ_OK : SLICKQ_E_LIMIT);
        if (k < SLICKQ_MAX_GROUPS) { EXPECT_STREQ(group(k).name, text.c_str()); }
    }
}

TEST_F(Workers, RefuseWrongArguments) {
    worker_handle w;
    const auto refused = [&](const auto& spoil) {
        slickq_worker_options o = options();
        spoil(o);
        return slickq_worker_open(queue, &o, w.out());
    };
    EXPECT_EQ(refused([](auto& o) { o.struct_size = 0; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.mode = 1; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.group = nullptr; }), SLICKQ_E_NULL);
    EXPECT_EQ(refused([](auto& o) { o.group = ""; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.group = "seventeen bytes !"; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.start = SLICKQ_START_INDEX; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(refused([](auto& o) { o.reserved = 1; }), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_worker_open(queue, nullptr, w.out()), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_worker_read(nullptr, &record), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_worker_read(reinterpret_cast<slickq_worker*>(static_cast<slickq_queue*>(queue)), &record), SLICKQ_E_HANDLE);
    EXPECT_EQ(slickq_worker_done(nullptr), SLICKQ_E_NULL);
    EXPECT_EQ(slickq_worker_close(nullptr), SLICKQ_E_NULL);
    slickq_group_info info{};
    EXPECT_EQ(slickq_group_get_info(queue, SLICKQ_MAX_GROUPS, &info), SLICKQ_E_ARGUMENT);
}

TEST_F(Workers, AChildIsNone) {
    const worker_handle w = open();
    storm::process child([&] {
        slickq_record seen{};
        if (slickq_worker_read(w, &seen) != SLICKQ_E_HANDLE || slickq_worker_close(w) != SLICKQ_OK) throw std::runtime_error("used");
    });
    EXPECT_TRUE(child.wait());
    EXPECT_EQ(group().workers, 1u);
    write(1);
    EXPECT_EQ(read(w), SLICKQ_OK);
}

TEST_F(Workers, EachRecordGoesToOneThread) {
    constexpr std::uint64_t records = 20000;
    constexpr int threads = 3;
    std::vector<int> seen(records);
    std::mutex mutex;
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
        all.emplace_back([&] {
            const worker_handle w = open();
            for (;;) {
                slickq_record got{};
                ASSERT_EQ(slickq_worker_read_until(w, slickq_deadline(20 * second), &got), SLICKQ_OK);
                const std::uint64_t number = *static_cast<const std::uint64_t*>(got.data);
                if (number >= records) return;
                const std::lock_guard lock(mutex);
                ++seen[number];
            }
        });
    }
    while (true) { // a new group begins at now: wait for its first worker
        slickq_group_info info{};
        info.struct_size = sizeof info;
        if (slickq_group_get_info(queue, 0, &info) == SLICKQ_OK && info.workers == threads) break;
        std::this_thread::yield();
    }
    for (std::uint64_t k = 0; k < records + threads; ++k) {
        ASSERT_EQ(slickq_queue_write_until(queue, &k, 1, slickq_deadline(20 * second), nullptr), SLICKQ_OK);
    }
    for (std::thread& t : all) t.join();
    for (const int times : seen) ASSERT_EQ(times, 1);
    EXPECT_EQ(group().lost, 0u);
}

TEST_F(Workers, ATableFullOfDeadOnesHasRoom) {
    constexpr std::uint64_t all = 12; // records, and workers that die with one each, in a ring of 16
    for (std::uint64_t k = 0; k < all; ++k) write(k);
    std::vector<std::uint64_t> others(SLICKQ_MAX_CONSUMERS - all - 1);
    const worker_handle first = [&] {
        slickq_worker_options o = options();
        o.start = SLICKQ_START_OLDEST;
        worker_handle w;
        EXPECT_EQ(slickq_worker_open(queue, &o, w.out()), SLICKQ_OK);
        return w;
    }();
    for (std::uint64_t& id : others) ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &id, nullptr), SLICKQ_OK);
    for (std::uint64_t k = 0; k < all; ++k) {
        storm::process dying([&] {
            slickq_worker_options o = options();
            slickq_worker* w = nullptr;
            slickq_record seen{};
            // Each takes over what the one before had, so one after another claims only if it does so first.
            const bool is_done = slickq_worker_open(queue, &o, &w) == SLICKQ_OK && slickq_worker_read(w, &seen) == SLICKQ_OK;
            ::_exit(is_done ? 0 : 1);
        });
        EXPECT_TRUE(dying.wait()) << k;
    }
    EXPECT_EQ(group().unfinished, 1u) << "each takes over what is left before it claims anything: so it does not become more";
    std::uint64_t one_more = 0;
    for (std::uint64_t k = 0; k < all; ++k) {
        EXPECT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &one_more, nullptr), SLICKQ_OK) << "the dead ones' places";
    }
    EXPECT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &one_more, nullptr), SLICKQ_E_LIMIT);
    std::set<std::uint64_t> got;
    while (got.size() < all) {
        ASSERT_EQ(slickq_worker_read_until(first, slickq_deadline(20 * second), &record), SLICKQ_OK);
        got.insert(value());
    }
    EXPECT_EQ(group().unfinished, 0u);
}

TEST_F(Workers, WhatIsLeftInHandIsSaidBeforeAGroupIsRemoved) {
    write(1);
    storm::process dying([&] {
        slickq_worker_options o = options();
        o.start = SLICKQ_START_OLDEST;
        slickq_worker* w = nullptr;
        slickq_record seen{};
        const bool is_done = slickq_worker_open(queue, &o, &w) == SLICKQ_OK && slickq_worker_read(w, &seen) == SLICKQ_OK;
        ::_exit(is_done ? 0 : 1);
    });
    EXPECT_TRUE(dying.wait());
    EXPECT_EQ(group().unfinished, 1u);
    EXPECT_EQ(group().workers, 0u);
    EXPECT_EQ(slickq_group_remove(queue, "work"), SLICKQ_OK);
    const worker_handle anew = open();
    EXPECT_EQ(group().unfinished, 0u);
    EXPECT_EQ(read(anew), SLICKQ_EMPTY);
}

// The only producer resets while it is idle: what workers get is whole, and of the record that they say.
TEST_F(Workers, ResetsBesideThemTearNothing) {
    constexpr int threads = 2;
    std::atomic<bool> is_over{false};
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
        all.emplace_back([&] {
            const worker_handle w = open();
            slickq_record got{};
            while (!is_over) {
                const slickq_status status = slickq_worker_read_until(w, slickq_deadline(second / 200), &got);
                ASSERT_TRUE(status == SLICKQ_OK || status == SLICKQ_RESET || status == SLICKQ_TIMED_OUT) << slickq_status_name(status);
                if (status != SLICKQ_OK) continue;
                const auto* elements = static_cast<const std::uint64_t*>(got.data);
                for (std::uint32_t k = 0; k < got.count; ++k) ASSERT_EQ(elements[k], elements[0] / 8 * 8 + got.count);
            }
        });
    }
    std::uint64_t number = 0;
    for (int round = 0; round < 4000; ++round) {
        for (int k = 0; k < round % 40; ++k) {
            const std::uint32_t count = 1 + static_cast<std::uint32_t>(number) % 3;
            const std::vector<std::uint64_t> values(count, number++ * 8 + count);
            ASSERT_EQ(slickq_queue_write_until(queue, values.data(), count, slickq_deadline(20 * second), nullptr), SLICKQ_OK);
        }
        ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    }
    is_over = true;
    for (std::thread& t : all) t.join();
}

} // namespace
