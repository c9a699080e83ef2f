// cursor.hpp - what a cursor handle points at: one 64-bit cell in a named segment of its own.
#pragma once

#include "segment.hpp"

#include <cstdint>
#include <memory>

namespace slickq::detail {

struct cursor {
    segment memory;
    std::uint64_t* cell = nullptr;
};

std::unique_ptr<cursor> create_cursor(const char* name, std::uint64_t offset, unsigned permissions);
std::unique_ptr<cursor> open_cursor(const char* name, std::uint64_t offset, std::int64_t timeout_ns);
std::unique_ptr<cursor> open_or_create_cursor(const char* name, std::uint64_t offset, unsigned permissions,
                                              std::int64_t timeout_ns);

} // namespace slickq::detail
