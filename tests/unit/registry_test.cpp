// Members, limits, groups and claims, step by step, wherever the indices begin; and who is alive.
#include "liveness.hpp"
#include "ring_fixture.hpp"

#include <slickq/detail/flow_control.hpp>
#include <slickq/detail/validated_reader.hpp>
#include <slickq/detail/group_worker.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <set>
#include <vector>

#include <csignal>

#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace slickq;

constexpr std::uint64_t name_of_first[2] = {1, 0};
constexpr std::uint64_t name_of_second[2] = {2, 0};
constexpr std::uint32_t capacity = 8;
constexpr std::uint64_t past_the_last = std::uint64_t{1} << 48;

// Says of the processes in `dead` that they are, of those in `unknown` that it can't tell.
struct judge {
    std::set<std::uint32_t> dead = {};
    std::set<std::uint32_t> unknown = {};
    std::uint32_t clock_number = 1;

    liveness operator()(const process_identity& who) const {
        if (dead.contains(who.pid) && who.is_told) return liveness::dead;
        return unknown.contains(who.pid) || !who.is_told ? liveness::unknown : liveness::alive;
    }
    std::uint32_t clock() const { return clock_number; }
};
const judge all_live;

// The parameter is the first index.
class Registry : public testing::TestWithParam<std::uint64_t> {
protected:
    Registry() {
        made.start_at(start());
        if (start() != 0) made.ring.wake_sleepers();
    }
    std::uint64_t start() const { return GetParam(); }
    // So many behind the first index.
    std::uint64_t at(std::uint64_t distance) const { return (start() + distance) & made.ring.index_mask(); }

    registry::id join(member_state::kind kind, std::uint64_t distance = 0, std::uint32_t pid = 7) {
        return all.join(kind, {.pid = pid}, at(distance), all.epoch());
    }
    std::uint32_t make_group(const std::uint64_t (&name)[2], std::int64_t linger_ns = 1'000'000'000) {
        const registry::id maker = join(member_state::worker, 0, 99);
        const std::uint32_t number = all.found_group(name, mode, linger_ns, start(), all.epoch(), maker, all_live);
        all.leave(maker);
        return number;
    }
    std::unique_ptr<basic_worker<>> make_worker(std::uint32_t group, std::uint32_t pid = 7, std::int64_t stall_ns = -1) {
        const registry::id id = join(member_state::worker, 0, pid);
        const std::uint64_t state = all.group(group).state.load();
        EXPECT_NE(id, 0u);
        EXPECT_TRUE(all.enter_group(id, group, state));
        return std::make_unique<basic_worker<>>(made.ring, id, group, state, stall_ns);
    }
    std::uint64_t limit() {
        return slickq::flow_control(made.ring).limit(all.epoch(), [](std::uint32_t) { return false; });
    }
    void reset() { made.ring.reset(); }
    void produce(int records) {
        for (int k = 0; k < records; ++k) made.produce();
    }
    liveness of(std::uint32_t pid) const { return by(process_identity{.pid = pid}); }

    judge by;
    group_state::mode mode = group_state::at_least_once;
    test::fixture made{{layout::slq1, capacity, 8, 1}};
    registry all{made.ring};
    std::uint64_t buffer[capacity]{};
    assignment got;
};

INSTANTIATE_TEST_SUITE_P(Begins, Registry,
                         testing::Values(0, 5, (past_the_last >> 1) - 4, past_the_last - 16, past_the_last - 8, past_the_last - 3),
                         [](const auto& tested) { return "at" + std::to_string(tested.param); });

// ---------------------------------------------------------------- limits

TEST_P(Registry, TheLimitIsALapAheadOfTheSlowest) {
    EXPECT_EQ(limit(), at(8));
    produce(5);
    EXPECT_EQ(limit(), at(13));
    const auto slow = join(member_state::consumer, 2), fast = join(member_state::consumer, 4);
    EXPECT_EQ(limit(), at(10));
    EXPECT_TRUE(all.acknowledge(slow, at(5), 2));
    EXPECT_EQ(limit(), at(12));
    EXPECT_TRUE(all.evict(fast));
    EXPECT_FALSE(all.acknowledge(fast, at(5), 2));
    EXPECT_EQ(limit(), at(13));
    EXPECT_TRUE(all.leave(fast));
    EXPECT_FALSE(all.leave(fast));
    by.dead = {7};
    all.evict_dead(by);
    EXPECT_FALSE(all.is(slow, member_state::consumer));
}

