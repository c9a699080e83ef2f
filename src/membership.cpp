#include "membership.hpp"

#include "error.hpp"
#include "lease.hpp"
#include "process.hpp"

namespace slickq::detail {
namespace {

roster::id join(queue& q, member_state::kind kind, std::uint64_t position, const epoch_view& e) {
    roster all(q.ring);
    const process_identity self = this_process();
    const lease_taker leases{q};
    roster::id made = all.join(kind, self, position, e, leases);
    if (made == 0) {
        all.evict_dead(judge(q));
        made = all.join(kind, self, position, e, leases);
    }
    if (made == 0) fail(SLICKQ_E_LIMIT, "queue '%s' has no room for more than %u consumers and workers", q.name.c_str(), most_members);
    return made;
}

void require_writable_roster(const queue& q) {
    require_roster(q);
    if (q.is_read_only) fail(SLICKQ_E_READ_ONLY, "queue '%s' was opened read-only: who registers writes to it", q.name.c_str());
}

} // namespace

membership_begin begin_membership(queue& q, std::uint64_t index, const epoch_view* of) {
    require_writable_roster(q);
    roster all(q.ring);
    epoch_view e = of != nullptr ? *of : all.epoch();
    const std::uint64_t reserved = q.ring.reserved_index();
    const roster::id made = join(q, member_state::consumer, index == no_index ? reserved : index, e);
    std::uint64_t held_from = all.take_effect();
    if (index != no_index) return {made, held_from};
    do { // the two belong together, unless the queue is just being reset
        e = all.epoch();
        held_from = all.take_effect();
    } while (!all.is_still(e));
    all.acknowledge(made, held_from, e.resets);
    return {made, held_from};
}

roster::id begin_worker_membership(queue& q) {
    require_writable_roster(q);
    if (!native_atomics::has_cas16()) fail(SLICKQ_E_UNSUPPORTED, "groups of workers need a processor with a 16-byte compare-and-swap");
    return join(q, member_state::worker, 0, roster(q.ring).epoch());
}

bool is_own_membership(const queue& q, roster::id member) noexcept {
    if (member_state::pid(member) != this_pid()) return false;
    const auto& entry = roster(q.ring).member(roster::number_of(member));
    const bool is_there = roster::id_of(entry.state.load(std::memory_order_acquire), roster::number_of(member)) == member;
    return !is_there || entry.pid_namespace.load(std::memory_order_relaxed) == this_process().pid_namespace;
}

bool end_membership(queue& q, roster::id member) noexcept {
    if (!is_own_membership(q, member)) return false;
    const bool was = roster(q.ring).leave(member);
    drop_lease(q, member); // afterwards: whoever misses it takes the member for dead
    return was;
}

} // namespace slickq::detail
