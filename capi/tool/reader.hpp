// reader.hpp - a consumer for the command: of its own position, by slickq_reader; a worker of a group, by
// slickq_worker; or one that shares a cursor, which the library leaves to its caller to get out of a lap where nothing
// is published.
#pragma once

#include "repeated_notes.hpp"
#include "shared_queue.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tool {

// What kind of consumer, and where it starts.
struct consumer_options {
    std::uint32_t start = 0;  // enum slickq_start; not for a shared cursor or a group that exists already
    bool registers = false;   // lossless senders wait for it
    cursor_address share;     // no name: none
    std::string group;        // "": none
    bool at_most_once = false; // the mode of a new group
};

class reader {
public:
    reader(const shared_queue& queue, const consumer_options& options);
    ~reader();

    // The next record; record.data is valid until the next call. False: none came until the deadline, or a stop signal
    // came, or for a while nothing but losses, which are counted.
    bool next(slickq_record& record, std::int64_t deadline_ns);

    // Elements that this reader could not have: overwritten, damaged, or never published.
    std::uint64_t lost_elements() const noexcept { return lost_; }
    // Records that a worker of the group had, who died.
    std::uint64_t redelivered_records() const noexcept { return redelivered_; }

    // The index it will read next; nothing for a worker of a group.
    std::optional<std::uint64_t> position() const;

    // Senders that wait for a shared cursor may look at it again.
    void wake_senders() const;

    // The record that was handed out last was not dealt with: a worker that dies with it hands it to another.
    void leave_in_hand() { worker_.release(); }

private:
    struct closer {
        void operator()(slickq_reader* handle) const noexcept { slickq_reader_close(handle); }
        void operator()(slickq_worker* handle) const noexcept { slickq_worker_close(handle); }
    };

    void open_reader(const consumer_options& options);
    void open_worker(const consumer_options& options);
    void tell_loss(slickq_status status, const slickq_record& record);
    slickq_status read(slickq_record& record, std::int64_t deadline_ns);
    slickq_status claim(slickq_record& record);
    bool catch_up();

    const shared_queue& queue_;
    std::unique_ptr<slickq_reader, closer> own_; // or
    std::unique_ptr<slickq_worker, closer> worker_; // or
    std::optional<shared_cell> shared_;
    std::vector<char> claimed_; // the bytes of a record
    repeated_notes notes_;
    std::uint64_t lost_ = 0;
    std::uint64_t redelivered_ = 0;
};

} // namespace tool
