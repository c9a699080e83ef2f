// segment.hpp - a queue opened by its name: which segment it is, and in which epoch.
#pragma once

#include "identity.hpp"

#include <slickq/slickq.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

namespace bridge {

// The library's message. The direction opens the queue anew, later.
struct queue_failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Throws if status is an error.
void check(slickq_status status, const std::string& what);

struct epoch_state {
    std::uint64_t number = 0; // resets before
    std::uint64_t past = 0;   // elements reserved in earlier epochs
};

class segment {
public:
    // capacity 0: it must be there
    segment(const std::string& name, std::uint32_t flags, std::uint32_t capacity, std::uint32_t element_size);

    slickq_queue* handle() const noexcept { return handle_.get(); }
    const slickq_queue_info& info() const noexcept { return info_; }
    const std::string& name() const noexcept { return name_; }
    // A segment that a peer made has none of its own: then made from the machine's boot and the segment's inode.
    identity id() const noexcept { return id_; }

    // A segment that a peer made tells nothing: always 0.
    epoch_state epoch() const noexcept;

    std::uint64_t reserved() const; // the next index that will be reserved
    // How far index a is ahead of b.
    std::int64_t distance(std::uint64_t a, std::uint64_t b) const noexcept;
    std::uint64_t wrap(std::uint64_t index) const noexcept;
    // The name leads to another segment now.
    bool is_replaced() const;

private:
    struct closer {
        void operator()(slickq_queue* handle) const noexcept { slickq_queue_close(handle); }
    };
    std::unique_ptr<slickq_queue, closer> handle_;
    std::string name_;
    slickq_queue_info info_{};
    identity id_;
};

} // namespace bridge
