// The C API: check, call, translate. No decisions are made here.
#include <slickq/slickq.h>

#include "cursor.hpp"
#include "inspect.hpp"
#include "platform.hpp"
#include "liveness.hpp"
#include "reader.hpp"
#include "room.hpp"
#include "os_wait.hpp"
#include "support.hpp"

using namespace slickq::capi;
using slickq::ring_result;

namespace {

// ---------------------------------------------------------------- options

queue_request request_of(const slickq_options* options) {
    queue_request request;
    if (options == nullptr) return request;
    const slickq_options given = read_struct(options);
    constexpr std::uint32_t known_flags = SLICKQ_OPEN_READ_ONLY | SLICKQ_OPEN_LOSSLESS | SLICKQ_OPEN_SINGLE_PRODUCER |
                                          SLICKQ_OPEN_PROMPT_PRODUCER | SLICKQ_OPEN_PREFAULT | SLICKQ_OPEN_LOCK_MEMORY |
                                          SLICKQ_OPEN_HUGE_PAGES | SLICKQ_OPEN_HUGETLB | SLICKQ_OPEN_HALF_RESET;
    if ((given.flags & ~known_flags) != 0) fail(SLICKQ_E_ARGUMENT, "flags 0x%X are unknown", given.flags);
    if (given.reserved != 0) fail(SLICKQ_E_ARGUMENT, "slickq_options.reserved must be 0");
    request.shape = {static_cast<slickq::layout>(given.layout), given.capacity, given.element_size, given.items_per_slot};
    request.read_only = (given.flags & SLICKQ_OPEN_READ_ONLY) != 0;
    request.lossless = (given.flags & SLICKQ_OPEN_LOSSLESS) != 0;
    request.single_producer = (given.flags & SLICKQ_OPEN_SINGLE_PRODUCER) != 0;
    request.prompt_producer = (given.flags & SLICKQ_OPEN_PROMPT_PRODUCER) != 0;
    request.takes_half_reset = (given.flags & SLICKQ_OPEN_HALF_RESET) != 0;
    request.memory_advice.prefault = (given.flags & SLICKQ_OPEN_PREFAULT) != 0;
    request.memory_advice.lock = (given.flags & SLICKQ_OPEN_LOCK_MEMORY) != 0;
    request.memory_advice.huge_pages = (given.flags & (SLICKQ_OPEN_HUGE_PAGES | SLICKQ_OPEN_HUGETLB)) != 0;
    request.memory_advice.hugetlb = (given.flags & SLICKQ_OPEN_HUGETLB) != 0;
    request.permissions = given.permissions;
    request.timeout_ns = given.timeout_ns;
    return request;
}

slickq::reader_options reader_options_of(const slickq_reader_options& given) {
    if ((given.flags & ~SLICKQ_READER_REGISTERED) != 0) fail(SLICKQ_E_ARGUMENT, "flags 0x%X are unknown", given.flags);
    slickq::reader_options wanted;
    wanted.from = static_cast<slickq::start>(given.start);
    wanted.index = given.start_index;
    wanted.policy = static_cast<slickq::after_lap>(given.after_lap);
    wanted.slack = given.slack;
    if (given.batch != 0) wanted.batch = given.batch;
    if (given.stall_ns != SLICKQ_STALL_DEFAULT) wanted.stall_ns = given.stall_ns;
    return wanted;
}

// ---------------------------------------------------------------- handles

slickq_status open_named(const char* name, const slickq_options* options, how manner, slickq_queue** queue) noexcept {
    SLICKQ_REQUIRE(name);
    SLICKQ_REQUIRE(queue);
    return guarded([&] {
        return hand_out(handle_kind::queue, queue, [&] { return open_queue(name, request_of(options), manner); });
    });
}

// ---------------------------------------------------------------- reading

slickq_status is_corrupt(const queue& q, const slickq_record& record) noexcept {
    return report(SLICKQ_E_CORRUPT, "queue '%s': the slot of index %llu does not hold what a producer writes", q.name.c_str(),
                  static_cast<unsigned long long>(record.index));
}

slickq_status is_too_small(std::size_t buffer_size, std::uint64_t needed) noexcept {
    return report(SLICKQ_E_BUFFER, "the record has %llu bytes, the buffer only %zu", static_cast<unsigned long long>(needed),
                  buffer_size);
}

// Tells the caller of a record that was consumed; counts what was lost before it.
slickq_status deliver(queue& q, const slickq::record& seen, ring_result result, const void* data, slickq_record* record) noexcept {
    *record = {result == ring_result::lapped ? nullptr : data, seen.index, seen.lost, seen.count, 0};
    if (seen.lost != 0) q.loss_count.fetch_add(seen.lost, std::memory_order_relaxed); // a statistic
    if (result == ring_result::lapped) return SLICKQ_LAPPED;
    return result == ring_result::corrupt ? is_corrupt(q, *record) : SLICKQ_OK;
}

slickq_status status_of(slickq::read_result what, std::uint64_t index, const queue& q) noexcept {
    switch (what) {
    case slickq::read_result::record: return SLICKQ_OK;
    case slickq::read_result::empty: return SLICKQ_EMPTY;
    case slickq::read_result::pending: return SLICKQ_PENDING;
    case slickq::read_result::lapped: return SLICKQ_LAPPED;
    case slickq::read_result::gap: return SLICKQ_GAP;
    case slickq::read_result::reset: return SLICKQ_RESET;
    case slickq::read_result::corrupt:
        return report(SLICKQ_E_CORRUPT, "the slot before index %llu does not hold what a producer writes",
                      static_cast<unsigned long long>(index));
    case slickq::read_result::evicted:
        return report(SLICKQ_E_EVICTED, "producers wait for this reader no more: it was evicted, or taken for dead");
    case slickq::read_result::half_reset:
        return is_half_reset(q);
    }
    return report(SLICKQ_E_INTERNAL, "an answer of no kind: %d", static_cast<int>(what));
}

// Fills `record` with what a reader answered.
slickq_status describe(slickq::read_result what, const slickq::delivery& got, slickq_record& record, const queue& q) noexcept {
    record = {got.data, got.index, got.lost, got.count, 0};
    return status_of(what, record.index, q);
}

void rearm(slickq::detail::reader& r, slickq::read_result what) {
    if (r.readable == nullptr || (what != slickq::read_result::empty && what != slickq::read_result::pending)) return;
    r.readable->arm([&](arrival& next, bool) { next.expect(r.core.cursor(), slickq_deadline(r.core.patience_ns())); });
}

const std::byte* data_of(const queue& q, const slickq::record& seen) noexcept { return q.ring.at(seen.index); }

// Apart from the usual case, a single element that is there, which needs little.
SLICKQ_NOINLINE slickq_status read_any(queue& q, std::uint64_t& cursor, slickq_record& record) noexcept {
    slickq::record seen;
    const ring_result result = q.ring.read_any(cursor, seen);
    return result == ring_result::empty ? SLICKQ_EMPTY : deliver(q, seen, result, data_of(q, seen), &record);
}

std::uint64_t elements_in(const queue& q, std::size_t bytes) noexcept { return bytes / q.ring.element_size(); }

// The same for a copying read.
slickq_status deliver_copy(queue& q, const slickq::record& seen, ring_result result, const void* buffer, std::size_t buffer_size,
                           slickq_record* record) noexcept {
    if (result == ring_result::empty) return SLICKQ_EMPTY;
    if (result != ring_result::too_large) return deliver(q, seen, result, buffer, record);
    record->count = seen.count;
    return is_too_small(buffer_size, q.ring.bytes_of(seen.count));
}

template <class Struct>
void fill_birth(const slickq::detail::segment_birth& birth, Struct& filled) noexcept {
    static_assert(sizeof filled.identity == sizeof birth.identity);
    std::memcpy(filled.identity, birth.identity.data(), sizeof filled.identity);
    filled.created_ns = birth.created_ns;
}

} // namespace

