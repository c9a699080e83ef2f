// registry.hpp - who must not be lapped: the consumers that registered, and the groups of workers, with their processes.
// How far producers in lossless mode may go follows from it.
//
//   label    operation                                pairs with  so that
//   join:A   reserved RMW, after the state is stored  limit:A      see limit()
//   join:B   state CAS (release)                      limit:B      who it is, and where, is there before its state says so
//   limit:A   reserved load (acquire)                  join:A
//   limit:B   state, epoch, position loads (acquire)   join:B, ack:A  what the consumer read of the ring comes before what is
//   ack:A    position, then epoch store (release)     limit:B         written there next; a position is taken for one of this epoch
//                                                                    only if it is
//   ack:B    full fence, then the event count `room`         event_count.hpp    a producer that waits for room is woken
//   evict:A  state CAS (acquire and release)          itself      one ends a registration; pairs with join:B for its details
//   found:A  group state store (release)              found:B     what a group is, is there before its state says that it is one
//   found:B  group state load (acquire)               found:A
//   meet:A   member's group store, full fence, group  meet:B      of a worker that joins and a removal one sees the other
//            state load (relaxed)
//   meet:B   group state CAS, full fence, members     meet:A
//   epoch:A  resets, reserved_before, resets again               reset:A, B  (ring.hpp) the two belong together
//   epoch:B  resets load (relaxed), after acquire     reset:A     what was found is of the epoch that was looked up
//            loads of what a reset changes
//
// A reset begins another epoch, in which indices come again. What is said of an index, an acknowledgement, a claim, a
// cursor, a limit, says in which epoch, in all 64 bits, and counts in no other. So a reset has nothing to do here: what
// is of another epoch is "nothing yet", until its owner says something of this one.
//
// Everything here may be damaged or hostile: numbers are checked, and at worst producers wait, or do not.
#ifndef SLICKQ_ROSTER_HPP
#define SLICKQ_ROSTER_HPP

#include <slickq/detail/ring.hpp>

#include <algorithm>

namespace slickq {

// Nobody is sent away, and nothing taken over, unless its process is surely dead. The numbers are those of
// slickq_consumer_info.
enum class liveness : std::uint32_t { dead = 0, alive = 1, unknown = 2 };

// A process, as others of the same machine know it again.
struct process_identity {
    std::uint32_t pid = 0;
    std::uint64_t start_time = 0;     // 0: not known
    std::uint64_t pid_namespace = 0;  // 0: not known
    std::uint64_t time_namespace = 0; // 0: not known
    std::uint64_t lease = 0;          // the registration that it holds a lease for; 0: none
    bool is_told = true;              // false: it has not said all that yet
};

// none: where the system has no such thing. taken: by another one that tries the same place.
enum class lease_state { none, held, taken };

// For who has nothing of the kind.
struct no_leases {
    lease_state take(std::uint64_t) const noexcept { return lease_state::none; }
    void drop(std::uint64_t) const noexcept {}
};

// A number of resets, and what extension.reserved_before was then.
struct epoch_view {
    std::uint64_t resets = no_index; // odd: a reset is under way
    std::uint64_t reserved_before = 0;

    bool is_settled() const noexcept { return (resets & 1) == 0; }
};

enum class acknowledged {
    yes,
    no_member, // it is none any more
    reset,     // the queue was reset since it last said something: nothing is acknowledged, it goes on at index 0
    ahead,     // of all that is reserved: nothing is acknowledged
};

template <class Atomics = native_atomics>
class basic_registry {
public:
    using ring_type = basic_ring<Atomics>;
    using member_type = basic_member<Atomics>;
    using group_type = basic_group<Atomics>;
    using id = std::uint64_t; // of a registration; 0: none
    static constexpr std::uint32_t no_group = ~std::uint32_t{0};

    // A group's cursor, as it was found.
    struct cursor_view {
        std::uint64_t word = 0;
        std::uint64_t stamp = 0;
        std::uint64_t index() const noexcept { return group_cursor::index(word); }
    };

    basic_registry() = default;
    // The ring has an extension area.
    explicit basic_registry(const ring_type& source) noexcept : ring_(source) {}

    // ---------------------------------------------------------------- epochs

