// The C API: producing. Check, call, translate.
#include <slickq/slickq.h>

#include "producing.hpp"
#include "support.hpp"

using namespace slickq::capi;

namespace {

// All but the usual case, a single element that is reserved by little.
SLICKQ_NOINLINE slickq_status reserve_any(queue& q, std::uint32_t count, std::uint64_t* index) noexcept {
    SLICKQ_REQUIRE(index);
    if (q.is_read_only) return is_read_only(q);
    if (!q.ring.can_hold(count)) return is_bad_count(q, count);
    return reserve(q, count, *index);
}

slickq_status fill_and_publish(queue& q, std::uint64_t reserved, const void* elements, std::uint32_t count,
                               std::uint64_t* index) noexcept {
    if (index != nullptr) *index = reserved;
    return fill_and_publish(q, reserved, elements, count);
}

SLICKQ_NOINLINE slickq_status write_any(queue& q, const void* elements, std::uint32_t count,
                                        std::uint64_t* index) noexcept {
    SLICKQ_REQUIRE(elements);
    std::uint64_t reserved;
    const slickq_status status = reserve_any(q, count, &reserved);
    return status == SLICKQ_OK ? fill_and_publish(q, reserved, elements, count, index) : status;
}

slickq_status check_batch(const queue& q, const void* elements, const std::uint32_t* counts,
                          std::uint32_t records) noexcept {
    if (q.is_read_only) return is_read_only(q);
    if (records != 0) SLICKQ_REQUIRE(elements);
    for (std::uint32_t k = 0; counts != nullptr && k < records; ++k) {
        if (!q.ring.can_hold(counts[k])) return is_bad_count(q, counts[k]);
    }
    return SLICKQ_OK;
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
    if (!q->ring.can_hold(count)) return is_bad_count(*q, count);
    return reserve_until(*q, count, deadline_ns, *index);
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
    if (!q->ring.can_hold(count)) return is_bad_count(*q, count);
    return publish(*q, index, count);
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
    if (!q->ring.can_hold(count)) return is_bad_count(*q, count);
    std::uint64_t reserved;
    const slickq_status status = reserve_until(*q, count, deadline_ns, reserved);
    return status == SLICKQ_OK ? fill_and_publish(*q, reserved, elements, count, index) : status;
}

slickq_status slickq_queue_write_batch(slickq_queue* queue, const void* elements, const uint32_t* counts,
                                       uint32_t records, uint32_t* written) {
    SLICKQ_QUEUE(q, queue);
    slickq::unwritten left{{counts, records}, static_cast<const std::byte*>(elements)};
    slickq_status status = check_batch(*q, elements, counts, records);
    if (status == SLICKQ_OK) status = write_batch(*q, left);
    if (written != nullptr) *written = left.written;
    return status;
}

slickq_status slickq_queue_write_batch_until(slickq_queue* queue, const void* elements, const uint32_t* counts,
                                             uint32_t records, int64_t deadline_ns, uint32_t* written) {
    SLICKQ_QUEUE(q, queue);
    slickq::unwritten left{{counts, records}, static_cast<const std::byte*>(elements)};
    slickq_status status = check_batch(*q, elements, counts, records);
    if (status == SLICKQ_OK) status = write_batch_until(*q, left, deadline_ns);
    if (written != nullptr) *written = left.written;
    return status;
}

} // extern "C"
