// reader.hpp - a consumer that never hands out a damaged record and never gets stuck behind producers: what the
// zero-copy read of the C API leaves to its caller.
#pragma once

#include "shared_queue.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tool {

class reader {
public:
    // A reader of its own position (share has no name), or one that shares a cursor. start: enum slickq_start; not for
    // a shared cursor that exists already.
    reader(const shared_queue& queue, std::uint32_t start, const cursor_address& share);

    // Appends the bytes of the next record to `out`. False: there is none yet.
    bool next(std::string& out);

    // Elements that were overwritten before this reader could have them.
    std::uint64_t lost_elements() const noexcept { return lost_; }

    // The index it will read next.
    std::uint64_t position() const;

private:
    slickq_status read(slickq_record& record);
    bool is_intact(const slickq_record& record) const;
    bool catch_up();

    const shared_queue& queue_;
    std::optional<shared_cell> shared_;
    std::uint64_t cursor_ = 0;
    std::uint64_t lost_ = 0;
};

} // namespace tool
