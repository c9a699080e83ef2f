// Delivery without loss through the C API: registered consumers, full queues, the dead and the evicted.
#include "storm/process.hpp"
#include "support/handles.hpp"
#include "support/names.hpp"
#include "support/options.hpp"

#include <slickq/slickq.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

#include <csignal>
#include <cstdio>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using test::info_of;
using test::message_has;
using test::options_for;
using test::queue_handle;
using test::reader_handle;
using test::segment_name;

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::int64_t second = 1'000 * millisecond;
constexpr std::uint32_t capacity = 16;

class Lossless : public testing::Test {
protected:
    Lossless() {
        EXPECT_EQ(slickq_queue_create(name.c_str(), &options, queue.out()), SLICKQ_OK);
    }

    static slickq_options lossless_options() {
        slickq_options o = options_for(capacity, sizeof(std::uint64_t));
        o.flags = SLICKQ_OPEN_LOSSLESS;
        return o;
    }
    static slickq_reader_options registered(std::uint32_t start = SLICKQ_START_NOW) {
        slickq_reader_options o{};
        o.struct_size = sizeof o;
        o.start = start;
        o.flags = SLICKQ_READER_REGISTERED;
        o.batch = 1;
        return o;
    }
    void open_reader(std::uint32_t start = SLICKQ_START_NOW) {
        const slickq_reader_options o = registered(start);
        ASSERT_EQ(slickq_reader_open(queue, &o, reader.out()), SLICKQ_OK);
    }
    slickq_status write(std::uint64_t value) { return slickq_queue_write(queue, &value, 1, nullptr); }
    // Writes until the queue is full; the number of records.
    std::uint64_t fill() {
        std::uint64_t written = 0;
        while (written < 1000 && write(written) == SLICKQ_OK) ++written;
        return written;
    }
    std::uint64_t read_value() {
        EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_OK);
        return record.data == nullptr ? ~std::uint64_t{0} : *static_cast<const std::uint64_t*>(record.data);
    }
    slickq_consumer_info consumer(std::uint32_t number) {
        slickq_consumer_info info{};
        info.struct_size = sizeof info;
        EXPECT_EQ(slickq_consumer_get_info(queue, number, &info), SLICKQ_OK);
        return info;
    }
    // A process that registers, says so, and sleeps.
    pid_t start_sleeper(const std::function<void()>& begin) {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        const pid_t pid = ::fork();
        if (pid == 0) {
            begin();
            [[maybe_unused]] const ssize_t told = ::write(ends[1], "!", 1);
            for (;;) ::pause();
        }
        char byte;
        EXPECT_EQ(::read(ends[0], &byte, 1), 1);
        ::close(ends[0]);
        ::close(ends[1]);
        return pid;
    }
    static void kill_and_reap(pid_t pid) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }

    segment_name name;
    slickq_options options = lossless_options();
    queue_handle queue;
    reader_handle reader;
    slickq_record record{};
};

TEST_F(Lossless, NobodyIsWaitedForUnlessRegistered) {
    reader_handle plain;
    ASSERT_EQ(slickq_reader_open(queue, nullptr, plain.out()), SLICKQ_OK);
    EXPECT_EQ(fill(), 1000u);
    EXPECT_EQ(slickq_reader_read(plain, &record), SLICKQ_LAPPED);
}

TEST_F(Lossless, ProducersStopBeforeARegisteredReader) {
    write(99);
    open_reader();
    EXPECT_EQ(fill(), capacity);
    std::uint64_t index = 77;
    EXPECT_EQ(slickq_queue_reserve(queue, 1, &index), SLICKQ_FULL);
    EXPECT_EQ(index, 77u);
    EXPECT_EQ(read_value(), 0u);
    EXPECT_EQ(write(capacity), SLICKQ_OK);
    EXPECT_EQ(write(0), SLICKQ_FULL);
    for (std::uint64_t k = 1; k <= capacity; ++k) EXPECT_EQ(read_value(), k);
    EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_EMPTY);
    EXPECT_EQ(fill(), capacity);
    EXPECT_EQ(reader.close(), SLICKQ_OK);
    EXPECT_EQ(fill(), 1000u) << "closing ends the registration";
}

