#include "front.hpp"

#include "error.hpp"

#include <vector>

namespace tool {

front front_of(const shared_queue& queue) {
    const std::uint64_t end = queue.reserved();
    front found;
    check(slickq_queue_cursor_at(queue.handle(), SLICKQ_START_OLDEST, &found.index));
    // Before the first lap index 0 is the first record's. Later nobody can tell a gap before the oldest record from the
    // rest of one that is being overwritten.
    if (end <= queue.info().capacity && is_gap(queue, 0)) {
        found.index = 0;
        found.unpublished = end;
        return found;
    }
    std::vector<slickq_record> records(1024);
    while (queue.distance(end, found.index) > 0) {
        std::uint32_t count = 0;
        const slickq_status status = slickq_queue_read_batch(queue.handle(), &found.index, records.data(),
                                                             static_cast<std::uint32_t>(records.size()), &count);
        if (status == SLICKQ_EMPTY) break;
        if (status == SLICKQ_E_CORRUPT) {
            ++found.corrupt;
        } else {
            check(status);
            found.records += count;
        }
    }
    if (const std::int64_t left = queue.distance(end, found.index); left > 0)
        found.unpublished = static_cast<std::uint64_t>(left);
    return found;
}

bool is_gap(const shared_queue& queue, std::uint64_t index) {
    slickq_record record{};
    std::uint64_t cursor = index;
    const bool is_empty = slickq_queue_read(queue.handle(), &cursor, &record) == SLICKQ_EMPTY;
    return is_empty && queue.distance(queue.reserved(), cursor) > 0;
}

} // namespace tool