TEST_P(Registry, AGateBeginsWithoutALimit) {
    produce(capacity);
    join(member_state::consumer, 0);
    flow_control g(made.ring);
    std::uint64_t index = 0;
    EXPECT_FALSE(g.try_reserve(1, index, all_live)) << "the ring is full of what nobody has read";
    EXPECT_EQ(made.ring.reserved_index(), at(capacity));
}

TEST_P(Registry, ALimitIsOfOneEpoch) {
    flow_control g(made.ring);
    std::uint64_t index = 0;
    const auto reader = join(member_state::consumer, 0);
    // It begins anywhere, so that the end of the ring is none for single elements.
    for (std::uint32_t k = 0; k < capacity; ++k) ASSERT_TRUE(g.try_reserve(1, index, all_live));
    EXPECT_FALSE(g.try_reserve(1, index, all_live));
    all.acknowledge(reader, at(capacity), 2);
    EXPECT_TRUE(g.try_reserve(1, index, all_live));
    // 2^16 resets made the limit of before valid again, when an epoch had 16 bits.
    for (const std::uint64_t resets : {std::uint64_t{1}, std::uint64_t{1} << 15, std::uint64_t{1} << 31}) {
        made.extension->resets.fetch_add(2 * (resets - 1));
        reset();
        for (std::uint32_t k = 0; k < capacity; ++k) ASSERT_TRUE(g.try_reserve(1, index, all_live));
        EXPECT_EQ(index, capacity - 1);
        EXPECT_FALSE(g.try_reserve(1, index, all_live));
    }
    made.extension->resets.fetch_add(1);
    EXPECT_FALSE(g.try_reserve(1, index, all_live)) << "a reset is under way";
}

TEST_P(Registry, AnAcknowledgementIsOfOneEpoch) {
    produce(6);
    const auto reader = join(member_state::consumer, 0);
    reset();
    EXPECT_TRUE(all.acknowledge(reader, at(6), 2)) << "of before the reset: it counts no more";
    produce(6);
    EXPECT_EQ(limit(), capacity) << "of the new epoch nothing is read";
    EXPECT_TRUE(all.acknowledge(reader, 3, 4));
    EXPECT_EQ(limit(), capacity + 3);
    reset();
    produce(1);
    EXPECT_EQ(limit(), capacity);
}

TEST_P(Registry, OneWhoDoesNotLookForResetsIsToldByItsAcknowledgement) {
    produce(6);
    const auto consumer = join(member_state::consumer, 6);
    EXPECT_EQ(all.acknowledge(consumer, at(6)), acknowledged::yes);
    reset();
    produce(7);
    EXPECT_EQ(all.acknowledge(consumer, 5), acknowledged::reset);
    EXPECT_EQ(limit(), capacity) << "so that was not counted";
    EXPECT_EQ(all.acknowledge(consumer, 5), acknowledged::yes);
    EXPECT_EQ(limit(), capacity + 5);
    all.evict(consumer);
    EXPECT_EQ(all.acknowledge(consumer, 5), acknowledged::no_member);
}

TEST_P(Registry, AWorkerIsToldOfAPeersReset) {
    if (start() > 5) GTEST_SKIP() << "it can't be told from the wrap, or from what is more than half of all indices away";
    const std::uint32_t group = make_group(name_of_first);
    const auto one = make_worker(group), two = make_worker(group);
    produce(2);
    ASSERT_EQ(one->take(buffer, capacity, got), work::record);
    ASSERT_EQ(one->take(buffer, capacity, got), work::record);
    made.start_at(0);
    ASSERT_EQ(two->take(buffer, capacity, got), work::reset);
    EXPECT_EQ(got.index, 0u);
    EXPECT_EQ(got.lost, 0u) << "nobody knows";
    EXPECT_EQ(one->take(buffer, capacity, got), work::empty) << "one is told";
}