TEST_F(Lossless, NobodyAcknowledgesWhatIsNotReserved) {
    std::uint64_t id = 0, from = 0;
    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &id, &from), SLICKQ_OK);
    ASSERT_EQ(write(1), SLICKQ_OK);
    EXPECT_EQ(slickq_consumer_acknowledge(queue, id, from + 1000), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_consumer_acknowledge(queue, id, from + 2), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(fill(), capacity - 1) << "as if nothing had been said";
    EXPECT_EQ(slickq_consumer_acknowledge(queue, id, from + capacity), SLICKQ_OK);
    EXPECT_EQ(fill(), std::uint64_t{capacity});
}

TEST_F(Lossless, TheSlowestCounts) {
    reader_handle slow;
    const slickq_reader_options o = registered();
    open_reader();
    ASSERT_EQ(slickq_reader_open(queue, &o, slow.out()), SLICKQ_OK);
    EXPECT_EQ(fill(), capacity);
    for (std::uint32_t k = 0; k < capacity; ++k) read_value();
    EXPECT_EQ(write(0), SLICKQ_FULL);
    EXPECT_EQ(slickq_reader_read(slow, &record), SLICKQ_OK);
    EXPECT_EQ(write(0), SLICKQ_OK);
    EXPECT_EQ(write(0), SLICKQ_FULL);
}

TEST_F(Lossless, RecordsOfAnySizeGoThrough) {
    open_reader();
    std::uint64_t sum = 0, expected = 0;
    for (std::uint32_t round = 0; round < 500; ++round) {
        const std::uint32_t count = 1 + (round * 7) % capacity;
        const std::vector<std::uint64_t> values(count, round);
        int tries = 0;
        while (slickq_queue_write(queue, values.data(), count, nullptr) == SLICKQ_FULL) {
            ASSERT_LT(++tries, 100) << "a record of " << count << " never finds room";
            if (slickq_reader_read(reader, &record) == SLICKQ_OK) sum += *static_cast<const std::uint64_t*>(record.data) * record.count;
        }
        expected += std::uint64_t{round} * count;
    }
    while (slickq_reader_read(reader, &record) == SLICKQ_OK) sum += *static_cast<const std::uint64_t*>(record.data) * record.count;
    EXPECT_EQ(sum, expected);
    const slickq_reader_info info = info_of(reader);
    EXPECT_EQ(info.lost_lapped + info.lost_gap + info.lost_torn + info.lost_reset, 0u);
}

TEST_F(Lossless, AProducerWaitsForRoomAndIsWoken) {
    open_reader();
    EXPECT_EQ(fill(), capacity);
    const std::uint64_t late = 4711;
    EXPECT_EQ(slickq_queue_write_until(queue, &late, 1, 0, nullptr), SLICKQ_TIMED_OUT);
    EXPECT_EQ(slickq_queue_write_until(queue, &late, 1, slickq_deadline(20 * millisecond), nullptr), SLICKQ_TIMED_OUT);
    for (int round = 0; round < 20; ++round) {
        std::thread producer([&] { EXPECT_EQ(slickq_queue_write_until(queue, &late, 1, slickq_deadline(20 * second), nullptr), SLICKQ_OK); });
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_OK);
        producer.join();
    }
    std::uint64_t index;
    std::atomic<bool> has_ended{false};
    std::thread producer([&] {
        EXPECT_EQ(slickq_queue_reserve_until(queue, 1, SLICKQ_FOREVER, &index), SLICKQ_CANCELLED);
        has_ended = true;
    });
    while (!has_ended) {
        EXPECT_EQ(slickq_queue_cancel(queue), SLICKQ_OK);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    producer.join();
}

TEST_F(Lossless, AReaderMayBeginWithWhatIsThere) {
    for (std::uint64_t k = 0; k < 5; ++k) write(k);
    open_reader(SLICKQ_START_OLDEST);
    EXPECT_EQ(fill(), capacity - 5u);
    for (std::uint64_t k = 0; k < 5; ++k) EXPECT_EQ(read_value(), k);
}

