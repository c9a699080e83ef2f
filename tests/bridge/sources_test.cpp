#include "sources.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace {

using namespace bridge;

class Sources : public testing::Test {
protected:
    // A message of `records` single elements; returns how many of them were here before.
    std::size_t arrives(std::uint64_t index, std::uint64_t sent, std::size_t records, std::uint64_t epoch = 0,
                        identity segment = {1, 1}) {
        what = description{};
        what.before.segment = segment;
        what.before.epoch = epoch;
        what.before.index = index;
        what.before.sent = sent;
        what.before.lost = lost;
        what.counts.assign(records, 1);
        what.element_size = 8;
        next.source = books.find(what, next.books);
        const std::size_t known = books.enter(what, next);
        if (known < records || records == 0) {
            next.books.sent = sent + records;
            next.books.index = index + records;
            books.keep(next);
        }
        return known;
    }

    std::unique_ptr<state_page> page = std::make_unique<state_page>();
    sources books{*page};
    commit next{};
    description what;
    losses lost;
};

TEST_F(Sources, NothingIsMissingInARow) {
    EXPECT_EQ(arrives(0, 0, 3), 0u);
    EXPECT_EQ(arrives(3, 3, 1), 0u);
    EXPECT_EQ(next.transit + next.duplicates + next.before, 0u);
}

TEST_F(Sources, WhatWasSentAndDidNotArriveWasLostInTransit) {
    arrives(0, 0, 3);
    EXPECT_EQ(arrives(10, 10, 1), 0u);
    EXPECT_EQ(next.transit, 7u);
}

TEST_F(Sources, WhatTheQueueLostIsCountedByItsCauseAndNotInTransit) {
    arrives(0, 0, 3);
    lost.elements[lapped] = 7;
    arrives(10, 3, 1);
    lost.elements[gap] = 1;
    arrives(12, 4, 1);
    EXPECT_EQ(next.transit, 0u);
    EXPECT_EQ(next.at_source.elements[lapped], 7u);
    EXPECT_EQ(next.at_source.elements[gap], 1u);
}

// The messages that told of a loss were lost themselves: the next one tells it again, because the books are sums.
TEST_F(Sources, LossesOfLostMessagesAreNotForgotten) {
    arrives(0, 0, 3);
    lost.elements[lapped] = 7;
    arrives(30, 20, 1);
    EXPECT_EQ(next.transit, 17u);
    EXPECT_EQ(next.at_source.elements[lapped], 7u);
}

TEST_F(Sources, DuplicatesAreKnownByTheirIndex) {
    arrives(0, 0, 10);
    EXPECT_EQ(arrives(4, 4, 6), 6u);
    EXPECT_EQ(arrives(9, 9, 1), 1u);
    EXPECT_EQ(arrives(8, 8, 5), 2u); // the first two of a batch that was cut elsewhere
    EXPECT_EQ(next.duplicates, 9u);
    EXPECT_EQ(next.transit, 0u);
    EXPECT_EQ(arrives(13, 13, 1), 0u);
}

TEST_F(Sources, ANewEpochBeginsAnewAndAnOldOneIsOver) {
    arrives(100, 0, 10);
    EXPECT_EQ(arrives(0, 10, 5, 1), 0u);
    EXPECT_EQ(arrives(105, 5, 5, 0), 5u);
    EXPECT_EQ(next.transit, 0u);
}

TEST_F(Sources, QueuesDoNotDisturbEachOther) {
    arrives(0, 0, 10, 0, {1, 1});
    EXPECT_EQ(arrives(0, 0, 10, 0, {2, 2}), 0u);
    EXPECT_EQ(arrives(5, 5, 5, 0, {1, 1}), 5u);
}

TEST_F(Sources, WhatWasSentBeforeWeListenedIsNoLoss) {
    arrives(50, 50, 1);
    EXPECT_EQ(next.before, 50u);
    EXPECT_EQ(next.transit, 0u);
}

TEST_F(Sources, AMessageWithoutRecordsBringsTheBooksUpToDate) {
    arrives(0, 0, 1);
    arrives(8, 8, 0);
    EXPECT_EQ(next.transit, 7u);
    arrives(8, 8, 0);
    EXPECT_EQ(next.transit, 7u);
    EXPECT_EQ(arrives(8, 8, 1), 0u);
}

TEST_F(Sources, IndicesWrap) {
    const std::uint64_t end = std::uint64_t{1} << 48;
    arrives(end - 1, 0, 1);
    EXPECT_EQ(arrives(0, 1, 1), 0u);
    EXPECT_EQ(arrives(end - 1, 0, 1), 1u);
}

TEST_F(Sources, TheOneLongestOutOfUseMakesRoom) {
    for (std::uint64_t i = 1; i <= most_sources; ++i) arrives(0, 0, 1, 0, {i, i});
    arrives(1, 1, 1, 0, {1, 1}); // used again
    arrives(0, 0, 1, 0, {1000, 1000});
    EXPECT_EQ(arrives(1, 1, 1, 0, {1, 1}), 1u);       // still known
    EXPECT_EQ(arrives(0, 0, 1, 0, {1000, 1000}), 1u); // the new one, too
}

} // namespace
