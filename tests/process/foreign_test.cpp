// Creation beside creators and openers of slick-queue 2.3 (with slick-shm 0.1.4), which are rebuilt here in the order
// of their system calls: a creator opens or creates the name, gives a file of length 0 its own length, maps that, and
// formats what nobody else began to; an opener waits for no length, but is refused at once by one of 0. Neither may
// ever come upon a segment of ours that is not whole.
#include "child.hpp"
#include "interpose.hpp"
#include "support.hpp"
#include "support/foreign_queue.hpp"
#include "support/names.hpp"
#include "support/shm_file.hpp"

#include <slickq/detail/layout.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace {

using namespace test;

constexpr slickq::geometry shape{slickq::layout::slq1, 1 << 14, 8, 1}; // so many slots take their creator a while
constexpr int exit_creator = 10, exit_opener = 11;
constexpr int exit_no_length = 20, exit_truncated = 21, exit_never_ready = 22, exit_mismatch = 23;

// The queue as a peer has it, or the exit code of its failure.
struct foreign_side : foreign_queue {
    int failure = 0;
    bool is_creator = false;
};

// The first step of a creator or an opener: -1 if there is none to open.
struct foreign_file {
    int descriptor = -1;
    std::uint64_t length = 0;
};

std::uint64_t length_of(int descriptor) {
    struct stat status {};
    ::fstat(descriptor, &status);
    return static_cast<std::uint64_t>(status.st_size);
}

foreign_file open_foreign(const std::string& name, bool creates) {
    foreign_file file;
    file.descriptor = ::shm_open(name.c_str(), O_RDWR | (creates ? O_CREAT : 0), 0666);
    if (file.descriptor != -1) file.length = length_of(file.descriptor);
    return file;
}

// The others, which act on the length that was found in the first.
foreign_side go_on(const foreign_file& file, bool creates, std::chrono::milliseconds patience) {
    foreign_side q{{shape}};
    constexpr std::uint64_t own_length = shape.segment_length();
    if (creates && file.length == 0 && ::ftruncate(file.descriptor, static_cast<off_t>(own_length)) != 0) q.failure = 1;
    const std::uint64_t length = creates ? length_of(file.descriptor) : file.length;
    if (length < own_length) q.failure = length == 0 ? exit_no_length : exit_truncated;
    if (q.failure == 0) {
        constexpr int access = PROT_READ | PROT_WRITE;
        q.base = static_cast<std::byte*>(::mmap(nullptr, own_length, access, MAP_SHARED, file.descriptor, 0));
    }
    ::close(file.descriptor);
    if (q.failure != 0) return q;

    if (creates && q.begins_format()) {
        q.is_creator = true;
        q.format();
    }
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!q.is_ready()) {
        if (std::chrono::steady_clock::now() > end) return q.failure = exit_never_ready, q;
    }
    if (q.header()->marker != shape.marker() || q.header()->capacity != shape.capacity) q.failure = exit_mismatch;
    return q;
}

foreign_side begin_foreign(const std::string& name, bool creates) {
    foreign_file file;
    do { // an opener is started when somebody is about to create
        file = open_foreign(name, creates);
    } while (file.descriptor == -1 && errno == ENOENT);
    return go_on(file, creates, std::chrono::seconds(2));
}

// NAME SIDE: joins as one of ours, or as a foreign creator or opener, writes its process id, and says what it was.
const role racer{"foreign_race", [](const arguments& a) {
    const std::uint64_t mine = static_cast<std::uint64_t>(::getpid());
    signal_parent();
    if (a[1] == "ours") {
        const slickq_options options = options_for(shape.capacity, shape.element_size);
        queue_handle queue;
        require(slickq_queue_open_or_create(a[0].c_str(), &options, queue.out()));
        require(slickq_queue_write(queue, &mine, 1, nullptr));
        return is_creator(queue) ? exit_creator : exit_opener;
    }
    const foreign_side queue = begin_foreign(a[0], a[1] == "creator");
    if (queue.failure != 0) return queue.failure;
    queue.write(mine);
    return queue.is_creator ? exit_creator : exit_opener;
}};

struct race_result {
    int ours_created = 0, foreign_created = 0;
};