TEST_F(Lossless, ADeadConsumerIsSentAway) {
    const pid_t pid = start_sleeper([&] {
        reader_handle leaked;
        const slickq_reader_options o = registered();
        slickq_reader_open(queue, &o, leaked.out());
        *leaked.out() = nullptr; // dies with it open
    });
    EXPECT_EQ(consumer(0).pid, static_cast<std::uint32_t>(pid));
    EXPECT_EQ(consumer(0).is_alive, 1u);
    EXPECT_EQ(fill(), capacity);
    EXPECT_EQ(consumer(0).lag, capacity);
    const std::uint64_t value = 1;
    EXPECT_EQ(slickq_queue_write_until(queue, &value, 1, slickq_deadline(300 * millisecond), nullptr), SLICKQ_TIMED_OUT) << "it lives";
    ::kill(pid, SIGKILL); // and is not waited for: a zombie is dead
    EXPECT_EQ(slickq_queue_write_until(queue, &value, 1, slickq_deadline(20 * second), nullptr), SLICKQ_OK);
    slickq_consumer_info info{};
    info.struct_size = sizeof info;
    EXPECT_EQ(slickq_consumer_get_info(queue, 0, &info), SLICKQ_EMPTY);
    ::waitpid(pid, nullptr, 0);
}

TEST_F(Lossless, AnOperatorEvictsWhoDoesNotRead) {
    open_reader();
    fill();
    EXPECT_EQ(slickq_consumer_evict(queue, consumer(0).id), SLICKQ_OK);
    EXPECT_EQ(slickq_consumer_evict(queue, consumer(0).id), SLICKQ_E_NO_CONSUMER);
    EXPECT_EQ(consumer(0).kind, static_cast<std::uint32_t>(SLICKQ_CONSUMER_EVICTED));
    EXPECT_EQ(write(5), SLICKQ_OK);
    EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_E_EVICTED) << "it tries to go on, and finds";
    EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_LAPPED) << "the loss that comes of it";
    EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_OK) << "then it goes on as a plain one";
    EXPECT_EQ(fill(), 1000u);
}

TEST_F(Lossless, AConsumerWithACursorOfItsOwn) {
    write(1);
    std::uint64_t me = 0, cursor = 0;
    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &me, &cursor), SLICKQ_OK);
    EXPECT_EQ(cursor, 1u);
    EXPECT_EQ(fill(), capacity);
    ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
    EXPECT_EQ(write(0), SLICKQ_FULL) << "not before it says so";
    EXPECT_EQ(slickq_consumer_acknowledge(queue, me, cursor), SLICKQ_OK);
    EXPECT_EQ(write(0), SLICKQ_OK);
    EXPECT_EQ(slickq_consumer_unregister(queue, me), SLICKQ_OK);
    EXPECT_EQ(slickq_consumer_unregister(queue, me), SLICKQ_E_EVICTED);
    EXPECT_EQ(slickq_consumer_acknowledge(queue, me, cursor), SLICKQ_E_EVICTED);
    EXPECT_EQ(fill(), 1000u);
}

TEST_F(Lossless, TheTableIsFullAtLast) {
    std::vector<std::uint64_t> all(SLICKQ_MAX_CONSUMERS);
    for (std::uint64_t& id : all) ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &id, nullptr), SLICKQ_OK);
    std::uint64_t one_more = 0;
    EXPECT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &one_more, nullptr), SLICKQ_E_LIMIT);
    EXPECT_EQ(slickq_consumer_unregister(queue, all[17]), SLICKQ_OK);
    EXPECT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &one_more, nullptr), SLICKQ_OK);
    EXPECT_NE(one_more, all[17]);
    EXPECT_EQ(slickq_consumer_acknowledge(queue, all[17], 0), SLICKQ_E_EVICTED) << "the place is another's now";
}

TEST_F(Lossless, AResetStartsEverybodyAgain) {
    open_reader();
    fill();
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    EXPECT_EQ(fill(), capacity);
    EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_RESET);
    for (std::uint64_t k = 0; k < capacity; ++k) EXPECT_EQ(read_value(), k);
    EXPECT_EQ(fill(), capacity);
}

