// Two resets at once: one that was taken for dead goes on when another one has finished it, and the queue is in use again.
#include "ring_fixture.hpp"

#include <cstdint>
#include <functional>

namespace {

// Called before each look at extension.resets, and before it is set.
thread_local const void* watched = nullptr;
thread_local std::function<void()> before_look;

template <class T>
struct hooked {
    T load(std::memory_order order = std::memory_order_seq_cst) const {
        tell();
        return value.load(order);
    }
    void store(T wanted, std::memory_order order = std::memory_order_seq_cst) {
        tell();
        value.store(wanted, order);
    }
    T fetch_add(T wanted, std::memory_order order) { return value.fetch_add(wanted, order); }
    bool compare_exchange_strong(T& expected, T wanted, std::memory_order order) {
        tell();
        return value.compare_exchange_strong(expected, wanted, order);
    }
    bool compare_exchange_weak(T& expected, T wanted, std::memory_order order) { return value.compare_exchange_strong(expected, wanted, order); }
    bool compare_exchange_weak(T& expected, T wanted, std::memory_order order, std::memory_order otherwise) {
        return value.compare_exchange_strong(expected, wanted, order, otherwise);
    }
    void tell() const {
        if (this == watched && before_look) before_look();
    }
    std::atomic<T> value{};
};
struct hooked_atomics : slickq::native_atomics {
    template <class T>
    using atomic = hooked<T>;
    static void sleep(const atomic<std::uint32_t>&, std::uint32_t, std::int64_t) noexcept {}
    static void wake_all(atomic<std::uint32_t>&) noexcept {}
};
using hooked_ring = slickq::basic_ring<hooked_atomics>;

// Resets, and before its look number `when` another one resets twice (or mends, and resets), and 3 records are written. False: so many
// looks there are not.
bool reset_beside_another(test::fixture& f, int when, bool& is_mine) {
    hooked_ring slow(f.memory, f.shape, reinterpret_cast<hooked_ring::extension_type*>(f.extension));
    bool is_over = false;
    int looks = 0;
    watched = &slow.extension()->resets;
    before_look = [&] {
        if (++looks != when) return;
        is_over = true;
        EXPECT_TRUE(f.ring.reset());
        EXPECT_TRUE(f.ring.reset());
        for (int k = 0; k < 3; ++k) f.produce();
    };
    is_mine = slow.reset();
    before_look = nullptr;
    return is_over;
}

using TwoResets = test::EveryLayout;

TEST_P(TwoResets, WhoWasTakenForDeadLeavesTheRestToTheOther) {
    for (int when = 2;; ++when) { // before the first look it is not under way
        test::fixture f(shape(16));
        for (int k = 0; k < 2; ++k) f.produce();
        const std::uint64_t before = f.extension->reserved_before.load(), reserved = f.ring.reserved_index(), resets = f.extension->resets.load();
        bool is_mine = true;
        if (!reset_beside_another(f, when, is_mine)) {
            EXPECT_GE(when, 6) << "it does not look";
            EXPECT_EQ(f.extension->resets.load(), resets + 2);
            return;
        }
        SCOPED_TRACE(when);
        EXPECT_FALSE(is_mine);
        EXPECT_EQ(f.extension->resets.load(), resets + 6) << "its own number, the mender's, and another reset's";
        EXPECT_EQ(f.extension->reserved_before.load(), before + reserved) << "counted once";
        const std::uint64_t step = f.shape.items_per_slot;
        EXPECT_EQ(f.ring.reserved_index(), 3 * step);
        std::uint64_t cursor = 0;
        slickq::record got;
        for (std::uint64_t k = 0; k < 3; ++k) {
            ASSERT_EQ(f.ring.read(cursor, got), slickq::ring_result::ok);
            EXPECT_EQ(got.index, k * step);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, TwoResets,
                         testing::Values(slickq::layout::slq0, slickq::layout::slq1, slickq::layout::slq2, slickq::layout::slq3,
                                         slickq::layout::packed),
                         test::layout_name);

} // namespace
