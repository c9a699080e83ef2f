#include "consumer.hpp"

#include <slickq/detail/step_over.hpp>
#include <slickq/detail/wait_until.hpp>

namespace slickq::detail {
namespace {

// Since when the record at the cursor has been missing is noted in the segment: the consumer's next call, of this or
// another handle, goes on from there. By the owner alone, so relaxed.
using stall_watch = slickq::basic_stall_watch<native_atomics>;

stall_watch watch_of(const slickq::basic_member<native_atomics>& m) {
    return {static_cast<std::int64_t>(m.stalled_since.load(std::memory_order_relaxed)),
            m.stall_end.load(std::memory_order_relaxed)};
}
void note(slickq::basic_member<native_atomics>& m, const stall_watch& watch, std::uint64_t cursor) {
    const auto since = static_cast<std::uint64_t>(watch.since());
    if (m.stalled_since.load(std::memory_order_relaxed) == since) return;
    m.stalled_at.store(cursor, std::memory_order_relaxed);
    m.stall_end.store(watch.end(), std::memory_order_relaxed);
    m.stalled_since.store(since, std::memory_order_relaxed);
}

// One look at the ring. The caller then looks for a reset.
found_at_cursor look(const ring& r, stall_watch& watch, std::uint64_t& cursor, std::int64_t stall_ns,
                     std::uint64_t& lost) {
    for (;;) {
        const slot_view seen = r.look(cursor);
        if (seen.what == slot_view::changed) continue;
        if (seen.what == slot_view::wrap_marker && r.is_skip(cursor, seen.data_index)) {
            cursor = seen.data_index;
            continue;
        }
        // A record that is not reserved to its end is none: see ring.is_reserved().
        const bool is_whole = seen.what != slot_view::intact_record || seen.data_index != cursor ||
                              r.is_reserved(cursor + seen.count);
        if (seen.what != slot_view::nothing && is_whole) return found_at_cursor::record;
        const std::uint64_t reserved = r.reserved_index();
        if (!is_whole && r.difference(reserved, cursor) > 0) {
            lost = (reserved - cursor) & r.index_mask();
            cursor = reserved;
            return found_at_cursor::gap;
        }
        const unpublished there = look_at_unpublished(r, watch, cursor, stall_ns);
        std::uint64_t next = there.next;
        switch (there.what) {
        case unpublished::changed: continue;
        case unpublished::nothing:
        case unpublished::pending: return found_at_cursor::nothing;
        case unpublished::behind: return found_at_cursor::reset; // a peer's, which shows only here
        case unpublished::gap: break;
        case unpublished::lapped: // by producers that do not wait. What is left it may read in place: all of it
            next = go_on_after_lap(r, after_lap::oldest, 0, there.reserved, cursor, next);
            break;
        }
        lost = (next - cursor) & r.index_mask();
        cursor = next;
        return there.what == unpublished::gap ? found_at_cursor::gap : found_at_cursor::lapped;
    }
}

// After `nothing`: for how long that stays so if nobody does anything.
std::int64_t patience_of_consumer(const queue& q, registry::id consumer, std::int64_t stall_ns) {
    const auto& m = registry(q.ring).member(registry::number_of(consumer));
    const auto since = static_cast<std::int64_t>(m.stalled_since.load(std::memory_order_relaxed));
    // Should it be evicted meanwhile, it finds that after this time.
    if (since == 0 || stall_ns < 0) return slickq::flow_control::roll_call_ns;
    return std::clamp<std::int64_t>(stall_ns - (native_atomics::now_ns() - since), 0,
                                    slickq::flow_control::roll_call_ns);
}

} // namespace

found_at_cursor look_for_consumer(queue& q, registry::id consumer, std::uint64_t& cursor, std::int64_t stall_ns,
                                  std::uint64_t& lost) {
    registry all(q.ring);
    lost = 0;
    if (!all.is(consumer, member_state::consumer)) return found_at_cursor::evicted;
    auto& m = all.member(registry::number_of(consumer));
    const epoch_view e = all.epoch();
    if (!e.is_settled()) return q.resetting.is_left(q.ring) ? found_at_cursor::half_reset : found_at_cursor::nothing;
    std::uint64_t at = cursor;
    found_at_cursor found = found_at_cursor::reset;
    if (m.epoch.load(std::memory_order_relaxed) == e.resets) {
        stall_watch watch = watch_of(m);
        found = look(q.ring, watch, at, stall_ns, lost);
        if (!all.is_still(e)) { // epoch:B. All of it may be of the next epoch: the next look is
            lost = 0;
            return found_at_cursor::nothing;
        }
        if (found == found_at_cursor::nothing) note(m, watch, at);
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

wait_result wait_for_consumer(queue& q, registry::id consumer, std::uint64_t& cursor, std::int64_t stall_ns,
                              std::int64_t deadline_ns, found_at_cursor& found, std::uint64_t& lost) {
    const cancel_watch cancelled(q);
    const auto attempt = [&] {
        found = look_for_consumer(q, consumer, cursor, stall_ns, lost);
        return found != found_at_cursor::nothing;
    };
    return wait_until(
        q.ring.arrivals(), deadline_ns, attempt, [&] { return patience_of_consumer(q, consumer, stall_ns); },
        [&] { return cancelled.is_asked(); });
}

} // namespace slickq::detail