    epoch_view epoch() const noexcept {
        for (;;) {
            const epoch_view seen{extension().resets.load(std::memory_order_acquire), extension().reserved_before.load(std::memory_order_acquire)}; // epoch:A
            if (is_still(seen)) return seen;
        }
    }
    // epoch:B
    bool is_still(const epoch_view& e) const noexcept { return extension().resets.load(std::memory_order_relaxed) == e.resets; }

    // ---------------------------------------------------------------- members

    // 0: there is no room. For a consumer: all before `position`, which is reserved, it does not need. A worker is of
    // no group yet. `leases` has take(id), a lease_state, and drop(id).
    template <class Leases = no_leases>
    id join(member_state::kind kind, const process_identity& owner, std::uint64_t position, const epoch_view& e, const Leases& leases = {}) noexcept {
        for (std::uint32_t number = 0; number < most_members; ++number) {
            member_type& m = member(number);
            std::uint64_t before = m.state.load(std::memory_order_relaxed);
            if (member_state::kind_of(before) != member_state::free) continue;
            const std::uint64_t joining = member_state::pack(owner.pid, member_state::generation(before) + 1, member_state::joining);
            const id mine = id_of(joining, number);
            // First of all, so that the entry of one who dies before it has said who it is can be used again.
            const lease_state lease = leases.take(mine);
            if (lease == lease_state::taken) continue;
            const auto entered = lease == lease_state::held ? member_state::leased : member_state::joining;
            raise(extension().members_used, number + 1); // before: should this one die now, it is found
            if (!m.state.compare_exchange_strong(before, member_state::with(joining, entered), std::memory_order_acq_rel)) { // evict:A
                leases.drop(mine);
                continue;
            }
            const std::uint32_t claim = free_claim(number);
            if (kind == member_state::worker && claim == claims_of_member) { // former workers' are in all of them
                change(mine, entered, member_state::free);
                leases.drop(mine);
                continue;
            }
            m.position.store(position, std::memory_order_relaxed);
            m.epoch.store(e.resets, std::memory_order_relaxed);
            m.group.store(no_index, std::memory_order_relaxed);
            m.current.store(claim, std::memory_order_relaxed);
            m.lease.store(lease == lease_state::held ? 1 : 0, std::memory_order_relaxed);
            m.start_time.store(owner.start_time, std::memory_order_relaxed);
            m.pid_namespace.store(owner.pid_namespace, std::memory_order_relaxed);
            m.time_namespace.store(owner.time_namespace, std::memory_order_relaxed);
            m.stalled_since.store(0, std::memory_order_relaxed);
            change(mine, entered, kind); // join:B
            return mine;
        }
        return 0;
    }

    // What is reserved from the index returned on is held for those who have joined; what was reserved before may have
    // been granted already, and be overwritten.
    std::uint64_t take_effect() noexcept { return ring_.meet_producers(); } // join:A

    bool is(id member_id, member_state::kind kind) const noexcept {
        return member(number_of(member_id)).state.load(std::memory_order_acquire) == state_of(member_id, kind);
    }

    // A consumer has read all before `index`, in the epoch of so many resets. False: it is no member any more. By its
    // owner alone.
    bool acknowledge(id consumer, std::uint64_t index, std::uint64_t resets) noexcept {
        if (!is(consumer, member_state::consumer)) return false;
        member_type& m = member(number_of(consumer));
        m.position.store(index, std::memory_order_release); // ack:A
        if (m.epoch.load(std::memory_order_relaxed) != resets) m.epoch.store(resets, std::memory_order_release); // ack:A
        made_room();
        return true;
    }
    // The same by one who does not look for resets by itself.
    acknowledged acknowledge(id consumer, std::uint64_t index) noexcept {
        const epoch_view now = epoch();
        // While the queue is being reset, nothing that was read counts.
        const bool is_known = now.is_settled() && member(number_of(consumer)).epoch.load(std::memory_order_relaxed) == now.resets;
        // Nobody can have read that; producers would take it for what a peer's reset leaves behind (unread()).
        if (is_known && ring_.difference(index, ring_.reserved_index()) > 0 && is_still(now)) return acknowledged::ahead;
        if (!acknowledge(consumer, is_known ? index : 0, now.resets)) return acknowledged::no_member;
        return is_known ? acknowledged::yes : acknowledged::reset;
    }