extern "C" {

// ---------------------------------------------------------------- version, status, platform

#define SLICKQ_TEXT_OF(number) #number
#define SLICKQ_TEXT(number) SLICKQ_TEXT_OF(number)

uint32_t slickq_version(void) { return SLICKQ_VERSION_NUMBER; }
const char* slickq_version_string(void) {
    return SLICKQ_TEXT(SLICKQ_VERSION_MAJOR) "." SLICKQ_TEXT(SLICKQ_VERSION_MINOR) "." SLICKQ_TEXT(SLICKQ_VERSION_PATCH);
}
uint32_t slickq_abi_version(void) { return SLICKQ_ABI_VERSION; }

const char* slickq_status_name(slickq_status status) { return status_name(status); }
const char* slickq_status_text(slickq_status status) { return status_text(status); }
const char* slickq_last_message(void) { return last_message(); }
int slickq_last_os_error(void) { return last_os_error(); }

const char* slickq_layout_name(uint32_t layout) { return layout_name(static_cast<slickq::layout>(layout)); }

slickq_status slickq_platform_check(uint32_t layout, const char** sentence) {
    if (layout > SLICKQ_LAYOUT_WIDE) return report(SLICKQ_E_ARGUMENT, "%u is the number of no layout", layout);
    const platform_support support = check_platform(static_cast<slickq::layout>(layout));
    if (sentence != nullptr) *sentence = support.sentence;
    return support.is_supported ? SLICKQ_OK : report(SLICKQ_E_UNSUPPORTED, "%s", support.sentence);
}

// ---------------------------------------------------------------- life

slickq_status slickq_queue_create_local(const slickq_options* options, slickq_queue** queue) {
    SLICKQ_REQUIRE(options);
    SLICKQ_REQUIRE(queue);
    return guarded([&] {
        return hand_out(handle_kind::queue, queue, [&] { return create_local_queue(request_of(options)); });
    });
}

slickq_status slickq_queue_create(const char* name, const slickq_options* options, slickq_queue** queue) {
    SLICKQ_REQUIRE(options);
    return open_named(name, options, how::create, queue);
}

slickq_status slickq_queue_open(const char* name, const slickq_options* options, slickq_queue** queue) {
    return open_named(name, options, how::open, queue);
}

slickq_status slickq_queue_open_or_create(const char* name, const slickq_options* options, slickq_queue** queue) {
    SLICKQ_REQUIRE(options);
    return open_named(name, options, how::open_or_create, queue);
}

slickq_status slickq_queue_close(slickq_queue* queue) {
    auto* const retired = static_cast<slickq::detail::queue*>(retire_handle(handle_kind::queue, queue));
    if (retired == nullptr) return is_no_handle(queue, "queue");
    wake_waiting(*retired);
    close_room_descriptor(*retired);
    release(retired);
    return SLICKQ_OK;
}

slickq_status slickq_segment_remove(const char* name) {
    SLICKQ_REQUIRE(name);
    return guarded([&] {
        named_object::remove(named_object::checked_name(name));
        return SLICKQ_OK;
    });
}

slickq_status slickq_queue_get_info(slickq_queue* queue, slickq_queue_info* info) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(info);
    slickq_queue_info filled{};
    filled.flags = (q->is_creator ? SLICKQ_INFO_CREATOR : 0) | (q->name.empty() ? 0 : SLICKQ_INFO_SHARED) |
                   (q->is_read_only ? SLICKQ_INFO_READ_ONLY : 0) | (q->is_lossless ? SLICKQ_INFO_LOSSLESS : 0) |
                   (q->is_single_producer ? SLICKQ_INFO_SINGLE_PRODUCER : 0) |
                   (q->request.prompt_producer ? SLICKQ_INFO_PROMPT_PRODUCER : 0) | (q->memory.granted().lock ? SLICKQ_INFO_LOCKED : 0) |
                   (q->memory.granted().huge_pages ? SLICKQ_INFO_HUGE_PAGES : 0) |
                   (q->memory.granted().hugetlb ? SLICKQ_INFO_HUGETLB : 0);
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

// ---------------------------------------------------------------- consuming

slickq_status slickq_queue_cursor_at(slickq_queue* queue, uint32_t start, uint64_t* cursor) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cursor);
    if (start > SLICKQ_START_NEWEST) return report(SLICKQ_E_ARGUMENT, "%u is no starting position", start);
    *cursor = slickq::position_of(q->ring, static_cast<slickq::start>(start));
    return SLICKQ_OK;
}

