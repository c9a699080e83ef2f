// The C API: what a queue is, which epoch it is in, and looking at any segment. Check, call, translate.
#include <slickq/slickq.h>

#include "inspect.hpp"
#include "support.hpp"

using namespace slickq::capi;

namespace {

template <class Struct>
void fill_birth(const slickq::detail::segment_birth& birth, Struct& filled) noexcept {
    static_assert(sizeof filled.identity == sizeof birth.identity);
    std::memcpy(filled.identity, birth.identity.data(), sizeof filled.identity);
    filled.created_ns = birth.created_ns;
}

} // namespace

extern "C" {

slickq_status slickq_queue_get_info(slickq_queue* queue, slickq_queue_info* info) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(info);
    slickq_queue_info filled{};
    const memory_advice& granted = q->memory.granted();
    filled.flags = (q->is_creator ? SLICKQ_INFO_CREATOR : 0) | (q->name.empty() ? 0 : SLICKQ_INFO_SHARED) |
                   (q->is_read_only ? SLICKQ_INFO_READ_ONLY : 0) | (q->is_lossless ? SLICKQ_INFO_LOSSLESS : 0) |
                   (q->is_single_producer ? SLICKQ_INFO_SINGLE_PRODUCER : 0) |
                   (q->request.producing.is_prompt_producer ? SLICKQ_INFO_PROMPT_PRODUCER : 0) |
                   (granted.lock ? SLICKQ_INFO_LOCKED : 0) | (granted.huge_pages ? SLICKQ_INFO_HUGE_PAGES : 0) |
                   (granted.hugetlb ? SLICKQ_INFO_HUGETLB : 0);
    filled.layout = static_cast<uint32_t>(q->shape.layout);
    filled.capacity = q->shape.capacity;
    filled.element_size = q->shape.element_size;
    filled.items_per_slot = q->shape.items_per_slot;
    filled.slot_count = q->shape.slot_count();
    filled.base = q->memory.base();
    filled.length = q->memory.length();
    filled.data_offset = q->shape.data_offset();
    filled.name = q->name.c_str();
    filled.extension_offset = q->ring.extension() != nullptr ? q->shape.extension_offset() : 0;
    fill_birth(q->birth, filled);
    return write_struct(filled, info);
}

slickq_status slickq_queue_epoch(slickq_queue* queue, slickq_epoch_info* info) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(info);
    if (q->ring.extension() == nullptr) {
        return report(SLICKQ_E_UNSUPPORTED, "queue '%s' has no place where its resets are counted", q->name.c_str());
    }
    const slickq::epoch_view e = epoch_of(*q);
    slickq_epoch_info filled{};
    filled.is_resetting = e.is_settled() ? 0 : 1;
    filled.resets = e.resets / 2;
    filled.reserved_before = e.reserved_before;
    return write_struct(filled, info);
}

slickq_status slickq_segment_inspect(const char* name, uint32_t element_size, slickq_inspection* inspection) {
    SLICKQ_REQUIRE(name);
    SLICKQ_REQUIRE(inspection);
    return guarded([&] {
        const auto found = inspect(name, element_size);
        const examination& header = found.header;
        slickq_inspection filled{};
        filled.verdict = header.verdict;
        filled.length = found.length;
        filled.required_length = header.required_length;
        filled.layout = static_cast<uint32_t>(header.shape.layout);
        filled.marker = header.marker;
        filled.init_state = header.init_state;
        filled.capacity = header.shape.capacity;
        filled.element_size = header.shape.element_size;
        filled.items_per_slot = header.shape.items_per_slot;
        filled.next_index = found.reserved_index;
        filled.last_published = found.last_published;
        filled.oldest_index = found.oldest_index;
        filled.published = found.published;
        fill_birth(found.birth, filled);
        filled.late_publishes = found.late_publishes;
        if (header.verdict != SLICKQ_OK) report(header.verdict, "segment '%s': %s", name, header.reason.c_str());
        return write_struct(filled, inspection);
    });
}

} // extern "C"
