#include "histogram.hpp"

#include "table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tool {

// Below `steps` exactly; then by the highest bit and the four after it.
unsigned histogram::bucket_of(std::uint64_t nanoseconds) {
    if (nanoseconds < steps) return static_cast<unsigned>(nanoseconds);
    const unsigned shift = static_cast<unsigned>(std::bit_width(nanoseconds)) - 5;
    return (shift + 1) * steps + static_cast<unsigned>(nanoseconds >> shift) % steps;
}

std::uint64_t histogram::end_of(unsigned bucket) {
    if (bucket < steps) return bucket;
    const unsigned shift = bucket / steps - 1;
    return ((std::uint64_t{steps} + bucket % steps + 1) << shift) - 1;
}

void histogram::add(std::uint64_t nanoseconds) {
    ++buckets_[bucket_of(nanoseconds)];
    ++count_;
}

std::uint64_t histogram::percentile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (unsigned bucket = 0; bucket < buckets_.size(); ++bucket) {
        seen += buckets_[bucket];
        if (seen != 0 && seen >= wanted) return end_of(bucket);
    }
    return 0;
}

std::vector<std::string> histogram::drawing(std::size_t columns) const {
    std::vector<std::uint64_t> sums;
    for (unsigned bucket = 0; bucket < buckets_.size(); bucket += steps) {
        sums.push_back(0);
        for (unsigned k = 0; k < steps; ++k) sums.back() += buckets_[bucket + k];
    }
    std::vector<std::string> lines;
    const std::uint64_t largest = *std::max_element(sums.begin(), sums.end());
    if (largest == 0) return lines;
    const auto is_there = [](std::uint64_t sum) { return sum != 0; };
    const auto first = std::find_if(sums.begin(), sums.end(), is_there);
    const auto last = std::find_if(sums.rbegin(), sums.rend(), is_there).base();
    for (auto at = first; at != last; ++at) {
        const std::uint64_t end = end_of(static_cast<unsigned>(at - sums.begin() + 1) * steps - 1) + 1;
        const std::string until = short_time(static_cast<double>(end) * 1e-9);
        const std::string share = std::to_string(*at);
        const std::size_t room = columns > 30 ? columns - 30 : 10;
        const auto bar = static_cast<std::size_t>(
            std::ceil(static_cast<double>(*at) / static_cast<double>(largest) * static_cast<double>(room)));
        lines.push_back("  < " + std::string(until.size() < 7 ? 7 - until.size() : 0, ' ') + until + "  " +
                        std::string(share.size() < 10 ? 10 - share.size() : 0, ' ') + share + "  " +
                        std::string(bar, '#'));
    }
    return lines;
}

} // namespace tool