slickq_status slickq_queue_next_index(slickq_queue* queue, uint64_t* index) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(index);
    *index = q->ring.reserved_index();
    return SLICKQ_OK;
}

slickq_status slickq_queue_read(slickq_queue* queue, uint64_t* cursor, slickq_record* record) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cursor);
    SLICKQ_REQUIRE(record);
    slickq::record seen;
    if (!q->ring.read_single(*cursor, seen)) return read_any(*q, *cursor, *record);
    *record = {data_of(*q, seen), seen.index, 0, 1, 0};
    return SLICKQ_OK;
}

slickq_status slickq_queue_read_copy(slickq_queue* queue, uint64_t* cursor, void* buffer, size_t buffer_size,
                                     slickq_record* record) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cursor);
    SLICKQ_REQUIRE(buffer);
    SLICKQ_REQUIRE(record);
    slickq::record seen;
    const ring_result result = q->ring.read_copy(*cursor, buffer, elements_in(*q, buffer_size), seen);
    return deliver_copy(*q, seen, result, buffer, buffer_size, record);
}

slickq_status slickq_queue_read_batch(slickq_queue* queue, uint64_t* cursor, slickq_record* records, uint32_t limit,
                                      uint32_t* count) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cursor);
    SLICKQ_REQUIRE(records);
    SLICKQ_REQUIRE(count);
    if (limit == 0) return report(SLICKQ_E_ARGUMENT, "a batch of 0 records can't be read");
    std::uint32_t found = 0;
    const ring_result result = q->ring.read_batch(*cursor, limit, [&](const slickq::record& seen) {
        records[found++] = {data_of(*q, seen), seen.index, seen.lost, seen.count, 0};
    });
    *count = found;
    if (found == 0) return SLICKQ_EMPTY;
    if (records[0].lost != 0) q->loss_count.fetch_add(records[0].lost, std::memory_order_relaxed); // a statistic
    return result == ring_result::corrupt ? is_corrupt(*q, records[0]) : SLICKQ_OK;
}