TEST_F(Lossless, WhoDidNotOpenItSoLapsEverybody) {
    open_reader();
    slickq_options plain = options;
    plain.flags = 0;
    queue_handle foreign;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &plain, foreign.out()), SLICKQ_OK);
    const std::uint64_t value = 1;
    for (std::uint32_t k = 0; k < 2 * capacity; ++k) {
        EXPECT_EQ(slickq_queue_write_until(foreign, &value, 1, SLICKQ_FOREVER, nullptr), SLICKQ_OK) << "it never waits";
    }
    EXPECT_EQ(write(0), SLICKQ_FULL);
    EXPECT_EQ(slickq_reader_read(reader, &record), SLICKQ_LAPPED);
    EXPECT_GT(record.lost, capacity);
    EXPECT_EQ(info_of(reader).lost_lapped, record.lost);
}

TEST_F(Lossless, AChildHasNoPartInIt) {
    open_reader();
    storm::process child([&] {
        slickq_record seen{};
        const bool is_refused = slickq_reader_read(reader, &seen) == SLICKQ_E_HANDLE && message_has("forked");
        if (!is_refused || slickq_reader_close(reader) != SLICKQ_OK) throw std::runtime_error(slickq_last_message());
    });
    EXPECT_TRUE(child.wait());
    EXPECT_EQ(fill(), capacity) << "the child's close did not end the parent's registration";
    EXPECT_EQ(read_value(), 0u);
}

TEST_F(Lossless, IsRefusedWhereItCanNotBe) {
    slickq_options wide = options;
    wide.layout = SLICKQ_LAYOUT_WIDE;
    queue_handle none;
    const segment_name other;
    EXPECT_EQ(slickq_queue_create(other.c_str(), &wide, none.out()), SLICKQ_E_UNSUPPORTED);
    slickq_options both{};
    both.struct_size = sizeof both;
    both.flags = SLICKQ_OPEN_READ_ONLY | SLICKQ_OPEN_LOSSLESS;
    EXPECT_EQ(slickq_queue_open(name.c_str(), &both, none.out()), SLICKQ_E_ARGUMENT);
    both.flags = SLICKQ_OPEN_READ_ONLY;
    ASSERT_EQ(slickq_queue_open(name.c_str(), &both, none.out()), SLICKQ_OK);
    slickq_reader_options o = registered();
    EXPECT_EQ(slickq_reader_open(none, &o, reader.out()), SLICKQ_E_READ_ONLY);
    std::uint64_t id = 0;
    EXPECT_EQ(slickq_consumer_register(queue, 1, &id, nullptr), SLICKQ_E_ARGUMENT) << "ahead of what is reserved";
    EXPECT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, nullptr, nullptr), SLICKQ_E_NULL);
    slickq_consumer_info info{};
    EXPECT_EQ(slickq_consumer_get_info(queue, SLICKQ_MAX_CONSUMERS, &info), SLICKQ_E_ARGUMENT);
    EXPECT_EQ(slickq_consumer_evict(queue, 0x123456), SLICKQ_E_NO_CONSUMER);

    wide.flags = 0;
    queue_handle w;
    ASSERT_EQ(slickq_queue_create_local(&wide, w.out()), SLICKQ_OK);
    o.flags = SLICKQ_READER_REGISTERED;
    EXPECT_EQ(slickq_reader_open(w, &o, reader.out()), SLICKQ_E_UNSUPPORTED);
    EXPECT_EQ(slickq_consumer_get_info(w, 0, &info), SLICKQ_EMPTY);
}

TEST_F(Lossless, WorksInALocalQueue) {
    queue_handle local;
    ASSERT_EQ(slickq_queue_create_local(&options, local.out()), SLICKQ_OK);
    slickq_reader_options o = registered();
    ASSERT_EQ(slickq_reader_open(local, &o, reader.out()), SLICKQ_OK);
    constexpr std::uint64_t records = 20000;
    std::thread producer([&] {
        for (std::uint64_t k = 0; k < records; ++k) {
            ASSERT_EQ(slickq_queue_write_until(local, &k, 1, slickq_deadline(20 * second), nullptr), SLICKQ_OK);
        }
    });
    for (std::uint64_t k = 0; k < records; ++k) {
        ASSERT_EQ(slickq_reader_read_until(reader, slickq_deadline(20 * second), &record), SLICKQ_OK);
        ASSERT_EQ(*static_cast<const std::uint64_t*>(record.data), k);
    }
    producer.join();
}

