#include "reader.hpp"

#include "error.hpp"

namespace slickq::detail {

std::unique_ptr<reader> open_reader(queue& q, const reader_options& options) {
    if (options.from > start::index) fail(SLICKQ_E_ARGUMENT, "%u is no starting position", static_cast<unsigned>(options.from));
    if (options.policy > after_lap::compat) {
        fail(SLICKQ_E_ARGUMENT, "%u is no policy after a lap", static_cast<unsigned>(options.policy));
    }
    if (options.batch > basic_reader<>::largest_batch) {
        fail(SLICKQ_E_ARGUMENT, "a batch has up to %u records, not %u", basic_reader<>::largest_batch, options.batch);
    }
    if (options.slack >= q.ring.capacity()) {
        fail(SLICKQ_E_ARGUMENT, "the slack, %u elements, must be less than the capacity", options.slack);
    }
    const std::uint64_t reserved = q.ring.reserved_index();
    if (options.from == start::index && (options.index > q.ring.index_mask() || q.ring.difference(reserved, options.index) < 0)) {
        fail(SLICKQ_E_ARGUMENT, "index %llu is ahead of the queue, which has reserved up to %llu",
             static_cast<unsigned long long>(options.index), static_cast<unsigned long long>(reserved));
    }
    return std::make_unique<reader>(q, options);
}

} // namespace slickq::detail
