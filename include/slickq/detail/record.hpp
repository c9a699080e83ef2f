// record.hpp - the values that producers and consumers exchange with the ring.
#ifndef SLICKQ_DETAIL_RECORD_HPP
#define SLICKQ_DETAIL_RECORD_HPP

#include <slickq/detail/version.hpp>

#include <cstdint>

namespace slickq::inline SLICKQ_NAMESPACE {

enum class ring_result {
    ok,
    empty,        // there is nothing (more) at the cursor
    lapped,       // copying: producers were overwriting the record; the cursor is past it
    corrupt,      // the slot says what no producer writes; the record is clamped to the ring
    too_large,    // claim: the record has more elements than the caller takes; it is not claimed
    stale,        // publish: the ring has lapped the reservation
    not_reserved, // publish: nobody reserved that, or not that much
};

struct record {
    std::uint64_t index = 0;
    std::uint64_t lost = 0;     // elements that were skipped before it, because producers had lapped the cursor
    std::uint32_t position = 0; // index mod capacity
    std::uint32_t count = 0;    // elements
};

// Records to be written one after another: record k has counts[k] elements; every record has one if counts is nullptr.
struct batch {
    const std::uint32_t* counts = nullptr;
    std::uint32_t records = 0;

    std::uint32_t count(std::uint32_t k) const noexcept { return counts != nullptr ? counts[k] : 1; }
    batch from(std::uint32_t k) const noexcept { return {counts != nullptr ? counts + k : nullptr, records - k}; }
    // The elements of the first `fits` records together.
    std::uint64_t elements(std::uint32_t fits) const noexcept {
        std::uint64_t sum = counts == nullptr ? fits : 0;
        for (std::uint32_t k = 0; counts != nullptr && k < fits; ++k) sum += counts[k];
        return sum;
    }
};

} // namespace slickq

#endif
