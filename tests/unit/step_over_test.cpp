// The one rule by which readers, workers and consumers with a cursor of their own get past what they do not receive.
#include "ring_fixture.hpp"

#include <slickq/detail/step_over.hpp>

#include <utility>

namespace {

using slickq::after_lap;
using slickq::geometry;
using slickq::layout;
using slickq::unpublished;

// A clock that the test turns.
struct clocked : slickq::native_atomics {
    static inline std::int64_t now = 0;
    static std::int64_t now_ns() noexcept { return now; }
};
using clocked_ring = slickq::basic_ring<clocked>;

struct StepOver : testing::Test {
    static constexpr std::int64_t stall_ns = 100;
    static constexpr std::uint32_t capacity = 8;

    StepOver() { clocked::now = 1; }

    unpublished look(std::uint64_t at, std::int64_t stall = stall_ns) {
        return look_at_unpublished(ring, watch, at, stall);
    }
    using result = std::pair<unpublished::kind, std::uint64_t>;
    static result told(const unpublished& seen) { return {seen.what, seen.next}; }
    static result is(unpublished::kind what, std::uint64_t next) { return {what, next}; }

    test::fixture made{geometry{layout::slq0, capacity, 8, 1}};
    clocked_ring ring{made.memory, made.shape};
    slickq::basic_stall_watch<clocked> watch;
};

TEST_F(StepOver, NothingIsPendingUntilSomethingIsReserved) {
    EXPECT_EQ(told(look(0)), is(unpublished::nothing, 0));
    EXPECT_FALSE(watch.is_pending());
    ring.reserve(1);
    EXPECT_EQ(told(look(0)), is(unpublished::pending, 0));
    EXPECT_TRUE(watch.is_pending());
    EXPECT_EQ(watch.since(), 1);
}

TEST_F(StepOver, AGapIsLeftForTheNextRecordWhenItsTimeIsOver) {
    ring.reserve(2);
    made.produce();
    EXPECT_EQ(told(look(0)), is(unpublished::pending, 0));
    clocked::now += stall_ns - 1;
    EXPECT_EQ(told(look(0)), is(unpublished::pending, 0));
    EXPECT_EQ(told(look(0, -1)), is(unpublished::pending, 0));
    ++clocked::now;
    EXPECT_EQ(told(look(0, -1)), is(unpublished::pending, 0));
    EXPECT_EQ(told(look(0)), is(unpublished::gap, 2));
}

// What was reserved after the stall was first seen has had less time.
TEST_F(StepOver, OnlyWhatWasReservedThenIsSteppedOver) {
    ring.reserve(1);
    look(0);
    ring.reserve(3);
    clocked::now += stall_ns;
    EXPECT_EQ(told(look(0)), is(unpublished::gap, 1));
    watch.moved(ring, 1);
    EXPECT_EQ(watch.since(), 0);
    EXPECT_EQ(told(look(1)), is(unpublished::pending, 1));
    clocked::now += stall_ns;
    EXPECT_EQ(told(look(1)), is(unpublished::gap, 4));
}

// All of it was reserved when the first one was seen: no other wait for each.
TEST_F(StepOver, SeveralGapsHaveOneTime) {
    ring.reserve(1);
    made.produce();
    ring.reserve(1);
    look(0);
    clocked::now += stall_ns;
    EXPECT_EQ(told(look(0)), is(unpublished::gap, 1));
    watch.moved(ring, 1);
    EXPECT_FALSE(watch.is_pending());
    watch.moved(ring, 2); // the record was received
    EXPECT_EQ(told(look(2)), is(unpublished::gap, 3));
}

TEST_F(StepOver, WhatWasPublishedJustNowIsLookedAtAgain) {
    const std::uint64_t index = ring.reserve(1);
    look(0);
    clocked::now += stall_ns;
    ASSERT_EQ(ring.publish(index, 1), slickq::ring_result::ok);
    EXPECT_EQ(told(look(0)), is(unpublished::changed, 0));
}

TEST_F(StepOver, WhatWasLappedIsNoGap) {
    for (std::uint32_t k = 0; k <= capacity; ++k) ring.reserve(1);
    EXPECT_EQ(told(look(0, 0)), is(unpublished::lapped, 8));
    for (std::uint32_t k = 0; k < capacity; ++k) ring.reserve(1);
    EXPECT_EQ(told(look(0, 0)), is(unpublished::lapped, 16)) << "whole laps";
    EXPECT_EQ(told(look(9, 0)), is(unpublished::gap, 17)) << "that is in the last lap";
}

// The cursor's slot looked unpublished, and a record at the ring's start takes the skipped end with it.
TEST_F(StepOver, ASkippedEndThatWasReachedOverIsLookedAtAgain) {
    made.produce(7);
    made.produce(8); // skips index 7, and is beyond a lap from there
    EXPECT_EQ(told(look(7, 0)), is(unpublished::changed, 7));
}

TEST_F(StepOver, APeersResetIsBehindTheCursor) {
    made.produce(4);
    ring.reserve(1);
    look(4);
    made.ring.reset();
    EXPECT_EQ(told(look(4)), is(unpublished::behind, 4));
    ring.reserve(1);
    clocked::now += stall_ns;
    EXPECT_EQ(told(look(0)), is(unpublished::pending, 0)) << "the mark is from before the reset";
}

TEST_F(StepOver, AMarkThatWasLeftIsGoneOnWith) {
    ring.reserve(1);
    look(0);
    clocked::now += stall_ns;
    slickq::basic_stall_watch<clocked> next(watch.since(), watch.end());
    EXPECT_EQ(told(look_at_unpublished(ring, next, 0, stall_ns)), is(unpublished::gap, 1));
    slickq::basic_stall_watch<clocked> none(0, watch.end());
    EXPECT_EQ(told(look_at_unpublished(ring, none, 0, stall_ns)), is(unpublished::pending, 0));
}

TEST_F(StepOver, AfterALapOneGoesOnWhereARecordBegins) {
    for (int k = 0; k < 10; ++k) made.produce(2);
    const std::uint64_t reserved = ring.reserved_index(); // 20: records begin at 12, 14, 16, 18
    const auto target = [&](after_lap policy, std::uint32_t slack, std::uint64_t from, std::uint64_t found) {
        return go_on_after_lap(ring, policy, slack, reserved, from, found);
    };
    EXPECT_EQ(target(after_lap::oldest, 0, 0, 16), 12u);
    EXPECT_EQ(target(after_lap::oldest, usual_slack(ring), 0, 16), 14u) << "13 is in a record";
    EXPECT_EQ(target(after_lap::oldest, 0, 14, 16), 16u) << "not where it was";
    EXPECT_EQ(target(after_lap::newest, 0, 0, 16), 18u);
    EXPECT_EQ(target(after_lap::compat, 0, 0, 16), 16u);
    EXPECT_EQ(target(after_lap::newest, 0, 30, 32), 32u) << "never back";
}

TEST_F(StepOver, AcrossTheLastIndex) {
    const std::uint64_t last = ring.index_mask();
    made.start_at(last - 1);
    ring.reserve(1);
    ring.reserve(1);
    ASSERT_EQ(made.produce(), 0u);
    look(last - 1);
    clocked::now += stall_ns;
    EXPECT_EQ(told(look(last - 1)), is(unpublished::gap, 0));
}

} // namespace
