// Offsets and lengths against the formulas of the peers, written out.
#include <slickq/detail/layout.hpp>

#include <gtest/gtest.h>

namespace {

using slickq::geometry;
using slickq::layout;

TEST(Layout, MarkersAreThoseOfThePeers) {
    EXPECT_EQ((geometry{layout::slq0, 8, 4, 1}.marker()), 0x534C5130u);
    EXPECT_EQ((geometry{layout::slq1, 8, 4, 1}.marker()), 0x534C5131u);
    EXPECT_EQ((geometry{layout::slq2, 8, 4, 2}.marker()), 0x534C5132u);
    EXPECT_EQ((geometry{layout::slq3, 8, 4, 8}.marker()), 0x534C5133u);
    EXPECT_EQ((geometry{layout::packed, 8, 4, 1}.marker()), 0u);
    EXPECT_EQ((geometry{layout::wide, 8, 4, 1}.marker()), 0u);
}

TEST(Layout, DataFollowsTheSlots) {
    for (const layout l : {layout::slq0, layout::slq1, layout::packed, layout::wide}) {
        EXPECT_EQ((geometry{l, 1, 3, 1}.data_offset()), 80u) << "one item per slot: never padded";
        EXPECT_EQ((geometry{l, 1024, 64, 1}.data_offset()), 64u + 16 * 1024);
        EXPECT_EQ((geometry{l, 1024, 64, 1}.segment_length()), 64u + 16 * 1024 + 64 * 1024);
    }
}

TEST(Layout, SharedSlotsPadToTheLowestBitOfTheElementSize) {
    EXPECT_EQ((geometry{layout::slq3, 4, 64, 4}.data_offset()), 128u); // 64 + 16 = 80, to 64
    EXPECT_EQ((geometry{layout::slq3, 4, 48, 4}.data_offset()), 80u);  // to 16
    EXPECT_EQ((geometry{layout::slq3, 4, 96, 4}.data_offset()), 96u);  // to 32
    EXPECT_EQ((geometry{layout::slq2, 4, 7, 2}.data_offset()), 96u);   // to 1
    EXPECT_EQ((geometry{layout::slq2, 4, 4096, 2}.data_offset()), 4096u);
}

TEST(Layout, TheLargestSegmentDoesNotOverflow) {
    const geometry largest{layout::slq1, slickq::max_capacity, 0xFFFFFFFF, 1};
    EXPECT_TRUE(largest.is_valid());
    EXPECT_EQ(largest.segment_length(), 64 + (std::uint64_t{16} << 31) + (std::uint64_t{0xFFFFFFFF} << 31));
}

TEST(Layout, KnowsWhatNoQueueHas) {
    EXPECT_TRUE((geometry{layout::slq1, 1, 1, 1}.is_valid()));
    EXPECT_FALSE((geometry{layout::slq1, 0, 1, 1}.is_valid()));
    EXPECT_FALSE((geometry{layout::slq1, 3, 1, 1}.is_valid()));
    EXPECT_FALSE((geometry{layout::slq1, 4, 0, 1}.is_valid()));
    EXPECT_FALSE((geometry{layout::slq3, 4, 1, 3}.is_valid()));
    EXPECT_FALSE((geometry{layout::slq3, 4, 1, 8}.is_valid()));
    EXPECT_FALSE((geometry{layout::slq3, 4, 1, 0}.is_valid()));
}

TEST(Layout, PackedReservedKeeps48And16Bits) {
    using namespace slickq::packed_reserved;
    const std::uint64_t last = (std::uint64_t{1} << 48) - 1;
    EXPECT_EQ(index(pack(last, 65535)), last);
    EXPECT_EQ(count(pack(last, 65536 + 7)), 7u);
    EXPECT_EQ(index(pack(last, 1) + pack(1, 0)), 0u) << "adding to the index wraps";
}

} // namespace
