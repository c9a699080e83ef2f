// pacer.hpp - keeps a producer from overwriting what consumers have yet to read. The queue itself never waits.
#pragma once

#include "shared_queue.hpp"
#include "waiting.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace tool {

class pacer {
public:
    // bytes_per_second: 0 for no limit. cursors: the shared cursors of the consumers to wait for.
    pacer(const shared_queue& queue, std::uint64_t bytes_per_second, const std::vector<cursor_address>& cursors);

    // Waits until a record of so many elements and bytes may be sent. False: a stop signal came.
    bool wait(std::uint64_t elements, std::uint64_t bytes);

private:
    bool wait_for_rate(std::uint64_t bytes);
    bool wait_for_room(const shared_cell& cursor, std::uint64_t elements) const;

    const shared_queue& queue_;
    std::uint64_t bytes_per_second_;
    std::uint64_t bytes_sent_ = 0;
    steady_clock::time_point start_;
    std::vector<shared_cell> cursors_;
};

} // namespace tool
