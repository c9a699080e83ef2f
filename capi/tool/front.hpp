// front.hpp - what a consumer that starts at the oldest record would find, and where it would stop: read-only, by
// looking at slots.
#pragma once

#include "shared_queue.hpp"

#include <cstdint>

namespace tool {

struct front {
    std::uint64_t records = 0;     // before it stops
    std::uint64_t corrupt = 0;     // slots that hold what no producer writes
    std::uint64_t index = 0;       // where it stops
    std::uint64_t unpublished =
        0; // elements that are reserved from there on; 0: it stopped at the end. Else there is a gap
};

// Looks through all slots; no longer than up to what was reserved when it began.
front front_of(const shared_queue& queue);

// Whether a consumer that is at this index waits for a record that is reserved and not published.
bool is_gap(const shared_queue& queue, std::uint64_t index);

} // namespace tool