slickq_status slickq_queue_read_shared(slickq_queue* queue, uint64_t* cell, slickq_record* record) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(cell);
    SLICKQ_REQUIRE(record);
    if (!is_aligned(cell)) return is_misaligned(cell);
    slickq::record seen;
    const ring_result result = q->ring.claim(*reinterpret_cast<std::atomic<std::uint64_t>*>(cell), seen);
    if (result == ring_result::empty) return SLICKQ_EMPTY;
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
    auto& cursor = *reinterpret_cast<std::atomic<std::uint64_t>*>(cell);
    const ring_result result = q->ring.claim_copy(cursor, buffer, elements_in(*q, buffer_size), seen);
    return deliver_copy(*q, seen, result, buffer, buffer_size, record);
}

slickq_status slickq_queue_read_last(slickq_queue* queue, slickq_record* record) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(record);
    if (!q->ring.can_read_last()) {
        return report(SLICKQ_E_UNSUPPORTED, "queue '%s' has layout %s, which keeps no last-published index", q->name.c_str(),
                      layout_name(q->shape.layout));
    }
    slickq::record seen;
    const ring_result result = q->ring.read_last(seen);
    if (result == ring_result::empty) return SLICKQ_EMPTY;
    return deliver(*q, seen, result, data_of(*q, seen), record);
}

slickq_status slickq_queue_loss_count(slickq_queue* queue, uint64_t* elements) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(elements);
    *elements = q->loss_count.load(std::memory_order_relaxed);
    return SLICKQ_OK;
}

slickq_status slickq_queue_reset(slickq_queue* queue) {
    SLICKQ_QUEUE(q, queue);
    if (q->is_read_only) return is_read_only(*q);
    reset_and_say_who(q->ring);
    q->loss_count.store(0, std::memory_order_relaxed);
    return SLICKQ_OK;
}

slickq_status slickq_queue_validate(slickq_queue* queue, uint64_t index) {
    SLICKQ_QUEUE(q, queue);
    return q->ring.is_intact(index, q->ring.capacity()) ? SLICKQ_OK : SLICKQ_LAPPED;
}