// ---------------------------------------------------------------- who lives

#if defined(__linux__)

// A thread that registers and reads nothing.
void* register_and_sleep(void* name_and_pipe) {
    auto* const told = static_cast<std::pair<const char*, int>*>(name_and_pipe);
    slickq_queue* q = nullptr;
    slickq_reader* r = nullptr;
    slickq_reader_options o{};
    o.struct_size = sizeof o;
    o.flags = SLICKQ_READER_REGISTERED;
    const bool is_there = slickq_queue_open(told->first, nullptr, &q) == SLICKQ_OK && slickq_reader_open(q, &o, &r) == SLICKQ_OK;
    [[maybe_unused]] const ssize_t said = ::write(told->second, is_there ? "!" : "?", 1);
    for (;;) ::pause();
}

class Lives : public Lossless {
protected:
    // What becomes of the process `start` runs in, which writes a byte once it has registered: waited for until it is killed.
    void expect_waited_for_until_killed(const std::function<void(int descriptor)>& start) {
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const pid_t pid = ::fork();
        if (pid == 0) {
            start(ends[1]);
            ::_exit(1);
        }
        ::close(ends[1]);
        char byte = 0;
        const bool has_said = ::read(ends[0], &byte, 1) == 1;
        ::close(ends[0]);
        if (!has_said || byte != '!') {
            kill_and_reap(pid);
            GTEST_SKIP() << "it could not be done here";
        }
        EXPECT_EQ(consumer(0).is_alive, 1u);
        EXPECT_EQ(fill(), capacity);
        const std::uint64_t value = 1;
        EXPECT_EQ(slickq_queue_write_until(queue, &value, 1, slickq_deadline(250 * millisecond), nullptr), SLICKQ_TIMED_OUT) << "it lives";
        EXPECT_EQ(consumer(0).is_alive, 1u);
        ::kill(pid, SIGKILL);
        EXPECT_EQ(slickq_queue_write_until(queue, &value, 1, slickq_deadline(20 * second), nullptr), SLICKQ_OK);
        ::waitpid(pid, nullptr, 0);
    }
};

TEST_F(Lives, OneWhoseMainThreadHasEnded) {
    expect_waited_for_until_killed([&](int descriptor) {
        static std::pair<const char*, int> told;
        told = {name.c_str(), descriptor};
        pthread_t thread;
        ::pthread_create(&thread, nullptr, register_and_sleep, &told);
        ::syscall(SYS_exit, 0); // of this thread alone
    });
}

// Namespaces are entered by children: the process in between dies with them.
void in_namespaces(int flags, const char* boot_time, const std::function<void()>& run) {
    if (::unshare(flags) != 0) ::_exit(1);
    if (boot_time != nullptr) {
        const int offsets = ::open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
        if (offsets == -1 || ::write(offsets, boot_time, std::strlen(boot_time)) == -1) ::_exit(1);
        ::close(offsets);
    }
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        run();
        ::_exit(1);
    }
    if (pid == -1) ::_exit(1);
    ::waitpid(pid, nullptr, 0);
    ::_exit(1);
}

TEST_F(Lives, OneInAnotherPidNamespaceWithAProcOfOurs) {
    expect_waited_for_until_killed([&](int descriptor) {
        in_namespaces(CLONE_NEWPID, nullptr, [&] {
            std::pair<const char*, int> told{name.c_str(), descriptor};
            register_and_sleep(&told);
        });
    });
}

TEST_F(Lives, OneInAnotherTimeNamespace) {
    expect_waited_for_until_killed([&](int descriptor) {
        in_namespaces(CLONE_NEWTIME, "boottime 100000 0\n", [&] {
            std::pair<const char*, int> told{name.c_str(), descriptor};
            register_and_sleep(&told);
        });
    });
}

