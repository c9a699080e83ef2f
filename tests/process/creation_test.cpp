// Making a segment while others make it too, die at it, or look on.
#include "child.hpp"
#include "interpose.hpp"
#include "support.hpp"
#include "support/names.hpp"
#include "support/shm_file.hpp"

#include <slickq/detail/layout.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <thread>

namespace {

using namespace test;

constexpr int exit_creator = 10;
constexpr int exit_opener = 11;

// NAME: opens or creates, writes one element, tells whether it was the creator.
const role race{"race", [](const arguments& a) {
    const slickq_options options = options_for(1024, 8);
    queue_handle queue;
    require(slickq_queue_open_or_create(a[0].c_str(), &options, queue.out()));
    const std::uint64_t mine = static_cast<std::uint64_t>(::getpid());
    require(slickq_queue_write(queue, &mine, 1, nullptr));
    return is_creator(queue) ? exit_creator : exit_opener;
}};

TEST(Creation, OfManyWhoRaceOneCreates) {
    constexpr int rounds = 40, racers = 8;
    for (int round = 0; round < rounds; ++round) {
        const segment_name name;
        std::vector<child> children;
        for (int i = 0; i < racers; ++i) children.emplace_back("race", arguments{name.text()});
        int creators = 0;
        std::vector<std::uint64_t> pids;
        for (child& c : children) {
            pids.push_back(static_cast<std::uint64_t>(c.pid()));
            const int code = c.wait();
            ASSERT_TRUE(code == exit_creator || code == exit_opener) << code;
            creators += code == exit_creator ? 1 : 0;
        }
        EXPECT_EQ(creators, 1);
        // All were on the same segment: each one's element is there.
        const queue_handle queue = open_queue(name.text());
        std::uint64_t cursor = 0;
        std::vector<std::uint64_t> seen;
        slickq_record record{};
        while (slickq_queue_read(queue, &cursor, &record) == SLICKQ_OK) {
            seen.push_back(*static_cast<const std::uint64_t*>(record.data));
        }
        std::sort(seen.begin(), seen.end());
        std::sort(pids.begin(), pids.end());
        EXPECT_EQ(seen, pids);
    }
}

// NAME KIND CALL COUNT: dies by SIGKILL just before its COUNTth call of the system call, while creating; 0 if there
// is none.
const role dying_creator{"dying_creator", [](const arguments& a) {
    refuse_unnamed_files(a[1] == "by_other_name");
    die_before(a[2], std::stoi(a[3]));
    slickq_options options = options_for(1024, 8);
    options.permissions = 0600; // so that fchmod takes part
    if (a[1] != "cursor") {
        create_queue(a[0], options);
        return 0;
    }
    slickq_cursor* cursor = nullptr;
    require(slickq_cursor_create(a[0].c_str(), 0, 0600, &cursor));
    return 0;
}};

slickq_status open_status(const std::string& name, std::int64_t timeout_ns) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.timeout_ns = timeout_ns;
    queue_handle queue;
    return slickq_queue_open(name.c_str(), &options, queue.out());
}

slickq_status open_or_create_status(const std::string& name, std::int64_t timeout_ns) {
    slickq_options options = options_for(1024, 8);
    options.timeout_ns = timeout_ns;
    queue_handle queue;
    return slickq_queue_open_or_create(name.c_str(), &options, queue.out());
}

constexpr std::int64_t short_wait = 20'000'000;
constexpr std::int64_t long_wait = 5'000'000'000;

int names_of(pid_t pid) {
    int found = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/shm")) {
        const std::string prefix = ".slickq-unfinished-" + std::to_string(pid) + "-";
        found += entry.path().filename().string().starts_with(prefix) ? 1 : 0;
    }
    return found;
}

// Nothing, or all of it.
void expect_whole_or_absent(const std::string& name, const std::string& kind) {
    if (kind == "cursor") {
        slickq_cursor* cursor = nullptr;
        const slickq_status status = slickq_cursor_open(name.c_str(), 0, SLICKQ_TIMEOUT_NONE, &cursor);
        EXPECT_TRUE(status == SLICKQ_OK || status == SLICKQ_E_NOT_FOUND) << slickq_last_message();
        if (status == SLICKQ_OK) slickq_cursor_close(cursor);
    } else {
        const slickq_status status = open_status(name, SLICKQ_TIMEOUT_NONE);
        EXPECT_TRUE(status == SLICKQ_OK || status == SLICKQ_E_NOT_FOUND) << slickq_last_message();
        if (status == SLICKQ_OK) {
            EXPECT_EQ(stat_shm(name).st_mode & 0777, 0600u);
        }
    }
}

