// The ring over a plain array: what the traces do not show.
#include "ring_fixture.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <new>
#include <string>
#include <vector>

namespace {

using slickq::geometry;
using slickq::layout;
using slickq::ring_result;
using slickq::record;
using test::EveryLayout;
using test::fixture;


TEST_P(EveryLayout, DeliversWhatWasPublished) {
    fixture f(shape(16));
    std::uint64_t cursor = 0;
    record seen;
    EXPECT_EQ(f.ring.read(cursor, seen), ring_result::empty);
    for (std::uint32_t k = 0; k < 200; ++k) {
        const std::uint32_t count = k % 5 + 1;
        const std::uint64_t index = f.produce(count);
        ASSERT_EQ(f.ring.read(cursor, seen), ring_result::ok);
        EXPECT_EQ(seen.index, index);
        EXPECT_EQ(seen.count, count);
        EXPECT_EQ(seen.lost, 0u);
        EXPECT_EQ(*f.ring.at(seen.index), static_cast<std::byte>(index));
        EXPECT_EQ(f.ring.read(cursor, seen), ring_result::empty);
        EXPECT_EQ(cursor, f.ring.reserved_index());
    }
}

TEST_P(EveryLayout, NeverLetsAReservationStraddleTheEnd) {
    fixture f(shape(16));
    for (std::uint32_t k = 0; k < 500; ++k) {
        const std::uint32_t count = k % 16 + 1;
        const std::uint64_t index = f.ring.reserve(count);
        ASSERT_LE(f.ring.position(index) + count, 16u);
    }
}

TEST_P(EveryLayout, CountsWhatALappedReaderLost) {
    fixture f(shape(16));
    std::uint64_t cursor = 0;
    const std::uint32_t step = f.shape.items_per_slot;
    for (std::uint32_t k = 0; k < 40 / step + 10; ++k) f.produce();
    record seen;
    std::uint64_t lost = 0, read = 0;
    while (f.ring.read(cursor, seen) == ring_result::ok) {
        lost += seen.lost;
        read += step;
    }
    EXPECT_GT(lost, 0u);
    EXPECT_EQ(lost + read, f.ring.reserved_index());
}

TEST_P(EveryLayout, StalePublishIsReportedAndMovesNothing) {
    fixture f(shape(16));
    const std::uint32_t step = f.shape.items_per_slot;
    const std::uint64_t late = f.ring.reserve(1);
    for (std::uint32_t k = 0; k < 16 / step; ++k) f.produce(); // the last one takes the late one's slot
    const std::vector<std::byte> before(f.memory, f.memory + f.shape.segment_length());
    EXPECT_EQ(f.ring.publish(late, 1), ring_result::stale);
    EXPECT_EQ(std::memcmp(before.data(), f.memory, before.size()), 0);
}

TEST_P(EveryLayout, PublishWithinTheLapIsInTime) {
    fixture f(shape(16));
    const std::uint32_t step = f.shape.items_per_slot;
    const std::uint64_t late = f.ring.reserve(1);
    for (std::uint32_t k = 1; k < 16 / step; ++k) f.produce();
    EXPECT_EQ(f.ring.publish(late, 1), ring_result::ok);
    const std::vector<std::byte> before(f.memory, f.memory + f.shape.segment_length());
    EXPECT_EQ(f.ring.publish(late, 1), ring_result::not_reserved) << "it is published";
    EXPECT_EQ(std::memcmp(before.data(), f.memory, before.size()), 0);
    EXPECT_EQ(f.ring.suspicion(), 0u) << "nothing was lapped";
}

TEST_P(EveryLayout, RefusesWhatIsNotReserved) {
    fixture f(shape(16));
    EXPECT_EQ(f.ring.publish(0, 1), ring_result::not_reserved);
    f.produce();
    EXPECT_EQ(f.ring.publish(f.ring.reserved_index(), 1), ring_result::not_reserved);
    EXPECT_EQ(f.ring.publish(f.ring.reserved_index() + 1000, 1), ring_result::not_reserved);
    EXPECT_EQ(f.ring.publish(0, 9), ring_result::not_reserved) << "more than was reserved";
}

// In a young queue the last indices before the wrap are as far behind the next one as those of the lap before, and nobody reserved them.
TEST_P(EveryLayout, RefusesIndicesBeforeTheFirst) {
    for (const auto how : {slickq::producing::strict, slickq::producing::prompt, slickq::producing::single}) {
        fixture f(shape(16));
        slickq::single_producer me;
        if (how == slickq::producing::prompt) f.ring.begin_promptly();
        if (how == slickq::producing::single && f.ring.can_have_single_producer()) f.ring.begin_single_producer(me);
        for (int k = 0; k < 3; ++k) f.produce();
        const std::vector<std::byte> before(f.memory, f.memory + f.shape.segment_length());
        for (std::uint64_t back = 1; back <= 40; ++back) {
            EXPECT_EQ(f.ring.publish(std::uint64_t{0} - back, 1), ring_result::not_reserved) << back;
            EXPECT_EQ(f.ring.publish((limit() - back) & mask(), 1), ring_result::not_reserved) << back;
        }
        EXPECT_EQ(f.ring.publish(std::uint64_t{1} << 63, 1), ring_result::not_reserved);
        EXPECT_EQ(std::memcmp(before.data(), f.memory, before.size()), 0);
    }
}

TEST_P(EveryLayout, KnowsWhatWasReservedBeforeTheWrap) {
    fixture f(shape(16));
    f.start_at((limit() - 32) & mask());
    const std::uint32_t step = f.shape.items_per_slot;
    for (std::uint32_t k = 0; k < 24 / step; ++k) f.produce();
    const std::uint64_t late = f.ring.reserve(1), in_time = f.ring.reserve(1);
    while (f.ring.reserved_index() >= late) f.produce();
    EXPECT_EQ(f.ring.publish(in_time, 1), ring_result::ok);
    for (std::uint32_t k = 0; k < 12 / step; ++k) f.produce();
    EXPECT_EQ(f.ring.publish(late, 1), ring_result::stale);
}

TEST_P(EveryLayout, ReadsLastOnlyWhatIsPublished) {
    fixture f(shape(16));
    if (!f.ring.can_read_last()) {
        EXPECT_TRUE(GetParam() == layout::slq0 || GetParam() == layout::slq2);
        return;
    }
    record seen;
    EXPECT_EQ(f.ring.read_last(seen), ring_result::empty);
    const std::uint64_t first = f.produce(3);
    ASSERT_EQ(f.ring.read_last(seen), ring_result::ok);
    EXPECT_EQ(seen.index, first);
    EXPECT_EQ(seen.count, 3u);

    const std::uint64_t pending = f.ring.reserve(2);
    const bool follows_reservations = GetParam() == layout::packed || GetParam() == layout::wide;
    EXPECT_EQ(f.ring.read_last(seen), follows_reservations ? ring_result::empty : ring_result::ok);
    ASSERT_EQ(f.ring.publish(pending, 2), ring_result::ok);
    ASSERT_EQ(f.ring.read_last(seen), ring_result::ok);
    EXPECT_EQ(seen.index, pending);
}

TEST_P(EveryLayout, LastPublishedIsNeverLowered) {
    fixture f(shape(16));
    if (!f.shape.tracks_last_published()) return;
    const std::uint64_t early = f.ring.reserve(1);
    const std::uint64_t later = f.produce();
    ASSERT_EQ(f.ring.publish(early, 1), ring_result::ok);
    EXPECT_EQ(f.ring.last_published(), later);
}

TEST_P(EveryLayout, ClaimsEachRecordOnce) {
    fixture f(shape(16));
    std::atomic<std::uint64_t> cursor{0};
    record seen;
    EXPECT_EQ(f.ring.claim(cursor, seen), ring_result::empty);
    std::vector<std::uint64_t> produced, claimed;
    for (std::uint32_t k = 0; k < 60; ++k) {
        produced.push_back(f.produce(k % 5 + 1));
        ASSERT_EQ(f.ring.claim(cursor, seen), ring_result::ok);
        claimed.push_back(seen.index);
        EXPECT_EQ(f.ring.claim(cursor, seen), ring_result::empty);
    }
    EXPECT_EQ(claimed, produced);
}

TEST_P(EveryLayout, LeavesATooLargeRecordUnclaimed) {
    fixture f(shape(16));
    f.produce(5);
    std::atomic<std::uint64_t> cursor{0};
    record seen;
    EXPECT_EQ(f.ring.claim(cursor, seen, 4), ring_result::too_large);
    EXPECT_EQ(seen.count, 5u);
    EXPECT_EQ(cursor, 0u);
    EXPECT_EQ(f.ring.claim(cursor, seen, 5), ring_result::ok);
}

TEST_P(EveryLayout, FindsTheOldestRecord) {
    fixture f(shape(16));
    EXPECT_EQ(f.ring.oldest(), 0u);
    std::vector<std::uint64_t> produced;
    for (std::uint32_t k = 0; k < 100; ++k) {
        produced.push_back(f.produce(k % 6 + 1));
        const std::uint64_t end = f.ring.reserved_index();
        const auto intact = std::find_if(produced.begin(), produced.end(), [&](std::uint64_t i) { return i + 16 >= end; });
        const std::uint64_t oldest = f.ring.oldest();
        EXPECT_EQ(oldest, *intact);
        std::uint64_t cursor = oldest;
        record seen;
        ASSERT_EQ(f.ring.read(cursor, seen), ring_result::ok);
        EXPECT_EQ(seen.lost, 0u);
    }
}

TEST_P(EveryLayout, OldestWaitsForAPendingFirstRecord) {
    fixture f(shape(16));
    f.ring.reserve(1);
    f.produce();
    EXPECT_EQ(f.ring.oldest(), 0u);
}

TEST_P(EveryLayout, RunsAcrossTheWrapOfItsIndices) {
    fixture f(shape(16));
    const std::uint64_t start = (limit() - 48) & mask();
    f.start_at(start);
    std::uint64_t cursor = start;
    std::atomic<std::uint64_t> shared{start};
    record seen;
    bool has_wrapped = false;
    for (std::uint32_t k = 0; k < 60; ++k) {
        const std::uint32_t count = k % 5 + 1;
        const std::uint64_t index = f.produce(count);
        has_wrapped = has_wrapped || index < start;
        ASSERT_EQ(f.ring.read(cursor, seen), ring_result::ok) << "at " << index;
        EXPECT_EQ(seen.index, index);
        EXPECT_EQ(seen.count, count);
        EXPECT_EQ(seen.lost, 0u);
        ASSERT_EQ(f.ring.claim(shared, seen), ring_result::ok);
        EXPECT_EQ(seen.index, index);
        EXPECT_EQ(f.ring.read(cursor, seen), ring_result::empty);
        if (f.ring.can_read_last()) {
            ASSERT_EQ(f.ring.read_last(seen), ring_result::ok);
            EXPECT_EQ(seen.index, index);
        }
    }
    EXPECT_TRUE(has_wrapped);
}

TEST_P(EveryLayout, NoticesLapsAndLatenessAcrossTheWrap) {
    fixture f(shape(16));
    const std::uint64_t start = (limit() - 16) & mask();
    const std::uint32_t step = f.shape.items_per_slot;
    f.start_at(start);
    const std::uint64_t late = f.ring.reserve(1);
    std::uint64_t cursor = (late + step) & mask();
    for (std::uint32_t k = 0; k < 32 / step; ++k) f.produce();
    EXPECT_EQ(f.ring.publish(late, 1), ring_result::stale);
    record seen;
    ASSERT_EQ(f.ring.read(cursor, seen), ring_result::ok);
    EXPECT_EQ(seen.lost, 16u);
    EXPECT_EQ(f.ring.oldest(), (f.ring.reserved_index() - 16) & mask());
}

TEST_P(EveryLayout, ResetForgetsEverything) {
    fixture f(shape(16));
    for (std::uint32_t k = 0; k < 40; ++k) f.produce(k % 3 + 1);
    f.ring.reset();
    EXPECT_EQ(f.ring.reserved_index(), 0u);
    std::uint64_t cursor = 0;
    record seen;
    EXPECT_EQ(f.ring.read(cursor, seen), ring_result::empty);
    EXPECT_EQ(f.produce(2), 0u);
    EXPECT_EQ(f.ring.read(cursor, seen), ring_result::ok);
}

TEST_P(EveryLayout, ClampsARecordToTheRing) {
    for (const std::uint32_t claimed : {17u, 0x7FFFFFFFu, 0xFFFFFFFFu, 0u}) {
        fixture f(shape(16));
        f.produce(4);
        f.produce(4);
        f.slot(4 / f.shape.items_per_slot).count.store(claimed); // of the record at index 4
        std::uint64_t cursor = 4;
        std::atomic<std::uint64_t> shared{4};
        record seen;
        EXPECT_EQ(f.ring.read(cursor, seen), ring_result::corrupt);
        EXPECT_LE(seen.position + std::uint64_t{seen.count}, 16u);
        EXPECT_GT(f.ring.difference(cursor, 4), 0) << "the reader gets past it";
        EXPECT_EQ(f.ring.claim(shared, seen), ring_result::corrupt);
        EXPECT_EQ(shared, cursor);
    }
}

TEST_P(EveryLayout, IsNotLedInCirclesByHostileSlots) {
    fixture f(shape(16));
    // Each slot sends the reader on to the next one, for ever ahead.
    for (std::uint32_t i = 0; i < f.shape.slot_count(); ++i) {
        f.slot(i).data_index.store(std::uint64_t{i + 1} * f.shape.items_per_slot + 32);
    }
    for (std::uint64_t start = 0; start < 64; ++start) {
        std::uint64_t cursor = start;
        record seen;
        for (int reads = 0; reads < 100; ++reads) {
            if (f.ring.read(cursor, seen) == ring_result::empty) break;
            ASSERT_LE(seen.position + std::uint64_t{seen.count}, 16u);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, EveryLayout,
                         testing::Values(layout::slq0, layout::slq1, layout::slq2, layout::slq3, layout::packed, layout::wide),
                         test::layout_name);

// ---------------------------------------------------------------- of one layout only

// *reserved* has 16 bits of the count.
TEST(Ring, ReadsLastRecordsOfManyElements) {
    fixture f({layout::packed, 1 << 19, 1, 1});
    record seen;
    for (const std::uint32_t count : {65535u, 65536u, 65537u, 1u, 131072u, 70000u, 196608u, 65536u, 3u}) {
        const std::uint64_t index = f.ring.reserve(count);
        EXPECT_EQ(f.ring.read_last(seen), ring_result::empty) << count;
        ASSERT_EQ(f.ring.publish(index, count), ring_result::ok);
        ASSERT_EQ(f.ring.read_last(seen), ring_result::ok) << count;
        EXPECT_EQ(seen.index, index);
        EXPECT_EQ(seen.count, count);
    }
    fixture empty({layout::packed, 1 << 19, 1, 1});
    EXPECT_EQ(empty.ring.read_last(seen), ring_result::empty);
}

// A limit as of consumers that have read all before index `read`.
TEST(Ring, FullHasChangedNothing) {
    for (const std::uint32_t filled : {1u, 7u, 8u, 15u}) {
        for (std::uint32_t count = 1; count <= 16; ++count) {
            for (std::uint64_t read = 0; read <= filled; ++read) {
                fixture f({layout::slq1, 16, 1, 1});
                f.produce(filled);
                const std::uint64_t limit = read + 16;
                const std::vector<std::byte> before(f.memory, f.memory + f.shape.segment_length());
                std::uint64_t index = 0;
                const bool has_room = f.ring.reserve_up_to(limit, count, index);
                const std::uint64_t start = filled + count <= 16 ? filled : 16;
                EXPECT_EQ(has_room, start + count <= limit);
                const bool can_never_have = start + count > filled + 16u;
                if (has_room) {
                    EXPECT_EQ(index, start);
                } else if (can_never_have && read == filled) {
                    EXPECT_EQ(f.ring.reserved_index(), 16u) << "the end is skipped, so that consumers come past it";
                } else {
                    EXPECT_EQ(std::memcmp(before.data(), f.memory, before.size()), 0) << filled << ' ' << count << ' ' << read;
                }
            }
        }
    }
}

// With a consumer that reads on whenever a record is refused, every record gets its room.
TEST(Ring, ThereIsRoomForAnyRecordInTheEnd) {
    fixture f({layout::slq1, 16, 1, 1});
    std::uint64_t cursor = 0;
    for (std::uint32_t k = 0; k < 4000; ++k) {
        const std::uint32_t count = (k * 7 + k / 16) % 16 + 1;
        std::uint64_t index = 0;
        record seen;
        int refusals = 0;
        while (!f.ring.reserve_up_to(cursor + 16, count, index)) {
            ASSERT_LT(++refusals, 20);
            if (f.ring.read(cursor, seen) == ring_result::ok) { EXPECT_EQ(seen.lost, 0u); }
        }
        ASSERT_EQ(f.ring.publish(index, count), ring_result::ok);
    }
}

// A young ring is not looked through for what nobody has written.
TEST(Ring, FindsTheFirstRecordOfALargeRingAtOnce) {
    fixture f({layout::slq1, 1 << 22, 1, 1});
    for (int k = 0; k < 3; ++k) f.produce();
    const auto begun = std::chrono::steady_clock::now();
    for (int k = 0; k < 100; ++k) EXPECT_EQ(f.ring.oldest(), 0u);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(100)); // each took 4 ms
}

TEST(Ring, KeepsTheLastReservationsCountForOldPeers) {
    fixture f({layout::packed, 16, 1, 1});
    for (const std::uint32_t count : {3u, 1u, 1u, 5u, 2u, 1u}) {
        f.produce(count);
        EXPECT_EQ(slickq::packed_reserved::count(f.header().reserved.load()), count);
    }
}

TEST(Ring, RoundsReservationsUpToWholeSlots) {
    fixture f({layout::slq3, 16, 1, 4});
    EXPECT_EQ(f.produce(1), 0u);
    EXPECT_EQ(f.produce(5), 4u);
    EXPECT_EQ(f.produce(3), 12u) << "5 took two slots";
    EXPECT_EQ(f.ring.reserved_index(), 16u);
}

TEST(Ring, StaysInsideWhenTheCounterIsNoMultipleOfItemsPerSlot) {
    fixture f({layout::slq3, 16, 1, 4});
    f.header().reserved.store(slickq::packed_reserved::pack(15, 1)); // a damaged segment: 15 + 4 > 16
    for (int k = 0; k < 10; ++k) {
        const std::uint64_t index = f.ring.reserve(4);
        EXPECT_LE(f.ring.position(index) + 4, 16u);
        EXPECT_EQ(f.ring.publish(index, 4), ring_result::ok);
    }
}

TEST(Ring, FollowsAPeersCursorInsideASlot) {
    fixture f({layout::slq3, 16, 1, 4});
    for (int k = 0; k < 6; ++k) f.produce(4);
    std::uint64_t cursor = 5; // of the slot of 4..7, now 20..23
    record seen;
    ASSERT_EQ(f.ring.read(cursor, seen), ring_result::ok);
    EXPECT_EQ(seen.index, 20u);
}

TEST(Ring, HandlesTheLargestReservation) {
    for (const std::uint32_t capacity : {1u, 2u, 131072u}) { // the last has a count of more than 16 bits
        fixture f({layout::slq1, capacity, 1, 1});
        std::uint64_t cursor = 0;
        record seen;
        for (int k = 0; k < 5; ++k) {
            const std::uint64_t index = f.produce(capacity);
            ASSERT_EQ(f.ring.read(cursor, seen), ring_result::ok);
            EXPECT_EQ(seen.index, index);
            EXPECT_EQ(seen.count, capacity);
        }
    }
}

} // namespace
