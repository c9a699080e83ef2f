#include "membership.hpp"

#include "error.hpp"
#include "process.hpp"

namespace slickq::detail {
namespace {

roster::id join(roster& all, member_state::kind kind, std::uint64_t position, std::uint32_t group) {
    const process_identity self = this_process();
    roster::id made = all.join(kind, self, position, group);
    if (made == 0) {
        all.evict_dead(is_alive, native_atomics::now_ns());
        made = all.join(kind, self, position, group);
    }
    if (made == 0) fail(SLICKQ_E_LIMIT, "%u consumers and workers are registered, there is no room for more", most_members);
    return made;
}

} // namespace

membership_begin begin_membership(queue& q, std::uint64_t index) {
    require_roster(q);
    if (q.is_read_only) fail(SLICKQ_E_READ_ONLY, "queue '%s' was opened read-only: who registers writes to it", q.name.c_str());
    roster all(q.ring);
    const std::uint64_t reserved = q.ring.reserved_index();
    const roster::id made = join(all, member_state::consumer, index == no_index ? reserved : index, roster::no_group);
    const std::uint64_t held_from = all.take_effect();
    if (index == no_index) all.acknowledge(made, held_from);
    return {made, held_from};
}

roster::id begin_membership_of(queue& q, std::uint32_t group, std::uint64_t state) {
    roster all(q.ring);
    const roster::id made = join(all, member_state::worker, 0, group);
    if (!all.has_worker(group, state)) {
        all.leave(made);
        return 0;
    }
    all.take_effect();
    return made;
}

void end_membership(queue& q, roster::id member) noexcept {
    if (member_state::pid(member) == this_pid()) roster(q.ring).leave(member);
}

} // namespace slickq::detail
