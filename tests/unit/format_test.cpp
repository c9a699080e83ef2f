// What examine() says of bytes of every kind. Nothing may be written to them, and nothing read beyond them: the bytes end
// where a sanitizer watches.
#include "format.hpp"

#include <slickq/detail/ring.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <random>

namespace {

using slickq::geometry;
using slickq::layout;
using slickq::detail::examination;
using slickq::detail::examine;

struct image {
    explicit image(std::uint64_t byte_count)
        : length(byte_count), bytes(static_cast<std::byte*>(::operator new(byte_count, std::align_val_t{64}))) {
        std::memset(bytes, 0, byte_count);
    }
    explicit image(const geometry& shape) : image(shape.segment_length()) {
        EXPECT_TRUE(slickq::detail::begin_format(bytes));
        slickq::detail::finish_format(bytes, length, shape);
    }
    image(const image&) = delete;
    image& operator=(const image&) = delete;
    ~image() { ::operator delete(bytes, std::align_val_t{64}); }

    void set(std::size_t offset, std::uint32_t value) { std::memcpy(bytes + offset, &value, sizeof value); }

    examination examined(std::uint32_t element_size = 0) const { return examine(bytes, length, element_size); }

    std::uint64_t length;
    std::byte* bytes;
};

constexpr geometry slq1{layout::slq1, 8, 4, 1};

TEST(Format, RecognisesWhatItWrites) {
    for (const geometry& shape : {geometry{layout::slq0, 8, 4, 1}, geometry{layout::slq1, 1, 1, 1}, geometry{layout::slq2, 8, 24, 8},
                                  geometry{layout::slq3, 16, 3, 2}, geometry{layout::packed, 32, 64, 1},
                                  geometry{layout::wide, 4, 5, 1}}) {
        const image made(shape);
        const examination e = made.examined(shape.layout == layout::wide ? shape.element_size : 0);
        EXPECT_EQ(e.verdict, SLICKQ_OK) << e.reason;
        EXPECT_EQ(e.shape.layout, shape.layout);
        EXPECT_EQ(e.shape.capacity, shape.capacity);
        EXPECT_EQ(e.shape.element_size, shape.element_size);
        EXPECT_EQ(e.shape.items_per_slot, shape.items_per_slot);
        EXPECT_EQ(e.required_length, shape.segment_length());
    }
}

TEST(Format, OneCreatorBegins) {
    image fresh(slq1.segment_length());
    EXPECT_TRUE(slickq::detail::begin_format(fresh.bytes));
    EXPECT_FALSE(slickq::detail::begin_format(fresh.bytes));
    EXPECT_EQ(fresh.examined().verdict, SLICKQ_E_HALF_MADE);
}

TEST(Format, TellsEachStageOfCreationApart) {
    EXPECT_EQ(image(1).examined().verdict, SLICKQ_E_NO_LENGTH);
    EXPECT_EQ(image(63).examined().verdict, SLICKQ_E_NO_LENGTH);
    EXPECT_EQ(image(64).examined().verdict, SLICKQ_E_NOT_READY);
    EXPECT_TRUE(image(4096).examined().is_blank);
    image half(slq1);
    half.set(48, slickq::initialising);
    EXPECT_EQ(half.examined().verdict, SLICKQ_E_HALF_MADE);
    half.set(24, 0); // the marker is not there yet
    EXPECT_EQ(half.examined().verdict, SLICKQ_E_HALF_MADE);
}

TEST(Format, AcceptsAZeroForOneItemPerSlotAndTheOldReadyState) {
    image old(slq1);
    old.set(28, 0);
    old.set(48, slickq::legacy);
    EXPECT_EQ(old.examined().verdict, SLICKQ_OK);
}

TEST(Format, RefusesEachContradiction) {
    const struct {
        const char* what;
        std::size_t offset;
        std::uint32_t value;
        slickq_status verdict;
    } cases[] = {
        {"capacity 0", 8, 0, SLICKQ_E_CORRUPT},
        {"capacity no power of two", 8, 7, SLICKQ_E_CORRUPT},
        {"capacity beyond 2^31", 8, 0xFFFFFFFF, SLICKQ_E_CORRUPT},
        {"element size 0", 12, 0, SLICKQ_E_CORRUPT},
        {"items per slot without its bit", 28, 2, SLICKQ_E_CORRUPT},
        {"items per slot no power of two", 28, 3, SLICKQ_E_CORRUPT},
        {"the bit without items per slot", 24, 0x534C5133, SLICKQ_E_CORRUPT},
        {"a newer feature", 24, 0x534C5135, SLICKQ_E_NEWER},
        {"the newest feature", 24, 0x534C5139, SLICKQ_E_NEWER},
        {"no digit behind SLQ", 24, 0x534C51FF, SLICKQ_E_NEWER},
        {"a state of no version", 48, 77, SLICKQ_E_CORRUPT},
        {"capacity beyond the length", 8, 16, SLICKQ_E_TRUNCATED},
        {"the largest capacity", 8, 1u << 31, SLICKQ_E_TRUNCATED},
        {"element size beyond the length", 12, 5, SLICKQ_E_TRUNCATED},
        {"another marker", 24, 0x534C5231, SLICKQ_E_NOT_A_QUEUE},
    };
    for (const auto& c : cases) {
        image bad(slq1);
        bad.set(c.offset, c.value);
        const examination e = bad.examined();
        EXPECT_EQ(e.verdict, c.verdict) << c.what;
        EXPECT_FALSE(e.reason.empty()) << c.what;
    }
}

TEST(Format, RefusesASegmentThatIsOneByteShort) {
    for (const geometry& shape : {slq1, geometry{layout::slq3, 8, 4, 4}, geometry{layout::packed, 8, 4, 1}}) {
        const image whole(shape);
        image cut(shape.segment_length() - 1);
        std::memcpy(cut.bytes, whole.bytes, cut.length);
        EXPECT_EQ(cut.examined().verdict, SLICKQ_E_TRUNCATED);
    }
}

TEST(Format, AWideSegmentNeedsItsElementSize) {
    const image wide(geometry{layout::wide, 8, 4, 1});
    EXPECT_EQ(wide.examined(0).verdict, SLICKQ_E_ARGUMENT);
    EXPECT_EQ(wide.examined(4).verdict, SLICKQ_OK);
    EXPECT_EQ(wide.examined(3).verdict, SLICKQ_E_MISMATCH);
    EXPECT_EQ(wide.examined(5).verdict, SLICKQ_E_TRUNCATED);
}

TEST(Format, AWideSegmentMayBeRoundedUpToPages) {
    const geometry shape{layout::wide, 8, 4, 1};
    const image exact(shape);
    image rounded(4096);
    std::memcpy(rounded.bytes, exact.bytes, exact.length);
    EXPECT_EQ(rounded.examined(4).verdict, SLICKQ_OK);
    image larger(16384);
    std::memcpy(larger.bytes, exact.bytes, exact.length);
    EXPECT_EQ(larger.examined(4).verdict, SLICKQ_E_MISMATCH);
    EXPECT_EQ(examine(larger.bytes, larger.length, 4, [] { return ~std::uint64_t{0}; }, 16384).verdict, SLICKQ_OK);
}

// Where bytes have no memory they are not touched: here those that may be end where the sanitizer watches.
TEST(Format, TouchesNothingBehindWhatIsReadable) {
    const auto verdict_of = [](const geometry& shape, std::uint64_t readable) {
        const image whole(shape);
        const image part(readable);
        std::memcpy(part.bytes, whole.bytes, part.length);
        return examine(part.bytes, whole.length, shape.element_size, [&] { return readable; }).verdict;
    };
    const geometry packed{layout::packed, 8, 4, 1}, wide{layout::wide, 8, 4, 1}, several{layout::slq3, 8, 4096, 4};
    for (const geometry& shape : {slq1, packed, wide, several}) {
        const std::uint64_t slots_end = 64 + 16 * std::uint64_t{shape.slot_count()};
        EXPECT_EQ(verdict_of(shape, 1), SLICKQ_E_NOT_READY);
        EXPECT_EQ(verdict_of(shape, slots_end - 1), shape.is_slq() ? SLICKQ_E_CORRUPT : SLICKQ_E_HALF_MADE);
        EXPECT_EQ(verdict_of(shape, slots_end), SLICKQ_OK) << "elements may well be missing";
    }
}

TEST(Format, DoesNotTrustUnformattedSlots) {
    for (const geometry& shape : {geometry{layout::packed, 8, 4, 1}, geometry{layout::wide, 8, 4, 1}}) {
        for (std::size_t slot = 0; slot < 8; ++slot) {
            image fresh(shape);
            std::memset(fresh.bytes + 64 + 16 * slot, 0, 16);
            EXPECT_EQ(fresh.examined(4).verdict, SLICKQ_E_HALF_MADE);
        }
    }
}

TEST(Format, ForeignBytesAreNoQueue) {
    std::mt19937 random(20261123);
    int refused = 0;
    for (int round = 0; round < 2000; ++round) {
        image foreign(4096);
        for (std::size_t offset = 0; offset < foreign.length; offset += 4) foreign.set(offset, static_cast<std::uint32_t>(random()));
        refused += foreign.examined(static_cast<std::uint32_t>(round % 3)).verdict == SLICKQ_E_NOT_A_QUEUE ? 1 : 0;
    }
    EXPECT_EQ(refused, 2000);
    image text(4096);
    for (std::size_t i = 0; i < text.length; ++i) text.bytes[i] = static_cast<std::byte>("all work and no play "[i % 21]);
    EXPECT_EQ(text.examined().verdict, SLICKQ_E_NOT_A_QUEUE);
}

} // namespace