// ---------------------------------------------------------------- readers

slickq_status slickq_reader_open(slickq_queue* queue, const slickq_reader_options* options, slickq_reader** reader) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(reader);
    return guarded([&] {
        const slickq_reader_options given = options != nullptr ? read_struct(options) : slickq_reader_options{};
        const bool is_registered = (given.flags & SLICKQ_READER_REGISTERED) != 0;
        const auto open = [&] { return open_reader(*q, reader_options_of(given), is_registered); };
        return hand_out(handle_kind::reader, reader, open);
    });
}

slickq_status slickq_reader_close(slickq_reader* reader) {
    auto* const retired = static_cast<slickq::detail::reader*>(retire_handle(handle_kind::reader, reader));
    if (retired == nullptr) return is_no_handle(reader, "reader");
    delete retired;
    return SLICKQ_OK;
}

slickq_status slickq_reader_read(slickq_reader* reader, slickq_record* record) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(record);
    return guarded([&] {
        slickq::delivery got;
        const slickq::read_result what = r->core.read(got);
        rearm(*r, what);
        return describe(what, got, *record, *r->source);
    });
}

slickq_status slickq_reader_read_batch(slickq_reader* reader, uint32_t limit, slickq_batch* batch) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(batch);
    return guarded([&] {
        const slickq::read_result what = r->core.read_batch(limit, *batch);
        rearm(*r, what);
        return status_of(what, batch->index, *r->source);
    });
}

slickq_status slickq_reader_get_info(slickq_reader* reader, slickq_reader_info* info) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(info);
    slickq_reader_info filled{};
    filled.resets = static_cast<uint32_t>(r->core.resets());
    filled.cursor = r->core.cursor();
    filled.lag = r->core.lag();
    filled.received_records = r->core.received_records();
    filled.received_elements = r->core.received_elements();
    filled.lost_lapped = r->core.lost().lapped;
    filled.lost_gap = r->core.lost().gap;
    filled.lost_torn = r->core.lost().torn;
    filled.lost_reset = r->core.lost().reset;
    filled.pending_ns = static_cast<uint64_t>(r->core.pending_ns());
    return guarded([&] {
        filled.suspect_elements = r->core.suspects();
        return write_struct(filled, info);
    });
}

// ---------------------------------------------------------------- waiting

int64_t slickq_deadline(int64_t timeout_ns) {
    const std::int64_t now = slickq::native_atomics::now_ns();
    return timeout_ns < 0 || timeout_ns > slickq::forever - now ? slickq::forever : now + timeout_ns;
}

slickq_status slickq_reader_read_until(slickq_reader* reader, int64_t deadline_ns, slickq_record* record) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(record);
    return guarded([&] {
        slickq::delivery got;
        slickq::read_result what{};
        const auto ended =
            r->core.read_until(deadline_ns, r->source->is_read_only, [&] { return r->cancelled.take(); }, what, got);
        rearm(*r, what);
        const slickq_status status = describe(what, got, *record, *r->source);
        return ended == slickq::wait_result::ready ? status : status_of(ended);
    });
}

slickq_status slickq_reader_read_batch_until(slickq_reader* reader, uint32_t limit, int64_t deadline_ns, slickq_batch* batch) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(batch);
    return guarded([&] {
        slickq::read_result what{};
        const auto ended = r->core.read_batch_until(limit, deadline_ns, r->source->is_read_only, [&] { return r->cancelled.take(); },
                                                    what, *batch);
        rearm(*r, what);
        return ended == slickq::wait_result::ready ? status_of(what, batch->index, *r->source) : status_of(ended);
    });
}

slickq_status slickq_reader_cancel(slickq_reader* reader) {
    auto* const r = static_cast<slickq::detail::reader*>(find_handle(handle_kind::reader, reader));
    if (r == nullptr) return is_no_handle(reader, "reader");
    if (!r->is_of_this_process()) return is_of_parent("reader"); // all that another thread than the reader's may ask it
    r->cancelled.ask();
    wake_waiting(*r->source);
    return SLICKQ_OK;
}