// Of all who race for a name one creates, nobody fails, and all are in the same segment.
race_result race(const std::vector<std::string>& sides, int rounds) {
    race_result result;
    const auto side_of = [&](std::size_t number, int round) {
        return sides[(number + static_cast<std::size_t>(round)) % sides.size()];
    };
    for (int round = 0; round < rounds; ++round) {
        const segment_name name;
        std::vector<child> children;
        std::vector<std::uint64_t> pids;
        for (std::size_t i = 0; i < sides.size(); ++i) {
            children.emplace_back("foreign_race", arguments{name.text(), side_of(i, round)});
            pids.push_back(static_cast<std::uint64_t>(children.back().pid()));
        }
        int creators = 0;
        for (std::size_t i = 0; i < sides.size(); ++i) {
            const int code = children[i].wait();
            const bool is_ours = side_of(i, round) == "ours";
            EXPECT_TRUE(code == exit_creator || code == exit_opener) << (is_ours ? "ours: " : "foreign: ") << code;
            if (code != exit_creator) continue;
            ++creators;
            ++(is_ours ? result.ours_created : result.foreign_created);
        }
        EXPECT_EQ(creators, 1);
        const auto length = static_cast<std::uint64_t>(stat_shm(name.text()).st_size);
        EXPECT_TRUE(length == shape.segment_length() || length == shape.created_length()) << length;

        const queue_handle queue = open_queue(name.text());
        std::vector<std::uint64_t> seen;
        std::uint64_t cursor = 0;
        slickq_record record{};
        while (slickq_queue_read(queue, &cursor, &record) == SLICKQ_OK) {
            seen.push_back(*static_cast<const std::uint64_t*>(record.data));
        }
        std::sort(seen.begin(), seen.end());
        std::sort(pids.begin(), pids.end());
        EXPECT_EQ(seen, pids);
        if (testing::Test::HasFailure()) break;
    }
    return result;
}

TEST(Foreign, CreatorsAndOursRaceAndAllMeet) {
    const race_result result = race({"ours", "creator", "ours", "creator"}, 60);
    testing::Test::RecordProperty("ours_created", result.ours_created);
    testing::Test::RecordProperty("foreign_created", result.foreign_created);
}

TEST(Foreign, OpenersNeverMeetAHalfMadeSegmentOfOurs) {
    const race_result result = race({"opener", "ours", "opener"}, 30);
    EXPECT_EQ(result.ours_created, 30);
}

// A foreign creator or opener takes its first step before one system call of our creation, and the rest before a later one: every pair
// of them.
TEST(Foreign, NeitherComesInBetweenAtAnyStep) {
    const slickq_options options = options_for(shape.capacity, shape.element_size);
    constexpr int calls = 16; // more than a creation makes
    for (const bool creates : {true, false}) {
        for (int first = 1; first <= calls; ++first) {
            for (int second = first; second <= calls; ++second) {
                SCOPED_TRACE(std::string(creates ? "creator" : "opener") + " at calls " + std::to_string(first) + " and " +
                             std::to_string(second));
                const segment_name name;
                foreign_file file;
                foreign_side theirs{{shape}};
                before_each_call([&](int number) {
                    if (number == first) file = open_foreign(name.text(), creates);
                    if (number == second && file.descriptor != -1) theirs = go_on(file, creates, std::chrono::milliseconds(0));
                });
                slickq_queue* ours = nullptr;
                // Theirs may be a name that has no length yet: that is waited for, and then made by them.
                const slickq_status status = slickq_queue_open_or_create(name.c_str(), &options, &ours);
                before_each_call(nullptr);
                EXPECT_EQ(status, SLICKQ_OK) << slickq_last_message();
                if (status != SLICKQ_OK) return;
                EXPECT_EQ(theirs.failure, 0);
                const slickq_queue_info info = info_of(ours);
                EXPECT_EQ(static_cast<std::uint64_t>(stat_shm(name.text()).st_size), info.length);
                EXPECT_EQ((info.flags & SLICKQ_INFO_CREATOR) != 0, !theirs.is_creator);
                if (file.descriptor != -1 && theirs.base == nullptr) ::close(file.descriptor); // it came too late
                if (theirs.base != nullptr) {
                    theirs.write(77);
                    std::uint64_t cursor = 0;
                    slickq_record record{};
                    EXPECT_EQ(slickq_queue_read(ours, &cursor, &record), SLICKQ_OK) << "they are not in the same segment";
                    ::munmap(theirs.base, shape.segment_length());
                }
                slickq_queue_close(ours);
                if (HasFailure()) return;
            }
        }
    }
}

// A peer that died after it gave its segment a length, and one that died before.
TEST(Foreign, DeadCreatorsAreWaitedForAndTakenOverAsEver) {
    for (const bool has_length : {false, true}) {
        const segment_name name;
        write_shm(name.text(), bytes(has_length ? shape.segment_length() : 0));
        slickq_options options = options_for(shape.capacity, shape.element_size);
        options.timeout_ns = has_length ? 5'000'000'000 : 50'000'000;
        queue_handle queue;
        const slickq_status status = slickq_queue_open_or_create(name.c_str(), &options, queue.out());
        EXPECT_EQ(status, has_length ? SLICKQ_OK : SLICKQ_E_NO_LENGTH);
        EXPECT_EQ(static_cast<std::uint64_t>(stat_shm(name.text()).st_size), has_length ? shape.segment_length() : 0);
    }
}

} // namespace
