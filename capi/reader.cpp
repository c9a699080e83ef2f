// The C API: life of a reader, and what it says of itself. Check, call, translate.
#include <slickq/slickq.h>

#include "reader.hpp"
#include "support.hpp"

using namespace slickq::capi;

namespace {

slickq::reader_options reader_options_of(const slickq_reader_options& given) {
    constexpr std::uint32_t known_flags = SLICKQ_READER_REGISTERED;
    if ((given.flags & ~known_flags) != 0) fail(SLICKQ_E_ARGUMENT, "flags 0x%X are unknown", given.flags);
    slickq::reader_options wanted;
    wanted.from = static_cast<slickq::start>(given.start);
    wanted.index = given.start_index;
    wanted.policy = static_cast<slickq::after_lap>(given.after_lap);
    wanted.slack = given.slack;
    if (given.batch != 0) wanted.batch = given.batch;
    if (given.stall_ns != SLICKQ_STALL_DEFAULT) wanted.stall_ns = given.stall_ns;
    return wanted;
}

} // namespace

extern "C" {

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

slickq_status slickq_reader_cancel(slickq_reader* reader) {
    auto* const r = static_cast<slickq::detail::reader*>(find_handle(handle_kind::reader, reader));
    if (r == nullptr) return is_no_handle(reader, "reader");
    if (!r->is_of_this_process()) return is_of_parent("reader"); // all that another thread than the reader's may ask it
    r->cancel();
    return SLICKQ_OK;
}

slickq_status slickq_reader_descriptor(slickq_reader* reader, int* descriptor) {
    SLICKQ_READER(r, reader);
    SLICKQ_REQUIRE(descriptor);
    return guarded([&] {
        *descriptor = r->descriptor();
        return SLICKQ_OK;
    });
}

} // extern "C"