class KilledCreator : public testing::TestWithParam<const char*> {};

TEST_P(KilledCreator, BeforeEachSystemCallLeavesAWholeSegmentOrNone) {
    int deaths = 0, left_behind = 0;
    for (const std::string& call : interposed_calls()) {
        for (int count = 1;; ++count) {
            SCOPED_TRACE(call + " no. " + std::to_string(count));
            const segment_name name;
            child creator("dying_creator", {name.text(), GetParam(), call, std::to_string(count)});
            const int code = creator.wait();
            expect_whole_or_absent(name.text(), GetParam());
            left_behind += names_of(creator.pid());
            if (code == 0) break;
            ASSERT_EQ(code, -SIGKILL);
            ++deaths;
        }
    }
    EXPECT_GE(deaths, 7);
    // Where a private name was needed, it is left by some of these, until the next one is.
    EXPECT_EQ(left_behind > 0, std::string(GetParam()) == "by_other_name");
    const segment_name name;
    child next("dying_creator", {name.text(), "by_other_name", "none", "1"});
    EXPECT_EQ(next.wait(), 0);
    int remaining = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/shm")) {
        remaining += entry.path().filename().string().starts_with(".slickq-unfinished-") ? 1 : 0;
    }
    EXPECT_EQ(remaining, 0);
}

INSTANTIATE_TEST_SUITE_P(Creation, KilledCreator, testing::Values("unnamed", "by_other_name", "cursor"),
                         [](const auto& tested) { return std::string(tested.param); });

// NAME KIND: creates a large queue, so that a kill finds it allocating or formatting.
const role slow_creator{"slow_creator", [](const arguments& a) {
    refuse_unnamed_files(a[1] == "by_other_name");
    slickq_options options = options_for(1 << 20, 1);
    options.permissions = 0600;
    create_queue(a[0], options);
    return 0;
}};

TEST(Creation, ACreatorKilledAtAnyTimeLeavesAWholeSegmentOrNone) {
    for (int round = 0; round < 60; ++round) {
        const char* const kind = round % 2 == 0 ? "unnamed" : "by_other_name";
        const segment_name name;
        child creator("slow_creator", {name.text(), kind});
        std::this_thread::sleep_for(std::chrono::microseconds(300 * round));
        creator.kill(SIGKILL);
        creator.wait();
        expect_whole_or_absent(name.text(), kind);
    }
}

// Without a file that has no name, or without /proc to name it by.
TEST(Creation, HasAnotherWayWhereFilesCannotBeUnnamed) {
    for (const int error : {EOPNOTSUPP, EISDIR}) {
        const segment_name name;
        const failing_call refused("open", 1, error);
        EXPECT_TRUE(is_creator(create_queue(name.text(), options_for(64, 8))));
        EXPECT_TRUE(refused.has_happened());
        EXPECT_EQ(open_status(name.text(), SLICKQ_TIMEOUT_NONE), SLICKQ_OK);
    }
    for (const int error : {ENOENT, EPERM, EACCES, ENOSYS}) {
        const segment_name name;
        const failing_call refused("linkat", 1, error);
        EXPECT_TRUE(is_creator(create_queue(name.text(), options_for(64, 8))));
        EXPECT_TRUE(refused.has_happened());
        EXPECT_EQ(open_status(name.text(), SLICKQ_TIMEOUT_NONE), SLICKQ_OK);
    }
    EXPECT_EQ(names_of(::getpid()), 0);
}

TEST(Creation, GivesTheBitsThatWereAskedFor) {
    const mode_t before = ::umask(027);
    for (const bool has_unnamed : {true, false}) {
        refuse_unnamed_files(!has_unnamed);
        const segment_name by_default, exact;
        create_queue(by_default.text(), options_for(8, 8));
        EXPECT_EQ(stat_shm(by_default.text()).st_mode & 07777, 0640u);
        slickq_options options = options_for(8, 8);
        options.permissions = 0622;
        create_queue(exact.text(), options);
        EXPECT_EQ(stat_shm(exact.text()).st_mode & 07777, 0622u);
    }
    refuse_unnamed_files(false);
    ::umask(before);
}

