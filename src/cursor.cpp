#include "cursor.hpp"

#include "error.hpp"
#include "wait.hpp"

namespace slickq::detail {
namespace {

constexpr std::uint64_t cell_length = sizeof(std::uint64_t);

std::uint64_t length_for(std::uint64_t offset) {
    if (offset % cell_length != 0 || offset > std::uint64_t{1} << 40) {
        fail(SLICKQ_E_ARGUMENT, "a cursor's offset must be a multiple of 8 up to 2^40, not %llu",
             static_cast<unsigned long long>(offset));
    }
    return offset + cell_length;
}

std::unique_ptr<cursor> assemble(const named_object& object, std::uint64_t offset) {
    auto made = std::make_unique<cursor>();
    made->memory = segment::map(object, length_for(offset));
    made->cell = reinterpret_cast<std::uint64_t*>(made->memory.base() + offset);
    return made;
}

// nullptr if the name is taken. The cell starts as 0, as all memory does.
std::unique_ptr<cursor> try_create(const std::string& name, std::uint64_t offset, unsigned permissions) {
    if (permissions > 0777) fail(SLICKQ_E_ARGUMENT, "permission bits are up to 0777, not %#o", permissions);
    for (auto way = named_object::making::unnamed;; way = named_object::making::by_other_name) {
        auto object = named_object::create(name, length_for(offset), permissions, way);
        if (!object) return nullptr;
        auto made = assemble(*object, offset);
        switch (object->publish()) {
        case named_object::naming::done: return made;
        case named_object::naming::taken: return nullptr;
        case named_object::naming::again: break;
        }
    }
}

// nullptr if there is none. A cell is ready as soon as its segment has a length.
std::unique_ptr<cursor> try_open(const std::string& name, std::uint64_t offset, deadline& until) {
    const auto object = named_object::open(name, named_object::access::read_write);
    if (!object) return nullptr;
    const std::uint64_t needed = length_for(offset);
    for (;;) {
        const std::uint64_t length = object->length();
        if (length >= needed) {
            object->allocate(offset, cell_length); // a peer's segment may have a length and no memory
            return assemble(*object, offset);
        }
        if (length != 0) {
            fail(SLICKQ_E_TRUNCATED, "segment '%s' has %llu bytes, too few for a cursor at offset %llu", name.c_str(),
                 static_cast<unsigned long long>(length), static_cast<unsigned long long>(offset));
        }
        if (object->is_unlinked()) return nullptr;
        if (until.passed()) {
            fail(SLICKQ_E_NO_LENGTH, "segment '%s' still has no length: its creator died; remove the name", name.c_str());
        }
        until.pause();
    }
}

} // namespace

std::unique_ptr<cursor> create_cursor(const char* name, std::uint64_t offset, unsigned permissions) {
    const std::string full_name = named_object::checked_name(name);
    auto made = try_create(full_name, offset, permissions);
    if (!made) fail(SLICKQ_E_EXISTS, "segment '%s' exists already", full_name.c_str());
    return made;
}

std::unique_ptr<cursor> open_cursor(const char* name, std::uint64_t offset, std::int64_t timeout_ns) {
    const std::string full_name = named_object::checked_name(name);
    length_for(offset);
    deadline until(timeout_ns);
    auto found = try_open(full_name, offset, until);
    if (!found) fail(SLICKQ_E_NOT_FOUND, "there is no segment '%s'", full_name.c_str());
    return found;
}

std::unique_ptr<cursor> open_or_create_cursor(const char* name, std::uint64_t offset, unsigned permissions,
                                              std::int64_t timeout_ns) {
    const std::string full_name = named_object::checked_name(name);
    deadline until(timeout_ns);
    for (int round = 0;; ++round) {
        if (auto found = try_open(full_name, offset, until)) return found;
        if (auto made = try_create(full_name, offset, permissions)) return made;
        if (round > 0 && until.passed()) {
            fail(SLICKQ_E_NOT_FOUND, "segment '%s' keeps being removed while it is opened", full_name.c_str());
        }
    }
}

} // namespace slickq::detail
