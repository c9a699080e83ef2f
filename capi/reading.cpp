// The C API: reading through a reader. Check, call, translate.
#include <slickq/slickq.h>

#include "reader.hpp"
#include "reset.hpp"
#include "support.hpp"

#include <cstddef>

using namespace slickq::capi;

namespace {

static_assert(sizeof(slickq_entry) == sizeof(slickq::batch_entry) &&
              alignof(slickq_entry) == alignof(slickq::batch_entry));
static_assert(offsetof(slickq_entry, index) == offsetof(slickq::batch_entry, index));
static_assert(offsetof(slickq_entry, count) == offsetof(slickq::batch_entry, count));

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
        return report_half_reset(q.ring, q.name);
    }
    return report(SLICKQ_E_INTERNAL, "an answer of no kind: %d", static_cast<int>(what));
}

// Fills `record` with what a reader answered.
slickq_status describe(slickq::read_result what, const slickq::delivery& got, slickq_record& record,
                       const queue& q) noexcept {
    record = {got.data, got.index, got.lost, got.count, 0};
    return status_of(what, got.index, q);
}

slickq_status describe(slickq::read_result what, const slickq::batch_delivery& got, slickq_batch& batch,
                       const queue& q) noexcept {
    // Laid out the same, and the caller only reads them.
    const auto* entries = reinterpret_cast<const slickq_entry*>(got.entries);
    batch = {got.data, entries, got.index, got.lost, got.records, got.elements};
    return status_of(what, got.index, q);
}

} // namespace

extern "C" {

slickq_status slickq_reader_read(slickq_reader* reader, slickq_record* record) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(record);
    return guarded([&] {
        slickq::delivery got;
        const slickq::read_result what = r->read(got);
        return describe(what, got, *record, *r->source);
    });
}

slickq_status slickq_reader_read_batch(slickq_reader* reader, uint32_t limit, slickq_batch* batch) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(batch);
    return guarded([&] {
        slickq::batch_delivery got;
        const slickq::read_result what = r->read_batch(limit, got);
        return describe(what, got, *batch, *r->source);
    });
}

slickq_status slickq_reader_read_until(slickq_reader* reader, int64_t deadline_ns, slickq_record* record) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(record);
    return guarded([&] {
        slickq::delivery got;
        slickq::read_result what{};
        const slickq::wait_result ended = r->read_until(deadline_ns, what, got);
        const slickq_status status = describe(what, got, *record, *r->source);
        return ended == slickq::wait_result::ready ? status : status_of(ended);
    });
}

slickq_status slickq_reader_read_batch_until(slickq_reader* reader, uint32_t limit, int64_t deadline_ns,
                                             slickq_batch* batch) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(batch);
    return guarded([&] {
        slickq::batch_delivery got;
        slickq::read_result what{};
        const slickq::wait_result ended = r->read_batch_until(limit, deadline_ns, what, got);
        const slickq_status status = describe(what, got, *batch, *r->source);
        return ended == slickq::wait_result::ready ? status : status_of(ended);
    });
}

} // extern "C"
