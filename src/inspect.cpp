#include "inspect.hpp"

#include "error.hpp"
#include "reset.hpp"
#include "segment.hpp"

#include <slickq/detail/ring.hpp>

namespace slickq::detail {
namespace {

std::uint64_t count_records(const ring& r, std::uint64_t cursor, std::uint64_t end) {
    std::uint64_t found = 0;
    record seen;
    // Bounded by where producers were, so that busy ones can't keep us.
    while (r.difference(end, cursor) > 0 && r.read(cursor, seen) == ring_result::ok) ++found;
    return found;
}

} // namespace

inspection inspect(const char* name, std::uint32_t element_size) {
    const std::string full_name = named_object::checked_name(name);
    const auto object = named_object::open(full_name, named_object::access::read_only);
    if (!object) fail(SLICKQ_E_NOT_FOUND, "there is no segment '%s'", full_name.c_str());

    inspection result;
    result.length = object->length();
    segment memory;
    if (result.length >= header_length) memory = segment::map(*object, result.length);
    // Where there is no memory, nothing is touched: even a look would allocate it.
    const auto readable = [&] { return object->first_hole(); };
    result.header = examine(memory.base(), result.length, element_size, readable, segment::page_length());
    if (result.header.verdict == SLICKQ_OK) {
        const geometry& shape = result.header.shape;
        const std::uint64_t extension_end = shape.created_length();
        const bool has_extension = result.length >= extension_end && object->first_hole(shape.extension_offset()) >= extension_end;
        extension* const extra = has_extension ? find_extension(memory.base(), memory.length(), shape) : nullptr;
        const ring r(memory.base(), shape, extra);
        result.birth = birth_of(extra);
        if (extra != nullptr) result.late_publishes = extra->late_publishes.load(std::memory_order_relaxed);
        if (const half_reset reset = half_reset_of(extra); reset.is_one) {
            result.header.verdict = SLICKQ_E_HALF_RESET;
            result.header.reason = describe(reset);
        }
        result.reserved_index = r.reserved_index();
        result.last_published = r.last_published();
        result.oldest_index = r.oldest();
        result.published = count_records(r, result.oldest_index, result.reserved_index);
    }
    return result;
}

} // namespace slickq::detail
