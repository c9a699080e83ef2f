// What a lapped producer tells of the records that it may have damaged, and who acts on it.
#include "ring_fixture.hpp"

#include <slickq/detail/validated_reader.hpp>

#include <cstring>
#include <vector>

namespace {

using slickq::read_result;
using slickq::delivery;
using slickq::layout;
using slickq::ring_result;
using slickq::record;
using test::fixture;

slickq::reader_options from_index(std::uint64_t index, std::uint32_t batch = 64) {
    slickq::reader_options options;
    options.from = slickq::start::index;
    options.index = index;
    options.batch = batch;
    options.stall_ns = -1;
    return options;
}

// A ring of 16 elements of one byte that has been lapped under a producer of two, which writes late: into 16 and 17, of 20 that are reserved.
struct late_producer {
    late_producer() : f({layout::slq1, 16, 1, 1}) {
        late = f.ring.reserve(2);
        while (f.ring.reserved_index() < 20) f.produce();
    }
    void write_and_publish() {
        std::memset(f.ring.at(late), 0xFF, 2);
        EXPECT_EQ(f.ring.publish(late, 2), ring_result::stale);
    }
    fixture f;
    std::uint64_t late = 0;
};

TEST(Suspicion, WhatIsCopiedAfterTheReportIsRefused) {
    for (const std::uint32_t batch : {1u, 2u, 64u}) {
        late_producer p;
        p.write_and_publish();
        slickq::basic_reader<> r(p.f.ring, from_index(4, batch));
        delivery got;
        std::vector<std::uint64_t> received;
        std::uint64_t lost = 0;
        for (int reads = 0; reads < 20; ++reads) {
            const read_result what = r.read(got);
            lost += got.lost;
            if (what == read_result::record) {
                received.push_back(got.index);
                EXPECT_EQ(got.data[0], static_cast<std::byte>(got.index));
            } else if (what == read_result::lapped) {
                EXPECT_GT(got.lost, 0u);
            }
        }
        EXPECT_EQ(received, (std::vector<std::uint64_t>{4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18, 19})) << batch;
        EXPECT_EQ(lost, 2u);
        EXPECT_EQ(r.lost().torn, 2u);
        EXPECT_EQ(r.suspects(), 0u) << "nothing of it was handed out";
        EXPECT_EQ(p.f.extension->late_publishes, 1u);
    }
}

TEST(Suspicion, WhatWasHandedOutBeforeIsCounted) {
    late_producer p;
    slickq::basic_reader<> r(p.f.ring, from_index(4)), later(p.f.ring, from_index(17)), other(p.f.ring, from_index(18));
    for (slickq::basic_reader<>* each : {&r, &later, &other}) {
        delivery got;
        while (each->read(got) == read_result::record) {
        }
        EXPECT_EQ(each->suspects(), 0u);
    }
    p.write_and_publish();
    EXPECT_EQ(r.suspects(), 2u);
    EXPECT_EQ(later.suspects(), 1u);
    EXPECT_EQ(other.suspects(), 0u);
    EXPECT_EQ(r.suspects(), 2u) << "once";
    slickq::basic_reader<> fresh(p.f.ring, from_index(20));
    EXPECT_EQ(fresh.suspects(), 0u);
}

// It wrote once, in any of the laps: at most so many elements are wrong as lie at its place in one of them.
TEST(Suspicion, CountsTheLapInWhichMostWasHandedOut) {
    fixture f({layout::slq1, 16, 1, 1});
    slickq::basic_reader<> r(f.ring, from_index(0));
    const std::uint64_t late = f.ring.reserve(4);
    delivery got;
    while (f.ring.reserved_index() < 34) {
        f.produce();
        r.read(got);
    }
    while (r.read(got) == read_result::record) {
    }
    ASSERT_EQ(r.cursor(), 34u);
    EXPECT_EQ(f.ring.publish(late, 4), ring_result::stale);
    EXPECT_EQ(r.suspects(), 4u) << "16 to 19; of 32 to 35 only two were handed out";
}

TEST(Suspicion, WhatIsPublishedLateAgainIsCountedOnce) {
    fixture f({layout::slq1, 4, 1, 1});
    slickq::basic_reader<> r(f.ring, from_index(0));
    std::uint64_t late[3];
    for (auto& index : late) index = f.ring.reserve(1);
    for (int k = 0; k < 5; ++k) f.produce();
    delivery got;
    std::uint64_t read = 0;
    for (int looks = 0; looks < 8; ++looks) read += r.read(got) == read_result::record ? 1 : 0;
    ASSERT_GE(read, 3u);
    EXPECT_EQ(f.ring.publish(late[1], 1), ring_result::stale);
    const std::uint64_t once = r.suspects();
    EXPECT_LE(once, 1u);
    for (int k = 0; k < 5; ++k) {
        EXPECT_EQ(f.ring.publish(late[1], 1), ring_result::stale);
        EXPECT_EQ(r.suspects(), once);
    }
    for (int k = 0; k < 3; ++k) {
        for (const std::uint64_t index : late) EXPECT_EQ(f.ring.publish(index, 1), ring_result::stale);
        EXPECT_LE(r.suspects(), r.received_elements());
        f.produce();
    }
}

TEST(Suspicion, CopyingReadsAndChecksLookToo) {
    late_producer p;
    EXPECT_TRUE(p.f.ring.is_intact(16, 1));
    p.write_and_publish();
    EXPECT_TRUE(p.f.ring.is_intact(15, 1));
    EXPECT_FALSE(p.f.ring.is_intact(15, 2));
    EXPECT_FALSE(p.f.ring.is_intact(16, 1));
    EXPECT_FALSE(p.f.ring.is_intact(17, 1));
    EXPECT_TRUE(p.f.ring.is_intact(18, 1));
    EXPECT_FALSE(p.f.ring.is_intact(15, 16)) << "nor may any that follows be damaged";
    EXPECT_TRUE(p.f.ring.is_intact(18, 16));
    std::uint64_t cursor = 16;
    std::atomic<std::uint64_t> shared{16};
    std::byte copy[16];
    record seen;
    EXPECT_EQ(p.f.ring.read_copy(cursor, copy, 16, seen), ring_result::lapped);
    EXPECT_EQ(seen.lost, 1u);
    EXPECT_EQ(p.f.ring.claim_copy(shared, copy, 16, seen), ring_result::lapped);
    EXPECT_EQ(p.f.ring.claim_copy(shared, copy, 16, seen), ring_result::lapped);
    EXPECT_EQ(p.f.ring.claim_copy(shared, copy, 16, seen), ring_result::ok);
    EXPECT_EQ(seen.index, 18u);
}

TEST(Suspicion, ItIsOverWithTheRecordsThatItTellsOf) {
    late_producer p;
    p.write_and_publish();
    const std::uint64_t next = p.f.ring.reserved_index();
    for (int k = 0; k < 16; ++k) p.f.produce();
    for (std::uint64_t index = next; index < next + 16; ++index) EXPECT_TRUE(p.f.ring.is_intact(index, 1)) << index;
    slickq::basic_reader<> r(p.f.ring, from_index(next));
    delivery got;
    for (int k = 0; k < 16; ++k) EXPECT_EQ(r.read(got), read_result::record);
}

TEST(Suspicion, ABatchThatIsLappedTellsOfAllItsLateRecords) {
    fixture f({layout::slq1, 16, 1, 1});
    const slickq::batch five{nullptr, 5};
    std::uint64_t from = 0;
    ASSERT_EQ(f.ring.reserve_batch(five, from), 5u);
    while (f.ring.reserved_index() < 19) f.produce(); // 0, 1 and 2 are lapped
    const std::byte content[5]{};
    EXPECT_EQ(f.ring.write_batch(from, five, content), ring_result::stale);
    for (const std::uint64_t index : {3, 4, 15}) EXPECT_TRUE(f.ring.is_intact(index, 1)) << index;
    for (const std::uint64_t index : {16, 17, 18}) EXPECT_FALSE(f.ring.is_intact(index, 1)) << index;
}

// More reports than there is room for, all within a lap: some are put together, none is forgotten.
TEST(Suspicion, NoReportIsForgotten) {
    fixture f({layout::slq1, 256, 1, 1});
    std::vector<std::uint64_t> late;
    for (int k = 0; k < 100; ++k) {
        late.push_back(f.ring.reserve(1));
        f.produce();
    }
    while (f.ring.reserved_index() < 256 + 200) f.produce();
    for (const std::uint64_t index : late) EXPECT_EQ(f.ring.publish(index, 1), ring_result::stale);
    for (const std::uint64_t index : late) EXPECT_FALSE(f.ring.is_intact(index + 256, 1)) << index;
    EXPECT_EQ(f.extension->late_publishes, 100u);
    for (int k = 0; k < 256; ++k) f.produce(); // then all are over, and there is room again
    const std::uint64_t one = f.ring.reserve(1);
    for (int k = 0; k < 256; ++k) f.produce();
    EXPECT_EQ(f.ring.publish(one, 1), ring_result::stale);
    EXPECT_FALSE(f.ring.is_intact(one + 256, 1));
    EXPECT_TRUE(f.ring.is_intact(one + 255, 1));
}

TEST(Suspicion, AResetEndsIt) {
    late_producer p;
    slickq::basic_reader<> r(p.f.ring, from_index(4));
    p.write_and_publish();
    p.f.ring.reset();
    EXPECT_EQ(p.f.ring.suspicion(), 0u);
    delivery got;
    EXPECT_EQ(r.read(got), read_result::reset);
    for (int k = 0; k < 20; ++k) {
        p.f.produce();
        EXPECT_EQ(r.read(got), read_result::record);
    }
    EXPECT_EQ(r.suspects(), 0u);
    EXPECT_EQ(p.f.extension->late_publishes, 1u) << "a statistic of the segment";
}

TEST(Suspicion, HoldsAcrossTheWrap) {
    const std::uint64_t limit = std::uint64_t{1} << 48;
    fixture f({layout::slq1, 16, 1, 1});
    f.start_at(limit - 32);
    for (int k = 0; k < 24; ++k) f.produce();
    const std::uint64_t late = f.ring.reserve(2); // 2^48 - 8
    for (int k = 0; k < 16; ++k) f.produce();
    EXPECT_EQ(f.ring.publish(late, 2), ring_result::stale);
    EXPECT_TRUE(f.ring.is_intact(7, 1));
    EXPECT_FALSE(f.ring.is_intact(8, 1));
    EXPECT_FALSE(f.ring.is_intact(9, 1));
}

} // namespace
