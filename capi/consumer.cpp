// The C API: consumers that lossless producers wait for. Check, call, translate.
#include <slickq/slickq.h>

#include "consumer.hpp"
#include "liveness.hpp"
#include "registration.hpp"
#include "registry_view.hpp"
#include "support.hpp"

using namespace slickq::capi;
using slickq::registry;

namespace {

slickq_status is_gone(const queue& q, std::uint64_t id) noexcept {
    return report(SLICKQ_E_EVICTED, "queue '%s': consumer %llu is registered no more", q.name.c_str(),
                  static_cast<unsigned long long>(id));
}

// What a child of fork() or a stranger asks of another process's registration.
slickq_status is_others(const queue& q, std::uint64_t id) noexcept {
    return report(
        SLICKQ_E_HANDLE,
        "queue '%s': consumer %llu is registered for process %u, not for this one (a child of fork() registers anew)",
        q.name.c_str(), static_cast<unsigned long long>(id), slickq::member_state::pid(id));
}
bool is_own_number(std::uint64_t id) noexcept { return slickq::member_state::pid(id) == this_pid(); }

slickq_status status_at(found_at_cursor found) noexcept {
    switch (found) {
    case found_at_cursor::record: return SLICKQ_OK;
    case found_at_cursor::nothing: return SLICKQ_EMPTY;
    case found_at_cursor::gap: return SLICKQ_GAP;
    case found_at_cursor::lapped: return SLICKQ_LAPPED;
    case found_at_cursor::reset: return SLICKQ_RESET;
    case found_at_cursor::evicted: return SLICKQ_E_EVICTED;
    case found_at_cursor::half_reset: return SLICKQ_E_HALF_RESET;
    }
    return SLICKQ_E_INTERNAL;
}

} // namespace

extern "C" {

slickq_status slickq_consumer_register(slickq_queue* queue, uint64_t index, uint64_t* consumer, uint64_t* held_from) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(consumer);
    if (index != SLICKQ_NO_INDEX && index > q->ring.index_mask()) return is_bad_index(*q, index);
    if (index != SLICKQ_NO_INDEX && is_ahead(*q, index)) {
        return report(SLICKQ_E_ARGUMENT, "index %llu is ahead of what is reserved",
                      static_cast<unsigned long long>(index));
    }
    return guarded([&] {
        const membership_begin begun = begin_registration(*q, index);
        *consumer = begun.member;
        if (held_from != nullptr) *held_from = begun.held_from;
        return SLICKQ_OK;
    });
}

slickq_status slickq_consumer_acknowledge(slickq_queue* queue, uint64_t consumer, uint64_t index) {
    SLICKQ_QUEUE(q, queue);
    if (q->is_read_only) return is_read_only(*q);
    if (q->ring.extension() == nullptr) return is_gone(*q, consumer);
    if (index > q->ring.index_mask()) return is_bad_index(*q, index);
    if (!is_own_number(consumer)) return is_others(*q, consumer);
    switch (registry(q->ring).acknowledge(consumer, index)) {
    case slickq::acknowledged::yes: return SLICKQ_OK;
    case slickq::acknowledged::reset: return SLICKQ_RESET;
    case slickq::acknowledged::ahead:
        return report(SLICKQ_E_ARGUMENT,
                      "queue '%s': index %llu is ahead of all that is reserved: nobody can have read up to there",
                      q->name.c_str(), static_cast<unsigned long long>(index));
    case slickq::acknowledged::no_member: break;
    }
    return is_gone(*q, consumer);
}

slickq_status slickq_consumer_wait_until(slickq_queue* queue, uint64_t consumer, uint64_t* cursor, int64_t stall_ns,
                                         int64_t deadline_ns, uint64_t* lost) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cursor);
    if (q->is_read_only) return is_read_only(*q);
    if (q->ring.extension() == nullptr) return is_gone(*q, consumer);
    if (*cursor > q->ring.index_mask()) return is_bad_index(*q, *cursor);
    if (!is_own_number(consumer)) return is_others(*q, consumer);
    found_at_cursor found{};
    std::uint64_t skipped = 0;
    const std::int64_t stall = stall_ns == SLICKQ_STALL_DEFAULT ? default_stall_ns : stall_ns;
    const slickq::wait_result ended = wait_for_consumer(*q, consumer, *cursor, stall, deadline_ns, found, skipped);
    if (lost != nullptr) *lost = skipped;
    if (ended != slickq::wait_result::ready) return status_of(ended);
    if (found == found_at_cursor::half_reset) return report_half_reset(q->ring, q->name);
    return found == found_at_cursor::evicted ? is_gone(*q, consumer) : status_at(found);
}

slickq_status slickq_consumer_unregister(slickq_queue* queue, uint64_t consumer) {
    SLICKQ_QUEUE(q, queue);
    if (q->is_read_only) return is_read_only(*q);
    if (q->ring.extension() == nullptr) return is_gone(*q, consumer);
    if (!is_own_membership(*q, consumer)) return is_others(*q, consumer);
    return end_registration(*q, consumer) ? SLICKQ_OK : is_gone(*q, consumer);
}

slickq_status slickq_consumer_evict(slickq_queue* queue, uint64_t consumer) {
    SLICKQ_QUEUE(q, queue);
    if (q->is_read_only) return is_read_only(*q);
    if (q->ring.extension() != nullptr && registry(q->ring).evict(consumer)) return SLICKQ_OK;
    return report(SLICKQ_E_NO_CONSUMER, "queue '%s' has no consumer %llu (any more)", q->name.c_str(),
                  static_cast<unsigned long long>(consumer));
}

slickq_status slickq_consumer_get_info(slickq_queue* queue, uint32_t number, slickq_consumer_info* info) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(info);
    if (number >= SLICKQ_MAX_CONSUMERS)
        return report(SLICKQ_E_ARGUMENT, "consumers have numbers up to %u", SLICKQ_MAX_CONSUMERS - 1);
    const auto seen = consumer_at(*q, number);
    if (!seen) return SLICKQ_EMPTY;
    slickq_consumer_info filled{};
    filled.kind = seen->kind;
    filled.id = seen->id;
    filled.pid = seen->pid;
    filled.is_alive = static_cast<std::uint32_t>(seen->lives);
    filled.group = seen->group;
    filled.has_claim = seen->has_claim ? 1 : 0;
    filled.index = seen->index;
    filled.lag = seen->lag;
    return write_struct(filled, info);
}

} // extern "C"
