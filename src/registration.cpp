#include "registration.hpp"

#include "error.hpp"
#include "lease.hpp"
#include "liveness.hpp"

namespace slickq::detail {
namespace {

registry::id join(queue& q, member_state::kind kind, std::uint64_t position, const epoch_view& e) {
    registry all(q.ring);
    const process_identity self = this_process();
    const lease_taker leases{q};
    registry::id made = all.join(kind, self, position, e, leases);
    if (made == 0) {
        all.evict_dead(judge(q));
        made = all.join(kind, self, position, e, leases);
    }
    if (made == 0)
        fail(SLICKQ_E_LIMIT, "queue '%s' has no room for more than %u consumers and workers", q.name.c_str(),
             most_members);
    return made;
}

void require_writable_registry(const queue& q) {
    require_registry(q);
    if (q.is_read_only)
        fail(SLICKQ_E_READ_ONLY, "queue '%s' was opened read-only: who registers writes to it", q.name.c_str());
}

} // namespace

membership_begin begin_registration(queue& q, std::uint64_t index, const epoch_view* of) {
    require_writable_registry(q);
    registry all(q.ring);
    epoch_view e = of != nullptr ? *of : all.epoch();
    const std::uint64_t reserved = q.ring.reserved_index();
    const registry::id made = join(q, member_state::consumer, index == no_index ? reserved : index, e);
    std::uint64_t held_from = all.take_effect();
    if (index != no_index) return {made, held_from};
    do { // the two belong together, unless the queue is just being reset
        e = all.epoch();
        held_from = all.take_effect();
    } while (!all.is_still(e));
    all.acknowledge(made, held_from, e.resets);
    return {made, held_from};
}

bool is_ahead(const queue& q, std::uint64_t index) noexcept {
    return q.ring.difference(q.ring.reserved_index(), index) < 0;
}

registry::id begin_worker_registration(queue& q) {
    require_writable_registry(q);
    if (!native_atomics::has_cas16())
        fail(SLICKQ_E_UNSUPPORTED, "groups of workers need a processor with a 16-byte compare-and-swap");
    return join(q, member_state::worker, 0, registry(q.ring).epoch());
}

bool is_own_membership(const queue& q, registry::id member) noexcept {
    if (member_state::pid(member) != this_pid()) return false;
    const auto& entry = registry(q.ring).member(registry::number_of(member));
    const bool is_there =
        registry::id_of(entry.state.load(std::memory_order_acquire), registry::number_of(member)) == member;
    return !is_there || entry.pid_namespace.load(std::memory_order_relaxed) == this_process().pid_namespace;
}

bool end_registration(queue& q, registry::id member) noexcept {
    if (!is_own_membership(q, member)) return false;
    const bool was = registry(q.ring).leave(member);
    drop_lease(q, member); // afterwards: whoever misses it takes the member for dead
    return was;
}

} // namespace slickq::detail
