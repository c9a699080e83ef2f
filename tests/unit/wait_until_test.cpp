// Waiting, on a clock that the test moves.
#include "ring_fixture.hpp"

#include <slickq/detail/flow_control.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace {

// Whoever sleeps wakes when its time is over, or every `wake_every` nanoseconds because somebody wakes it.
struct clocked : slickq::native_atomics {
    static inline std::int64_t now = 0;
    static inline std::int64_t wake_every = 0;
    static std::int64_t now_ns() { return now; }
    static void sleep(const std::atomic<std::uint32_t>&, std::uint32_t, std::int64_t longest_ns) { nap(longest_ns); }
    static void nap(std::int64_t longest_ns) { now += std::clamp<std::int64_t>(longest_ns, 0, wake_every - now % wake_every); }
};

constexpr std::int64_t millisecond = 1'000'000;
constexpr std::uint64_t name[2] = {1, 0};

// Everybody dies at that time.
struct mortal {
    std::int64_t death;
    slickq::liveness operator()(const slickq::process_identity&) const {
        return clocked::now < death ? slickq::liveness::alive : slickq::liveness::dead;
    }
    std::uint32_t clock() const { return 1; }
};

// Who holds a producer up is looked after every 100 ms, whatever wakes the producer meanwhile.
TEST(Waiter, LooksWhoIsDeadInTime) {
    for (const std::int64_t wake_every : {7 * millisecond, 60 * millisecond, 95 * millisecond, 99 * millisecond, 1000 * millisecond}) {
        clocked::now = 1'000 * millisecond;
        clocked::wake_every = wake_every;
        test::fixture f({slickq::layout::slq1, 4, 8, 1});
        const slickq::basic_ring<clocked> ring(f.memory, f.shape, reinterpret_cast<slickq::basic_extension<clocked>*>(f.extension));
        slickq::basic_registry<clocked> registry(ring);
        ASSERT_NE(registry.join(slickq::member_state::consumer, {.pid = 1}, 0, registry.epoch()), 0u);
        slickq::basic_flow_control<clocked> flow(ring);
        std::uint64_t index = 0;
        std::vector<std::int64_t> looks;
        struct {
            std::vector<std::int64_t>& looks;
            slickq::liveness operator()(const slickq::process_identity&) const {
                looks.push_back(clocked::now);
                return slickq::liveness::alive;
            }
            std::uint32_t clock() const { return 1; }
        } judge{looks};
        ASSERT_TRUE(flow.try_reserve(4, index, judge));
        const std::int64_t end = clocked::now + 2'000 * millisecond;
        EXPECT_EQ(flow.reserve_until(1, index, end, judge, [] { return false; }), slickq::wait_result::timed_out);
        ASSERT_GT(looks.size(), 15u) << wake_every;
        for (std::size_t k = 1; k < looks.size(); ++k) EXPECT_LE(looks[k] - looks[k - 1], 100 * millisecond) << wake_every;
    }
}

// A group whose last worker dies is waited for as long as it lingers, and not until the next look at who is dead.
TEST(Waiter, IsFreeAtTheEndOfALinger) {
    for (const std::int64_t linger : {1, 5, 20, 60, 99, 100, 250}) {
        for (const std::int64_t wake_every : {7 * millisecond, 1'000'000 * millisecond}) {
            for (const std::int64_t death : {1, 37, 90, 130, 405}) {
                SCOPED_TRACE(testing::Message() << linger << " ms, woken every " << wake_every << " ns, dead after " << death << " ms");
                clocked::now = 1'000 * millisecond;
                clocked::wake_every = wake_every;
                test::fixture f({slickq::layout::slq1, 4, 8, 1});
                const slickq::basic_ring<clocked> ring(f.memory, f.shape, reinterpret_cast<slickq::basic_extension<clocked>*>(f.extension));
                slickq::basic_registry<clocked> registry(ring);
                const mortal judge{clocked::now + death * millisecond};
                const auto worker = registry.join(slickq::member_state::worker, {.pid = 1}, 0, registry.epoch());
                const std::uint32_t group = registry.found_group(name, slickq::group_state::at_least_once, linger * millisecond, 0,
                                                               registry.epoch(), worker, judge);
                ASSERT_TRUE(registry.enter_group(worker, group, registry.group(group).state.load()));
                slickq::basic_flow_control<clocked> flow(ring);
                std::uint64_t index = 0;
                ASSERT_TRUE(flow.try_reserve(4, index, judge));
                const std::int64_t end = clocked::now + 10'000 * millisecond;
                ASSERT_EQ(flow.reserve_until(1, index, end, judge, [] { return false; }), slickq::wait_result::ready);
                const std::int64_t look = linger < 100 ? flow.quick_roll_call_ns : flow.roll_call_ns;
                EXPECT_GE(clocked::now, judge.death + linger * millisecond);
                EXPECT_LE(clocked::now, judge.death + look + (linger + 1) * millisecond); // it is noted in whole milliseconds
            }
        }
    }
}

// The same, where the end of the workers was noted by a clock that this producer can't read: from when it came across that.
TEST(Waiter, IsFreeAtTheEndOfALingerByItsOwnClock) {
    for (const std::int64_t linger : {5, 60, 250}) {
        SCOPED_TRACE(linger);
        clocked::now = 1'000 * millisecond;
        clocked::wake_every = 1'000'000 * millisecond;
        test::fixture f({slickq::layout::slq1, 4, 8, 1});
        const slickq::basic_ring<clocked> ring(f.memory, f.shape, reinterpret_cast<slickq::basic_extension<clocked>*>(f.extension));
        slickq::basic_registry<clocked> registry(ring);
        const mortal judge{0};
        const auto maker = registry.join(slickq::member_state::worker, {.pid = 1}, 0, registry.epoch());
        const std::uint32_t group = registry.found_group(name, slickq::group_state::at_least_once, linger * millisecond, 0, registry.epoch(),
                                                       maker, judge);
        registry.leave(maker);
        registry.group(group).orphaned.store(slickq::orphan_stamp::pack(7, 1));
        slickq::basic_flow_control<clocked> flow(ring);
        std::uint64_t index = 0;
        ASSERT_TRUE(flow.try_reserve(4, index, judge));
        const std::int64_t begun = clocked::now;
        ASSERT_EQ(flow.reserve_until(1, index, begun + 10'000 * millisecond, judge, [] { return false; }), slickq::wait_result::ready);
        EXPECT_EQ(clocked::now, begun + linger * millisecond);
    }
}

// Where nobody can wake the waiter it looks for itself, and never sleeps long.
TEST(Waiter, LooksMoreOftenWhereNobodyCanWakeIt) {
    for (const bool can_wake : {true, false}) {
        clocked::now = 1'000 * millisecond;
        clocked::wake_every = 1'000'000 * millisecond;
        std::atomic<std::uint32_t> word{0};
        std::int64_t last = clocked::now, longest = 0;
        const auto attempt = [&] {
            longest = std::max(longest, clocked::now - last);
            last = clocked::now;
            return false;
        };
        const slickq::basic_event_count<clocked> events(can_wake ? &word : nullptr);
        slickq::wait_until(events, clocked::now + 1'000 * millisecond, attempt, [] { return slickq::forever; }, [] { return false; });
        EXPECT_EQ(longest, (can_wake ? 100 : 10) * millisecond);
    }
}

} // namespace
