// segment.hpp - mapped bytes: private ones, or those of a named object. Knows no slots and no protocol.
#pragma once

#include "named_object.hpp"

#include <boost/interprocess/mapped_region.hpp>

#include <cstddef>
#include <cstdint>

namespace slickq::detail {

class segment {
public:
    segment() = default;

    // Zeroed memory without a name.
    static segment make_private(std::uint64_t length);

    // The whole object, with its access mode. The mapping outlives the object's handle.
    static segment map(const named_object& object, std::uint64_t length);

    std::byte* base() const noexcept { return static_cast<std::byte*>(region_.get_address()); }
    std::uint64_t length() const noexcept { return region_.get_size(); }

private:
    explicit segment(boost::interprocess::mapped_region&& region) : region_(std::move(region)) {}

    boost::interprocess::mapped_region region_;
};

} // namespace slickq::detail
