// delivered.hpp - what the reads through plain and shared cursors tell their callers.
#pragma once

#include "support.hpp"

#include <cstddef>

namespace slickq::capi {

inline const std::byte* data_of(const queue& q, const slickq::record& seen) noexcept { return q.ring.at(seen.index); }

inline std::uint64_t elements_in(const queue& q, std::size_t bytes) noexcept { return bytes / q.ring.element_size(); }

inline slickq_status is_corrupt(const queue& q, const slickq_record& record) noexcept {
    return report(SLICKQ_E_CORRUPT, "queue '%s': the slot of index %llu does not hold what a producer writes",
                  q.name.c_str(), static_cast<unsigned long long>(record.index));
}

// Of a record that was consumed; counts what was lost before it.
inline slickq_status deliver(queue& q, const slickq::record& seen, ring_result result, const void* data,
                             slickq_record* record) noexcept {
    if (result == ring_result::empty) return SLICKQ_EMPTY;
    *record = {result == ring_result::lapped ? nullptr : data, seen.index, seen.lost, seen.count, 0};
    q.lost.add(seen.lost);
    if (result == ring_result::lapped) return SLICKQ_LAPPED;
    return result == ring_result::corrupt ? is_corrupt(q, *record) : SLICKQ_OK;
}

// The same for a copying read, which may find a record that the buffer is too small for.
inline slickq_status deliver_copy(queue& q, const slickq::record& seen, ring_result result, const void* buffer,
                                  std::size_t buffer_size, slickq_record* record) noexcept {
    if (result != ring_result::too_large) return deliver(q, seen, result, buffer, record);
    record->count = seen.count;
    return report(SLICKQ_E_BUFFER, "the record has %llu bytes, the buffer only %zu",
                  static_cast<unsigned long long>(q.ring.bytes_of(seen.count)), buffer_size);
}

} // namespace slickq::capi
