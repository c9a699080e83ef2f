// The C API of producing. Check, call, translate.
#include <slickq/slickq.h>

#include "support.hpp" // first: MinGW's windows.h must come before cpuid.h

#include "lease.hpp"
#include "room.hpp"

using namespace slickq::capi;
using slickq::batch;
using slickq::ring_result;

namespace {

// ---------------------------------------------------------------- one record

slickq_status is_second_producer(const queue& q) noexcept {
    return report(SLICKQ_E_SECOND_PRODUCER, "queue '%s' was opened for a single producer, and somebody else has produced", q.name.c_str());
}

// There is none for long if the queue is in a reset that nobody finishes.
slickq_status has_no_room(queue& q) noexcept { return q.resetting.is_left(q.ring) ? is_half_reset(q) : SLICKQ_FULL; }

slickq_status reserve_lossless(queue& q, std::uint32_t count, std::uint64_t& index) noexcept {
    const judge lives(q);
    if (q.flow.reserve(count, index, lives)) return SLICKQ_OK;
    if (await_room(q) && q.flow.reserve(count, index, lives)) return SLICKQ_OK;
    return has_no_room(q);
}

slickq_status reserve(queue& q, std::uint32_t count, std::uint64_t& index) noexcept {
    if (q.is_lossless) return reserve_lossless(q, count, index);
    if (!q.is_single_producer) {
        index = q.ring.reserve(count);
        return SLICKQ_OK;
    }
    return q.ring.reserve_single_producer(q.single, count, index) ? SLICKQ_OK : is_second_producer(q);
}

slickq_status reserve_until(queue& q, std::uint32_t count, std::int64_t deadline_ns, const cancel_watch& cancelled, std::uint64_t& index) {
    if (!q.is_lossless) return reserve(q, count, index);
    bool is_left = false;
    const auto is_over = [&] {
        is_left = q.resetting.is_left(q.ring);
        return is_left || cancelled.is_asked();
    };
    const slickq_status status = status_of(q.flow.reserve_until(count, index, deadline_ns, judge(q), is_over));
    if (status == SLICKQ_OK || cancelled.is_asked()) return status;
    return is_left || q.resetting.is_left(q.ring) ? is_half_reset(q) : status;
}

// A publish is refused for another reason than its lateness where a reset was left half done: old records are still in the slots.
bool is_in_half_reset(const queue& q) noexcept {
    return q.ring.extension() != nullptr && (q.ring.extension()->resets.load(std::memory_order_relaxed) & 1) != 0;
}

slickq_status is_late(const queue& q, std::uint64_t index) noexcept {
    if (is_in_half_reset(q)) return is_half_reset(q);
    return report(SLICKQ_E_STALE, "queue '%s': the ring lapped index %llu while its record was written", q.name.c_str(),
                  static_cast<unsigned long long>(index));
}

inline slickq_status fill_and_publish(queue& q, std::uint64_t reserved, const void* elements, std::uint32_t count,
                                      std::uint64_t* index) noexcept {
    q.ring.fill(reserved, elements, q.ring.bytes_of(count));
    if (index != nullptr) *index = reserved;
    return q.ring.publish(reserved, count) == ring_result::ok ? SLICKQ_OK : is_late(q, reserved);
}

// The usual case, which needs little if all others are out of its way. False: one of them.
inline bool reserve_one(queue& q, std::uint64_t& index) noexcept {
    if (q.for_one == short_way::by_adding) return q.ring.reserve_by_adding(1, index);
    return q.for_one == short_way::single_producer && q.ring.reserve_by_adding_single(q.single, 1, index);
}
SLICKQ_NOINLINE slickq_status reserve_any(queue& q, std::uint32_t count, std::uint64_t* index) noexcept {
    SLICKQ_REQUIRE(index);
    if (q.is_read_only) return is_read_only(q);
    if (!is_count(q, count)) return is_bad_count(q, count);
    return reserve(q, count, *index);
}
SLICKQ_NOINLINE slickq_status write_any(queue& q, const void* elements, std::uint32_t count, std::uint64_t* index) noexcept {
    SLICKQ_REQUIRE(elements);
    std::uint64_t reserved;
    const slickq_status status = reserve_any(q, count, &reserved);
    return status == SLICKQ_OK ? fill_and_publish(q, reserved, elements, count, index) : status;
}

// ---------------------------------------------------------------- batches

// What is left to be written of a batch.
struct unwritten {
    batch records;
    const std::byte* elements;
    std::uint32_t written = 0;
    bool is_stale = false; // some were lapped before they were published
};

// Writes the first of the records into what was reserved for so many.
void write(queue& q, unwritten& left, std::uint64_t from, std::uint32_t fits) noexcept {
    const batch first{left.records.counts, fits};
    if (q.ring.write_batch(from, first, left.elements) != ring_result::ok) left.is_stale = true;
    left.elements += first.elements(fits) * q.ring.element_size();
    left.records = left.records.from(fits);
    left.written += fits;
}

// Writes all that there is room for: all, but in lossless mode. polls_for_room: who is told that it was not all may
// wait by the descriptor.
slickq_status write_what_fits(queue& q, unwritten& left, bool polls_for_room) noexcept {
    while (left.records.records != 0) {
        std::uint64_t from;
        std::uint32_t fits = 0;
        if (q.is_lossless) {
            const judge lives(q);
            fits = q.flow.reserve_batch(left.records, from, lives);
            if (fits == 0 && polls_for_room && await_room(q)) fits = q.flow.reserve_batch(left.records, from, lives);
            if (fits == 0) return has_no_room(q);
        } else if (!q.is_single_producer) {
            fits = q.ring.reserve_batch(left.records, from);
        } else if (!q.ring.reserve_batch_single(q.single, left.records, from, fits)) {
            return is_second_producer(q);
        }
        write(q, left, from, fits);
    }
    return SLICKQ_OK;
}

slickq_status check_batch(const queue& q, const void* elements, const std::uint32_t* counts, std::uint32_t records) noexcept {
    if (q.is_read_only) return is_read_only(q);
    if (records != 0) SLICKQ_REQUIRE(elements);
    for (std::uint32_t k = 0; counts != nullptr && k < records; ++k) {
        if (!is_count(q, counts[k])) return is_bad_count(q, counts[k]);
    }
    return SLICKQ_OK;
}

// What to say of a batch of which `left` is left, and why.
slickq_status conclude(const queue& q, const unwritten& left, slickq_status why, std::uint32_t* written) noexcept {
    if (written != nullptr) *written = left.written;
    if (why == SLICKQ_FULL && left.written != 0) why = SLICKQ_OK;
    if (why < 0 || !left.is_stale) return why;
    if (is_in_half_reset(q)) return is_half_reset(q);
    return report(SLICKQ_E_STALE, "queue '%s': the ring lapped some of %u records while they were written", q.name.c_str(), left.written);
}

} // namespace

