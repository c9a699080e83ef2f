// memory_advice.hpp - where mapped memory is: in page tables, in RAM, on huge pages. All of it is help that may be
// refused.
#pragma once

#include <slickq/detail/version.hpp>

#include <cstddef>
#include <cstdint>

namespace slickq::detail {

// What was asked for, or granted.
struct memory_advice {
    bool prefault = false;   // every page is mapped: its first use is no page fault
    bool lock = false;       // and stays in RAM
    bool huge_pages = false; // transparent ones may be used
    bool hugetlb = false;    // pages of the system's pool of huge ones
};

// Gives the mapped bytes what is wanted of the first three; returns what was granted. They hold what they held.
memory_advice settle(std::byte* base, std::uint64_t length, bool is_writable, const memory_advice& wanted) noexcept;

// Memory in the system's pool of huge pages, as Boost.Interprocess takes it to map it.
class huge_memory {
public:
    static constexpr std::uint64_t page = 2 * 1024 * 1024;

    // Rounds the length up to whole pages. Check is_there(): there may be no pool, or not enough in it.
    explicit huge_memory(std::uint64_t length) noexcept;
    huge_memory(const huge_memory&) = delete;
    huge_memory& operator=(const huge_memory&) = delete;
    ~huge_memory();

    bool is_there() const noexcept { return descriptor_ != -1; }
    std::uint64_t length() const noexcept { return length_; }
    int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_ = -1;
    std::uint64_t length_;
};

} // namespace slickq::detail