    // By its owner, also when it was evicted; or by others when its owner is dead.
    bool leave(id member_id) noexcept {
        const bool was = change(member_id, member_state::consumer, member_state::free) ||
                         change(member_id, member_state::worker, member_state::free) ||
                         change(member_id, member_state::evicted, member_state::free);
        made_room();
        return was;
    }

    // By an operator. Its owner learns of it; until then, or its end, its entry is not used again.
    bool evict(id member_id) noexcept {
        const bool was = change(member_id, member_state::consumer, member_state::evicted) ||
                         change(member_id, member_state::worker, member_state::evicted);
        made_room();
        return was;
    }

    void made_room() noexcept {
        Atomics::full_fence(); // ack:B
        room().wake_sleepers();
    }
    basic_event_count<Atomics> room() const noexcept { return basic_event_count<Atomics>(&extension().room); }

    // ---------------------------------------------------------------- producers

    // Up to where may be reserved, in that epoch. over_skipped: as if who is at the skipped end of the ring were beyond
    // it. A limit holds as long as the epoch lasts, whoever joins later: it is at most a lap ahead of what was reserved
    // at limit:A. Who had joined by then is seen; who joins later is promised only what is reserved after join:A, which
    // is no less than that was. has_lingered(number): whether a group without workers has been so for its time.
    template <class HasLingered>
    std::uint64_t limit(const epoch_view& e, HasLingered has_lingered, bool over_skipped = false) const noexcept {
        const std::uint64_t end = ring_.reserved_index(std::memory_order_acquire); // limit:A
        std::uint64_t behind = 0;
        for_each([&](std::uint32_t number, std::uint64_t state) {
            if (member_state::kind_of(state) != member_state::consumer) return;
            behind = std::max(behind, unread(end, position_of_member(number, e), over_skipped));
        });
        for (std::uint32_t g = 0; g < groups_used(); ++g) {
            if (holds(g, has_lingered)) behind = std::max(behind, unread(end, first_needed(g, e), over_skipped));
        }
        return (end - behind + ring_.capacity()) & ring_.index_mask();
    }

    // Ends the registrations of those whose process is dead. What dead workers have claimed stays for the others of their
    // group. Notes which groups are without a living worker. judge(identity): a liveness; judge.clock(): see
    // orphan_stamp.
    template <class Judge>
    void evict_dead(const Judge& judge) noexcept {
        for_each([&](std::uint32_t number, std::uint64_t state) {
            if (is_dead(number, state, judge)) end_dead(number, state);
        });
        for (std::uint32_t g = 0; g < groups_used(); ++g) {
            auto& since = group(g).orphaned;
            std::uint64_t none = 0;
            // Acquire: a worker that was counted out here, and made it 0 before, has joined, and is found the second
            // time.
            if (workers_left(g, judge) == 0) {
                since.compare_exchange_strong(none, orphan_stamp::pack(judge.clock(), Atomics::now_ns()), std::memory_order_acq_rel);
            }
            if (since.load(std::memory_order_relaxed) != 0 && workers_left(g, judge) != 0) since.store(0, std::memory_order_relaxed);
        }
        made_room();
    }

    // Of one that is surely dead, or a worker that does nothing any more.
    void end_dead(std::uint32_t number, std::uint64_t state) noexcept {
        const auto kind = member_state::kind_of(state);
        if (kind == member_state::worker || kind == member_state::evicted) settle_claim(number, state);
        change(id_of(state, number), kind, member_state::free);
    }

    // ---------------------------------------------------------------- groups

    // Whether producers wait for it. has_lingered(number): of one without workers.
    template <class HasLingered>
    bool holds(std::uint32_t number, HasLingered has_lingered) const noexcept {
        const group_type& g = group(number);
        if (!group_state::is_group(g.state.load(std::memory_order_acquire))) return false; // found:B
        return g.orphaned.load(std::memory_order_relaxed) == 0 || !has_lingered(number);
    }

