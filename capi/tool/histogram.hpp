// histogram.hpp - times, counted in steps of some percent: percentiles, and a drawing.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace tool {

class histogram {
public:
    void add(std::uint64_t nanoseconds);
    std::uint64_t count() const noexcept { return count_; }
    // The time that this share of all, 0 to 1, does not exceed; nanoseconds, at most 6 % too high.
    std::uint64_t percentile(double share) const;
    // A line for each doubling, with a bar.
    std::vector<std::string> drawing(std::size_t columns) const;

private:
    static constexpr unsigned steps = 16; // in each doubling
    static unsigned bucket_of(std::uint64_t nanoseconds);
    static std::uint64_t end_of(unsigned bucket);

    std::array<std::uint64_t, 61 * steps> buckets_{};
    std::uint64_t count_ = 0;
};

} // namespace tool
