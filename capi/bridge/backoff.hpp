// backoff.hpp - how long to wait before the next try: twice as long each time up to a limit, and then a random part of
// that, so that many bridges that lost the same server do not come back at the same moment.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

namespace bridge {

class backoff {
public:
    backoff(std::int64_t first_ns, std::int64_t longest_ns)
        : first_ns_(first_ns), longest_ns_(longest_ns), bound_ns_(first_ns) {}

    // Between a half of the bound and all of it.
    std::int64_t next_ns() {
        const std::int64_t bound = bound_ns_;
        bound_ns_ = std::min(longest_ns_, bound_ns_ * 2);
        return std::uniform_int_distribution<std::int64_t>(bound / 2, bound)(random_);
    }

    void succeed() { bound_ns_ = first_ns_; }

private:
    std::int64_t first_ns_;
    std::int64_t longest_ns_;
    std::int64_t bound_ns_;
    std::minstd_rand random_{std::random_device{}()};
};

} // namespace bridge