    // Whether a group without workers has been so for its time, by a clock that both have; can_compare: whether it is
    // one.
    bool has_lingered(std::uint32_t number, std::uint32_t clock, bool& can_compare) const noexcept {
        return linger_left_ns(number, clock, can_compare) == 0;
    }
    // The same in nanoseconds: how much of its time is left. no_index: it has workers, or the clock is another one.
    std::uint64_t linger_left_ns(std::uint32_t number, std::uint32_t clock, bool& can_compare) const noexcept {
        const group_type& g = group(number);
        const std::uint64_t since = g.orphaned.load(std::memory_order_relaxed);
        can_compare = since == 0 || (clock != 0 && orphan_stamp::clock(since) == clock);
        if (since == 0 || !can_compare) return no_index;
        const std::uint64_t elapsed = orphan_stamp::elapsed_ns(since, orphan_stamp::pack(clock, Atomics::now_ns()));
        const std::uint64_t linger = g.linger_ns.load(std::memory_order_relaxed);
        return elapsed < linger ? linger - elapsed : 0;
    }

    // The number of the group of that name; no_group if there is none.
    std::uint32_t find_group(const std::uint64_t (&name)[2]) const noexcept {
        for (std::uint32_t number = 0; number < groups_used(); ++number) {
            const group_type& g = group(number);
            if (!group_state::is_group(g.state.load(std::memory_order_acquire))) continue; // found:B
            if (g.name[0].load(std::memory_order_relaxed) == name[0] && g.name[1].load(std::memory_order_relaxed) == name[1]) return number;
        }
        return no_group;
    }

    // Makes a group that begins at `index` of the epoch; no_group if there is no room for one. `maker` is a member. Of
    // two that make one of the same name at once, the one with the lower number counts: look it up afterwards, once
    // is_changing_before() says that none is coming.
    template <class Judge>
    std::uint32_t found_group(const std::uint64_t (&name)[2], group_state::mode mode, std::int64_t linger_ns, std::uint64_t index,
                              const epoch_view& e, id maker, const Judge& judge) noexcept {
        const std::uint64_t turn = (member_state::generation(maker) << 6 | number_of(maker)) & 0xFFFFFFFF;
        for (std::uint32_t number = 0; number < most_groups; ++number) {
            group_type& g = group(number);
            std::uint64_t before = g.state.load(std::memory_order_acquire); // found:B
            if (is_being_removed(before)) before = go_on_removing(number, before, judge);
            const bool is_half_made = group_state::stage(before) == group_state::being_made && !may_be_made(before, judge);
            if (group_state::stage(before) != group_state::free && !is_half_made) continue;
            const std::uint64_t mine = group_state::pack(turn, group_state::generation(before) + 1, group_state::being_made);
            // Acquire: pairs with the one who removed it.
            if (!g.state.compare_exchange_strong(before, mine, std::memory_order_acquire)) continue;
            // In this order: a worker of the former group that has slept since never finds its stamp with another
            // cursor.
            g.stamp.store(group_stamp::pack(group_state::generation(mine), e.resets), std::memory_order_relaxed);
            g.cursor.store(index << 16, std::memory_order_release);
            for (auto* counter : {&g.handovers, &g.orphaned, &g.abandoned, &g.redelivered, &g.lost}) {
                counter->store(0, std::memory_order_relaxed);
            }
            g.reserved_before.store(e.reserved_before, std::memory_order_relaxed);
            g.reserved_before_epoch.store(e.resets, std::memory_order_relaxed);
            g.linger_ns.store(static_cast<std::uint64_t>(linger_ns), std::memory_order_relaxed);
            for (int i = 0; i < 2; ++i) g.name[i].store(name[i], std::memory_order_relaxed);
            raise(extension().groups_used, number + 1);
            g.state.store(group_state::with(mine, mode), std::memory_order_release); // found:A
            return number;
        }
        return no_group;
    }

    // A worker joins the group that was found in that state. False: it is no more, or is being removed.
    bool enter_group(id worker, std::uint32_t number, std::uint64_t state) noexcept {
        member(number_of(worker)).group.store(member_group::pack(number, state), std::memory_order_release);
        group(number).orphaned.store(0, std::memory_order_release);
        Atomics::full_fence(); // meet:A
        if (group(number).state.load(std::memory_order_relaxed) == state) return true;
        member(number_of(worker)).group.store(no_index, std::memory_order_release);
        return false;
    }

