// The C API: shared cursors and their cells. Check, call, translate.
#include <slickq/slickq.h>

#include "cursor.hpp"
#include "delivered.hpp"

using namespace slickq::capi;
using slickq::ring_result;

namespace {

slickq_status is_misaligned(const void* cell) noexcept {
    return report(SLICKQ_E_ARGUMENT, "the cursor cell at %p is not aligned to 8 bytes", cell);
}

} // namespace

extern "C" {

slickq_status slickq_queue_read_shared(slickq_queue* queue, uint64_t* cell, slickq_record* record) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cell);
    SLICKQ_REQUIRE(record);
    if (!is_aligned(cell)) return is_misaligned(cell);
    slickq::record seen;
    const ring_result result = q->ring.claim(atomic_cell(cell), seen);
    return deliver(*q, seen, result, data_of(*q, seen), record);
}

slickq_status slickq_queue_read_shared_copy(slickq_queue* queue, uint64_t* cell, void* buffer, size_t buffer_size,
                                            slickq_record* record) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cell);
    SLICKQ_REQUIRE(buffer);
    SLICKQ_REQUIRE(record);
    if (!is_aligned(cell)) return is_misaligned(cell);
    slickq::record seen;
    const ring_result result = q->ring.claim_copy(atomic_cell(cell), buffer, elements_in(*q, buffer_size), seen);
    return deliver_copy(*q, seen, result, buffer, buffer_size, record);
}

slickq_status slickq_cell_load(const uint64_t* cell, uint64_t* value) {
    SLICKQ_REQUIRE(cell);
    SLICKQ_REQUIRE(value);
    if (!is_aligned(cell)) return is_misaligned(cell);
    *value = load_cell(cell);
    return SLICKQ_OK;
}

slickq_status slickq_cell_store(uint64_t* cell, uint64_t value) {
    SLICKQ_REQUIRE(cell);
    if (!is_aligned(cell)) return is_misaligned(cell);
    store_cell(cell, value);
    return SLICKQ_OK;
}

slickq_status slickq_cell_compare_exchange(uint64_t* cell, uint64_t* expected, uint64_t desired) {
    SLICKQ_REQUIRE(cell);
    SLICKQ_REQUIRE(expected);
    if (!is_aligned(cell)) return is_misaligned(cell);
    return compare_exchange_cell(cell, *expected, desired) ? SLICKQ_OK : SLICKQ_CHANGED;
}

slickq_status slickq_cursor_create(const char* name, uint64_t offset, uint32_t permissions, slickq_cursor** cursor) {
    SLICKQ_REQUIRE(name);
    SLICKQ_REQUIRE(cursor);
    return guarded([&] {
        return hand_out(handle_kind::cursor, cursor, [&] { return create_cursor(name, offset, permissions); });
    });
}

slickq_status slickq_cursor_open(const char* name, uint64_t offset, int64_t timeout_ns, slickq_cursor** cursor) {
    SLICKQ_REQUIRE(name);
    SLICKQ_REQUIRE(cursor);
    return guarded([&] {
        return hand_out(handle_kind::cursor, cursor, [&] { return open_cursor(name, offset, timeout_ns); });
    });
}

slickq_status slickq_cursor_open_or_create(const char* name, uint64_t offset, uint32_t permissions, int64_t timeout_ns,
                                           slickq_cursor** cursor) {
    SLICKQ_REQUIRE(name);
    SLICKQ_REQUIRE(cursor);
    return guarded([&] {
        const auto open = [&] { return open_or_create_cursor(name, offset, permissions, timeout_ns); };
        return hand_out(handle_kind::cursor, cursor, open);
    });
}

slickq_status slickq_cursor_cell(slickq_cursor* cursor, uint64_t** cell) {
    const auto* const c = static_cast<slickq::detail::cursor*>(find_handle(handle_kind::cursor, cursor));
    if (c == nullptr) return is_no_handle(cursor, "cursor");
    SLICKQ_REQUIRE(cell);
    *cell = c->cell;
    return SLICKQ_OK;
}

slickq_status slickq_cursor_close(slickq_cursor* cursor) {
    auto* const retired = static_cast<slickq::detail::cursor*>(retire_handle(handle_kind::cursor, cursor));
    if (retired == nullptr) return is_no_handle(cursor, "cursor");
    delete retired;
    return SLICKQ_OK;
}

} // extern "C"