TEST_F(Lives, UntilItCallsExec) {
    const pid_t pid = start_sleeper([&] {
        reader_handle leaked;
        const slickq_reader_options o = registered();
        slickq_reader_open(queue, &o, leaked.out());
        *leaked.out() = nullptr;
        if (::fork() == 0) {
            ::signal(SIGALRM, [](int) { ::usleep(2'000'000); ::_exit(0); }); // a child that goes on has no part in its parent's life
            ::alarm(10); // should its parent have ended before the next line
            ::prctl(PR_SET_PDEATHSIG, SIGALRM); // later than the look that follows
            for (;;) ::pause();
        }
    });
    EXPECT_EQ(consumer(0).is_alive, 1u);
    kill_and_reap(pid);
    const std::uint64_t one = 1;
    for (std::uint32_t k = 0; k < 2 * capacity; ++k) {
        EXPECT_EQ(slickq_queue_write_until(queue, &one, 1, slickq_deadline(second), nullptr), SLICKQ_OK) << "the child does not keep it";
    }

    const pid_t other = start_sleeper([&] {
        reader_handle leaked;
        const slickq_reader_options o = registered();
        slickq_reader_open(queue, &o, leaked.out());
        *leaked.out() = nullptr;
        std::thread([] {
            ::usleep(200'000);
            ::execl("/bin/sleep", "sleep", "60", static_cast<char*>(nullptr));
        }).detach();
    });
    EXPECT_EQ(consumer(0).is_alive, 1u);
    EXPECT_EQ(fill(), capacity);
    const std::uint64_t value = 1;
    EXPECT_EQ(slickq_queue_write_until(queue, &value, 1, slickq_deadline(20 * second), nullptr), SLICKQ_OK);
    EXPECT_EQ(::kill(other, 0), 0) << "the process is still there, its registration is not";
    kill_and_reap(other);
}

TEST_F(Lives, WhereTheNameIsGoneNumbersTell) {
    const pid_t pid = start_sleeper([&] {
        reader_handle leaked;
        const slickq_reader_options o = registered();
        slickq_reader_open(queue, &o, leaked.out());
        *leaked.out() = nullptr;
    });
    ASSERT_EQ(slickq_segment_remove(name.c_str()), SLICKQ_OK);
    EXPECT_EQ(consumer(0).is_alive, 1u);
    EXPECT_EQ(fill(), capacity);
    ::kill(pid, SIGKILL);
    const std::uint64_t value = 1;
    EXPECT_EQ(slickq_queue_write_until(queue, &value, 1, slickq_deadline(20 * second), nullptr), SLICKQ_OK);
    ::waitpid(pid, nullptr, 0);
}

#endif

// ---------------------------------------------------------------- forks

TEST_F(Lossless, AChildEndsNothingAndIsGivenNothing) {
    std::uint64_t me = 0, cursor = 0;
    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &me, &cursor), SLICKQ_OK);
    slickq_reader_options o = registered();
    o.batch = 8;
    ASSERT_EQ(slickq_reader_open(queue, &o, reader.out()), SLICKQ_OK);
    EXPECT_EQ(fill(), capacity);
    EXPECT_EQ(read_value(), 0u) << "and seven are copied ahead";
    storm::process child([&] {
        slickq_record seen{};
        std::uint64_t lost = 0;
        const bool is_refused = slickq_reader_read(reader, &seen) == SLICKQ_E_HANDLE &&
                                slickq_consumer_acknowledge(queue, me, 5) == SLICKQ_E_HANDLE &&
                                slickq_consumer_unregister(queue, me) == SLICKQ_E_HANDLE && message_has("not for this one") &&
                                slickq_consumer_wait_until(queue, me, &cursor, 0, 0, &lost) == SLICKQ_E_HANDLE &&
                                slickq_reader_close(reader) == SLICKQ_OK;
        if (!is_refused) throw std::runtime_error(slickq_last_message());
    });
    EXPECT_TRUE(child.wait());
    EXPECT_EQ(consumer(0).kind, static_cast<std::uint32_t>(SLICKQ_CONSUMER_READER));
    EXPECT_EQ(consumer(1).kind, static_cast<std::uint32_t>(SLICKQ_CONSUMER_READER));
    EXPECT_EQ(write(0), SLICKQ_FULL);
    for (std::uint64_t k = 1; k < capacity; ++k) EXPECT_EQ(read_value(), k);
    EXPECT_EQ(slickq_consumer_unregister(queue, me), SLICKQ_OK);
}

// ---------------------------------------------------------------- consumers with a cursor of their own

