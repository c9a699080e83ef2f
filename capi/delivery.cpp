// The C API of lossless delivery: registered consumers, groups, workers. Check, call, translate.
#include <slickq/slickq.h>

#include "consumer.hpp"
#include "lease.hpp"
#include "registration.hpp"
#include "support.hpp"
#include "worker.hpp"

#include <cstring>

using namespace slickq::capi;
using slickq::assignment;
using slickq::registry;
using slickq::work;

namespace {

slickq_status is_gone(const queue& q, std::uint64_t id) noexcept {
    return report(SLICKQ_E_EVICTED, "queue '%s': consumer %llu is registered no more", q.name.c_str(),
                  static_cast<unsigned long long>(id));
}

// What a child of fork() or a stranger asks of another process's registration.
slickq_status is_others(const queue& q, std::uint64_t id) noexcept {
    return report(SLICKQ_E_HANDLE, "queue '%s': consumer %llu is registered for process %u, not for this one (a child of fork() registers anew)",
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
    }
    return SLICKQ_E_INTERNAL;
}

worker_request request_of(const slickq_worker_options& given) {
    if (given.reserved != 0) fail(SLICKQ_E_ARGUMENT, "slickq_worker_options.reserved must be 0");
    if (given.group == nullptr) fail(SLICKQ_E_NULL, "slickq_worker_options.group is NULL");
    if (given.mode != SLICKQ_GROUP_ANY && given.mode != SLICKQ_GROUP_AT_LEAST_ONCE && given.mode != SLICKQ_GROUP_AT_MOST_ONCE) {
        fail(SLICKQ_E_ARGUMENT, "%u is no mode of a group", given.mode);
    }
    if (given.start > SLICKQ_START_NEWEST) fail(SLICKQ_E_ARGUMENT, "%u is no starting position of a group", given.start);
    worker_request request;
    request.group = given.group;
    request.mode = static_cast<slickq::group_state::mode>(given.mode);
    request.from = static_cast<slickq::start>(given.start);
    if (given.stall_ns != SLICKQ_STALL_DEFAULT) request.stall_ns = given.stall_ns;
    if (given.linger_ns != SLICKQ_LINGER_DEFAULT) request.linger_ns = given.linger_ns < 0 ? slickq::forever : given.linger_ns;
    return request;
}

slickq_status describe(const worker& w, work what, const assignment& got, slickq_record& record) noexcept {
    const bool has_record = what == work::record || what == work::again;
    const std::uint32_t flags = what == work::again ? SLICKQ_RECORD_REDELIVERED : 0;
    record = {has_record ? w.data() : nullptr, got.index, got.lost, got.count, flags};
    switch (what) {
    case work::record:
    case work::again: return SLICKQ_OK;
    case work::empty: return SLICKQ_EMPTY;
    case work::lapped: return SLICKQ_LAPPED;
    case work::gap: return SLICKQ_GAP;
    case work::abandoned: return SLICKQ_ABANDONED;
    case work::reset: return SLICKQ_RESET;
    case work::corrupt:
        return report(SLICKQ_E_CORRUPT, "queue '%s': the slot before index %llu does not hold what a producer writes",
                      w.source().name.c_str(), static_cast<unsigned long long>(got.index));
    case work::evicted: return report(SLICKQ_E_EVICTED, "this worker was evicted: what it had claimed may have been given to another");
    case work::too_large: break;
    }
    return report(SLICKQ_E_INTERNAL, "a worker's answer of no kind: %d", static_cast<int>(what));
}

} // namespace

extern "C" {

// ---------------------------------------------------------------- consumers

slickq_status slickq_consumer_register(slickq_queue* queue, uint64_t index, uint64_t* consumer, uint64_t* held_from) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(consumer);
    if (index != SLICKQ_NO_INDEX) {
        if (index > q->ring.index_mask()) return is_bad_index(*q, index);
        if (q->ring.difference(q->ring.reserved_index(), index) < 0) {
            return report(SLICKQ_E_ARGUMENT, "index %llu is ahead of what is reserved", static_cast<unsigned long long>(index));
        }
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
        return report(SLICKQ_E_ARGUMENT, "queue '%s': index %llu is ahead of all that is reserved: nobody can have read up to there",
                      q->name.c_str(), static_cast<unsigned long long>(index));
    case slickq::acknowledged::no_member: break;
    }
    return is_gone(*q, consumer);
}

