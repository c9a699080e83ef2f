// name_watch.hpp - whether a queue's name still leads to the queue that is open. It may have been removed, and made
// anew: then what is sent here nobody gets who opens the queue now, and what others send does not come here.
#pragma once

#include "shared_queue.hpp"
#include "waiting.hpp"

#include <cstdint>
#include <string>

namespace tool {

class name_watch {
public:
    explicit name_watch(const shared_queue& queue) : queue_(queue) {}

    // Looks now. True: there is trouble, see text().
    bool looks_like_orphan();
    // The same, or what it saw within the last 10 ms.
    bool is_orphan();

    // Whether is_orphan() just looked.
    bool is_fresh() const noexcept { return is_fresh_; }

    // "queue 'q' was removed ..."
    std::string text() const;

private:
    const shared_queue& queue_;
    std::uint32_t state_ = SLICKQ_NAME_OURS;
    steady_clock::time_point looked_{};
    bool is_fresh_ = false;
};

} // namespace tool
