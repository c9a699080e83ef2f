#include "producing.hpp"

#include "reset.hpp"

namespace slickq::detail {
namespace {

slickq_status reserve_until(queue& q, std::uint32_t count, std::int64_t deadline_ns, const cancel_watch& cancelled,
                            std::uint64_t& index) {
    if (!q.is_lossless) return reserve(q, count, index);
    bool is_left = false;
    const auto is_over = [&] {
        is_left = q.resetting.is_left(q.ring);
        return is_left || cancelled.is_asked();
    };
    const slickq_status status = status_of(q.flow.reserve_until(count, index, deadline_ns, judge(q), is_over));
    if (status == SLICKQ_OK || cancelled.is_asked()) return status;
    return is_left || q.resetting.is_left(q.ring) ? report_half_reset(q.ring, q.name) : status;
}

// A publish is refused for another reason than its lateness where a reset was left half done: old records are still in
// the slots.
bool is_in_half_reset(const queue& q) noexcept {
    return q.ring.extension() != nullptr && (q.ring.extension()->resets.load(std::memory_order_relaxed) & 1) != 0;
}

// polls_for_room: who is told that it was not all may wait by the descriptor.
slickq_status write_what_fits(queue& q, unwritten& left, bool polls_for_room) noexcept {
    slickq_status stopped = SLICKQ_FULL;
    const auto reserve_some = [&](const batch& wanted, std::uint64_t& from) -> std::uint32_t {
        if (q.is_lossless) {
            const judge lives(q);
            const std::uint32_t fits = q.flow.reserve_batch(wanted, from, lives);
            const bool tries_again = fits == 0 && polls_for_room && await_room(q);
            return tries_again ? q.flow.reserve_batch(wanted, from, lives) : fits;
        }
        if (!q.is_single_producer) return q.ring.reserve_batch(wanted, from);
        std::uint32_t fits = 0;
        if (q.ring.reserve_batch_single(q.single, wanted, from, fits)) return fits;
        stopped = report_second_producer(q);
        return 0;
    };
    if (left.write_all(q.ring, reserve_some)) return SLICKQ_OK;
    return stopped == SLICKQ_FULL ? report_no_room(q) : stopped;
}

// What to say of a batch of which `left` is left, and why.
slickq_status conclude(const queue& q, const unwritten& left, slickq_status why) noexcept {
    if (why < 0 || !left.is_stale) return why;
    if (is_in_half_reset(q)) return report_half_reset(q.ring, q.name);
    return report(SLICKQ_E_STALE, "queue '%s': the ring lapped some of %u records while they were written",
                  q.name.c_str(), left.written);
}

} // namespace

slickq_status report_second_producer(const queue& q) noexcept {
    return report(SLICKQ_E_SECOND_PRODUCER,
                  "queue '%s' was opened for a single producer, and somebody else has produced", q.name.c_str());
}

slickq_status report_no_room(queue& q) noexcept {
    return q.resetting.is_left(q.ring) ? report_half_reset(q.ring, q.name) : SLICKQ_FULL;
}

slickq_status reserve_until(queue& q, std::uint32_t count, std::int64_t deadline_ns, std::uint64_t& index) {
    return reserve_until(q, count, deadline_ns, cancel_watch(q), index);
}

slickq_status report_unpublished(const queue& q, std::uint64_t index, std::uint32_t count, ring_result why) noexcept {
    if (is_in_half_reset(q)) return report_half_reset(q.ring, q.name);
    const auto number = static_cast<unsigned long long>(index);
    if (why == ring_result::stale) {
        return report(SLICKQ_E_STALE, "queue '%s': index %llu was published after the ring had lapped it",
                      q.name.c_str(), number);
    }
    return report(SLICKQ_E_NOT_RESERVED, "queue '%s': index %llu with %u elements is not reserved, or was published before", q.name.c_str(),
                  number, count);
}

slickq_status report_late(const queue& q, std::uint64_t index) noexcept {
    if (is_in_half_reset(q)) return report_half_reset(q.ring, q.name);
    return report(SLICKQ_E_STALE, "queue '%s': the ring lapped index %llu while its record was written", q.name.c_str(),
                  static_cast<unsigned long long>(index));
}

slickq_status write_batch(queue& q, unwritten& left) noexcept {
    const slickq_status status = write_what_fits(q, left, true);
    return conclude(q, left, status == SLICKQ_FULL && left.written != 0 ? SLICKQ_OK : status);
}

slickq_status write_batch_until(queue& q, unwritten& left, std::int64_t deadline_ns) {
    const cancel_watch cancelled(q); // of the whole call: also while it writes, between two waits
    for (;;) {
        slickq_status status = write_what_fits(q, left, false);
        if (status != SLICKQ_FULL) return conclude(q, left, status);
        std::uint64_t reserved = 0;
        const std::uint32_t next = left.records.count(0);
        status = cancelled.is_asked() ? SLICKQ_CANCELLED : reserve_until(q, next, deadline_ns, cancelled, reserved);
        if (status != SLICKQ_OK) return conclude(q, left, status);
        left.write(q.ring, reserved, 1);
    }
}

} // namespace slickq::detail
