// segment.hpp - mapped bytes: private ones, or those of a named object. Knows no slots and no protocol.
#pragma once

#include "named_object.hpp"
#include "memory_advice.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

namespace boost::interprocess {
class mapped_region; // its header has a static constructor (the page size): one source file includes it
}

namespace slickq::detail {

// Beyond this the system's arithmetic, and Boost's, would overflow.
inline constexpr std::uint64_t longest_segment = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - 65536;

class segment {
public:
    segment() = default;

    // Zeroed memory without a name; on the system's huge pages, if they are wanted and to be had.
    static segment make_private(std::uint64_t length, bool wants_hugetlb);

    // The whole object, with its access mode. The mapping outlives the object's handle.
    static segment map(const named_object& object, std::uint64_t length);

    static std::uint64_t page_length() noexcept;

    // Of the first `length` bytes, which all must have memory (see named_object::first_hole()).
    void settle(const memory_advice& wanted, std::uint64_t length) noexcept;
    const memory_advice& granted() const noexcept { return granted_; }

    std::byte* base() const noexcept { return base_; }
    std::uint64_t length() const noexcept { return length_; }

private:
    struct unmap {
        void operator()(boost::interprocess::mapped_region* region) const noexcept;
    };
    explicit segment(boost::interprocess::mapped_region&& region);

    std::unique_ptr<boost::interprocess::mapped_region, unmap> region_;
    std::byte* base_ = nullptr;
    std::uint64_t length_ = 0;
    memory_advice granted_;
};

} // namespace slickq::detail
