// The memory of one schedule, as the C++ standard lets threads see it: every location keeps all the values it ever had, and a load
// may return any that is not older than what its thread has to know of. What a thread has to know is a view: for each location the
// oldest value it may still see. Releases attach views to values, acquires take them up, fences do so for all around them.
//
// It is the usual view-based model of release/acquire, relaxed and fences, but for two simplifications: a store always comes last
// in its location's order, and no load returns a value that is stored later. Locations are 8 aligned bytes, named by address.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace explore {

class memory {
public:
    // Picks one of so many values, 0 the newest.
    using chooser = std::function<std::size_t(std::size_t)>;

    memory(std::size_t threads, chooser choose) : threads_(threads), choose_(std::move(choose)) {}

    // `newest` is what the location holds: its first value when it is met for the first time.
    std::uint64_t load(std::size_t thread, const void* address, std::uint64_t newest, std::memory_order order);
    void store(std::size_t thread, const void* address, std::uint64_t newest, std::uint64_t value, std::memory_order order);
    // A read-modify-write of one or more locations as one: of their newest values, always.
    struct change {
        const void* address;
        std::uint64_t newest;
        std::uint64_t value;
    };
    void exchange(std::size_t thread, std::span<const change> changes, std::memory_order order);
    // A store (release) to several locations as one: who sees one of the values has to know of all.
    void store_together(std::size_t thread, std::span<const change> changes);
    void fence(std::size_t thread, std::memory_order order);
    void heavy_fence(std::size_t thread); // a full one in every thread

private:
    static constexpr std::size_t most_locations = 64;
    struct view {
        std::array<std::uint8_t, most_locations> oldest{};
        void join(const view& other);
    };
    struct stored_value {
        std::uint64_t bits;
        view released;
    };
    struct location {
        const void* address;
        std::vector<stored_value> values;
    };
    struct thread_state {
        view current;  // what it has to know
        view acquired; // what it will have to know after an acquire fence
        view released; // what it knew at its last release fence
    };

    std::size_t find(const void* address, std::uint64_t newest);
    void read(thread_state& t, std::size_t number, std::size_t time, std::memory_order order);

    std::vector<thread_state> threads_;
    chooser choose_;
    std::vector<location> locations_;
    view sequential_; // what sequentially consistent operations have to know: such stores, and all that fences knew
};

} // namespace explore
