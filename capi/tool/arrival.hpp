// arrival.hpp - waiting for a queue that is to be received from, and for how long.
#pragma once

#include "receiver.hpp"
#include "shared_queue.hpp"
#include "waiting.hpp"

#include <algorithm>
#include <memory>

namespace tool {

// When nothing came for so long, the command ends.
class idle_limit {
public:
    explicit idle_limit(double seconds) : seconds_(seconds) {}

    void renew() { since_ = steady_clock::now(); }
    double waited() const { return std::chrono::duration<double>(steady_clock::now() - since_).count(); }
    bool is_over() const { return seconds_ >= 0 && waited() >= seconds_; }

    // What may be waited now, without missing a stop signal.
    std::int64_t slice_ns() const {
        if (seconds_ < 0) return wait_slice_ns;
        return std::clamp(static_cast<std::int64_t>((seconds_ - waited()) * 1e9), std::int64_t{0}, wait_slice_ns);
    }

private:
    double seconds_;
    steady_clock::time_point since_ = steady_clock::now();
};

// Waits for the queue to be made. Nothing: a stop signal came first.
std::unique_ptr<shared_queue> open_when_there(const recv_options& options, const idle_limit& idle);

} // namespace tool