slickq_status slickq_reader_descriptor(slickq_reader* reader, int* descriptor) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(descriptor);
    return guarded([&] {
        if (r->readable == nullptr) {
            r->readable.reset(new readable_fd<arrival>(arrival(r->source->ring, r->source->is_read_only)));
        }
        *descriptor = r->readable->descriptor();
        return SLICKQ_OK;
    });
}

slickq_status slickq_queue_wait_until(slickq_queue* queue, uint64_t cursor, int64_t deadline_ns) {
    SLICKQ_QUEUE(q, queue);
    if (cursor > q->ring.index_mask()) return is_bad_index(*q, cursor);
    const cancel_watch cancelled(*q);
    return status_of(slickq::wait_until(
        q->ring.arrivals(q->is_read_only), deadline_ns, [&] { return q->ring.is_ready(cursor); }, [] { return slickq::forever; },
        [&] { return cancelled.is_asked(); }));
}

slickq_status slickq_queue_cancel(slickq_queue* queue) {
    SLICKQ_QUEUE(q, queue);
    q->cancellations.fetch_add(1, std::memory_order_seq_cst); // as publish:B
    wake_waiting(*q);
    return SLICKQ_OK;
}

slickq_status slickq_queue_room_descriptor(slickq_queue* queue, int* descriptor) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(descriptor);
    if (q->is_read_only) return is_read_only(*q);
    return guarded([&] {
        *descriptor = room_descriptor(*q);
        return SLICKQ_OK;
    });
}

void slickq_detail_sleep(const void* word, uint32_t expected, int64_t longest_ns) {
    sleep_on(static_cast<const std::uint32_t*>(word), expected, longest_ns);
}

void slickq_detail_wake_all(const void* word) { wake_all(static_cast<const std::uint32_t*>(word)); }

void slickq_detail_heavy_fence(void) { heavy_fence(); }
uint32_t slickq_detail_process_id(void) { return this_pid(); }

int slickq_detail_accept_heavy_fences(void) { return accept_heavy_fences() ? 1 : 0; }

// ---------------------------------------------------------------- orphans

slickq_status slickq_queue_name_state(slickq_queue* queue, uint32_t* state) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(state);
    return guarded([&] {
        *state = static_cast<uint32_t>(state_of_name(*q));
        return SLICKQ_OK;
    });
}

slickq_status slickq_queue_reattach(slickq_queue* queue, slickq_queue** fresh) {
    SLICKQ_QUEUE(q, queue);
    SLICKQ_REQUIRE(fresh);
    return guarded([&] { return hand_out(handle_kind::queue, fresh, [&] { return reopen_queue(*q); }); });
}

// ---------------------------------------------------------------- shared cursors

slickq_status slickq_cell_load(const uint64_t* cell, uint64_t* value) {
    SLICKQ_REQUIRE(cell);
    SLICKQ_REQUIRE(value);
    if (!is_aligned(cell)) return is_misaligned(cell);
    // These three pair with each other and with claim:A and claim:B of ring.hpp.
    *value = reinterpret_cast<const std::atomic<std::uint64_t>*>(cell)->load(std::memory_order_acquire);
    return SLICKQ_OK;
}

slickq_status slickq_cell_store(uint64_t* cell, uint64_t value) {
    SLICKQ_REQUIRE(cell);
    if (!is_aligned(cell)) return is_misaligned(cell);
    reinterpret_cast<std::atomic<std::uint64_t>*>(cell)->store(value, std::memory_order_release);
    return SLICKQ_OK;
}

slickq_status slickq_cell_compare_exchange(uint64_t* cell, uint64_t* expected, uint64_t desired) {
    SLICKQ_REQUIRE(cell);
    SLICKQ_REQUIRE(expected);
    if (!is_aligned(cell)) return is_misaligned(cell);
    const bool equal = reinterpret_cast<std::atomic<std::uint64_t>*>(cell)->compare_exchange_strong(
        *expected, desired, std::memory_order_acq_rel, std::memory_order_acquire);
    return equal ? SLICKQ_OK : SLICKQ_CHANGED;
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

// ---------------------------------------------------------------- looking at any segment

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