TEST_F(Lossless, OneWithItsOwnCursorGetsPastAGap) {
    std::uint64_t me = 0, cursor = 0, lost = 7, gap = 0;
    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &me, &cursor), SLICKQ_OK);
    EXPECT_EQ(slickq_consumer_wait_until(queue, me, &cursor, 0, 0, &lost), SLICKQ_TIMED_OUT);
    EXPECT_EQ(lost, 0u);
    ASSERT_EQ(slickq_queue_reserve(queue, 3, &gap), SLICKQ_OK); // and its producer dies
    EXPECT_EQ(fill(), capacity - 3u);
    EXPECT_EQ(slickq_consumer_wait_until(queue, me, &cursor, SLICKQ_STALL_NEVER, slickq_deadline(30 * millisecond), &lost), SLICKQ_TIMED_OUT);
    // Waits that are shorter than the stall time count together.
    int waits = 0;
    slickq_status status = SLICKQ_TIMED_OUT;
    while (status == SLICKQ_TIMED_OUT && ++waits < 1000) {
        status = slickq_consumer_wait_until(queue, me, &cursor, 60 * millisecond, slickq_deadline(10 * millisecond), &lost);
    }
    EXPECT_EQ(status, SLICKQ_GAP);
    EXPECT_GT(waits, 1);
    EXPECT_EQ(lost, 3u);
    EXPECT_EQ(cursor, gap + 3);
    EXPECT_EQ(write(1), SLICKQ_OK) << "that is acknowledged";
    EXPECT_EQ(slickq_consumer_wait_until(queue, me, &cursor, 0, 0, nullptr), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
    EXPECT_EQ(record.index, gap + 3);
    EXPECT_EQ(slickq_consumer_evict(queue, me), SLICKQ_OK);
    EXPECT_EQ(slickq_consumer_wait_until(queue, me, &cursor, 0, SLICKQ_FOREVER, nullptr), SLICKQ_E_EVICTED);
}

TEST_F(Lossless, OneWithItsOwnCursorIsTakenOverTheSkippedEnd) {
    std::uint64_t me = 0, cursor = 0;
    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &me, &cursor), SLICKQ_OK);
    const std::uint64_t values[capacity] = {};
    ASSERT_EQ(slickq_queue_write(queue, values, 10, nullptr), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
    EXPECT_EQ(slickq_consumer_acknowledge(queue, me, cursor), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_write_until(queue, values, capacity, slickq_deadline(second), nullptr), SLICKQ_OK)
        << "though it needs more than what is acknowledged";
    EXPECT_EQ(write(0), SLICKQ_FULL);
    EXPECT_EQ(slickq_consumer_wait_until(queue, me, &cursor, 0, 0, nullptr), SLICKQ_OK);
    EXPECT_EQ(cursor, capacity) << "beyond the end";
    ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
    EXPECT_EQ(record.count, capacity);
    EXPECT_EQ(record.lost, 0u);
}

TEST_F(Lossless, OneWithItsOwnCursorIsToldOfAReset) {
    std::uint64_t me = 0, cursor = 0;
    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &me, &cursor), SLICKQ_OK);
    fill();
    ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    EXPECT_EQ(fill(), capacity);
    EXPECT_EQ(slickq_consumer_acknowledge(queue, me, cursor), SLICKQ_RESET);
    EXPECT_EQ(write(0), SLICKQ_FULL) << "that was of before";
    EXPECT_EQ(slickq_consumer_acknowledge(queue, me, 1), SLICKQ_OK);
    EXPECT_EQ(write(0), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    cursor = 1;
    EXPECT_EQ(slickq_consumer_wait_until(queue, me, &cursor, 0, SLICKQ_FOREVER, nullptr), SLICKQ_RESET);
    EXPECT_EQ(cursor, 0u);
    EXPECT_EQ(slickq_consumer_wait_until(queue, me, &cursor, 0, 0, nullptr), SLICKQ_TIMED_OUT);
    EXPECT_EQ(slickq_consumer_wait_until(queue, me, nullptr, 0, 0, nullptr), SLICKQ_E_NULL);
}