    // With all that its dead workers have claimed. False: it has workers that are not surely dead, or another one is at
    // it.
    template <class Judge>
    bool remove_group(std::uint32_t number, const Judge& judge) noexcept {
        group_type& g = group(number);
        std::uint64_t state = g.state.load(std::memory_order_acquire);
        if (!group_state::is_group(state)) return false;
        const std::uint64_t removing = group_state::pack(group_state::turn(state) + 1, group_state::generation(state),
                                                         group_state::stage(state) | group_state::removing);
        if (!g.state.compare_exchange_strong(state, removing, std::memory_order_acq_rel)) return false; // meet:B
        return !group_state::is_group(go_on_removing(number, removing, judge));
    }

    // Whether a group with a lower number is just being made: then one of any name may be there in a moment.
    template <class Judge>
    bool is_changing_before(std::uint32_t number, const Judge& judge) noexcept {
        for (std::uint32_t before = 0; before < std::min(number, most_groups); ++before) {
            const std::uint64_t state = group(before).state.load(std::memory_order_acquire); // found:B
            if (is_being_removed(state)) go_on_removing(before, state, judge);
            if (group_state::stage(state) == group_state::being_made && may_be_made(state, judge)) return true;
        }
        return false;
    }

    // ---------------------------------------------------------------- claims: see group_worker.hpp

    cursor_view cursor(std::uint32_t number) const noexcept {
        const group_type& g = group(number);
        // Should the cursor come into another epoch between the two, the stamp is that of an older epoch still, or the
        // cursor too new for it: a compare-and-swap of both fails, and who only looks sees no more than was claimed.
        const std::uint64_t stamp = g.stamp.load(std::memory_order_acquire); // take:A
        return {g.cursor.load(std::memory_order_acquire), stamp};           // take:A
    }

    using claim_type = basic_claim<Atomics>;
    claim_type& claim(std::uint32_t number, std::uint32_t which) const noexcept { return member(number).claims[which % claims_of_member]; }
    // The one that the entry's owner uses.
    claim_type& current_claim(std::uint32_t number) const noexcept {
        return claim(number, static_cast<std::uint32_t>(member(number).current.load(std::memory_order_relaxed)));
    }

    // What a claim of that entry says of the group in the epoch, 0: nothing. The stamp before the word: its owner takes
    // back what it says of one group and epoch before it speaks of another.
    std::uint64_t word_of(const claim_type& c, std::uint32_t group_number, std::uint64_t stamp) const noexcept {
        if (c.stamp.load(std::memory_order_acquire) != stamp) return 0;       // hand:A
        const std::uint64_t word = c.word.load(std::memory_order_acquire);    // hand:A
        return claim_word::group(word) == group_number ? word : 0;
    }

    // The index that such a word of that entry claims, when the group's cursor is `at`; no_index if none. An intention
    // became a claim if the cursor was then moved by its member: it says so until the next one moves it, who first
    // makes a claim of it.
    std::uint64_t claimed(std::uint32_t number, std::uint64_t word, const cursor_view& at, std::uint64_t stamp) const noexcept {
        const std::uint64_t index = claim_word::index(word);
        switch (claim_word::step_of(word)) {
        case claim_word::has: return index;
        case claim_word::intends: {
            const bool moved_it = at.stamp == stamp && group_cursor::member(at.word) == number && ring_.difference(at.index(), index) > 0;
            return moved_it ? index : no_index;
        }
        default: return no_index;
        }
    }

    // The third step of whoever moved the cursor to where it is.
    void write_down(const cursor_view& at, std::uint32_t group_number, std::uint64_t stamp) noexcept {
        const std::uint32_t mover = group_cursor::member(at.word);
        if (mover >= most_members || at.stamp != stamp) return;
        claim_type& c = current_claim(mover);
        std::uint64_t seen = word_of(c, group_number, stamp);
        if (claim_word::step_of(seen) != claim_word::intends) return;
        // It may be another's by now, or it may be about to claim what is next. Then it told us so before it told us
        // that.
        if (ring_.difference(at.index(), claim_word::index(seen)) <= 0) return;
        c.word.compare_exchange_strong(seen, claim_word::with(seen, claim_word::has), std::memory_order_acq_rel); // hand:B
    }

