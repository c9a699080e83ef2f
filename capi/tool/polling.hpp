// polling.hpp - waiting for what nobody announces: the queue wakes no one.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

namespace tool {

using steady_clock = std::chrono::steady_clock;

// Sleeps a little longer each time, so that a short wait ends soon and a long one costs nothing. Never so long that a
// stop signal (signals.hpp), which does not end a sleep, goes unnoticed.
class backoff {
public:
    void pause() {
        std::this_thread::sleep_for(nap_);
        nap_ = std::min(nap_ * 2, longest_nap);
    }
    void reset() { nap_ = shortest_nap; }

private:
    static constexpr std::chrono::microseconds shortest_nap{20};
    static constexpr std::chrono::microseconds longest_nap{2000};
    std::chrono::microseconds nap_ = shortest_nap;
};

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