// As a reader: TakesASlotAheadOfWhatIsReservedForUnpublished.
TEST_P(Registry, AWorkerTakesNothingAheadOfWhatIsReserved) {
    const auto one = make_worker(make_group(name_of_first), 7, 0);
    produce(1);
    ASSERT_EQ(one->take(buffer, capacity, got), work::record);
    ASSERT_EQ(one->take(buffer, capacity, got), work::empty);
    slickq::slot& next = made.slot(made.ring.position(at(1)));
    next.count = 1;
    for (const std::uint64_t index : {at(1), at(1 + capacity)}) {
        next.data_index = index;
        for (int k = 0; k < 3; ++k) ASSERT_EQ(one->take(buffer, capacity, got), work::empty);
        EXPECT_EQ(one->cursor(), at(1));
    }
    made.ring.reserve(1);
    ASSERT_EQ(one->take(buffer, capacity, got), work::gap);
    EXPECT_EQ(got.lost, 1u);
    produce(1);
    ASSERT_EQ(one->take(buffer, capacity, got), work::record);
    EXPECT_EQ(got.index, at(2));
    made.slot(made.ring.position(made.ring.reserve(1))).count = 3; // and it reserved one
    made.slot(made.ring.position(at(3))).data_index = at(3);
    if (made.ring.position(at(3)) + 3 > capacity) GTEST_SKIP() << "damaged in any case";
    ASSERT_EQ(one->take(buffer, capacity, got), work::corrupt);
    EXPECT_EQ(got.lost, 1u);
    ASSERT_EQ(one->take(buffer, capacity, got), work::empty);
    EXPECT_EQ(one->cursor(), at(4));
}

// It can only wonder at a loss that it was promised not to have, unless it knows by then that the promise has ended.
TEST_P(Registry, AnEvictedReaderIsToldSoBeforeTheLossThatComesOfIt) {
    const auto self = static_cast<std::uint32_t>(::getpid());
    basic_reader<> reader(made.ring, {.from = slickq::start::index, .index = start(), .batch = 2, .stall_ns = -1});
    const auto id = join(member_state::consumer, 0, self);
    reader.registered_as(id);
    produce(4);
    delivery told;
    ASSERT_EQ(reader.read(told), read_result::record); // and has copied another one
    all.evict(id);
    produce(20);
    ASSERT_EQ(reader.read(told), read_result::record);
    EXPECT_EQ(told.index, at(1));
    ASSERT_EQ(reader.read(told), read_result::evicted);
    EXPECT_EQ(told.index, at(2)) << "as if nothing were lost yet";
    EXPECT_EQ(told.lost, 0u);
    EXPECT_EQ(told.data, nullptr);
    ASSERT_EQ(reader.read(told), read_result::lapped);
    const std::uint64_t lost = told.lost;
    EXPECT_EQ(told.index, at(2 + lost));
    EXPECT_EQ(reader.lost().lapped, lost);
    for (std::uint64_t k = 2 + lost; k < 24; ++k) {
        ASSERT_EQ(reader.read(told), read_result::record);
        EXPECT_EQ(told.index, at(k));
    }
    EXPECT_EQ(reader.read(told), read_result::empty);
}

TEST_P(Registry, AReaderIsToldOfALossByAProducerThatDoesNotWait) {
    const auto self = static_cast<std::uint32_t>(::getpid());
    basic_reader<> reader(made.ring, {.from = slickq::start::index, .index = start(), .stall_ns = -1});
    const auto id = join(member_state::consumer, 0, self);
    reader.registered_as(id);
    produce(20);
    delivery told;
    EXPECT_EQ(reader.read(told), read_result::lapped);
    EXPECT_EQ(reader.read(told), read_result::record) << "and it is still waited for";
    all.evict(id);
    while (reader.read(told) == read_result::record) {
    }
    produce(1);
    EXPECT_EQ(reader.read(told), read_result::record);
    EXPECT_EQ(reader.read(told), read_result::evicted) << "without a loss it comes when it is found";
    EXPECT_EQ(reader.read(told), read_result::empty);
}

TEST_P(Registry, APeersResetShowsInTheCounterAndNothingCountsAsRead) {
    if (start() > 5) GTEST_SKIP() << "it can't be told from the wrap, or from what is more than half of all indices away";
    produce(6);
    join(member_state::consumer, 6);
    for (std::uint32_t k = 0; k < capacity; ++k) made.slot(k).data_index.store(no_index);
    made.start_at(0);
    EXPECT_EQ(limit(), capacity);
    produce(3);
    EXPECT_EQ(limit(), capacity);
}

