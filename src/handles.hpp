// handles.hpp - the tickets that the C API hands out. A ticket is never an address: looking one up touches only this table,
// so a closed, foreign or made-up ticket is refused and never followed.
#pragma once

#include <slickq/detail/version.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace slickq::detail {

enum class handle_kind : std::uintptr_t { queue = 1, cursor = 2, reader = 3, worker = 4 };

inline constexpr unsigned handle_index_bits = 14;
inline constexpr std::size_t handle_limit = (std::size_t{1} << handle_index_bits) - 1; // of each kind
inline constexpr std::size_t handle_kinds = 4;

// A ticket is serial << 18 | index << 4 | kind. The serial is of the opening, and never comes again (2^46 openings). Each kind has a table
// of its own, so that one comparison tells everything of a ticket. Index 0, which a null handle leads to, is never issued.
// Another copy of the library in the same process counts from another number, so that it takes no ticket of ours for its own: the two
// numbers are as far apart as two random ones of 46 bits, against as many openings as there are.
struct handle_entry {
    std::atomic<std::uintptr_t> ticket; // 0: free. Pairs with itself: release when issued, acquire when looked up
    std::atomic<void*> object;
};
extern handle_entry handle_tables[handle_kinds][handle_limit + 1];

inline handle_entry& handle_entry_of(handle_kind kind, std::uintptr_t ticket) noexcept {
    return handle_tables[static_cast<std::size_t>(kind) - 1][ticket >> 4 & handle_limit];
}

// The object's ticket; 0 if its table is full.
std::uintptr_t issue_handle(handle_kind kind, void* object) noexcept;

// A place in a table, for an object that is still to be made: so that a full table is noticed before there is
// anything to take back.
class handle_place {
public:
    explicit handle_place(handle_kind kind) noexcept;
    handle_place(const handle_place&) = delete;
    handle_place& operator=(const handle_place&) = delete;
    ~handle_place(); // free again, if nothing was issued

    bool is_there() const noexcept { return ticket_ != 0; } // false: the table is full
    std::uintptr_t issue(void* object) noexcept;            // once; the object's ticket

private:
    handle_entry* entry_ = nullptr;
    std::uintptr_t ticket_ = 0;
};

// The ticket's object; nullptr if it is no live ticket of that kind.
inline void* find_handle(handle_kind kind, const void* handle) noexcept {
    const auto ticket = reinterpret_cast<std::uintptr_t>(handle);
    const handle_entry& entry = handle_entry_of(kind, ticket);
    return entry.ticket.load(std::memory_order_acquire) == ticket ? entry.object.load(std::memory_order_relaxed) : nullptr;
}

// Ends a ticket and returns its object, which is now the caller's; nullptr as above. Of several threads one gets it.
void* retire_handle(handle_kind kind, const void* handle) noexcept;

} // namespace slickq::detail
