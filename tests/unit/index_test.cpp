// The arithmetic of indices, compared with that of unbounded numbers, on both sides of the wrap.
#include <slickq/detail/index.hpp>

#include <gtest/gtest.h>

namespace {

using slickq::geometry;
using slickq::index_space;
using slickq::layout;

constexpr std::uint64_t lap = 8;
const geometry shapes[] = {{layout::slq1, lap, 4, 1}, {layout::slq3, lap, 4, 2}, {layout::wide, lap, 4, 1}};

// Indices from some laps before the wrap to some behind it: as numbers from a start that is a multiple of a lap.
std::uint64_t start_of(const geometry& g) { return (slickq::no_index >> (64 - g.index_bits())) + 1 - 2 * lap; }

TEST(Index, DistancesHoldAcrossTheWrap) {
    for (const geometry& g : shapes) {
        const index_space space(g);
        const auto index = [&](std::uint64_t n) { return (start_of(g) + n) & space.index_mask(); };
        for (std::uint64_t a = 0; a < 4 * lap; ++a) {
            for (std::uint64_t b = 0; b < 4 * lap; ++b) {
                const auto ahead = static_cast<std::int64_t>(a) - static_cast<std::int64_t>(b);
                EXPECT_EQ(space.difference(index(a), index(b)), ahead);
                EXPECT_EQ(space.is_within(index(a), index(b)), a <= b && b - a <= lap);
                if (g.tracks_last_published()) {
                    EXPECT_EQ(index_space::is_later(index(a), index(b)), a > b);
                }
            }
        }
        EXPECT_TRUE(index_space::is_later(index(0), slickq::no_index)) << "nothing was published yet";
    }
}

TEST(Index, ASpanBeginsASlotAndDoesNotStraddleTheEnd) {
    for (const geometry& g : shapes) {
        const index_space space(g);
        const std::uint64_t slot = g.items_per_slot;
        for (std::uint64_t n = 0; n < 4 * lap; ++n) {
            for (std::uint32_t count = 1; count <= lap; ++count) {
                const std::uint64_t need = (count + slot - 1) / slot * slot;
                std::uint64_t expected = (n + slot - 1) / slot * slot;
                if (expected % lap + need > lap) expected = (expected + lap - 1) / lap * lap;
                const std::uint64_t found = space.start_of_span(start_of(g) + n, space.align(count));
                EXPECT_EQ(found - start_of(g), expected) << n << ", " << count;
                const std::uint64_t first = found & space.index_mask();
                EXPECT_TRUE(space.is_span(first, count));
                EXPECT_EQ(space.after(first, count), (first + need) & space.index_mask());
            }
            EXPECT_EQ(space.is_span((start_of(g) + n) & space.index_mask(), lap), n % lap == 0);
        }
        EXPECT_FALSE(space.can_hold(0));
        EXPECT_FALSE(space.can_hold(lap + 1));
        EXPECT_EQ(space.after(0, 0), slot) << "a reader gets past an empty record";
    }
}

TEST(Index, TheSkippedEndLeadsToTheNextStartOfTheRing) {
    for (const geometry& g : shapes) {
        const index_space space(g);
        for (std::uint64_t n = 0; n < 4 * lap; ++n) {
            const std::uint64_t from = (start_of(g) + n) & space.index_mask();
            for (std::uint64_t m = 0; m < 5 * lap; ++m) {
                const bool is_next_start = n % lap != 0 && m == (n / lap + 1) * lap;
                EXPECT_EQ(space.is_skip(from, (start_of(g) + m) & space.index_mask()), is_next_start) << n << ", " << m;
            }
        }
    }
}

} // namespace
