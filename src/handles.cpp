#include "handles.hpp"

namespace slickq::detail {

constinit handle_entry handle_tables[handle_kinds][handle_limit + 1]{};

namespace {
constexpr std::uintptr_t being_issued = 1; // as a handle it leads to index 0, hence never here
constinit std::atomic<std::uintptr_t> openings{0};

// Where this copy of the library begins to count: from its own address, which no other copy in the process has, so mixed that copies
// which lie side by side begin far apart (the finalizer of splitmix64).
std::uintptr_t first_serial() noexcept {
    auto bits = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(&openings));
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EBu;
    return static_cast<std::uintptr_t>(bits ^ bits >> 31);
}
} // namespace

handle_place::handle_place(handle_kind kind) noexcept {
    const std::uintptr_t serial = first_serial() + openings.fetch_add(1, std::memory_order_relaxed); // only its uniqueness counts
    for (std::size_t probe = 0; probe < handle_limit; ++probe) {
        const std::size_t index = 1 + (serial + probe) % handle_limit;
        handle_entry& entry = handle_entry_of(kind, index << 4);
        std::uintptr_t free = 0;
        // Acquire: pairs with retire_handle's release, so that its read of the object comes before our store.
        if (!entry.ticket.compare_exchange_strong(free, being_issued, std::memory_order_acquire, std::memory_order_relaxed)) {
            continue;
        }
        entry_ = &entry;
        ticket_ = serial << (4 + handle_index_bits) | index << 4 | static_cast<std::uintptr_t>(kind);
        return;
    }
}

handle_place::~handle_place() {
    if (entry_ != nullptr) entry_->ticket.store(0, std::memory_order_release); // as retire_handle
}

std::uintptr_t handle_place::issue(void* object) noexcept {
    entry_->object.store(object, std::memory_order_relaxed);
    entry_->ticket.store(ticket_, std::memory_order_release); // pairs with find_handle
    entry_ = nullptr;
    return ticket_;
}

std::uintptr_t issue_handle(handle_kind kind, void* object) noexcept {
    handle_place place(kind);
    return place.is_there() ? place.issue(object) : 0;
}

void* retire_handle(handle_kind kind, const void* handle) noexcept {
    if (find_handle(kind, handle) == nullptr) return nullptr;
    auto ticket = reinterpret_cast<std::uintptr_t>(handle);
    handle_entry& entry = handle_entry_of(kind, ticket);
    void* object = entry.object.load(std::memory_order_relaxed);
    // The object just read belongs to this ticket only if the ticket is still there.
    return entry.ticket.compare_exchange_strong(ticket, 0, std::memory_order_acq_rel, std::memory_order_relaxed) ? object
                                                                                                                : nullptr;
}

} // namespace slickq::detail