slickq_status slickq_consumer_wait_until(slickq_queue* queue, uint64_t consumer, uint64_t* cursor, int64_t stall_ns, int64_t deadline_ns,
                                         uint64_t* lost) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cursor);
    if (q->is_read_only) return is_read_only(*q);
    if (q->ring.extension() == nullptr) return is_gone(*q, consumer);
    if (*cursor > q->ring.index_mask()) return is_bad_index(*q, *cursor);
    if (!is_own_number(consumer)) return is_others(*q, consumer);
    const std::int64_t stall = stall_ns == SLICKQ_STALL_DEFAULT ? 1'000'000'000 : stall_ns;
    const std::uint32_t before = q->cancellations.load(std::memory_order_relaxed);
    found_at_cursor found{};
    std::uint64_t skipped = 0;
    const auto ended = slickq::wait_until(
        q->ring.arrivals(), deadline_ns,
        [&] {
            found = look_for_consumer(*q, consumer, *cursor, stall, skipped);
            return found != found_at_cursor::nothing;
        },
        [&] { return patience_of_consumer(*q, consumer, stall); },
        [&] { return q->cancellations.load(std::memory_order_relaxed) != before; });
    if (lost != nullptr) *lost = skipped;
    if (ended != slickq::wait_result::ready) return status_of(ended);
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
    if (number >= SLICKQ_MAX_CONSUMERS) return report(SLICKQ_E_ARGUMENT, "consumers have numbers up to %u", SLICKQ_MAX_CONSUMERS - 1);
    if (q->ring.extension() == nullptr) return SLICKQ_EMPTY;
    const registry all(q->ring);
    const auto& member = all.member(number);
    const std::uint64_t state = member.state.load(std::memory_order_acquire);
    const auto kind = slickq::member_state::kind_of(state);
    if (kind != slickq::member_state::consumer && kind != slickq::member_state::worker && kind != slickq::member_state::evicted) {
        return SLICKQ_EMPTY;
    }
    slickq_consumer_info filled{};
    filled.kind = kind;
    filled.id = registry::id_of(state, number);
    filled.pid = slickq::member_state::pid(state);
    filled.is_alive = static_cast<std::uint32_t>(judge(*q)(all.owner(number, state)));
    const std::uint64_t of = member.group.load(std::memory_order_relaxed);
    const slickq::epoch_view e = all.epoch();
    filled.index = all.position_of_member(number, e);
    if (const std::uint32_t group = slickq::member_group::number(of); group < slickq::most_groups) {
        filled.group = group;
        const std::uint64_t stamp = registry::stamp_of(of, e);
        const registry::cursor_view cursor = all.cursor(group);
        const std::uint64_t word = all.word_of(all.current_claim(number), group, stamp);
        const std::uint64_t claimed = all.claimed(number, word, cursor, stamp);
        filled.has_claim = claimed != slickq::no_index ? 1 : 0;
        filled.index = claimed != slickq::no_index ? claimed : cursor.stamp == stamp ? cursor.index() : 0;
    }
    filled.lag = all.distance(q->ring.reserved_index(), filled.index);
    return write_struct(filled, info);
}

// ---------------------------------------------------------------- workers

slickq_status slickq_worker_open(slickq_queue* queue, const slickq_worker_options* options, slickq_worker** handle) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(options);
    SLICKQ_REQUIRE(handle);
    return guarded([&] {
        const auto open = [&] { return std::make_unique<worker>(*q, request_of(read_struct(options))); };
        return hand_out(handle_kind::worker, handle, open);
    });
}

slickq_status slickq_worker_close(slickq_worker* handle) {
    auto* const retired = static_cast<worker*>(retire_handle(handle_kind::worker, handle));
    if (retired == nullptr) return is_no_handle(handle, "worker");
    delete retired;
    return SLICKQ_OK;
}

