// worker.hpp - what a worker handle points at: a group's worker, its memory, and the queue that it keeps alive.
#pragma once

#include "registration.hpp"
#include "readable_fd.hpp"
#include "liveness.hpp"

#include <slickq/detail/group_worker.hpp>
#include <slickq/detail/validated_reader.hpp>
#include <slickq/detail/wait_until.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace slickq::detail {

struct worker_request {
    std::string group;
    group_state::mode mode = group_state::free; // free: as the group is
    start from = start::now;
    std::int64_t stall_ns = 1'000'000'000;
    std::int64_t linger_ns = 10'000'000'000;
};

// What a worker's descriptor tells: that there is something to claim, or may be, or that a dead worker has left
// something.
class work_arrival {
public:
    explicit work_arrival(queue& q) noexcept : source_(&q) {}

    // What the worker, which found nothing, waits for. Not while the thread is looking.
    void expect(const basic_worker<>& by) noexcept;

    basic_event_count<> events() const noexcept { return source_->ring.arrivals(); }
    bool is_due() noexcept;
    std::int64_t patience_ns() const noexcept;

private:
    bool has_left_work() noexcept;

    queue* source_;
    registry::id member_ = 0;
    std::uint32_t group_ = 0;
    std::uint64_t resets_ = 0;
    std::int64_t until_ = 0;          // then it is time for a look in any case
    std::int64_t next_roll_call_ = 0; // when to look again who is dead: by this readable_fd, not by the worker
};

class worker {
public:
    // Throws SLICKQ_E_MISMATCH if the group has another mode, and what begin_registration() does.
    worker(queue& q, const worker_request& request);
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    ~worker();

    // The next record, or what a dead worker left; grows the memory as it must.
    work read(assignment& out);
    bool done() noexcept { return core_.done(); }
    // The same, but waits while there is nothing. `what` is read's last answer, whatever the result.
    wait_result read_until(std::int64_t deadline_ns, work& what, assignment& out);
    void cancel() noexcept; // from any thread: ends its wait, or the next one

    const std::byte* data() const noexcept { return reinterpret_cast<const std::byte*>(buffer_.data()); }
    queue& source() const noexcept { return *source_; }
    // Whether this is the process that joined the group.
    bool is_ours() const noexcept { return member_state::pid(core_.id()) == this_pid(); }

    // Made by the first call.
    int descriptor();
private:
    work look(assignment& out);
    // It was told that there is nothing: its descriptor, if there is one, is readable no more until there may be.
    void await_work();
    // Until read() looks who has died. Whatever wakes one who waits in between.
    std::int64_t until_roll_call_ns() const noexcept {
        return std::max<std::int64_t>(next_roll_call_ - native_atomics::now_ns(), 0);
    }

    struct alignas(64) line {
        std::byte bytes[64];
    };
    // elements
    std::uint64_t room() const noexcept { return buffer_.size() * sizeof(line) / source_->ring.element_size(); }
    std::size_t lines_for(std::uint32_t elements) const noexcept;

    queue* source_;
    std::vector<line> buffer_; // so that every record lies as its elements do in an array
    basic_worker<> core_;
    std::int64_t next_roll_call_ = 0;
    std::uint32_t reads_ = 0;
    std::unique_ptr<readable_fd<work_arrival>, readable_fd_base::closer> readable_; // if a descriptor was asked for
    cancellation cancelled_;
};

// The name as the segment has it. Throws SLICKQ_E_ARGUMENT for one that no group may have.
struct group_name {
    explicit group_name(const std::string& text);
    std::uint64_t words[2] = {0, 0};
};

// Throws SLICKQ_E_NO_GROUP, and SLICKQ_E_BUSY while it has living workers.
void remove_group(queue& q, const std::string& name);

} // namespace slickq::detail
