// Arithmetic of indices, for those who have them from a queue of any layout.
#include <slickq/slickq.h>

namespace {

// Bits that an index does not have.
constexpr int unused_bits(uint32_t layout) noexcept { return layout == SLICKQ_LAYOUT_WIDE ? 0 : 16; }

} // namespace

extern "C" {

// Shifted to the top, where the sign is: the difference of two indices wraps as they do.
int64_t slickq_index_distance(uint32_t layout, uint64_t from, uint64_t to) {
    const int unused = unused_bits(layout);
    return static_cast<int64_t>((to - from) << unused) >> unused;
}

uint64_t slickq_index_add(uint32_t layout, uint64_t index, int64_t elements) {
    return (index + static_cast<uint64_t>(elements)) & (~uint64_t{0} >> unused_bits(layout));
}

} // extern "C"
