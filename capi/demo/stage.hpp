// What the processes of the demo share: one queue, one shared cursor, and a board on which each tells how far it is.
#pragma once

#include <slickq/slickq.h>

#include <cstdint>
#include <string>

namespace demo {

// Every record begins with this, then `length` bytes of the file. As in records.py.
struct record_header {
    std::uint32_t producer;
    std::uint32_t length;   // bytes of payload, 1 to payload_max
    std::uint64_t sequence; // counts this producer's records from 0
    std::uint64_t offset;   // of the payload in the file
};
static_assert(sizeof(record_header) == 24);

inline constexpr std::uint32_t payload_max = 4096;

// As in board.py.
inline constexpr unsigned producers = 2;
inline constexpr unsigned consumers = 4;

// What a process counts, and what it prints when it has done its part.
struct tally {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0; // of payload
    std::uint64_t lost = 0;  // elements
};

// Throws std::runtime_error with the library's message if the status is an error; else hands it on.
slickq_status check(slickq_status status);

// Throws with `what` and the text of errno.
[[noreturn]] void fail(const std::string &what);

// Waits a moment for the others. Throws if the process that started this one is gone.
void wait_a_moment();

// An open queue.
class queue {
public:
    explicit queue(const std::string &stage);
    ~queue() { slickq_queue_close(handle_); }
    queue(const queue &) = delete;
    queue &operator=(const queue &) = delete;

    operator slickq_queue *() const { return handle_; }
    slickq_queue_info info() const;

private:
    slickq_queue *handle_ = nullptr;
};

// A cell in a named segment.
class cell {
public:
    cell(const std::string &name, std::uint64_t offset);
    ~cell() { slickq_cursor_close(handle_); }
    cell(const cell &) = delete;
    cell &operator=(const cell &) = delete;

    std::uint64_t *address() const { return address_; }
    std::uint64_t load() const;
    void store(std::uint64_t value) const { check(slickq_cell_store(address_, value)); }

private:
    slickq_cursor *handle_ = nullptr;
    std::uint64_t *address_ = nullptr;
};

// The board's cells, 8 bytes each. Process numbers: the producers, then the consumers.
//   end         the queue's index behind the last record; all ones until the producers are done
//   mark(i)     consumer i does not need, and never again will, what lies before this index
//   bytes(i)    payload that process i has sent or received so far, for the progress line
cell end_cell(const std::string &stage);
cell mark_cell(const std::string &stage, unsigned consumer);
cell bytes_cell(const std::string &stage, unsigned process);

// The roles. Each returns when the whole file went through.
tally produce(const std::string &stage, unsigned process, const std::string &file, std::uint64_t begin,
              std::uint64_t end);
tally consume_broadcast(const std::string &stage, unsigned process, const std::string &output);
tally consume_shared(const std::string &stage, unsigned process, const std::string &output);

// Tells the process that started this one that everything is open.
void say_ready();

} // namespace demo