TEST_P(Registry, RecordsOfAnySizeFindRoomBehindAnySize) {
    for (std::uint32_t first = 1; first <= capacity; ++first) {
        for (std::uint32_t second = 1; second <= capacity; ++second) {
            test::fixture fresh{{layout::slq1, capacity, 8, 1}};
            fresh.start_at(start());
            for (std::uint64_t back = 1; back <= std::min<std::uint64_t>(start(), capacity); ++back) { // the lap before
                fresh.slot(static_cast<std::uint32_t>((start() - back) % capacity)).data_index.store(start() - back);
            }
            registry its(fresh.ring);
            flow_control g(fresh.ring);
            const auto consumer = its.join(member_state::consumer, {.pid = 7}, start(), its.epoch());
            std::uint64_t index = 0, cursor = start();
            record seen;
            const auto write = [&](std::uint32_t count) {
                for (int tries = 0; tries < 4; ++tries) {
                    if (g.try_reserve(count, index, all_live)) return fresh.ring.publish(index, count) == ring_result::ok;
                    // It acknowledges with each record, and only then.
                    if (fresh.ring.read(cursor, seen) == ring_result::ok) its.acknowledge(consumer, cursor, 2);
                }
                return false;
            };
            ASSERT_TRUE(write(first) && write(second)) << first << " then " << second;
            while (seen.index != index) {
                ASSERT_EQ(fresh.ring.read(cursor, seen), ring_result::ok) << first << " then " << second;
                ASSERT_EQ(seen.lost, 0u) << first << " then " << second;
            }
        }
    }
}

// ---------------------------------------------------------------- liveness

TEST_P(Registry, NobodyIsSentAwayWhoIsNotSurelyDead) {
    const auto alive = join(member_state::consumer, 0, 10), dead = join(member_state::consumer, 0, 11), unknown = join(member_state::consumer, 0, 12);
    by.dead = {11};
    by.unknown = {12};
    EXPECT_EQ(of(12), liveness::unknown);
    all.evict_dead(by);
    EXPECT_TRUE(all.is(alive, member_state::consumer));
    EXPECT_FALSE(all.is(dead, member_state::consumer));
    EXPECT_TRUE(all.is(unknown, member_state::consumer));
}

TEST_P(Registry, OneWhoHasNotSaidWhoItIsIsWaitedFor) {
    const auto state = member_state::pack(11, 5, member_state::joining);
    all.member(3).state.store(state);
    made.extension->members_used.store(4);
    by.dead = {11};
    all.evict_dead(by);
    EXPECT_EQ(all.member(3).state.load(), state) << "its number may be another namespace's";
    EXPECT_FALSE(all.owner(3, state).is_told);
    const auto leased = member_state::with(state, member_state::leased);
    EXPECT_EQ(all.owner(3, leased).lease, registry::id_of(state, 3)) << "unless it has a lease: that tells";
}

TEST_P(Registry, ALeaseThatAnotherOneHasMeansAnotherPlace) {
    struct leases {
        mutable std::set<std::uint64_t> held;
        lease_state take(std::uint64_t id) const {
            if (registry::number_of(id) == 0) return lease_state::taken;
            held.insert(id);
            return lease_state::held;
        }
        void drop(std::uint64_t id) const { held.erase(id); }
    } mine;
    const auto id = all.join(member_state::consumer, {.pid = 7}, start(), all.epoch(), mine);
    EXPECT_EQ(registry::number_of(id), 1u);
    EXPECT_EQ(mine.held, std::set<std::uint64_t>{id});
    EXPECT_EQ(all.owner(1, all.member(1).state.load()).lease, id);
}

// ---------------------------------------------------------------- groups

