// inspect.hpp - a read-only look at whatever is under a name, for tools.
#pragma once

#include "format.hpp"

#include <cstdint>

namespace slickq::detail {

struct inspection {
    examination header;
    std::uint64_t length = 0; // bytes
    segment_birth birth;
    // Only if header.verdict is SLICKQ_OK.
    std::uint64_t reserved_index = 0;
    std::uint64_t last_published = no_index;
    std::uint64_t oldest_index = 0;
    std::uint64_t published = 0; // records from oldest_index on
    std::uint64_t late_publishes = 0;
};

inspection inspect(const char* name, std::uint32_t element_size);

} // namespace slickq::detail
