// Members, limits and groups, step by step; and who is alive.
#include "process.hpp"
#include "ring_fixture.hpp"

#include <slickq/gate.hpp>
#include <slickq/worker.hpp>

#include <gtest/gtest.h>

#include <cstdint>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace slickq;

constexpr std::uint64_t name_of_first[2] = {1, 0};
constexpr std::uint64_t name_of_second[2] = {2, 0};

bool everybody(const process_identity&) { return true; }
bool nobody(const process_identity&) { return false; }

class Roster : public testing::Test {
protected:
    std::uint32_t make_group(const std::uint64_t (&name)[2]) {
        return all.found_group(name, group_state::at_least_once, 1'000'000'000, 0, {1, 0, 0}, everybody);
    }
    roster::id join(member_state::kind kind, std::uint64_t position = 0, std::uint32_t group = roster::no_group, std::uint32_t pid = 7) {
        return all.join(kind, {pid, 0, 0}, position, group);
    }

    test::fixture made{{layout::slq1, 8, 8, 1}};
    roster all{made.ring};
    std::uint64_t buffer[8]{};
    assignment got;
};

TEST_F(Roster, TheLimitIsALapAheadOfTheSlowest) {
    EXPECT_EQ(all.limit(), 8u);
    for (int k = 0; k < 5; ++k) made.produce();
    EXPECT_EQ(all.limit(), 13u);
    const auto slow = join(member_state::consumer, 2), fast = join(member_state::consumer, 4);
    EXPECT_EQ(all.limit(), 10u);
    EXPECT_TRUE(all.acknowledge(slow, 5));
    EXPECT_EQ(all.limit(), 12u);
    EXPECT_TRUE(all.evict(fast));
    EXPECT_FALSE(all.acknowledge(fast, 5));
    EXPECT_EQ(all.limit(), 13u);
    EXPECT_TRUE(all.leave(fast));
    EXPECT_FALSE(all.leave(fast));
    all.evict_dead(nobody, 1);
    EXPECT_FALSE(all.is(slow, member_state::consumer));
}

TEST_F(Roster, APlaceThatIsAnotherGroupsNowIsNotTakenForTheFormerOnes) {
    const std::uint32_t first = make_group(name_of_first), second = make_group(name_of_second);
    for (int k = 0; k < 4; ++k) made.produce();
    {
        basic_worker<> leaving(made.ring, join(member_state::worker, 0, first), first, -1);
        ASSERT_EQ(leaving.take(buffer, 8, got), work::record);
        ASSERT_EQ(leaving.take(buffer, 8, got), work::record);
        leaving.leave();
    }
    // The cursor of the first group, at 2, was moved there by member 0; who is that now, and intends to claim 0 of the second group.
    const auto stranger = join(member_state::worker, 0, second);
    ASSERT_EQ(roster::number_of(stranger), 0u);
    all.member(0).in_hand.store(in_hand::pack(in_hand::intends, 0));
    basic_worker<> staying(made.ring, join(member_state::worker, 0, first), first, -1);
    ASSERT_EQ(staying.take(buffer, 8, got), work::record);
    EXPECT_EQ(got.index, 2u);
    EXPECT_EQ(in_hand::step_of(all.member(0).in_hand.load()), in_hand::intends);
    EXPECT_EQ(staying.recover(buffer, 8, nobody, got), work::empty) << "nor is it recovered";
}

TEST_F(Roster, AGroupIsRemovedOnlyWithoutWorkers) {
    const std::uint32_t group = make_group(name_of_first);
    const std::uint64_t state = all.group(group).state.load();
    const auto worker = join(member_state::worker, 0, group);
    EXPECT_TRUE(all.has_worker(group, state));
    EXPECT_FALSE(all.remove_group(group, {1, 0, 0}, everybody));
    EXPECT_EQ(all.find_group(name_of_first), group);
    EXPECT_TRUE(all.leave(worker));
    EXPECT_TRUE(all.remove_group(group, {1, 0, 0}, everybody));
    EXPECT_EQ(all.find_group(name_of_first), roster::no_group);
    EXPECT_FALSE(all.has_worker(group, state)) << "who joins now is told that it is gone";
    EXPECT_FALSE(all.remove_group(group, {1, 0, 0}, everybody)) << "it is gone already";
}

TEST_F(Roster, OneThatIsJustBeingMadeIsWaitedFor) {
    all.group(0).state.store(group_state::pack(7, group_state::being_made));
    EXPECT_TRUE(all.is_changing_before(roster::no_group, everybody));
    EXPECT_FALSE(all.is_changing_before(0, everybody));
    EXPECT_FALSE(all.is_changing_before(1, nobody)) << "its maker has died";
    EXPECT_EQ(all.found_group(name_of_first, group_state::at_most_once, 1, 0, {1, 0, 0}, everybody), 1u);
    EXPECT_EQ(all.found_group(name_of_second, group_state::at_most_once, 1, 0, {1, 0, 0}, nobody), 0u) << "its place is taken over";
}

TEST_F(Roster, AGateRemembersItsLimitNotAcrossAReset) {
    gate g(made.ring);
    std::uint64_t index = 0;
    const auto reader = join(member_state::consumer, 0);
    for (int k = 0; k < 8; ++k) ASSERT_TRUE(g.try_reserve(1, index));
    EXPECT_FALSE(g.try_reserve(1, index));
    all.acknowledge(reader, 8);
    EXPECT_TRUE(g.try_reserve(8, index));
    EXPECT_EQ(index, 8u);
    made.ring.reset();
    all.reset();
    for (int k = 0; k < 8; ++k) ASSERT_TRUE(g.try_reserve(1, index));
    EXPECT_FALSE(g.try_reserve(1, index));
}

TEST(Process, KnowsTheLivingFromTheDead) {
    using namespace slickq::detail;
    const process_identity self = this_process();
    EXPECT_EQ(self.pid, static_cast<std::uint32_t>(::getpid()));
    EXPECT_TRUE(is_alive(self));
    EXPECT_FALSE(is_alive({0, 0, 0}));
    EXPECT_FALSE(is_alive({0xFFFFFFFF, 0, 0}));
    if (self.start_time != 0) {
        EXPECT_FALSE(is_alive({self.pid, self.start_time + 1, self.pid_namespace})) << "another process had the number";
    }
    if (self.pid_namespace != 0) {
        EXPECT_TRUE(is_alive({0x7FFFFFF0, 1, self.pid_namespace + 1})) << "elsewhere nothing can be told";
    }
    const pid_t child = ::fork();
    if (child == 0) ::_exit(this_process().pid == self.pid ? 1 : 0);
    siginfo_t ended;
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
    EXPECT_EQ(ended.si_status, 0) << "a child has a number of its own";
#if defined(__linux__)
    EXPECT_FALSE(is_alive({static_cast<std::uint32_t>(child), 0, 0})) << "a zombie is dead";
#endif
    ::waitpid(child, nullptr, 0);
    EXPECT_FALSE(is_alive({static_cast<std::uint32_t>(child), 0, 0}));
}

} // namespace
