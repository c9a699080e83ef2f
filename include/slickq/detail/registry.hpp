// registry.hpp - who must not be lapped: consumers and workers join, say how far they have read, leave, and are sent
// away when they are dead. How far producers in lossless mode may go follows from it (flow_control.hpp).
//
// It is four layers, each in a file of its own: the table as it stands (members.hpp), what workers have claimed
// (claims.hpp), the groups that share a cursor (group.hpp), and here what changes a registration.
//
//   label    operation                                pairs with      so that
//   join:A   reserved RMW (acquire, release), after   limit:A         see basic_flow_control::limit()
//            the state is stored                      (flow_control.hpp)
//   join:B   state CAS (release)                      limit:B         who it is, and where, is there before its state
//                                                     (members.hpp)   says so
//   ack:A    position, then epoch store (release)     limit:B         what the consumer read comes before what is
//                                                                     written there next
//   evict:A  state CAS (acquire and release)          evict:A         one ends a registration; the next owner of the
//                                                                     entry finds all that was done before
#ifndef SLICKQ_DETAIL_REGISTRY_HPP
#define SLICKQ_DETAIL_REGISTRY_HPP

#include <slickq/detail/group.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

// none: where the system has no such thing. taken: by another one that tries the same place.
enum class lease_state { none, held, taken };

// For who has nothing of the kind.
struct no_leases {
    lease_state take(std::uint64_t) const noexcept { return lease_state::none; }
    void drop(std::uint64_t) const noexcept {}
};

enum class acknowledged {
    yes,
    no_member, // it is none any more
    reset,     // the queue was reset since it last said something: nothing is acknowledged, it goes on at index 0
    ahead,     // of all that is reserved: nothing is acknowledged
};

template <class Atomics = native_atomics>
class basic_registry : public basic_groups<Atomics> {
    using base = basic_groups<Atomics>;

public:
    using base::epoch;
    using base::for_each;
    using base::id_of;
    using base::is;
    using base::is_dead;
    using base::is_still;
    using base::made_room;
    using base::member;
    using base::number_of;
    using base::state_of;
    using typename base::id;
    using typename base::member_type;

    using base::base;

    // ---------------------------------------------------------------- joining

    // 0: there is no room. For a consumer: all before `position`, which is reserved, it does not need. A worker is of
    // no group yet. `leases` has take(id), a lease_state, and drop(id).
    template <class Leases = no_leases>
    id join(member_state::kind kind, const process_identity& owner, std::uint64_t position, const epoch_view& e,
            const Leases& leases = {}) noexcept {
        for (std::uint32_t number = 0; number < most_members; ++number) {
            member_type& m = member(number);
            std::uint64_t before = m.state.load(std::memory_order_relaxed);
            if (member_state::kind_of(before) != member_state::free) continue;
            const std::uint64_t generation = member_state::generation(before) + 1;
            const std::uint64_t joining = member_state::pack(owner.pid, generation, member_state::joining);
            const id mine = id_of(joining, number);
            // First of all, so that the entry of one who dies before it has said who it is can be used again.
            const lease_state lease = leases.take(mine);
            if (lease == lease_state::taken) continue;
            const auto entered = lease == lease_state::held ? member_state::leased : member_state::joining;
            base::raise(extension().members_used, number + 1); // before: should this one die now, it is found
            const std::uint64_t taken = member_state::with(joining, entered);
            if (!m.state.compare_exchange_strong(before, taken, std::memory_order_acq_rel)) { // evict:A
                leases.drop(mine);
                continue;
            }
            const std::uint32_t claim = base::free_claim(number);
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

    // ---------------------------------------------------------------- acknowledging

    // A consumer has read all before `index`, in the epoch of so many resets. False: it is no member any more. By its
    // owner alone.
    bool acknowledge(id consumer, std::uint64_t index, std::uint64_t resets) noexcept {
        if (!is(consumer, member_state::consumer)) return false;
        member_type& m = member(number_of(consumer));
        m.position.store(index, std::memory_order_release); // ack:A
        if (m.epoch.load(std::memory_order_relaxed) != resets) {
            m.epoch.store(resets, std::memory_order_release); // ack:A
        }
        made_room();
        return true;
    }
    // The same by one who does not look for resets by itself.
    acknowledged acknowledge(id consumer, std::uint64_t index) noexcept {
        const epoch_view now = epoch();
        // While the queue is being reset, nothing that was read counts.
        const std::uint64_t known = member(number_of(consumer)).epoch.load(std::memory_order_relaxed); // its own
        const bool is_known = now.is_settled() && known == now.resets;
        // Nobody can have read that; producers would take it for what a peer's reset leaves behind (limit()).
        const bool is_ahead = is_known && ring_.difference(index, ring_.reserved_index()) > 0;
        if (is_ahead && is_still(now)) return acknowledged::ahead;
        if (!acknowledge(consumer, is_known ? index : 0, now.resets)) return acknowledged::no_member;
        return is_known ? acknowledged::yes : acknowledged::reset;
    }

    // ---------------------------------------------------------------- leaving

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

    // Ends the registrations of those whose process is dead. What dead workers have claimed stays for the others of
    // their group. Notes which groups are without a living worker. judge: see basic_groups.
    template <class Judge>
    void evict_dead(const Judge& judge) noexcept {
        for_each([&](std::uint32_t number, std::uint64_t state) {
            if (is_dead(number, state, judge)) end_dead(number, state);
        });
        base::note_orphans(judge);
        made_room();
    }

    // Of one that is surely dead, or a worker that does nothing any more.
    void end_dead(std::uint32_t number, std::uint64_t state) noexcept {
        const auto kind = member_state::kind_of(state);
        if (kind == member_state::worker || kind == member_state::evicted) base::settle_claim(number, state);
        change(id_of(state, number), kind, member_state::free);
    }

private:
    using base::extension;
    using base::ring_;

    bool change(id member_id, member_state::kind from, member_state::kind to) noexcept {
        auto& state = member(number_of(member_id)).state;
        std::uint64_t expected = state_of(member_id, from);
        return state.compare_exchange_strong(expected, state_of(member_id, to),
                                             std::memory_order_acq_rel); // evict:A, join:B
    }
};

using registry = basic_registry<>;

} // namespace slickq

#endif