    // Of an intention whose owner does nothing any more: it came about, or it did not. Before the entry has another
    // owner, who moves cursors under the same number.
    void settle_claim(std::uint32_t number, std::uint64_t state) noexcept {
        claim_type& c = current_claim(number);
        std::uint64_t word = c.word.load(std::memory_order_acquire); // hand:A
        if (claim_word::step_of(word) != claim_word::intends) return;
        if (member(number).state.load(std::memory_order_acquire) != state) return; // limit:B. It may be of another owner
        const std::uint32_t g = claim_word::group(word);
        const std::uint64_t stamp = c.stamp.load(std::memory_order_acquire); // hand:A
        const bool is_claim = claimed(number, word, cursor(g), stamp) != no_index;
        c.word.compare_exchange_strong(word, is_claim ? claim_word::with(word, claim_word::has) : 0, std::memory_order_acq_rel); // hand:B
    }

    // Calls visit(number, claim, word) for each claim of the group in that epoch, whose-ever it is.
    template <class Visit>
    void for_each_claim(std::uint32_t group_number, std::uint64_t stamp, Visit visit) const noexcept {
        const std::uint32_t used = members_used();
        for (std::uint32_t n = 0; n < used; ++n) {
            for (std::uint32_t k = 0; k < claims_of_member; ++k) {
                const std::uint64_t word = word_of(claim(n, k), group_number, stamp);
                if (word != 0) visit(n, claim(n, k), word);
            }
        }
    }

    // Whether a claim of that entry, found before, is for others to take over: not if it is a worker's which may live.
    // (The claim first, then the state: who claims has joined before.)
    template <class Judge>
    bool is_left(std::uint32_t number, const claim_type& c, const Judge& judge) const noexcept {
        const std::uint64_t state = member(number).state.load(std::memory_order_acquire); // limit:B
        return member_state::kind_of(state) != member_state::worker || &current_claim(number) != &c || is_dead(number, state, judge);
    }

    static std::uint64_t stamp_of(std::uint64_t of, const epoch_view& e) noexcept { return group_stamp::pack(of >> 8, e.resets); }
    std::uint64_t stamp_now(std::uint32_t number, const epoch_view& e) const noexcept {
        return group_stamp::pack(group_state::generation(group(number).state.load(std::memory_order_relaxed)), e.resets);
    }

    // ---------------------------------------------------------------- observers

    // Workers of the group that are not surely dead.
    template <class Judge>
    std::uint32_t workers_left(std::uint32_t number, const Judge& judge) const noexcept {
        std::uint32_t count = 0;
        const std::uint64_t of = member_group::pack(number, group(number).state.load(std::memory_order_relaxed));
        for_each([&](std::uint32_t m, std::uint64_t state) {
            if (member_state::kind_of(state) != member_state::worker) return;
            if (member(m).group.load(std::memory_order_relaxed) == of && !is_dead(m, state, judge)) ++count;
        });
        return count;
    }

    // Records that the group's dead, evicted and former workers have left claimed.
    template <class Judge>
    std::uint32_t left_in_hand(std::uint32_t number, const Judge& judge) const noexcept {
        const std::uint64_t stamp = stamp_now(number, epoch());
        const cursor_view at = cursor(number);
        std::uint32_t count = 0;
        for_each_claim(number, stamp, [&](std::uint32_t n, const claim_type& c, std::uint64_t word) {
            if (claimed(n, word, at, stamp) != no_index && is_left(n, c, judge)) ++count;
        });
        return count;
    }

    template <class Judge>
    bool is_dead(std::uint32_t number, std::uint64_t state, const Judge& judge) const noexcept {
        return judge(owner(number, state)) == liveness::dead;
    }

    member_type& member(std::uint32_t number) const noexcept { return extension().members[number % most_members]; }
    group_type& group(std::uint32_t number) const noexcept { return extension().groups[number % most_groups]; }
    std::uint32_t members_used() const noexcept { return std::min(extension().members_used.load(std::memory_order_acquire), most_members); }
    std::uint32_t groups_used() const noexcept { return std::min(extension().groups_used.load(std::memory_order_acquire), most_groups); }

