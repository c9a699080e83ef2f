// consumer.hpp - consumers that lossless producers wait for ("delivery without loss" in slickq.h): to be one with a
// cursor of one's own, and, for operators, to see who is registered and to end it.
#ifndef SLICKQ_CONSUMER_HPP
#define SLICKQ_CONSUMER_HPP

#include <slickq/error.hpp>
#include <slickq/handle.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace slickq::inline SLICKQ_NAMESPACE {

// Registered for as long as it lives. The queue must outlive it; it belongs to one thread at a time. A slickq::reader
// registers by itself.
class consumer {
public:
    // From `index` on, which must not be ahead of what is reserved; without one, from what is reserved next. Throws
    // SLICKQ_E_LIMIT if there are SLICKQ_MAX_CONSUMERS.
    explicit consumer(any_queue queue, std::uint64_t index = SLICKQ_NO_INDEX) : queue_(queue.get()) {
        require_ok(slickq_consumer_register(queue_, index, &id_, &held_from_));
    }
    consumer(consumer&& other) noexcept
        : queue_(std::exchange(other.queue_, nullptr)), id_(other.id_), held_from_(other.held_from_) {}
    consumer& operator=(consumer&&) = delete;
    ~consumer() {
        if (queue_ != nullptr) slickq_consumer_unregister(queue_, id_);
    }

    // From here on nothing is overwritten before it is acknowledged: where to begin to read.
    std::uint64_t held_from() const noexcept { return held_from_; }
    std::uint64_t id() const noexcept { return id_; } // as in slickq_consumer_info

    // All before `index` has been read, and may be overwritten: SLICKQ_OK. SLICKQ_RESET: the queue was reset; nothing
    // is acknowledged, go on at index 0. SLICKQ_E_EVICTED: producers do not wait for it any more. Throws for all else.
    [[nodiscard]] slickq_status acknowledge(std::uint64_t index) {
        return outcome(slickq_consumer_acknowledge(queue_, id_, index));
    }

    // Waits until deadline_ns (slickq_deadline()) for something to read at `cursor`, before which all has been read,
    // and gets past what nobody publishes for longer than stall_ns (as in slickq_reader_options). Go on at `cursor` in
    // any case; where it moves, that is acknowledged.
    //   SLICKQ_OK                            there is a record
    //   SLICKQ_GAP                           *lost elements were stepped over, which nobody has published
    //   SLICKQ_LAPPED                        *lost elements were overwritten unpublished, by producers that do not wait
    //   SLICKQ_RESET                         the queue was reset
    //   SLICKQ_TIMED_OUT, SLICKQ_CANCELLED   none of that; by queue.cancel()
    //   SLICKQ_E_EVICTED                     producers do not wait for it any more
    // Throws for all else.
    [[nodiscard]] slickq_status wait_until(std::uint64_t& cursor, std::int64_t deadline_ns,
                                           std::uint64_t* lost = nullptr, std::int64_t stall_ns = 0) {
        return outcome(slickq_consumer_wait_until(queue_, id_, &cursor, stall_ns, deadline_ns, lost));
    }

private:
    static slickq_status outcome(slickq_status status) {
        if (status < 0 && status != SLICKQ_E_EVICTED) require_ok(status);
        return status;
    }

    slickq_queue* queue_;
    std::uint64_t id_ = 0;
    std::uint64_t held_from_ = 0;
};

namespace detail {

// Of the places 0 to most - 1 of a table those that are taken.
template <class Info>
std::vector<Info> taken(any_queue queue, std::uint32_t most,
                        slickq_status (*get_info)(slickq_queue*, std::uint32_t, Info*)) {
    std::vector<Info> found;
    for (std::uint32_t number = 0; number < most; ++number) {
        Info info{};
        info.struct_size = sizeof info;
        const slickq_status status = get_info(queue.get(), number, &info);
        if (status < 0) require_ok(status);
        if (status == SLICKQ_OK) found.push_back(info);
    }
    return found;
}

} // namespace detail

// Who is registered now: consumers, and the workers of groups.
inline std::vector<slickq_consumer_info> consumers(any_queue queue) {
    return detail::taken(queue, SLICKQ_MAX_CONSUMERS, slickq_consumer_get_info);
}

// Producers wait for it no more, and it is told so. False: it is over already.
inline bool evict(any_queue queue, std::uint64_t consumer_id) {
    const slickq_status status = slickq_consumer_evict(queue.get(), consumer_id);
    if (status != SLICKQ_E_NO_CONSUMER) require_ok(status);
    return status == SLICKQ_OK;
}

inline std::vector<slickq_group_info> groups(any_queue queue) {
    return detail::taken(queue, SLICKQ_MAX_GROUPS, slickq_group_get_info);
}

// A group without living workers. False: there is none of that name. Throws SLICKQ_E_BUSY if it has workers.
inline bool remove_group(any_queue queue, const std::string& name) {
    const slickq_status status = slickq_group_remove(queue.get(), name.c_str());
    if (status != SLICKQ_E_NO_GROUP) require_ok(status);
    return status == SLICKQ_OK;
}

} // namespace slickq

#endif
