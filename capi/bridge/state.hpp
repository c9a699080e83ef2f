// state.hpp - what a direction must know after kill -9, and what it tells of itself: one mapped file per direction.
//
// The file lives as long as the queues do: in memory (/run or /dev/shm), gone with them when the machine restarts.
// Stores to a mapping survive the process, in program order. What belongs together is in a `commit`: it is written to
// the slot that is not in use, and becomes valid by one store, of `current`. A writer into a queue writes the commit
// first, names it in `armed`, publishes the record, and then makes the commit valid: who finds `armed` set looks into
// the queue whether the record was published (writer.cpp).
#pragma once

#include "identity.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace bridge {

using word = std::atomic<std::uint64_t>;
static_assert(word::is_always_lock_free);

// Why records never reached the wire. In elements, as the queue counts them.
enum cause : unsigned { lapped, gap, torn, was_reset, oversize, causes };
constexpr const char* cause_names[causes] = {"lapped", "gap", "torn", "reset", "oversize"};

struct losses {
    std::uint64_t elements[causes] = {};
    bool operator==(const losses&) const = default;
    std::uint64_t sum() const;
};

// Out: how far a queue's records have been handed over. In: how far a source's have arrived.
struct account {
    identity segment;
    std::uint64_t epoch = 0;  // resets of the queue before
    std::uint64_t index = 0;  // of the next record's first element
    std::uint64_t past = 0;   // out: elements reserved in earlier epochs
    std::uint64_t sent = 0;   // records before it, since the direction began
    losses lost;              // before it, since the direction began
    std::uint64_t joined = 0; // in: `sent` of the first message that was seen
    std::uint64_t used = 0;   // in: when, to find the one that is longest out of use
};

struct commit {
    // in: where in the stream, and in the queue
    std::uint64_t stream = 0;        // hash of its name and time of creation; 0: no stream
    std::uint64_t sequence = 0;      // of the last message that is written completely
    std::uint64_t next_sequence = 0; // of one that is written in part, and how many of its records are
    std::uint64_t records_done = 0;
    identity queue;
    std::uint64_t queue_epoch = 0;
    std::uint64_t queue_index = 0; // of the first of the records whose publishing makes this commit valid, one by one:
    std::uint64_t run_records = 0; // so many,
    std::uint64_t run_count = 0;   // each of so many elements,
    std::uint64_t run_stride = 0;  // the next one so far behind;
    std::uint64_t source_stride = 0; // and in the source's index space
    // in: which source the next is about. out: 0
    std::uint64_t source = 0;
    account books;
    // what was handed over: acknowledged by the stream, or given to the network; or written into the queue
    std::uint64_t records = 0;
    std::uint64_t elements = 0;
    std::uint64_t bytes = 0;
    // in: what of it never came, in all
    std::uint64_t before = 0;  // records sent before this direction began
    std::uint64_t transit = 0; // records lost between the two bridges
    losses at_source;
    std::uint64_t refused = 0;    // records that do not fit the queue
    std::uint64_t duplicates = 0; // records suppressed
    std::uint64_t overrun = 0;    // elements written and overwritten before they were published, by other producers
};

// What can be wrong by one after a kill, or is about now.
struct gauges {
    word messages{0};
    word sessions{0}; // connections made
    word refusals{0}; // messages that the stream did not take
    word is_connected{0};
    word backlog{0};   // out: elements in the queue not handed over. in: messages in the stream not written
    word in_flight{0}; // messages sent and not acknowledged; in: received and not acknowledged
    word in_flight_bytes{0};
    word dropped{0};       // in, core: messages that libnats dropped because this side was slow
    word trouble_since{0}; // wall clock, ns; 0: none
};

constexpr unsigned most_sources = 64;

struct state_page {
    char magic[8];
    std::uint32_t version;
    std::uint32_t kind; // 'o' or 'i'
    char queue[256];
    char subject[256];
    std::uint32_t pid;
    std::uint32_t is_jetstream;
    std::atomic<std::uint32_t> current;
    std::atomic<std::uint32_t> armed; // equal to `current`: nothing
    commit slots[2];
    gauges now;
    account sources[most_sources]; // in
};

class state {
public:
    // Opens or makes directory/name.state and locks it; throws if another process has it, or if it is of something
    // else.
    state(const std::string& directory, const std::string& name, char kind);
    ~state();
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    state_page& page() noexcept { return *page_; }
    const commit& current() const noexcept { return page_->slots[page_->current.load(std::memory_order_relaxed) & 1]; }

    void store(const commit& next) noexcept { // valid at once
        arm(next);
        accept();
    }
    void arm(const commit& next) noexcept {
        const std::uint32_t other = (page_->current.load(std::memory_order_relaxed) & 1) ^ 1;
        page_->slots[other] = next;
        page_->armed.store(other, std::memory_order_release);
    }
    bool is_armed() const noexcept {
        return page_->armed.load(std::memory_order_acquire) != page_->current.load(std::memory_order_acquire);
    }
    const commit& armed() const noexcept { return page_->slots[page_->armed.load(std::memory_order_acquire) & 1]; }
    void accept() noexcept {
        page_->current.store(page_->armed.load(std::memory_order_relaxed), std::memory_order_release);
    }
    void disarm() noexcept {
        page_->armed.store(page_->current.load(std::memory_order_relaxed), std::memory_order_release);
    }

private:
    int file_ = -1;
    state_page* page_ = nullptr;
};

// Maps another process's, read-only, to look at. Throws; nullptr if the file is no state.
class state_view {
public:
    explicit state_view(const std::string& path);
    ~state_view();
    state_view(const state_view&) = delete;
    state_view& operator=(const state_view&) = delete;

    bool is_valid() const noexcept { return page_ != nullptr; }
    bool is_running() const noexcept { return is_running_; }
    const state_page& page() const noexcept { return *page_; }
    // A commit that was not being written meanwhile.
    commit current() const noexcept;

private:
    const state_page* page_ = nullptr;
    bool is_running_ = false;
};

// The default directory: $RUNTIME_DIRECTORY (systemd), else /dev/shm/slickq-bridge-<uid>.
std::string default_state_directory();

} // namespace bridge
