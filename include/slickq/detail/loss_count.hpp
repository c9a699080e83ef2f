// loss_count.hpp - how many elements the reads through one handle have skipped, because producers had lapped the
// cursor. A statistic: nothing else is ordered by it.
#ifndef SLICKQ_DETAIL_LOSS_COUNT_HPP
#define SLICKQ_DETAIL_LOSS_COUNT_HPP

#include <slickq/detail/version.hpp>

#include <atomic>
#include <cstdint>

namespace slickq::inline SLICKQ_NAMESPACE {

class loss_count {
public:
    // What a read has skipped: 0 normally.
    void add(std::uint64_t lost) noexcept {
        if (lost != 0) [[unlikely]] elements_.fetch_add(lost, std::memory_order_relaxed);
    }
    std::uint64_t elements() const noexcept { return elements_.load(std::memory_order_relaxed); }
    // With a reset of the queue.
    void clear() noexcept { elements_.store(0, std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> elements_{0};
};

} // namespace slickq

#endif