TEST_P(Registry, AGroupIsRemovedOnlyWithoutWorkers) {
    const std::uint32_t group = make_group(name_of_first);
    const std::uint64_t state = all.group(group).state.load();
    const auto worker = make_worker(group, 20);
    EXPECT_FALSE(all.remove_group(group, all_live));
    by.unknown = {20};
    EXPECT_FALSE(all.remove_group(group, by)) << "it may live";
    EXPECT_EQ(all.find_group(name_of_first), group);
    worker->leave();
    EXPECT_TRUE(all.remove_group(group, all_live));
    EXPECT_EQ(all.find_group(name_of_first), registry::no_group);
    const auto late = join(member_state::worker);
    EXPECT_FALSE(all.enter_group(late, group, state)) << "who joins now is told that it is gone";
    EXPECT_FALSE(all.remove_group(group, all_live)) << "it is gone already";
    EXPECT_EQ(make_group(name_of_first), group);
    EXPECT_NE(all.group(group).state.load(), state) << "the same name in the same place is another group";
    EXPECT_FALSE(all.enter_group(late, group, state));
}

TEST_P(Registry, ARemovalThatSomebodyDiedInIsGoneOnWith) {
    const std::uint32_t group = make_group(name_of_first);
    auto& state = all.group(group).state;
    const std::uint64_t whole = state.load();
    const std::uint64_t removing = group_state::pack(group_state::turn(whole) + 1, group_state::generation(whole),
                                                     group_state::removing | group_state::at_least_once);
    const auto worker = make_worker(group);
    state.store(removing);
    EXPECT_FALSE(all.is_changing_before(registry::no_group, all_live)) << "it is a group again: it has a worker";
    EXPECT_EQ(all.find_group(name_of_first), group);
    worker->leave();
    for (const std::uint32_t stage : {group_state::removing, group_state::clearing}) {
        state.store(group_state::with(removing, stage | group_state::at_least_once));
        EXPECT_EQ(make_group(name_of_second), group) << "the place is used again at once";
        EXPECT_TRUE(all.remove_group(group, all_live));
    }
}

TEST_P(Registry, OneThatIsJustBeingMadeIsWaitedFor) {
    const auto maker = join(member_state::worker, 0, 20);
    const std::uint64_t turn = member_state::generation(maker) << 6 | registry::number_of(maker);
    all.group(0).state.store(group_state::pack(turn, 1, group_state::being_made));
    EXPECT_TRUE(all.is_changing_before(registry::no_group, all_live));
    EXPECT_FALSE(all.is_changing_before(0, all_live));
    by.unknown = {20};
    EXPECT_TRUE(all.is_changing_before(registry::no_group, by)) << "its maker may live";
    EXPECT_EQ(all.found_group(name_of_first, mode, 1, start(), all.epoch(), maker, by), 1u);
    by.dead = {20};
    EXPECT_FALSE(all.is_changing_before(1, by)) << "its maker has died";
    EXPECT_EQ(all.found_group(name_of_second, mode, 1, start(), all.epoch(), join(member_state::worker), by), 0u) << "its place is taken over";
    all.group(0).state.store(group_state::pack(turn, 1, group_state::being_made));
    all.leave(maker);
    EXPECT_FALSE(all.is_changing_before(1, all_live)) << "its maker has left";
}

TEST_P(Registry, AWorkerOfAGroupThatWasMadeAnewTakesNothingFromIt) {
    produce(4);
    const std::uint32_t group = make_group(name_of_first);
    const auto old = make_worker(group, 20);
    // It sleeps behind its look at the cursor; meanwhile it is evicted, the group is removed, and made anew at the same index.
    const registry::cursor_view seen = all.cursor(group);
    all.evict(old->id());
    ASSERT_TRUE(all.remove_group(group, all_live));
    ASSERT_EQ(make_group(name_of_first), group);
    EXPECT_EQ(all.cursor(group).word, seen.word);
    EXPECT_NE(all.cursor(group).stamp, seen.stamp) << "so that its compare-and-swap fails";
    EXPECT_EQ(old->take(buffer, capacity, got), work::evicted);
    const auto young = make_worker(group, 21);
    for (std::uint64_t k = 0; k < 4; ++k) {
        ASSERT_EQ(young->take(buffer, capacity, got), work::record);
        EXPECT_EQ(got.index, at(k));
    }
}