// What the creator's death at any point in between leaves behind, made by hand.
TEST(Creation, HalfMadeSegmentsEndTheWait) {
    bytes half(64 + 1024 * 24);
    const std::uint32_t state = slickq::initialising, marker = 0x534C5131;
    std::memcpy(half.data() + 48, &state, 4);
    const segment_name name;
    write_shm(name.text(), half);
    EXPECT_EQ(open_status(name.text(), short_wait), SLICKQ_E_HALF_MADE);
    EXPECT_EQ(open_or_create_status(name.text(), short_wait), SLICKQ_E_HALF_MADE);
    std::memcpy(half.data() + 24, &marker, 4);
    write_shm(name.text(), half);
    EXPECT_EQ(open_status(name.text(), short_wait), SLICKQ_E_HALF_MADE);
    EXPECT_EQ(open_or_create_status(name.text(), short_wait), SLICKQ_E_HALF_MADE);
    EXPECT_EQ(read_shm(name.text()), half) << "nothing was written to it";
}

// NAME: signals, then opens, waiting; fails if it can't.
const role early_opener{"early_opener", [](const arguments& a) {
    slickq_options options{};
    options.struct_size = sizeof options;
    options.timeout_ns = 60'000'000'000;
    queue_handle queue;
    signal_parent();
    require(slickq_queue_open(a[0].c_str(), &options, queue.out()));
    return 0;
}};

TEST(Creation, AnOpenerWaitsForLengthAndForReadiness) {
    const segment_name model;
    const slickq_options options = options_for(64, 8);
    create_queue(model.text(), options);
    const bytes ready = read_shm(model.text());

    const segment_name name;
    write_shm(name.text(), {}); // a name without length, as between shm_open and ftruncate
    child opener("early_opener", {name.text()});
    opener.wait_for_signal();
    std::this_thread::sleep_for(std::chrono::milliseconds(30)); // most likely it is waiting now; right in either case
    bytes stage(ready.size());
    write_shm(name.text(), stage);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    stage = ready;
    stage[48] = std::byte{slickq::initialising};
    write_shm(name.text(), stage);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    write_shm(name.text(), ready);
    EXPECT_EQ(opener.wait(), 0);
}

TEST(Creation, WhatIsNoQueueIsRefusedAndLeftAlone) {
    const segment_name model;
    create_queue(model.text(), options_for(64, 8));
    const bytes ready = read_shm(model.text());
    const auto without_extension = static_cast<std::ptrdiff_t>(slickq::geometry{slickq::layout::slq1, 64, 8, 1}.segment_length());

    bytes random(5000);
    for (std::size_t i = 0; i < random.size(); ++i) random[i] = static_cast<std::byte>(i * i * 31 + i / 7 + 11);
    const bytes text(4096, std::byte{'#'});
    const struct {
        const char* what;
        bytes content;
        slickq_status status;
    } cases[] = {
        {"truncated by a byte", bytes(ready.begin(), ready.begin() + without_extension - 1), SLICKQ_E_TRUNCATED},
        {"truncated in the slots", bytes(ready.begin(), ready.begin() + 80), SLICKQ_E_TRUNCATED},
        {"only a header", bytes(ready.begin(), ready.begin() + 64), SLICKQ_E_TRUNCATED},
        {"half a header", bytes(ready.begin(), ready.begin() + 32), SLICKQ_E_NO_LENGTH},
        {"random bytes", random, SLICKQ_E_NOT_A_QUEUE},
        {"text", text, SLICKQ_E_NOT_A_QUEUE},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.what);
        const segment_name name;
        write_shm(name.text(), c.content);
        EXPECT_EQ(open_status(name.text(), 150'000'000), c.status);
        EXPECT_EQ(open_or_create_status(name.text(), 150'000'000), c.status);
        EXPECT_EQ(read_shm(name.text()), c.content);
    }
}

TEST(Creation, ASegmentRemovedWhileItIsWaitedForIsMadeAnew) {
    const segment_name name;
    write_shm(name.text(), {});
    std::thread operator_at_work([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        slickq_segment_remove(name.c_str());
    });
    EXPECT_EQ(open_or_create_status(name.text(), 60'000'000'000), SLICKQ_OK);
    operator_at_work.join();
}

} // namespace
