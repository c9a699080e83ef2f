// queue.hpp - what a queue handle points at: a ring over a segment, and how it comes to be.
#pragma once

#include "format.hpp"
#include "reset.hpp"
#include "segment.hpp"
#include "wait.hpp"

#include <slickq/detail/flow_control.hpp>
#include <slickq/detail/loss_count.hpp>
#include <slickq/detail/producing.hpp>
#include <slickq/detail/ring.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace slickq::detail {

// What the caller asks for. Zero in `shape` means: adopt (open) or the default (create).
struct queue_request {
    geometry shape{layout::any, 0, 0, 0};
    bool read_only = false;
    producer_modes producing;
    bool takes_half_reset = false; // also a queue whose reset was not finished
    slickq::detail::memory_advice memory_advice;
    unsigned permissions = 0;
    std::int64_t timeout_ns = default_timeout_ns;
};

class room_occasion;
template <class Occasion>
class readable_fd;

// How a single element is reserved where that is quickly done.
enum class short_way { none, by_adding, single_producer };

struct queue {
    slickq::ring ring; // first: what the hot paths need
    geometry shape;
    bool is_read_only = false;
    bool is_lossless = false;
    bool is_single_producer = false; // the only producer, by declaration
    short_way for_one = short_way::none;
    bool is_creator = false;
    std::string name; // empty: local
    segment memory;
    named_object::identity_type identity; // of the segment, not of its name
    segment_birth birth;                  // as the segment has it: kept, so that telling it touches nothing
    queue_request request;                // what open_queue() was asked for
    std::atomic<std::uint32_t> users{1};  // the handle, and each reader: see release()
    std::atomic<std::uint32_t> cancellations{0}; // of waits
    reset_watch resetting;
    slickq::flow_control flow;                           // if is_lossless
    std::atomic<readable_fd<room_occasion>*> room{nullptr}; // if a descriptor was asked for: see room.hpp
    // Apart from the rest, which every operation reads: these are written by each reservation, if is_single_producer,
    // ...
    alignas(64) slickq::single_producer single;
    // ... and when something was lost.
    alignas(64) slickq::loss_count lost;
};

std::unique_ptr<queue> create_local_queue(const queue_request& request);

enum class how { create, open, open_or_create };
std::unique_ptr<queue> open_queue(const char* name, const queue_request& request, how manner);

// Opens what is under the queue's name now, as the queue itself was opened.
std::unique_ptr<queue> reopen_queue(const queue& q);

// Which epoch the queue is in. is_settled() is false while it is being reset, or if a reset was left half done.
epoch_view epoch_of(const queue& q) noexcept; // only of a queue with an extension area

enum class name_state { ours, gone, taken };
name_state state_of_name(const queue& q);

// Throws SLICKQ_E_UNSUPPORTED if its segment has no place for registered consumers and groups.
void require_registry(const queue& q);

// A queue lives until its handle and all its readers have let go of it.
// by someone who holds it already
inline void hold(queue& q) noexcept { q.users.fetch_add(1, std::memory_order_relaxed); }
inline void release(queue* q) noexcept {
    // What each user did with it comes before its end: pairs with itself.
    if (q->users.fetch_sub(1, std::memory_order_acq_rel) == 1) delete q;
}

// What slickq_queue_cancel() ends: a call on this queue, from here on.
class cancel_watch {
public:
    explicit cancel_watch(const queue& q) noexcept
        : count_(q.cancellations), before_(count_.load(std::memory_order_relaxed)) {}
    // Relaxed: nothing else hangs on it. Who sleeps looks again behind a full fence: sleep:A of event_count.hpp.
    bool is_asked() const noexcept { return count_.load(std::memory_order_relaxed) != before_; }

private:
    const std::atomic<std::uint32_t>& count_;
    std::uint32_t before_;
};

// How a wait ended, as the C API says it.
inline slickq_status status_of(wait_result result) noexcept {
    switch (result) {
    case wait_result::ready: return SLICKQ_OK;
    case wait_result::timed_out: return SLICKQ_TIMED_OUT;
    case wait_result::cancelled: return SLICKQ_CANCELLED;
    }
    return SLICKQ_E_INTERNAL;
}

// Waits until a read at index `cursor` would tell anything.
wait_result wait_for_record(const queue& q, std::uint64_t cursor, std::int64_t deadline_ns);
// Ends all waits of calls on this queue.
void cancel_waits(queue& q) noexcept;

// After something that one who waits on this queue should look at. Where sleepers can't announce themselves, they look
// by themselves.
inline void wake_waiting(queue& q) noexcept {
    q.ring.arrivals(q.is_read_only).wake_sleepers();
    if (q.is_lossless) registry(q.ring).room().wake_sleepers();
}

} // namespace slickq::detail
