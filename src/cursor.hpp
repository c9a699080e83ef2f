// cursor.hpp - what a cursor handle points at: one 64-bit cell in a named segment of its own.
#pragma once

#include "segment.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace slickq::detail {

struct cursor {
    segment memory;
    std::uint64_t* cell = nullptr;
};

// Operations on a cell, which may be anywhere. They pair with each other, and with claim:A and claim:B of ring.hpp.
inline bool is_aligned(const void* cell) noexcept {
    return reinterpret_cast<std::uintptr_t>(cell) % alignof(std::uint64_t) == 0;
}
inline std::atomic<std::uint64_t>& atomic_cell(std::uint64_t* cell) noexcept {
    return *reinterpret_cast<std::atomic<std::uint64_t>*>(cell);
}
inline std::uint64_t load_cell(const std::uint64_t* cell) noexcept {
    return reinterpret_cast<const std::atomic<std::uint64_t>*>(cell)->load(std::memory_order_acquire);
}
inline void store_cell(std::uint64_t* cell, std::uint64_t value) noexcept {
    atomic_cell(cell).store(value, std::memory_order_release);
}
inline bool compare_exchange_cell(std::uint64_t* cell, std::uint64_t& expected, std::uint64_t desired) noexcept {
    return atomic_cell(cell).compare_exchange_strong(expected, desired, std::memory_order_acq_rel,
                                                     std::memory_order_acquire);
}

std::unique_ptr<cursor> create_cursor(const char* name, std::uint64_t offset, unsigned permissions);
std::unique_ptr<cursor> open_cursor(const char* name, std::uint64_t offset, std::int64_t timeout_ns);
std::unique_ptr<cursor> open_or_create_cursor(const char* name, std::uint64_t offset, unsigned permissions,
                                              std::int64_t timeout_ns);

} // namespace slickq::detail
