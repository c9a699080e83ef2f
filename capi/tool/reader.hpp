// reader.hpp - a consumer for the command: of its own position, by slickq_reader; or one that shares a cursor, which the library
// leaves to its caller to get out of a lap where nothing is published.
#pragma once

#include "shared_queue.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tool {

class reader {
public:
    // A reader of its own position (share has no name), registered or not, or one that shares a cursor. start: enum
    // slickq_start; not for a shared cursor that exists already.
    reader(const shared_queue& queue, std::uint32_t start, bool registers, const cursor_address& share);

    // Appends the bytes of the next record to `out`. False: none came until the deadline, or what woke us was none.
    bool next(std::string& out, std::int64_t deadline_ns);

    // Elements that this reader could not have: overwritten, damaged, or never published.
    std::uint64_t lost_elements() const noexcept { return lost_; }

    // The index it will read next.
    std::uint64_t position() const;

    // Senders that wait for a shared cursor may look at it again.
    void wake_senders() const;

private:
    struct closer {
        void operator()(slickq_reader* handle) const noexcept { slickq_reader_close(handle); }
    };

    slickq_status read(slickq_record& record, std::int64_t deadline_ns);
    slickq_status claim(slickq_record& record);
    bool catch_up();

    const shared_queue& queue_;
    std::unique_ptr<slickq_reader, closer> own_; // or
    std::optional<shared_cell> shared_;
    std::vector<char> claimed_; // the bytes of a record
    std::uint64_t lost_ = 0;
};

} // namespace tool
