// The reader over a plain array, step by step: what the schedules of tests/explore do not show at a glance.
#include "ring_fixture.hpp"

#include <slickq/detail/validated_reader.hpp>

#include <atomic>
#include <chrono>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

namespace {

using slickq::after_lap;
using slickq::read_result;
using slickq::delivery;
using slickq::layout;
using slickq::ring_result;
using slickq::reader_options;
using slickq::start;
using test::fixture;

using basic_reader = slickq::basic_reader<>;

reader_options from_index(std::uint64_t index) {
    reader_options options;
    options.from = start::index;
    options.index = index;
    options.stall_ns = -1;
    return options;
}
reader_options stepping_over_from(std::uint64_t index) {
    reader_options options = from_index(index);
    options.stall_ns = 0;
    return options;
}

std::uint64_t sum_of(const slickq::losses& lost) { return lost.lapped + lost.gap + lost.torn + lost.reset; }

class Reader : public test::EveryLayout {
protected:
    std::uint32_t step() const { return shape(16).items_per_slot; }

    // Expects a record at `index`, as fixture::produce() made it.
    static void expect_record(const fixture& f, basic_reader& r, std::uint64_t index, std::uint32_t count = 1) {
        delivery got;
        ASSERT_EQ(r.read(got), read_result::record) << "at " << index;
        EXPECT_EQ(got.index, index);
        ASSERT_EQ(got.count, count);
        EXPECT_EQ(got.lost, 0u);
        for (std::uint64_t i = 0; i < f.ring.bytes_of(count); ++i) ASSERT_EQ(got.data[i], static_cast<std::byte>(index));
    }
    static void expect(basic_reader& r, read_result what, std::uint64_t lost = 0) {
        delivery got;
        ASSERT_EQ(r.read(got), what);
        EXPECT_EQ(got.lost, lost);
        EXPECT_EQ(got.data, nullptr);
        EXPECT_EQ(got.count, 0u);
        EXPECT_EQ(got.index, r.cursor());
    }
};

TEST_P(Reader, HandsOutWhatItCopiedAhead) {
    fixture f(shape(64));
    reader_options options = from_index(0);
    options.batch = 4;
    basic_reader r(f.ring, options);
    expect(r, read_result::empty);
    std::vector<std::uint64_t> indices;
    for (std::uint32_t k = 0; k < 12; ++k) indices.push_back(f.produce(k % 3 + 1));
    for (std::uint32_t k = 0; k < 12; ++k) {
        EXPECT_EQ(r.cursor(), indices[k]);
        EXPECT_EQ(r.lag(), f.ring.reserved_index() - indices[k]);
        EXPECT_EQ(r.received_records(), k);
        expect_record(f, r, indices[k], k % 3 + 1);
    }
    expect(r, read_result::empty);
    EXPECT_EQ(r.received_elements(), 4u * (1 + 2 + 3));
    EXPECT_EQ(sum_of(r.lost()), 0u);
}

TEST_P(Reader, StartsWhereItIsTold) {
    fixture f(shape(16));
    const auto cursor_of = [&](start from) {
        reader_options options;
        options.from = from;
        return basic_reader(f.ring, options).cursor();
    };
    for (const start from : {start::now, start::oldest, start::newest}) EXPECT_EQ(cursor_of(from), 0u) << "nothing is there";
    for (std::uint32_t k = 0; k < 10; ++k) f.produce(step());
    const std::uint64_t newest = f.produce();
    const std::uint64_t end = f.ring.reserved_index();
    f.ring.reserve(1); // unpublished
    EXPECT_EQ(cursor_of(start::newest), newest);
    EXPECT_EQ(cursor_of(start::now), f.ring.reserved_index());
    EXPECT_EQ(cursor_of(start::oldest), end + step() > 16 ? end + step() - 16 : 0);
    EXPECT_EQ(basic_reader(f.ring, from_index(newest)).cursor(), newest);
    if (step() > 1) { EXPECT_EQ(basic_reader(f.ring, from_index(newest + 1)).cursor(), newest) << "the start of its slot"; }
}

TEST_P(Reader, TellsReservedFromNothing) {
    fixture f(shape(16));
    basic_reader r(f.ring, from_index(0));
    expect(r, read_result::empty);
    EXPECT_EQ(r.pending_ns(), 0);
    const std::uint64_t index = f.ring.reserve(1);
    expect(r, read_result::pending);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    expect(r, read_result::pending);
    EXPECT_GE(r.pending_ns(), 2'000'000);
    std::fill_n(f.ring.at(index), f.shape.element_size, std::byte{0});
    ASSERT_EQ(f.ring.publish(index, 1), ring_result::ok);
    expect_record(f, r, index);
    EXPECT_EQ(r.pending_ns(), 0);
    expect(r, read_result::empty);
}

// A peer that publishes, after a reset, what it had reserved before it does not look whether the ring still has that.
TEST_P(Reader, TakesASlotAheadOfWhatIsReservedForUnpublished) {
    for (const std::uint64_t laps : {0, 1, 4}) {
        fixture f(shape(16));
        basic_reader r(f.ring, stepping_over_from(0));
        const std::uint64_t first = f.produce(), at = f.ring.reserved_index();
        f.slot(static_cast<std::uint32_t>(at / step())).count = 1;
        f.slot(static_cast<std::uint32_t>(at / step())).data_index = at + 16 * laps;
        expect_record(f, r, first);
        for (int k = 0; k < 3; ++k) expect(r, read_result::empty);
        EXPECT_FALSE(f.ring.is_ready(at)) << "as read";
        slickq::record seen;
        std::uint64_t cursor = at;
        if (laps != 0) { EXPECT_EQ(f.ring.read(cursor, seen), ring_result::empty); }
        if (laps == 0) continue; // from now on it can't be told from the record of whoever reserves it
        EXPECT_EQ(f.ring.reserve(1), at);
        expect(r, read_result::gap, step());
        expect(r, read_result::empty);
        expect_record(f, r, f.produce());
        expect(r, read_result::empty);
        EXPECT_EQ(r.resets(), 0u);
    }
}

TEST_P(Reader, GoesNoFurtherThanIsReservedWhateverASlotSays) {
    fixture f(shape(16));
    basic_reader r(f.ring, from_index(0));
    f.slot(0).count = 0; // as in a segment that is all zero
    f.slot(0).data_index = 0;
    for (int k = 0; k < 3; ++k) expect(r, read_result::empty);
    EXPECT_FALSE(f.ring.is_ready(0));
    std::uint64_t cursor = 0;
    slickq::record seen;
    EXPECT_EQ(f.ring.read(cursor, seen), ring_result::empty);
    EXPECT_EQ(cursor, 0u);
    f.ring.reserve(1);
    f.slot(0).count = 2 * step(); // more than was reserved
    expect(r, read_result::corrupt, step());
    expect(r, read_result::empty);
    f.slot(0).count = 99;
    EXPECT_EQ(f.ring.read(cursor, seen), ring_result::corrupt);
    EXPECT_EQ(cursor, step());
    EXPECT_FALSE(f.ring.is_ready(cursor));
    const std::uint64_t skipped = f.ring.reserve(1);
    f.slot(static_cast<std::uint32_t>(skipped / step())).data_index = 16; // the end of the ring was skipped, it says
    expect(r, read_result::pending);
    EXPECT_EQ(r.resets(), 0u);
}

// What happens after a lap, to a reader at index 0 of 16 elements, when 32 were produced.
TEST_P(Reader, GoesOnAsItsPolicySaysAfterALap) {
    const auto lapped = [&](after_lap policy, std::uint32_t slack, std::uint64_t lost) {
        fixture f(shape(16));
        reader_options options = from_index(0);
        options.policy = policy;
        options.slack = slack;
        basic_reader r(f.ring, options);
        for (std::uint32_t k = 0; k < 32 / step(); ++k) f.produce();
        expect(r, read_result::lapped, lost);
        EXPECT_EQ(r.lost().lapped, lost);
        for (std::uint64_t index = lost; index < 32; index += step()) expect_record(f, r, index);
        expect(r, read_result::empty);
    };
    lapped(after_lap::oldest, 4, 16 + 4);
    lapped(after_lap::oldest, 0, step() > 2 ? 16 + step() : 16 + 2); // an eighth of the capacity
    lapped(after_lap::oldest, 15, step() > 1 ? 32 : 31);
    lapped(after_lap::newest, 0, 32 - step());
    lapped(after_lap::compat, 0, 16);
}

TEST_P(Reader, IsLappedWhereNothingWasEverPublished) {
    for (const after_lap policy : {after_lap::oldest, after_lap::newest, after_lap::compat}) {
        fixture f(shape(16));
        reader_options options = from_index(0);
        options.policy = policy;
        basic_reader r(f.ring, options);
        f.ring.reserve(1);
        expect(r, read_result::pending);
        for (std::uint32_t k = 0; k < 17 / step(); ++k) f.ring.reserve(1); // nobody publishes
        delivery got;
        ASSERT_EQ(r.read(got), read_result::lapped);
        EXPECT_GT(got.lost, 0u);
        EXPECT_LE(f.ring.reserved_index() - r.cursor(), 16u);
    }
}

// What a reservation of a newer lap may be writing to is refused, although its slot still says the old index.
TEST_P(Reader, RejectsWhatMayBeOverwritten) {
    fixture f(shape(16));
    basic_reader r(f.ring, from_index(0));
    for (std::uint32_t k = 0; k < 16 / step(); ++k) f.produce();
    f.ring.reserve(1); // of the first one's elements
    EXPECT_FALSE(f.ring.validate(0));
    EXPECT_TRUE(f.ring.validate(step()));
    std::uint64_t cursor = 0;
    std::atomic<std::uint64_t> shared{0};
    std::vector<std::byte> buffer(16 * f.shape.element_size);
    slickq::record seen;
    EXPECT_EQ(f.ring.read_copy(cursor, buffer.data(), 16, seen), ring_result::lapped);
    EXPECT_EQ(f.ring.claim_copy(shared, buffer.data(), 16, seen), ring_result::lapped);
    EXPECT_EQ(seen.lost, step());
    EXPECT_EQ(cursor, step());
    EXPECT_EQ(shared, step());
    delivery got;
    ASSERT_EQ(r.read(got), read_result::lapped);
    EXPECT_EQ(r.lost().torn, step());
    EXPECT_EQ(got.lost, r.lost().torn + r.lost().lapped);
    EXPECT_EQ(r.cursor(), got.lost);
}

TEST_P(Reader, StepsOverHolesAndCountsThem) {
    fixture f(shape(64));
    basic_reader r(f.ring, stepping_over_from(0));
    const std::uint64_t first = f.produce();
    f.ring.reserve(2); // its producer dies,
    f.ring.reserve(1); // and so does this one
    const std::uint64_t next = f.produce(3);
    expect_record(f, r, first);
    expect(r, read_result::gap, next - first - step());
    expect_record(f, r, next, 3);
    EXPECT_EQ(r.lost().gap, next - first - step());
    expect(r, read_result::empty);
}

TEST_P(Reader, StepsOverWhatIsLastAndStays) {
    fixture f(shape(64));
    basic_reader r(f.ring, stepping_over_from(0));
    const std::uint64_t dead = f.ring.reserve(3);
    expect(r, read_result::gap, f.ring.reserved_index());
    expect(r, read_result::empty);
    ASSERT_EQ(f.ring.publish(dead, 3), ring_result::ok) << "it was only slow: others may still read it";
    expect(r, read_result::empty);
    expect_record(f, r, f.produce());
}

TEST_P(Reader, WaitsItsStallTimeOnlyOnceForWhatWasReservedTogether) {
    fixture f(shape(64));
    reader_options options = from_index(0);
    options.stall_ns = 20'000'000;
    basic_reader r(f.ring, options);
    f.ring.reserve(1);
    const std::uint64_t between = f.produce();
    f.ring.reserve(1);
    const std::uint64_t last = f.produce();
    expect(r, read_result::pending);
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
    expect(r, read_result::gap, step());
    expect_record(f, r, between);
    expect(r, read_result::gap, step());
    expect_record(f, r, last);

    f.ring.reserve(1); // since now
    f.produce();
    expect(r, read_result::pending);
}

TEST_P(Reader, TellsAResetWithItsLoss) {
    if (GetParam() == layout::wide) GTEST_SKIP() << "it has no extension area";
    fixture f(shape(16));
    reader_options options = from_index(0);
    options.batch = 2;
    basic_reader r(f.ring, options);
    for (std::uint32_t k = 0; k < 4; ++k) f.produce();
    expect_record(f, r, 0);
    f.ring.reset();
    for (std::uint32_t k = 0; k < 3; ++k) f.produce();
    f.ring.reset();
    const std::uint64_t again = f.produce();
    expect_record(f, r, step()); // copied before the reset
    expect(r, read_result::reset, (4 - 2 + 3) * step());
    EXPECT_EQ(r.resets(), 2u);
    expect_record(f, r, again);
    expect(r, read_result::empty);
    f.ring.reset();
    expect(r, read_result::reset, 0);
    EXPECT_EQ(r.lost().reset, 5u * step());
}

TEST_P(Reader, SaysWhenAResetIsNeverFinished) {
    if (GetParam() == layout::wide) GTEST_SKIP() << "it has no extension area";
    fixture f(shape(16));
    f.produce();
    basic_reader r(f.ring, from_index(0));
    ++f.extension->resets; // as the beginning of reset() leaves it
    basic_reader later(f.ring, from_index(0));
    expect(r, read_result::empty);
    expect(later, read_result::empty);
    std::this_thread::sleep_for(std::chrono::milliseconds(2050));
    expect(r, read_result::half_reset);
    f.ring.reset();
    expect(r, read_result::reset, f.shape.items_per_slot);
    expect(later, read_result::reset, 0);
    expect(r, read_result::empty);
}

TEST_P(Reader, SeesAPeersResetInTheCounter) {
    fixture f(shape(16));
    f.ring = slickq::ring(f.memory, f.shape); // as a segment that a peer made: without extension area
    basic_reader r(f.ring, from_index(0));
    for (std::uint32_t k = 0; k < 3; ++k) f.produce();
    for (std::uint32_t k = 0; k < 3; ++k) expect_record(f, r, k * step());
    expect(r, read_result::empty);
    f.ring.reset();
    expect(r, read_result::reset);
    expect_record(f, r, f.produce());
}

TEST_P(Reader, ForgetsAStallThatAnUnseenResetEnded) {
    fixture f(shape(16));
    f.ring = slickq::ring(f.memory, f.shape); // without extension area
    reader_options options = from_index(0);
    options.stall_ns = 1'000'000;
    basic_reader r(f.ring, options);
    for (std::uint32_t k = 0; k < 4; ++k) f.ring.reserve(1);
    expect(r, read_result::pending);
    f.ring.reset();
    f.ring.reserve(1); // as many as before will never come
    expect(r, read_result::pending);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    expect(r, read_result::gap, step());
    expect(r, read_result::empty);
}

// Near the last index, through every operation.
TEST_P(Reader, RunsAcrossTheWrapOfItsIndices) {
    const std::uint64_t before_wrap = (limit() - 64) & mask();
    for (const after_lap policy : {after_lap::oldest, after_lap::newest, after_lap::compat}) {
        fixture f(shape(16));
        f.start_at(before_wrap);
        reader_options options = stepping_over_from(before_wrap);
        options.policy = policy;
        options.batch = 3;
        basic_reader r(f.ring, options);
        std::mt19937 random(7);
        std::uint64_t received = 0, lost = 0;
        bool has_wrapped = false;
        for (int round = 0; round < 200; ++round) {
            for (auto k = random() % 12; k > 0; --k) {
                if (random() % 8 == 0) {
                    f.ring.reserve(1); // and nobody publishes it
                } else {
                    const std::uint64_t index = f.produce();
                    EXPECT_TRUE(f.ring.validate(index));
                    EXPECT_FALSE(f.ring.validate((index - 16) & mask()));
                    // The very last index of the wide layout is its "never written".
                    if (index != ~std::uint64_t{0}) { EXPECT_EQ(f.ring.newest(), index); }
                    has_wrapped = has_wrapped || index < before_wrap;
                }
                EXPECT_LE(static_cast<std::uint64_t>(f.ring.difference(f.ring.reserved_index(), f.ring.oldest())), 16u);
            }
            for (auto k = random() % 16; k > 0; --k) {
                delivery got;
                const read_result what = r.read(got);
                ASSERT_NE(what, read_result::corrupt);
                ASSERT_NE(what, read_result::reset);
                if (what == read_result::record) {
                    received += step();
                    EXPECT_EQ(got.data[0], static_cast<std::byte>(got.index));
                }
                lost += got.lost;
            }
        }
        EXPECT_TRUE(has_wrapped);
        EXPECT_EQ(received + lost, (r.cursor() - before_wrap) & mask());
        EXPECT_EQ(lost, sum_of(r.lost()));
    }
}

TEST_P(Reader, AccountsForEveryElement) {
    for (const after_lap policy : {after_lap::oldest, after_lap::newest, after_lap::compat}) {
        fixture f(shape(64, 5));
        reader_options options = stepping_over_from(0);
        options.policy = policy;
        basic_reader r(f.ring, options);
        std::mt19937 random(11);
        std::uint64_t received = 0, lost = 0;
        for (int round = 0; round < 3000; ++round) {
            const std::uint32_t size = step() << random() % 3; // in one round all alike: none leaves the end of the ring unused
            while (f.ring.position(f.ring.reserved_index()) % size != 0) f.produce(step());
            for (auto k = random() % 40; k > 0; --k) random() % 16 != 0 ? f.produce(size) : f.ring.reserve(size);
            for (auto k = random() % 40; k > 0; --k) {
                delivery got;
                if (r.read(got) == read_result::record) received += got.count;
                lost += got.lost;
            }
        }
        delivery got;
        for (read_result what = r.read(got); what != read_result::empty; what = r.read(got)) {
            if (what == read_result::record) received += got.count;
            lost += got.lost;
        }
        EXPECT_EQ(received, r.received_elements());
        EXPECT_EQ(lost, sum_of(r.lost()));
        EXPECT_EQ(received + lost, f.ring.reserved_index());
        EXPECT_GT(r.lost().gap, 0u);
        EXPECT_GT(r.lost().lapped, 0u);
    }
}

TEST_P(Reader, GetsPastDamagedSlots) {
    for (const std::uint32_t claimed : {0u, 65u, 0xFFFFFFFFu}) {
        fixture f(shape(64));
        basic_reader r(f.ring, from_index(0));
        f.produce();
        const std::uint64_t damaged = f.produce();
        f.slot(static_cast<std::uint32_t>(damaged / step())).count.store(claimed);
        expect_record(f, r, 0);
        delivery got;
        ASSERT_EQ(r.read(got), read_result::corrupt);
        EXPECT_GT(got.lost, 0u);
        EXPECT_GT(r.cursor(), damaged);
        EXPECT_LE(r.cursor(), f.ring.reserved_index()) << "beyond, it would take itself for reset";
        EXPECT_EQ(r.lost().torn, got.lost);
        expect(r, read_result::empty);
    }
}

TEST_P(Reader, IsNotLedAwayByAHostileSegment) {
    for (const after_lap policy : {after_lap::oldest, after_lap::newest, after_lap::compat}) {
        fixture f(shape(16));
        reader_options options = from_index(0);
        options.policy = policy;
        basic_reader r(f.ring, options);
        f.slot(0).data_index.store(32); // two laps ahead, of a counter that has reserved nothing
        expect(r, read_result::empty);
        EXPECT_EQ(r.cursor(), 0u);
    }
}

TEST_P(Reader, TakesRecordsOfAnySize) {
    fixture f(shape(256, 1000)); // up to 256,000 bytes, where a reader begins with room for 16 KiB
    basic_reader r(f.ring, from_index(0));
    for (const std::uint32_t count : {1u, 16u, 17u, 100u, 4u}) {
        const std::uint64_t index = f.produce(count);
        expect_record(f, r, index, count);
    }
    expect_record(f, r, f.produce(256), 256);
    expect(r, read_result::empty);
}

INSTANTIATE_TEST_SUITE_P(All, Reader,
                         testing::Values(layout::slq0, layout::slq1, layout::slq2, layout::slq3, layout::packed, layout::wide),
                         test::layout_name);

TEST(ReaderMemory, LaysRecordsAsTheirTypeAsks) {
    fixture f({layout::slq1, 16, 64, 1});
    basic_reader r(f.ring, from_index(0));
    for (int k = 0; k < 8; ++k) f.produce();
    for (int k = 0; k < 8; ++k) {
        delivery got;
        ASSERT_EQ(r.read(got), read_result::record);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(got.data) % 64, 0u);
    }
}

// Every offset and length between aligned words.
TEST(Copy, MovesBytesOfAnyAlignment) {
    alignas(8) std::byte shared[64], back[64];
    std::byte source[64];
    for (int i = 0; i < 64; ++i) source[i] = static_cast<std::byte>(i + 1);
    for (std::size_t offset = 0; offset < 9; ++offset) {
        for (std::size_t length = 0; length < 40; ++length) {
            std::memset(shared, 0, sizeof shared);
            std::memset(back, 0, sizeof back);
            slickq::native_atomics::copy_in(shared + offset, source + 3, length);
            for (std::size_t i = 0; i < sizeof shared; ++i) {
                const bool is_inside = i >= offset && i < offset + length;
                ASSERT_EQ(shared[i], is_inside ? source[i - offset + 3] : std::byte{0});
            }
            slickq::native_atomics::copy_out(back + 1, shared + offset, length);
            EXPECT_EQ(std::memcmp(back + 1, source + 3, length), 0);
            EXPECT_EQ(back[0], std::byte{0});
            EXPECT_EQ(back[length + 1], std::byte{0});
        }
    }
}

} // namespace
