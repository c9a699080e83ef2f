// wait.hpp - waiting with an absolute deadline, by polling: for the creation handshake, where peers wake nobody.
#pragma once

#include <slickq/detail/version.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

namespace slickq::detail {

inline constexpr std::int64_t default_timeout_ns = 0; // 2 s

class deadline {
public:
    using clock = std::chrono::steady_clock;

    // As slickq_options.timeout_ns: 0 is the default of 2 s, negative for ever.
    explicit deadline(std::int64_t timeout_ns) : start_(clock::now()) {
        using std::chrono::nanoseconds;
        const auto longest = clock::time_point::max() - start_;
        const nanoseconds timeout = timeout_ns == 0  ? std::chrono::seconds(2)
                                    : timeout_ns < 0 ? nanoseconds::max()
                                                     : nanoseconds(timeout_ns);
        end_ = start_ + std::min<clock::duration>(timeout, longest);
    }

    bool passed() const { return clock::now() >= end_; }

    std::chrono::nanoseconds waited() const { return clock::now() - start_; }

    // A little longer each time, so that a short wait ends soon and a long one costs nothing.
    void pause() {
        std::this_thread::sleep_for(std::min<clock::duration>(nap_, std::max(end_ - clock::now(), clock::duration::zero())));
        nap_ = std::min<clock::duration>(nap_ * 2, std::chrono::milliseconds(2));
    }

private:
    clock::time_point start_;
    clock::time_point end_;
    clock::duration nap_ = std::chrono::microseconds(20);
};

} // namespace slickq::detail