extern "C" {

slickq_status slickq_queue_reserve(slickq_queue* queue, uint32_t count, uint64_t* index) {
    SLICKQ_QUEUE(q, queue);
    if (index != nullptr && count == 1 && reserve_one(*q, *index)) [[likely]] return SLICKQ_OK;
    return reserve_any(*q, count, index);
}

slickq_status slickq_queue_reserve_until(slickq_queue* queue, uint32_t count, int64_t deadline_ns, uint64_t* index) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(index);
    if (q->is_read_only) return is_read_only(*q);
    if (!is_count(*q, count)) return is_bad_count(*q, count);
    return reserve_until(*q, count, deadline_ns, cancel_watch(*q), *index);
}

slickq_status slickq_queue_at(slickq_queue* queue, uint64_t index, void** elements) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(elements);
    *elements = q->ring.at(index);
    return SLICKQ_OK;
}

slickq_status slickq_queue_publish(slickq_queue* queue, uint64_t index, uint32_t count) {
    SLICKQ_QUEUE(q, queue);
    if (q->is_read_only) return is_read_only(*q);
    if (!is_count(*q, count)) return is_bad_count(*q, count);
    const ring_result result = q->ring.is_span(index, count) ? q->ring.publish(index, count) : ring_result::not_reserved;
    if (result == ring_result::ok) return SLICKQ_OK;
    if (is_in_half_reset(*q)) return is_half_reset(*q);
    const auto number = static_cast<unsigned long long>(index);
    if (result == ring_result::stale) {
        return report(SLICKQ_E_STALE, "queue '%s': index %llu was published after the ring had lapped it", q->name.c_str(), number);
    }
    return report(SLICKQ_E_NOT_RESERVED, "queue '%s': index %llu with %u elements is not reserved, or was published before",
                  q->name.c_str(), number, count);
}

slickq_status slickq_queue_write(slickq_queue* queue, const void* elements, uint32_t count, uint64_t* index) {
    SLICKQ_QUEUE(q, queue);
    std::uint64_t reserved;
    if (elements != nullptr && count == 1 && reserve_one(*q, reserved)) [[likely]] {
        return fill_and_publish(*q, reserved, elements, 1, index);
    }
    return write_any(*q, elements, count, index);
}

slickq_status slickq_queue_write_until(slickq_queue* queue, const void* elements, uint32_t count, int64_t deadline_ns,
                                       uint64_t* index) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(elements);
    if (q->is_read_only) return is_read_only(*q);
    if (!is_count(*q, count)) return is_bad_count(*q, count);
    std::uint64_t reserved;
    const slickq_status status = reserve_until(*q, count, deadline_ns, cancel_watch(*q), reserved);
    return status == SLICKQ_OK ? fill_and_publish(*q, reserved, elements, count, index) : status;
}

slickq_status slickq_queue_write_batch(slickq_queue* queue, const void* elements, const uint32_t* counts, uint32_t records,
                                       uint32_t* written) {
    SLICKQ_QUEUE(q, queue);
    unwritten left{{counts, records}, static_cast<const std::byte*>(elements)};
    const slickq_status refused = check_batch(*q, elements, counts, records);
    return conclude(*q, left, refused != SLICKQ_OK ? refused : write_what_fits(*q, left, true), written);
}

slickq_status slickq_queue_write_batch_until(slickq_queue* queue, const void* elements, const uint32_t* counts, uint32_t records,
                                             int64_t deadline_ns, uint32_t* written) {
    SLICKQ_QUEUE(q, queue);
    const cancel_watch cancelled(*q); // of the whole call: also while it writes, between two waits
    unwritten left{{counts, records}, static_cast<const std::byte*>(elements)};
    slickq_status status = check_batch(*q, elements, counts, records);
    while (status == SLICKQ_OK && left.records.records != 0) {
        status = write_what_fits(*q, left, false);
        if (status != SLICKQ_FULL) break;
        std::uint64_t reserved;
        status = cancelled.is_asked() ? SLICKQ_CANCELLED : reserve_until(*q, left.records.count(0), deadline_ns, cancelled, reserved);
        if (status == SLICKQ_OK) write(*q, left, reserved, 1);
    }
    return conclude(*q, left, status, written);
}

} // extern "C"