slickq_status slickq_worker_read(slickq_worker* handle, slickq_record* record) {
    SLICKQ_WORKER(w, handle);
    SLICKQ_REQUIRE(record);
    return guarded([&] {
        assignment got;
        const work what = w->read(got);
        if (what == work::empty) w->await_work();
        return describe(*w, what, got, *record);
    });
}

slickq_status slickq_worker_read_until(slickq_worker* handle, int64_t deadline_ns, slickq_record* record) {
    SLICKQ_WORKER(w, handle);
    SLICKQ_REQUIRE(record);
    return guarded([&] {
        assignment got;
        work what = work::empty;
        const auto attempt = [&] {
            what = w->read(got);
            return what != work::empty;
        };
        const auto ended = slickq::wait_until(w->source().ring.arrivals(), deadline_ns, attempt,
                                              [&] { return w->until_roll_call_ns(); }, [&] { return w->cancelled.take(); });
        if (what == work::empty) w->await_work();
        const slickq_status status = describe(*w, what, got, *record);
        return ended == slickq::wait_result::ready ? status : status_of(ended);
    });
}

slickq_status slickq_worker_cancel(slickq_worker* handle) {
    SLICKQ_WORKER(w, handle);
    w->cancelled.ask();
    wake_waiting(w->source());
    return SLICKQ_OK;
}

slickq_status slickq_worker_descriptor(slickq_worker* handle, int* descriptor) {
    SLICKQ_WORKER(w, handle);
    SLICKQ_REQUIRE(descriptor);
    return guarded([&] {
        *descriptor = w->descriptor();
        return SLICKQ_OK;
    });
}

slickq_status slickq_worker_done(slickq_worker* handle) {
    SLICKQ_WORKER(w, handle);
    if (w->done()) return SLICKQ_OK;
    return report(SLICKQ_E_EVICTED, "this worker was evicted: what it had claimed may have been given to another");
}

// ---------------------------------------------------------------- groups

slickq_status slickq_group_get_info(slickq_queue* queue, uint32_t number, slickq_group_info* info) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(info);
    if (number >= SLICKQ_MAX_GROUPS) return report(SLICKQ_E_ARGUMENT, "groups have numbers up to %u", SLICKQ_MAX_GROUPS - 1);
    if (q->ring.extension() == nullptr) return SLICKQ_EMPTY;
    const registry all(q->ring);
    const auto& group = all.group(number);
    const std::uint64_t state = group.state.load(std::memory_order_acquire);
    if (!slickq::group_state::is_group(state)) return SLICKQ_EMPTY;
    slickq_group_info filled{};
    filled.mode = slickq::group_state::mode_of(state);
    const std::uint64_t name[2] = {group.name[0].load(std::memory_order_relaxed), group.name[1].load(std::memory_order_relaxed)};
    std::memcpy(filled.name, name, sizeof name); // its last byte stays 0
    const registry::cursor_view cursor = all.cursor(number);
    filled.cursor = cursor.stamp == all.stamp_now(number, all.epoch()) ? cursor.index() : 0; // after a reset
    filled.lag = all.distance(q->ring.reserved_index(), filled.cursor);
    filled.redelivered = group.redelivered.load(std::memory_order_relaxed);
    filled.abandoned = group.abandoned.load(std::memory_order_relaxed);
    filled.lost = group.lost.load(std::memory_order_relaxed);
    const judge lives(*q);
    filled.workers = all.workers_left(number, lives);
    bool can_compare = false;
    filled.is_waited_for = all.holds(number, [&](std::uint32_t g) { return all.has_lingered(g, lives.clock(), can_compare); }) ? 1 : 0;
    filled.unfinished = all.left_in_hand(number, lives);
    return write_struct(filled, info);
}

slickq_status slickq_group_remove(slickq_queue* queue, const char* name) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(name);
    return guarded([&] {
        remove_group(*q, name);
        return SLICKQ_OK;
    });
}

} // extern "C"