TEST_F(Lossless, ResetsBesideARegisteredReaderLoseNothingElse) {
    open_reader();
    std::atomic<bool> is_over{false};
    std::thread consumer([&] {
        slickq_record seen{};
        while (!is_over) {
            const slickq_status status = slickq_reader_read_until(reader, slickq_deadline(5 * millisecond), &seen);
            ASSERT_TRUE(status == SLICKQ_OK || status == SLICKQ_RESET || status == SLICKQ_TIMED_OUT) << slickq_status_name(status);
        }
    });
    for (std::uint64_t round = 0; round < 3000; ++round) {
        for (std::uint64_t k = 0; k < round % (3 * capacity); ++k) {
            ASSERT_EQ(slickq_queue_write_until(queue, &k, 1, slickq_deadline(20 * second), nullptr), SLICKQ_OK);
        }
        ASSERT_EQ(slickq_queue_reset(queue), SLICKQ_OK);
    }
    is_over = true;
    consumer.join();
    EXPECT_EQ(info_of(reader).lost_lapped + info_of(reader).lost_torn + info_of(reader).lost_gap, 0u);
}

// Whoever is seen lives: it has only just left, or joined.
TEST_F(Lossless, NobodyIsCalledDeadWhoIsLeaving) {
    std::atomic<bool> is_over{false};
    std::thread coming_and_going([&] {
        std::uint64_t id = 0;
        for (int round = 0; !is_over; ++round) {
            EXPECT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &id, nullptr), SLICKQ_OK);
            if (round % 64 == 0) ::usleep(100); // so that it is seen now and then
            EXPECT_EQ(slickq_consumer_unregister(queue, id), SLICKQ_OK);
        }
    });
    int seen = 0, dead = 0;
    for (const std::int64_t end = slickq_deadline(second / 2); slickq_deadline(0) < end;) {
        slickq_consumer_info info{};
        info.struct_size = sizeof info;
        if (slickq_consumer_get_info(queue, 0, &info) != SLICKQ_OK) continue;
        ++seen;
        dead += info.is_alive == 0 ? 1 : 0;
    }
    is_over = true;
    coming_and_going.join();
    EXPECT_GT(seen, 0);
    EXPECT_EQ(dead, 0);
}

// What a peer publishes late, after a reset: waiting agrees with reading, and a consumer is not led beyond what is reserved.
TEST_F(Lossless, ASlotAheadOfWhatIsReservedIsUnpublished) {
    std::uint64_t id = 0, cursor = 0, lost = 0;
    ASSERT_EQ(slickq_consumer_register(queue, SLICKQ_NO_INDEX, &id, &cursor), SLICKQ_OK);
    ASSERT_EQ(write(1), SLICKQ_OK);
    ASSERT_EQ(slickq_consumer_wait_until(queue, id, &cursor, 1, 0, &lost), SLICKQ_OK);
    ASSERT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_OK);
    auto* const slot = reinterpret_cast<std::uint64_t*>(static_cast<std::byte*>(info_of(queue).base) + 64 + 16 * cursor);
    slot[1] = 1;
    for (const std::uint64_t index : {cursor, cursor + capacity}) {
        slot[0] = index;
        EXPECT_EQ(slickq_queue_wait_until(queue, cursor, 0), SLICKQ_TIMED_OUT);
        EXPECT_EQ(slickq_consumer_wait_until(queue, id, &cursor, 1, 0, &lost), SLICKQ_TIMED_OUT);
        EXPECT_EQ(cursor, 1u);
    }
    EXPECT_EQ(slickq_queue_read(queue, &cursor, &record), SLICKQ_EMPTY);
    std::uint64_t index = 0;
    ASSERT_EQ(slickq_queue_reserve(queue, 1, &index), SLICKQ_OK);
    EXPECT_EQ(slickq_consumer_wait_until(queue, id, &cursor, 1, slickq_deadline(20 * second), &lost), SLICKQ_GAP);
    EXPECT_EQ(lost, 1u);
    slot[0] = index;
    slot[1] = 3; // more than was reserved
    cursor = 1;
    EXPECT_EQ(slickq_consumer_wait_until(queue, id, &cursor, 1, 0, &lost), SLICKQ_GAP);
    EXPECT_EQ(cursor, 2u);
}

} // namespace