    // Calls visit(number, state) for each member.
    template <class Visit>
    void for_each(Visit visit) const noexcept {
        const std::uint32_t used = members_used();
        for (std::uint32_t number = 0; number < used; ++number) {
            const std::uint64_t state = member(number).state.load(std::memory_order_acquire); // limit:B
            if (member_state::kind_of(state) != member_state::free) visit(number, state);
        }
    }

    process_identity owner(std::uint32_t number, std::uint64_t state) const noexcept {
        const member_type& m = member(number);
        const auto kind = member_state::kind_of(state);
        const id whole = id_of(state, number);
        // One that is joining has not said yet when its process began.
        if (kind == member_state::joining) return {member_state::pid(state), 0, 0, 0, 0, false};
        if (kind == member_state::leased) return {member_state::pid(state), 0, 0, 0, whole, false};
        return {member_state::pid(state),
                m.start_time.load(std::memory_order_relaxed),
                m.pid_namespace.load(std::memory_order_relaxed),
                m.time_namespace.load(std::memory_order_relaxed),
                m.lease.load(std::memory_order_relaxed) != 0 ? whole : 0,
                true};
    }

    // The index before which a consumer has read all, in that epoch.
    std::uint64_t position_of_member(std::uint32_t number, const epoch_view& e) const noexcept {
        const member_type& m = member(number);
        const bool is_of_epoch = m.epoch.load(std::memory_order_acquire) == e.resets; // limit:B
        return is_of_epoch ? m.position.load(std::memory_order_acquire) : 0;          // limit:B
    }

    static id id_of(std::uint64_t state, std::uint32_t number) noexcept { return (state & ~member_state::kind_mask) | number; }
    static std::uint32_t number_of(id member_id) noexcept { return static_cast<std::uint32_t>(member_id & member_state::kind_mask); }
    static std::uint64_t state_of(id member_id, member_state::kind kind) noexcept { return member_state::with(member_id, kind); }

    // How many elements `index` is behind `end`; 0 if it is not.
    std::uint64_t distance(std::uint64_t end, std::uint64_t index) const noexcept {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(ring_.difference(end, index), 0));
    }

private:
    basic_extension<Atomics>& extension() const noexcept { return *ring_.extension(); }

    bool change(id member_id, member_state::kind from, member_state::kind to) noexcept {
        std::uint64_t expected = state_of(member_id, from);
        return member(number_of(member_id))
            .state.compare_exchange_strong(expected, state_of(member_id, to), std::memory_order_acq_rel); // evict:A, join:B
    }

    // One that nothing is in; claims_of_member: none. Of an entry that the caller has for itself.
    std::uint32_t free_claim(std::uint32_t number) const noexcept {
        std::uint32_t which = 0;
        while (which < claims_of_member && !is_unused(claim(number, which))) ++which;
        return which;
    }
    // Or what is in it is of a group or an epoch that is over.
    bool is_unused(claim_type& c) const noexcept {
        std::uint64_t word = c.word.load(std::memory_order_acquire); // hand:A
        if (word == 0) return true;
        const epoch_view now{extension().resets.load(std::memory_order_relaxed), 0};
        const std::uint64_t stamp = c.stamp.load(std::memory_order_relaxed);
        const std::uint64_t stamp_of_group = stamp_now(claim_word::group(word), now);
        if (stamp == stamp_of_group) return false;
        if (stamp >> 40 == stamp_of_group >> 40 && claim_word::step_of(word) == claim_word::has) {
            group(claim_word::group(word)).lost.fetch_add(1, std::memory_order_relaxed); // a statistic: claimed at a reset
        }
        return c.word.compare_exchange_strong(word, 0, std::memory_order_acq_rel); // hand:B
    }

    // How much of the ring a consumer at `index` holds.
    std::uint64_t unread(std::uint64_t end, std::uint64_t index, bool over_skipped) const noexcept {
        const std::int64_t behind = ring_.difference(end, index);
        if (behind < 0) {
            // It read on since we looked. Or a peer has reset the queue, which shows only here: then it has read
            // nothing yet.
            return ring_.difference(ring_.reserved_index(), index) < 0 ? std::min(end, ring_.capacity()) : 0;
        }
        if (over_skipped && behind > 0 && ring_.is_end_skipped(index)) return distance(end, ring_.start_of_ring_after(index));
        return static_cast<std::uint64_t>(behind);
    }

