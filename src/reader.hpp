// reader.hpp - what a reader handle points at: the reader's state, and the queue that it keeps alive.
#pragma once

#include "registration.hpp"
#include "readable_fd.hpp"
#include "liveness.hpp"
#include "queue.hpp"

#include <slickq/detail/validated_reader.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace slickq::detail {

// What a reader's descriptor tells: that there is something at its cursor, or may be.
class arrival {
public:
    arrival(const ring& source, bool is_read_only) noexcept : source_(source), is_read_only_(is_read_only) {}
    arrival(arrival&& other) noexcept : source_(other.source_), is_read_only_(other.is_read_only_) {}

    // `until`, on the clock of deadlines: then it is time for a look in any case. Changed while it is waited for.
    void expect(std::uint64_t cursor, std::int64_t until) noexcept {
        // Relaxed: the readable_fd's mutex, or the thread's next look, tells what they belong to.
        cursor_.store(cursor, std::memory_order_relaxed);
        until_.store(until, std::memory_order_relaxed);
    }

    basic_event_count<> events() const noexcept { return source_.arrivals(is_read_only_); }
    bool is_due() const noexcept;
    std::int64_t patience_ns() const noexcept;

private:
    ring source_;
    bool is_read_only_;
    std::atomic<std::uint64_t> cursor_{0};
    std::atomic<std::int64_t> until_{0};
};

struct reader {
    reader(queue& q, const reader_options& options) : core(q.ring, options), source(&q) { hold(q); }
    reader(const reader&) = delete;
    reader& operator=(const reader&) = delete;
    ~reader() {
        readable.reset(); // its thread looks at the queue
        if (member != 0) end_registration(*source, member);
        release(source);
    }

    // Whether it may be used in this process: one that is registered may not in a child of fork(), nor what it had
    // copied ahead.
    bool is_ours() const noexcept { return core.is_ours(); }
    // The same, from any thread: of what never changes.
    bool is_of_this_process() const noexcept { return member == 0 || member_state::pid(member) == this_pid(); }

    // As basic_reader's. Where there is nothing to read, the descriptor waits for it, if one was asked for.
    read_result read(delivery& out) { return rearmed(core.read(out)); }
    read_result read_batch(std::uint32_t limit, batch_delivery& out) { return rearmed(core.read_batch(limit, out)); }
    wait_result read_until(std::int64_t deadline_ns, read_result& what, delivery& out);
    wait_result read_batch_until(std::uint32_t limit, std::int64_t deadline_ns, read_result& what, batch_delivery& out);
    void cancel() noexcept; // from any thread: ends its wait, or the next one

    // Makes the descriptor with the first call, which throws if descriptors or threads are used up.
    int descriptor();

    basic_reader<> core;
    queue* source;
    registry::id member = 0; // if it is registered
    std::unique_ptr<readable_fd<arrival>, readable_fd_base::closer> readable; // if a descriptor was asked for
    cancellation cancelled;

private:
    read_result rearmed(read_result what) {
        if (readable != nullptr) [[unlikely]] rearm(what);
        return what;
    }
    void rearm(read_result what);
};

// Throws SLICKQ_E_ARGUMENT for options that make no sense.
std::unique_ptr<reader> open_reader(queue& q, const reader_options& options, bool is_registered);

} // namespace slickq::detail
