// Pacing: keeps the producers of a lossy queue within half a ring of its slowest consumer, at the same price for all such queues.
// Each consumer writes where it is into a line of its own, once in an eighth of a ring; a producer that has gone half a ring beyond
// what it knows looks there again. So nothing is lost, which every run checks, and the queue itself is what is measured.
#ifndef BENCH_PACED_HPP
#define BENCH_PACED_HPP

#include "peer.hpp"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

namespace bench {

class progress {
public:
    progress(arena& memory, const shape& wanted) : capacity_(wanted.capacity) {
        for (unsigned k = 0; k < wanted.consumers; ++k) lines_.push_back(&memory.make<std::atomic<std::uint64_t>>(0u));
    }

    std::uint64_t capacity() const noexcept { return capacity_; }
    std::atomic<std::uint64_t>& line(unsigned consumer) noexcept { return *lines_[consumer]; }
    std::uint64_t slowest() const noexcept {
        std::uint64_t least = lines_[0]->load(std::memory_order_acquire);
        for (const auto* line : lines_) least = std::min(least, line->load(std::memory_order_acquire));
        return least;
    }

private:
    std::uint64_t capacity_;
    std::vector<std::atomic<std::uint64_t>*> lines_;
};

template <class Peer>
class paced_producer {
public:
    paced_producer(Peer& queue, progress& consumers)
        : queue_(queue), consumers_(consumers), room_(static_cast<std::int64_t>(consumers.capacity() / 2)) {}

    template <class Fill>
    std::uint32_t push(Fill fill) {
        if (lead() >= room_) [[unlikely]] {
            slowest_ = consumers_.slowest();
            if (lead() >= room_) return 0;
        }
        next_ = queue_.put(fill);
        return Peer::about.group;
    }

private:
    // Below 0 where consumers have passed this producer's last item, as they can if there are others.
    std::int64_t lead() const noexcept { return static_cast<std::int64_t>(next_ - slowest_); }

    typename Peer::producer queue_;
    progress& consumers_;
    std::int64_t room_;
    std::uint64_t next_ = 0;
    std::uint64_t slowest_ = 0;
};

// A consumer with a cursor of its own.
template <class Peer>
class paced_consumer {
public:
    paced_consumer(Peer& queue, progress& consumers, unsigned number)
        : queue_(queue), line_(consumers.line(number)), stride_(consumers.capacity() / 8) {}

    template <class Use>
    std::uint32_t pop(Use use) {
        const std::uint32_t count = queue_.pop(use);
        if (queue_.position() - announced_ >= stride_) line_.store(announced_ = queue_.position(), std::memory_order_release);
        return count;
    }

private:
    typename Peer::consumer queue_;
    std::atomic<std::uint64_t>& line_;
    std::uint64_t stride_;
    std::uint64_t announced_ = 0;
};

// One of several that share a cursor. What it has claimed is never behind what it announced: that is where its last item ended or,
// when it found nothing and so has nothing in hand, where the shared cursor was.
template <class Peer>
class paced_sharer {
public:
    paced_sharer(Peer& queue, progress& consumers, unsigned number)
        : queue_(queue), line_(consumers.line(number)), stride_(consumers.capacity() / 8) {}

    template <class Use>
    std::uint32_t pop(Use use) {
        const std::uint32_t count = queue_.pop(use);
        const std::uint64_t at = queue_.position();
        if (at - announced_ >= stride_ || (count == 0 && at != announced_)) {
            line_.store(at, std::memory_order_release);
            announced_ = at;
        }
        return count;
    }

private:
    typename Peer::sharer queue_;
    std::atomic<std::uint64_t>& line_;
    std::uint64_t stride_;
    std::uint64_t announced_ = 0;
};

} // namespace bench

#endif
