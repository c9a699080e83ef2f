// waiting.hpp - clocks, and waiting for what the library does not wait for.
#pragma once

#include "signals.hpp"
#include "sleep.hpp"

#include <chrono>
#include <cstdint>

namespace tool {

using steady_clock = std::chrono::steady_clock;

// A wait in the library does not end by a stop signal (signals.hpp): it is made in slices of this length.
constexpr std::int64_t wait_slice_ns = 100'000'000;

// Until then, or until a stop signal comes.
inline void nap_until(steady_clock::time_point end) {
    while (stop_signal() == 0) {
        const std::int64_t left =
            std::chrono::duration_cast<std::chrono::nanoseconds>(end - steady_clock::now()).count();
        if (left <= 0) return;
        nap(left < wait_slice_ns ? left : wait_slice_ns);
    }
}

// Says once when something has taken so long that a person will wonder.
class patience {
public:
    bool is_out() {
        if (told_ || steady_clock::now() - since_ < std::chrono::seconds(3)) return false;
        return told_ = true;
    }
    void renew() {
        since_ = steady_clock::now();
        told_ = false;
    }

private:
    steady_clock::time_point since_ = steady_clock::now();
    bool told_ = false;
};

} // namespace tool
