// The C API of lossless delivery: registered consumers, groups, workers. Check, call, translate.
#include <slickq/slickq.h>

#include "membership.hpp"
#include "process.hpp"
#include "support.hpp"
#include "worker.hpp"

#include <cstring>

using namespace slickq::capi;
using slickq::assignment;
using slickq::roster;
using slickq::work;

namespace {

slickq_status is_gone(const queue& q, std::uint64_t id) noexcept {
    return report(SLICKQ_E_EVICTED, "queue '%s': consumer %llu is registered no more", q.name.c_str(),
                  static_cast<unsigned long long>(id));
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
    record = {has_record ? w.data() : nullptr, got.index, got.lost, got.count, what == work::again ? SLICKQ_RECORD_REDELIVERED : 0u};
    switch (what) {
    case work::record:
    case work::again: return SLICKQ_OK;
    case work::empty: return SLICKQ_EMPTY;
    case work::lapped: return SLICKQ_LAPPED;
    case work::hole: return SLICKQ_HOLE;
    case work::abandoned: return SLICKQ_ABANDONED;
    case work::corrupt:
        return report(SLICKQ_E_CORRUPT, "queue '%s': the slot before index %llu does not hold what a producer writes",
                      w.source().name.c_str(), static_cast<unsigned long long>(got.index));
    case work::evicted: return report(SLICKQ_E_EVICTED, "this worker was evicted: what it had in hand may have been given to another");
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
        const membership_begin begun = begin_membership(*q, index);
        *consumer = begun.member;
        if (held_from != nullptr) *held_from = begun.held_from;
        return SLICKQ_OK;
    });
}

slickq_status slickq_consumer_acknowledge(slickq_queue* queue, uint64_t consumer, uint64_t index) {
    SLICKQ_QUEUE(q, queue);
    if (q->is_read_only) return is_read_only(*q);
    if (q->ring.annex() == nullptr) return is_gone(*q, consumer);
    if (index > q->ring.index_mask()) return is_bad_index(*q, index);
    return roster(q->ring).acknowledge(consumer, index) ? SLICKQ_OK : is_gone(*q, consumer);
}

slickq_status slickq_consumer_unregister(slickq_queue* queue, uint64_t consumer) {
    SLICKQ_QUEUE(q, queue);
    if (q->is_read_only) return is_read_only(*q);
    if (q->ring.annex() == nullptr || !roster(q->ring).leave(consumer)) return is_gone(*q, consumer);
    return SLICKQ_OK;
}

slickq_status slickq_consumer_evict(slickq_queue* queue, uint64_t consumer) {
    SLICKQ_QUEUE(q, queue);
    if (q->is_read_only) return is_read_only(*q);
    if (q->ring.annex() != nullptr && roster(q->ring).evict(consumer)) return SLICKQ_OK;
    return report(SLICKQ_E_NOT_FOUND, "queue '%s' has no consumer %llu (any more)", q->name.c_str(),
                  static_cast<unsigned long long>(consumer));
}

slickq_status slickq_consumer_get_info(slickq_queue* queue, uint32_t number, slickq_consumer_info* info) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(info);
    if (number >= SLICKQ_MOST_CONSUMERS) return report(SLICKQ_E_ARGUMENT, "consumers have numbers up to %u", SLICKQ_MOST_CONSUMERS - 1);
    if (q->ring.annex() == nullptr) return SLICKQ_EMPTY;
    const roster all(q->ring);
    const auto& member = all.member(number);
    const std::uint64_t state = member.state.load(std::memory_order_acquire);
    const auto kind = slickq::member_state::kind_of(state);
    if (kind != slickq::member_state::consumer && kind != slickq::member_state::worker && kind != slickq::member_state::evicted) {
        return SLICKQ_EMPTY;
    }
    slickq_consumer_info filled{};
    filled.kind = kind;
    filled.id = roster::id_of(state, number);
    filled.pid = slickq::member_state::pid(state);
    filled.is_alive = is_alive(all.owner(number, state)) ? 1 : 0;
    const std::uint64_t group = member.group.load(std::memory_order_relaxed);
    filled.index = member.position.load(std::memory_order_relaxed);
    if (group < slickq::most_groups) {
        filled.group = static_cast<uint32_t>(group);
        const std::uint64_t cursor = all.group(filled.group).cursor.load(std::memory_order_acquire);
        const std::uint64_t claimed = all.claim_of(number, cursor);
        filled.has_claim = claimed != slickq::no_index ? 1 : 0;
        filled.index = claimed != slickq::no_index ? claimed : slickq::group_cursor::index(cursor);
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

slickq_status slickq_worker_done(slickq_worker* handle) {
    SLICKQ_WORKER(w, handle);
    if (w->done()) return SLICKQ_OK;
    return report(SLICKQ_E_EVICTED, "this worker was evicted: what it had in hand may have been given to another");
}

// ---------------------------------------------------------------- groups

slickq_status slickq_group_get_info(slickq_queue* queue, uint32_t number, slickq_group_info* info) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(info);
    if (number >= SLICKQ_MOST_GROUPS) return report(SLICKQ_E_ARGUMENT, "groups have numbers up to %u", SLICKQ_MOST_GROUPS - 1);
    if (q->ring.annex() == nullptr) return SLICKQ_EMPTY;
    const roster all(q->ring);
    const auto& group = all.group(number);
    const std::uint64_t state = group.state.load(std::memory_order_acquire);
    if (!roster::is_group(state)) return SLICKQ_EMPTY;
    slickq_group_info filled{};
    filled.mode = slickq::group_state::mode_of(state);
    const std::uint64_t name[2] = {group.name[0].load(std::memory_order_relaxed), group.name[1].load(std::memory_order_relaxed)};
    std::memcpy(filled.name, name, sizeof name); // its last byte stays 0
    filled.cursor = slickq::group_cursor::index(group.cursor.load(std::memory_order_acquire));
    filled.lag = all.distance(q->ring.reserved_index(), filled.cursor);
    filled.redelivered = group.redelivered.load(std::memory_order_relaxed);
    filled.abandoned = group.abandoned.load(std::memory_order_relaxed);
    filled.lost = group.lost.load(std::memory_order_relaxed);
    filled.workers = all.living_workers(number, is_alive);
    filled.is_waited_for = all.holds(number) ? 1 : 0;
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