TEST_P(Registry, ALingerIsMeasuredByAClockThatBothHave) {
    const std::uint32_t group = make_group(name_of_first, 20'000'000);
    all.evict_dead(all_live); // there is nobody
    flow_control same(made.ring), other(made.ring);
    std::uint64_t index = 0;
    judge elsewhere;
    elsewhere.clock_number = 2;
    for (std::uint32_t k = 0; k < capacity; ++k) ASSERT_TRUE(same.try_reserve(1, index, all_live));
    // What the other clock's milliseconds say is long ago.
    all.group(group).orphaned.store(orphan_stamp::pack(1, native_atomics::now_ns() - 1'000'000'000));
    EXPECT_FALSE(other.try_reserve(1, index, elsewhere)) << "it has just seen it";
    usleep(25'000);
    EXPECT_TRUE(other.try_reserve(1, index, elsewhere)) << "by its own clock it has been so for that time";
    EXPECT_TRUE(same.try_reserve(1, index, all_live));
    judge nowhere;
    nowhere.clock_number = 0;
    flow_control third(made.ring);
    all.group(group).orphaned.store(orphan_stamp::pack(0, 1));
    EXPECT_FALSE(third.try_reserve(1, index, nowhere)) << "unknown clocks are never the same";
}

// ---------------------------------------------------------------- claims

TEST_P(Registry, ADeadWorkersEntryIsFreeAtOnceAndWhatItHadStays) {
    produce(4);
    const std::uint32_t group = make_group(name_of_first);
    const auto dying = make_worker(group, 20);
    ASSERT_EQ(dying->take(buffer, capacity, got), work::record);
    by.dead = {20};
    EXPECT_EQ(all.left_in_hand(group, all_live), 0u);
    EXPECT_EQ(all.left_in_hand(group, by), 1u);
    all.evict_dead(by);
    EXPECT_FALSE(all.is(dying->id(), member_state::worker));
    EXPECT_EQ(limit(), at(capacity)) << "it is still waited for";
    EXPECT_EQ(all.left_in_hand(group, all_live), 1u);
    // Another consumer has the entry, then another worker.
    const auto consumer = join(member_state::consumer, 4);
    ASSERT_EQ(registry::number_of(consumer), registry::number_of(dying->id()));
    EXPECT_EQ(limit(), at(capacity));
    all.leave(consumer);
    const auto other = make_worker(group, 21);
    ASSERT_EQ(registry::number_of(other->id()), registry::number_of(dying->id()));
    ASSERT_EQ(other->recover(buffer, capacity, all_live, got), work::again);
    EXPECT_EQ(got.index, at(0));
    EXPECT_EQ(limit(), at(capacity)) << "now that one has it";
    EXPECT_EQ(other->take(buffer, capacity, got), work::record);
    EXPECT_EQ(got.index, at(1));
    EXPECT_EQ(limit(), at(capacity + 1));
    EXPECT_EQ(all.left_in_hand(group, all_live), 0u);
}

TEST_P(Registry, ATableFullOfDeadWorkersHasRoom) {
    for (const auto kind : {member_state::consumer, member_state::worker}) {
        test::fixture fresh{{layout::slq1, 128, 8, 1}};
        fresh.start_at(start());
        registry its(fresh.ring);
        for (std::uint32_t k = 0; k < most_members; ++k) fresh.produce();
        const auto maker = its.join(member_state::worker, {.pid = 1}, 0, its.epoch());
        const std::uint32_t group = its.found_group(name_of_first, mode, 1, start(), its.epoch(), maker, all_live);
        its.leave(maker);
        const std::uint64_t state = its.group(group).state.load();
        for (std::uint32_t k = 0; k < most_members; ++k) {
            const auto id = its.join(member_state::worker, {.pid = 20}, 0, its.epoch());
            ASSERT_TRUE(id != 0 && its.enter_group(id, group, state));
            basic_worker<> one(fresh.ring, id, group, state, -1);
            ASSERT_EQ(one.take(buffer, capacity, got), work::record);
        }
        EXPECT_EQ(its.join(kind, {.pid = 21}, start(), its.epoch()), 0u);
        by.dead = {20};
        its.evict_dead(by);
        std::set<std::uint64_t> indices;
        for (std::uint32_t k = 0; k < most_members; ++k) {
            const auto id = its.join(kind, {.pid = 21}, start(), its.epoch());
            ASSERT_NE(id, 0u) << k;
            if (kind == member_state::consumer) continue;
            ASSERT_TRUE(its.enter_group(id, group, state));
            basic_worker<> one(fresh.ring, id, group, state, -1);
            ASSERT_EQ(one.recover(buffer, capacity, by, got), work::again);
            indices.insert(got.index);
        }
        EXPECT_EQ(its.left_in_hand(group, by), kind == member_state::consumer ? most_members : 0u);
        EXPECT_EQ(indices.size(), kind == member_state::consumer ? 0u : most_members) << "each is handed over once";
    }
}

TEST_P(Registry, AnIntentionIsSettledBeforeTheEntryHasAnotherOwner) {
    produce(4);
    const std::uint32_t group = make_group(name_of_first);
    const auto dying = make_worker(group, 20), living = make_worker(group, 21);
    // It dies between saying what it intends and moving the cursor; or just after that.
    for (const bool has_moved : {false, true}) {
        const std::uint64_t stamp = all.cursor(group).stamp;
        auto& claim = all.current_claim(registry::number_of(dying->id()));
        claim.stamp.store(stamp);
        claim.word.store(claim_word::pack(claim_word::intends, group, 7, at(0)));
        if (has_moved) all.group(group).cursor.store(group_cursor::pack(at(1), registry::number_of(dying->id())));
        const std::uint64_t state = all.member(registry::number_of(dying->id())).state.load();
        all.settle_claim(registry::number_of(dying->id()), state + 0x100); // of an owner before
        EXPECT_EQ(claim_word::step_of(claim.word.load()), claim_word::intends);
        all.settle_claim(registry::number_of(dying->id()), state);
        EXPECT_EQ(claim_word::step_of(claim.word.load()), has_moved ? claim_word::has : claim_word::nothing);
    }
    by.dead = {20};
    ASSERT_EQ(living->recover(buffer, capacity, by, got), work::again);
    EXPECT_EQ(got.index, at(0));
}

TEST_P(Registry, AnEvictedWorkerThatLeavesAClaimLeavesItsEntry) {
    produce(2);
    const std::uint32_t group = make_group(name_of_first);
    const auto evicted = make_worker(group, 20), other = make_worker(group, 21);
    ASSERT_EQ(evicted->take(buffer, capacity, got), work::record);
    all.evict(evicted->id());
    ASSERT_EQ(other->recover(buffer, capacity, all_live, got), work::again);
    EXPECT_FALSE(evicted->done());
    evicted->leave();
    EXPECT_EQ(member_state::kind_of(all.member(registry::number_of(evicted->id())).state.load()), member_state::free);
}

// ---------------------------------------------------------------- workers and resets

TEST_P(Registry, AWorkerGoesOnInTheNextEpochAndSaysWhatIsLost) {
    produce(5);
    const std::uint32_t group = make_group(name_of_first);
    const auto one = make_worker(group), two = make_worker(group);
    ASSERT_EQ(one->take(buffer, capacity, got), work::record);
    reset();
    EXPECT_EQ(limit(), capacity);
    ASSERT_EQ(two->take(buffer, capacity, got), work::reset);
    EXPECT_EQ(got.lost, 4u) << "one was claimed";
    EXPECT_EQ(one->take(buffer, capacity, got), work::empty);
    produce(2);
    ASSERT_EQ(one->take(buffer, capacity, got), work::record);
    EXPECT_EQ(got.index, 0u);
    ASSERT_EQ(two->take(buffer, capacity, got), work::record);
    EXPECT_EQ(got.index, 1u);
    EXPECT_EQ(all.group(group).lost.load(), 4u);
    reset();
    produce(3);
    ASSERT_EQ(one->take(buffer, capacity, got), work::reset);
    EXPECT_EQ(got.lost, 0u) << "all was claimed";
    ASSERT_EQ(one->take(buffer, capacity, got), work::record);
    EXPECT_EQ(got.index, 0u);
}

TEST_P(Registry, WhatADeadWorkerHadInHandAtAResetIsNoMore) {
    produce(2);
    const std::uint32_t group = make_group(name_of_first);
    const auto dying = make_worker(group, 20), other = make_worker(group, 21);
    ASSERT_EQ(dying->take(buffer, capacity, got), work::record);
    reset();
    produce(2);
    by.dead = {20};
    EXPECT_EQ(other->recover(buffer, capacity, by, got), work::empty) << "index 0 is another record now";
    EXPECT_EQ(all.left_in_hand(group, by), 0u);
    all.evict_dead(by);
    const auto next = make_worker(group, 22);
    ASSERT_EQ(registry::number_of(next->id()), registry::number_of(dying->id()));
    EXPECT_GE(all.group(group).lost.load(), 1u);
}

TEST_P(Registry, AStallMarkOfBeforeAResetIsNotUsedAfterIt) {
    const std::uint32_t group = make_group(name_of_first);
    const auto worker = make_worker(group, 20, 30'000'000);
    made.ring.reserve(2);
    ASSERT_EQ(worker->take(buffer, capacity, got), work::empty);
    usleep(35'000);
    reset();
    made.ring.reserve(1);
    EXPECT_NE(worker->take(buffer, capacity, got), work::gap);
    EXPECT_NE(worker->take(buffer, capacity, got), work::gap) << "it has not been missing for that time";
    usleep(35'000);
    EXPECT_EQ(worker->take(buffer, capacity, got), work::gap);
}

// ---------------------------------------------------------------- who is alive

TEST(Process, KnowsTheLivingFromTheDead) {
    using namespace slickq::detail;
    const process_identity self = this_process();
    EXPECT_EQ(self.pid, static_cast<std::uint32_t>(::getpid()));
    EXPECT_EQ(liveness_by_number(self), liveness::alive);
    process_identity other = self;
    for (const std::uint32_t pid : {0u, 0xFFFFFFFFu}) {
        other.pid = pid;
        EXPECT_EQ(liveness_by_number(other), liveness::dead);
    }
    other = self;
    other.is_told = false;
    EXPECT_EQ(liveness_by_number(other), liveness::unknown);
    if (self.start_time != 0) {
        other = self;
        ++other.start_time;
        EXPECT_EQ(liveness_by_number(other), liveness::dead) << "another process had the number";
        ++other.time_namespace;
        EXPECT_EQ(liveness_by_number(other), liveness::unknown) << "its start time is of another clock";
        other = self;
        other.start_time = 0;
        EXPECT_EQ(liveness_by_number(other), liveness::unknown);
    }
    if (self.pid_namespace != 0) {
        other = {.pid = 0x7FFFFFF0, .start_time = 1, .pid_namespace = self.pid_namespace + 1, .time_namespace = self.time_namespace};
        EXPECT_EQ(liveness_by_number(other), liveness::unknown) << "elsewhere nothing can be told";
        other.pid_namespace = self.pid_namespace;
        EXPECT_EQ(liveness_by_number(other), liveness::dead);
    }
    const auto of_child = [&](pid_t pid) {
        process_identity child = self;
        child.pid = static_cast<std::uint32_t>(pid);
        child.start_time = self.start_time + 1;
        return liveness_by_number(child);
    };
    const pid_t child = ::fork();
    if (child == 0) ::_exit(this_process().pid == self.pid ? 1 : 0);
    siginfo_t ended;
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
    EXPECT_EQ(ended.si_status, 0) << "a child has a number of its own";
#if defined(__linux__)
    EXPECT_EQ(of_child(child), liveness::dead) << "a zombie is dead";
#endif
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(of_child(child), liveness::dead);
}

#if defined(__linux__)
TEST(Process, LivesOnWithoutItsMainThread) {
    using namespace slickq::detail;
    process_identity* const told =
        static_cast<process_identity*>(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    ASSERT_NE(told, MAP_FAILED);
    const pid_t child = ::fork();
    if (child == 0) {
        *told = this_process();
        pthread_t thread;
        ::pthread_create(&thread, nullptr, [](void*) -> void* { for (;;) ::pause(); }, nullptr);
        ::syscall(SYS_exit, 0); // of this thread alone
    }
    ::usleep(50'000);
    EXPECT_EQ(liveness_by_number(*told), liveness::alive);
    ::kill(child, SIGKILL);
    siginfo_t ended;
    ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
    EXPECT_EQ(liveness_by_number(*told), liveness::dead);
    ::waitpid(child, nullptr, 0);
    ::munmap(told, 4096);
}
#endif

} // namespace
