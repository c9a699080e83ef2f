// room.hpp - the descriptor that tells producers of a lossless queue, who were told that there is no room, when to try
// again.
//
//   label    operation                                  pairs with  so that
//   room:A   pointer CAS (acquire and release)          room:B      who finds the readable_fd finds it made
//   room:B   pointer load (acquire)                     room:A
//   room:C   where producers stand, then the mutex of   itself      what was noted comes before the thread's first
//            the readable_fd                                           look at it
#pragma once

#include "readable_fd.hpp"
#include "queue.hpp"

#include <cstdint>

namespace slickq::detail {

// That room may have been made since a producer was told that there is none. Any change of where producers stand
// counts: what one record still has no room for, another one may.
class room_occasion {
public:
    explicit room_occasion(queue& q) noexcept : source_(&q) {}

    // What was found before a producer tried in vain. Not while the thread is looking.
    void note(const flow_control::standing& now) noexcept { before_ = now; }

    // Where there is no extension area the queue is not lossless, and nobody waits: the thread only has to be ended.
    basic_event_count<> events() const noexcept {
        return source_->ring.extension() != nullptr ? registry(source_->ring).room() : basic_event_count<>();
    }
    bool is_due() noexcept;
    std::int64_t patience_ns() const noexcept { return patience_; }

private:
    queue* source_;
    flow_control::standing before_;
    std::int64_t patience_ = 0; // as of before the last look: what came to its end during that is seen next
};

// Makes the descriptor if there is none, and in a child of fork() another one. Throws as every readable_fd does.
int room_descriptor(queue& q);
// When its handle ends.
void close_room_descriptor(queue& q) noexcept;

// A producer was told that there is no room: the descriptor is readable no more until there may be. True: there is one,
// and the producer must try again before it believes that, for room may have been made just before.
bool await_room_by(readable_fd<room_occasion>& n, queue& q);
inline bool await_room(queue& q) {
    auto* const n = q.room.load(std::memory_order_acquire); // room:B
    return n != nullptr && await_room_by(*n, q);
}

} // namespace slickq::detail
