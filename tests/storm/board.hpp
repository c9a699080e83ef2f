// What the processes of a storm tell each other: memory that they all inherit.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <stdexcept>

#include <sys/mman.h>

namespace storm {

using counter = std::atomic<std::uint64_t>;

constexpr std::size_t most_producers = 4;
constexpr std::size_t most_late = 1 << 24;

// A reservation that was lapped before all had seen it published. Its producer may have written into the records that were
// reserved after it, up to `until`: there it was done, or killed.
struct late_record {
    std::uint64_t index = 0;
    std::uint64_t count = 0;
    std::uint64_t until = 0;
};

// A record that is not what its producer wrote, and its first bytes that are not.
struct damage {
    std::uint64_t index = 0;
    std::uint64_t offset = 0; // bytes
    std::array<unsigned char, 8> bytes{};
    std::size_t length = 0;   // of them
};

// One row of the table.
struct tally {
    counter published{0}, reserved{0}, used{0}; // records; elements of the index space, and those of them in reservations
    counter laps{0}, kills{0}, stops{0}, resets{0};
    counter received{0}, lapped{0}, gap{0}, torn{0}, reset{0}; // of the readers
    counter refused{0};   // publishes that came too late
    counter shown{0};     // torn records that the plain zero-copy read showed, and slickq_queue_validate() told of
    counter late{0};      // whole by the check, and damaged by a producer that was lapped while it wrote
    counter accepted{0};  // torn, and accepted: must be 0
    counter hangs{0};     // readers that did not get on: must be 0
    counter unbalanced{0}; // readers whose books do not balance: must be 0
    counter longest_wait_us{0}; // for a record that was reserved and not published
};

struct producer_cell {
    counter in_flight{none};       // the index being written
    counter in_flight_count{0};
    counter is_paused{0};
    static constexpr std::uint64_t none = ~std::uint64_t{0};
};

struct board {
    std::atomic<bool> is_over{false}, are_producers_over{false}, pause{false};
    std::atomic<int> readers_ready{0};
    std::atomic_flag baton = ATOMIC_FLAG_INIT;
    std::array<producer_cell, most_producers> producers;
    tally sums;

    std::array<late_record, most_late> late;
    counter late_count{0};
    // Records that were whole by the check and yet damaged.
    std::array<damage, most_late> damaged;
    counter damaged_count{0};

    void note_late(const late_record& record) {
        const std::uint64_t at = late_count.fetch_add(1);
        if (at < most_late) late[at] = record;
    }
    void note_damage(const damage& d) {
        const std::uint64_t at = damaged_count.fetch_add(1);
        if (at < most_late) damaged[at] = d;
    }
};

// The board of one storm. Memory for it comes as it is touched.
class shared_board {
public:
    shared_board() {
        void* memory = ::mmap(nullptr, sizeof(board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) throw std::runtime_error("mmap");
        board_ = new (memory) board;
    }
    shared_board(const shared_board&) = delete;
    shared_board& operator=(const shared_board&) = delete;
    ~shared_board() { ::munmap(board_, sizeof(board)); }

    board& operator*() const noexcept { return *board_; }

private:
    board* board_;
};

inline void raise(counter& highest, std::uint64_t value) {
    std::uint64_t seen = highest.load();
    while (seen < value && !highest.compare_exchange_weak(seen, value)) {
    }
}

} // namespace storm
