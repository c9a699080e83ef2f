// shared_queue.hpp - handles of the library that close themselves, and what the tool asks of a queue.
#pragma once

#include "command.hpp"

#include <slickq/slickq.h>

#include <cstdint>
#include <memory>
#include <string>

namespace tool {

class shared_queue {
public:
    shared_queue(slickq_queue* handle, std::string name);

    slickq_queue* handle() const noexcept { return handle_.get(); }
    const std::string& name() const noexcept { return name_; }
    const slickq_queue_info& info() const noexcept { return info_; }

    // The next index that will be reserved.
    std::uint64_t reserved() const;
    // How far index a is ahead of b. Indices wrap, in all layouts but one after 48 bits.
    std::int64_t distance(std::uint64_t a, std::uint64_t b) const noexcept;
    // The index as the library takes it: without the bits that this layout's indices do not have.
    std::uint64_t index_of(std::uint64_t cell) const noexcept;

private:
    struct closer {
        void operator()(slickq_queue* handle) const noexcept { slickq_queue_close(handle); }
    };
    std::unique_ptr<slickq_queue, closer> handle_;
    std::string name_;
    slickq_queue_info info_{};
};

class shared_cell {
public:
    // Opens the cell, or creates it for the consumers of `queue`: where `start` (enum slickq_start) says.
    shared_cell(const cursor_address& address, const shared_queue& queue, std::uint32_t start);

    const std::string& name() const noexcept { return name_; }
    std::uint64_t* address() const noexcept { return cell_; }
    std::uint64_t load() const;
    // False if the cell did not hold `expected`.
    bool compare_exchange(std::uint64_t expected, std::uint64_t desired) const;

    // Sleeps while the cell holds `value`, for so long at most. Only wake_waiting() ends it early: consumers that are
    // no tool of ours do not call that.
    void wait_while(std::uint64_t value, std::int64_t longest_ns) const;
    void wake_waiting() const;

private:
    struct closer {
        void operator()(slickq_cursor* handle) const noexcept { slickq_cursor_close(handle); }
    };
    std::unique_ptr<slickq_cursor, closer> handle_;
    std::string name_;
    std::uint64_t* cell_ = nullptr;
};

} // namespace tool