    // The oldest index that a group still needs. A claim that goes from one place to another may be missed in both;
    // then `handovers` has changed.
    std::uint64_t first_needed(std::uint32_t number, const epoch_view& e) const noexcept {
        const group_type& g = group(number);
        const std::uint64_t stamp = stamp_now(number, e);
        std::uint64_t first = 0;
        for (int tries = 0; tries < 1000; ++tries) { // more handovers than that, within microseconds, no workers make
            const std::uint64_t handovers = g.handovers.load(std::memory_order_acquire); // hand:C
            const cursor_view at = cursor(number);
            first = at.stamp == stamp ? at.index() : 0;
            for_each_claim(number, stamp, [&](std::uint32_t n, const claim_type&, std::uint64_t word) {
                const std::uint64_t index = claimed(n, word, at, stamp);
                if (index != no_index && ring_.difference(first, index) > 0) first = index;
            });
            Atomics::acquire_fence();
            if (g.handovers.load(std::memory_order_relaxed) == handovers) break; // hand:C
        }
        return first;
    }

    // ---------------------------------------------------------------- making and removing groups

    static bool is_being_removed(std::uint64_t state) noexcept {
        return (group_state::stage(state) & (group_state::removing | group_state::clearing)) != 0;
    }

    // Whether the member that is making the group may still be at it.
    template <class Judge>
    bool may_be_made(std::uint64_t group, const Judge& judge) const noexcept {
        const auto number = static_cast<std::uint32_t>(group_state::turn(group) & 63);
        const std::uint64_t state = member(number).state.load(std::memory_order_acquire); // limit:B
        const bool is_it = ((member_state::generation(state) << 6 | number) & 0xFFFFFFFF) == group_state::turn(group);
        return is_it && member_state::kind_of(state) != member_state::free && !is_dead(number, state, judge);
    }

    // Whoever comes across a removal goes on with it: who began it may have died. The result is the state it comes to.
    template <class Judge>
    std::uint64_t go_on_removing(std::uint32_t number, std::uint64_t state, const Judge& judge) noexcept {
        group_type& g = group(number);
        if ((group_state::stage(state) & group_state::removing) != 0) {
            Atomics::full_fence(); // meet:B
            const auto mode = group_state::mode_of(state);
            const bool has_workers = workers_left(number, judge) != 0;
            const std::uint64_t next = group_state::with(state, has_workers ? mode : group_state::clearing | mode);
            std::uint64_t expected = state;
            // If it fails, another one has come to a result.
            if (!g.state.compare_exchange_strong(expected, next, std::memory_order_acq_rel)) return expected;
            state = next;
        }
        if ((group_state::stage(state) & group_state::clearing) == 0) return state;
        clear(number, state);
        std::uint64_t expected = state;
        const std::uint64_t none = group_state::with(state, group_state::free);
        const bool was_us = g.state.compare_exchange_strong(expected, none, std::memory_order_acq_rel); // pairs with found_group()
        made_room();
        return was_us ? none : expected;
    }

    // What workers of a group that is no more had claimed. Twice, or late, it does no harm: what it changes is of that
    // group only.
    void clear(std::uint32_t number, std::uint64_t state) noexcept {
        const std::uint32_t used = members_used();
        for (std::uint32_t n = 0; n < used; ++n) {
            for (std::uint32_t k = 0; k < claims_of_member; ++k) {
                claim_type& c = claim(n, k);
                const bool is_its = c.stamp.load(std::memory_order_acquire) >> 40 == group_state::generation(state); // hand:A
                std::uint64_t word = c.word.load(std::memory_order_acquire);                                        // hand:A
                if (word == 0 || !is_its || claim_word::group(word) != number) continue;
                c.word.compare_exchange_strong(word, 0, std::memory_order_acq_rel); // hand:B
            }
        }
    }

    static void raise(typename ring_type::template atomic<std::uint32_t>& word, std::uint32_t to) noexcept {
        std::uint32_t seen = word.load(std::memory_order_relaxed);
        while (seen < to && !word.compare_exchange_strong(seen, to, std::memory_order_acq_rel, std::memory_order_relaxed)) {
        }
    }

    ring_type ring_;
};

using registry = basic_registry<>;

} // namespace slickq

#endif
