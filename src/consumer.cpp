#include "consumer.hpp"

#include <slickq/detail/wait_until.hpp>

namespace slickq::detail {
namespace {

// The record at the cursor is reserved and not published.
found_at_cursor step_over(queue& q, const epoch_view& e, slickq::basic_member<native_atomics>& m, std::uint64_t& cursor,
                          std::uint64_t reserved, std::int64_t stall_ns, std::uint64_t& lost) {
    const auto now = static_cast<std::uint64_t>(native_atomics::now_ns());
    const std::uint64_t since = m.stalled_since.load(std::memory_order_relaxed); // of the owner alone, as the next two
    if (since == 0 || m.stalled_at.load(std::memory_order_relaxed) != cursor) {
        m.stalled_at.store(cursor, std::memory_order_relaxed);
        m.stall_end.store(reserved, std::memory_order_relaxed);
        m.stalled_since.store(now, std::memory_order_relaxed);
        if (stall_ns != 0) return found_at_cursor::nothing;
    }
    if (stall_ns < 0 || static_cast<std::int64_t>(now - since) < stall_ns) return found_at_cursor::nothing;
    const std::uint64_t next = q.ring.next_start(cursor, m.stall_end.load(std::memory_order_relaxed));
    lost = (next - cursor) & q.ring.index_mask();
    if (lost == 0) return found_at_cursor::record; // published just now
    native_atomics::acquire_fence();
    if (!q.ring.is_within(cursor, q.ring.reserved_index()) || !registry(q.ring).is_still(e)) return found_at_cursor::nothing;
    cursor = next;
    return found_at_cursor::gap;
}

found_at_cursor look(queue& q, const epoch_view& e, slickq::basic_member<native_atomics>& m, std::uint64_t& cursor, std::int64_t stall_ns,
                     std::uint64_t& lost) {
    for (;;) {
        const slot_view seen = q.ring.look(cursor);
        if (seen.what == slot_view::changed) continue;
        if (seen.what == slot_view::wrap_marker && q.ring.is_skip(cursor, seen.data_index)) {
            cursor = seen.data_index;
            continue;
        }
        const std::uint64_t reserved = q.ring.reserved_index();
        // A record that is not reserved to its end is none: see ring.is_reserved().
        const bool is_beyond = seen.what == slot_view::intact_record && seen.data_index == cursor &&
                               q.ring.difference(reserved, cursor) >= 0 && q.ring.difference(reserved, cursor + seen.count) < 0;
        if (is_beyond && reserved != cursor) {
            lost = (reserved - cursor) & q.ring.index_mask();
            cursor = reserved;
            return found_at_cursor::gap;
        }
        if (seen.what != slot_view::nothing && !is_beyond) return found_at_cursor::record;
        const std::int64_t ahead = q.ring.difference(reserved, cursor);
        if (ahead < 0) return found_at_cursor::reset; // a peer's, which shows only here
        if (ahead == 0) return found_at_cursor::nothing;
        if (static_cast<std::uint64_t>(ahead) <= q.ring.capacity()) return step_over(q, e, m, cursor, reserved, stall_ns, lost);
        if (q.ring.is_end_skipped(cursor)) continue; // meanwhile: a record behind it may reach over it (flow_control.hpp)
        const std::uint64_t next = q.ring.next_start((reserved - q.ring.capacity()) & q.ring.index_mask(), reserved);
        lost = (next - cursor) & q.ring.index_mask();
        cursor = next;
        return found_at_cursor::lapped;
    }
}

} // namespace

found_at_cursor look_for_consumer(queue& q, registry::id consumer, std::uint64_t& cursor, std::int64_t stall_ns, std::uint64_t& lost) {
    registry all(q.ring);
    lost = 0;
    if (!all.is(consumer, member_state::consumer)) return found_at_cursor::evicted;
    auto& m = all.member(registry::number_of(consumer));
    const epoch_view e = all.epoch();
    if (!e.is_settled()) return found_at_cursor::nothing;
    std::uint64_t at = cursor;
    found_at_cursor found = found_at_cursor::reset;
    if (m.epoch.load(std::memory_order_relaxed) == e.resets) {
        found = look(q, e, m, at, stall_ns, lost);
        if (!all.is_still(e)) { // all of it may be of the next epoch: the next look is
            lost = 0;
            return found_at_cursor::nothing;
        }
    }
    if (found == found_at_cursor::reset) at = 0;
    if (found != found_at_cursor::nothing) m.stalled_since.store(0, std::memory_order_relaxed);
    const bool moved = at != cursor || found == found_at_cursor::reset;
    if (moved && !all.acknowledge(consumer, at, e.resets)) {
        lost = 0; // the cursor stays: whoever reads on from there is told of the loss
        return found_at_cursor::evicted;
    }
    cursor = at;
    return found;
}

std::int64_t patience_of_consumer(const queue& q, registry::id consumer, std::int64_t stall_ns) {
    const auto& m = registry(q.ring).member(registry::number_of(consumer));
    const auto since = static_cast<std::int64_t>(m.stalled_since.load(std::memory_order_relaxed));
    // Should it be evicted meanwhile, it finds that after this time.
    if (since == 0 || stall_ns < 0) return slickq::flow_control::roll_call_ns;
    return std::clamp<std::int64_t>(stall_ns - (native_atomics::now_ns() - since), 0, slickq::flow_control::roll_call_ns);
}

} // namespace slickq::detail
