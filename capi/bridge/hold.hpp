// hold.hpp - what keeps a queue's lossless producers from overwriting records that nobody has acknowledged yet.
//
// By a group: the bridge is the only worker of an at-least-once group. It reads with a reader of its own, ahead, and
// walks the worker behind: over each record only when that is acknowledged. So the group's cursor, in the segment, is
// never ahead of the acknowledgements, and it stays, and holds, when the bridge is killed. By a consumer: registered in
// the segment; it holds for as long as this process lives.
#pragma once

#include "config.hpp"
#include "segment.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace bridge {

class hold {
public:
    hold(const segment& queue, const direction_config& config) : queue_(queue), config_(config) {}
    ~hold();
    hold(const hold&) = delete;
    hold& operator=(const hold&) = delete;

    // Begins to hold, from `from` on if that is known, else from where the group is, or begins. Returns where to begin
    // to read.
    std::uint64_t begin(std::optional<std::uint64_t> from);
    // All before `index` has been acknowledged. Cheap; says what could not be done, once, by the log.
    void release(std::uint64_t index);
    // Goes on with what release() could not do at once. False: there is nothing left to do.
    bool walk();
    // When nothing is left to read: looks once for what a killed bridge had claimed, which would hold producers for
    // ever.
    void recover();
    // The queue was reset: holds from its beginning.
    void restart();

private:
    void open_group(std::uint32_t start);
    std::uint64_t group_cursor() const;
    std::uint64_t after(const slickq_record& record) const;
    bool is_before(std::uint64_t a, std::uint64_t b) const { return queue_.distance(a, b) < 0; }

    struct closer {
        void operator()(slickq_worker* w) const noexcept { slickq_worker_close(w); }
    };
    const segment& queue_;
    const direction_config& config_;
    std::unique_ptr<slickq_worker, closer> worker_;
    std::uint64_t cursor_ = 0; // of the group
    std::uint64_t target_ = 0; // where it is to go
    bool has_claim_ = false;   // on the record before cursor_
    bool must_recover_ = false;
    std::uint64_t consumer_ = 0;
    bool has_consumer_ = false;
};

} // namespace bridge
