// A slick::queue in a named segment, of whatever version it is.
#ifndef BENCH_PEERS_SLICK_HPP
#define BENCH_PEERS_SLICK_HPP

#include "../harness/peer.hpp"
#include "../harness/shared_name.hpp"

#include <atomic>
#include <memory>

namespace bench {

template <std::size_t Bytes, class Queue, std::uint32_t Group>
class slick_peer {
public:
    using item = bench::item<Bytes>;
    static constexpr traits about{
        .in_processes = true, .many_producers = true, .many_consumers = true, .is_lossy = true, .group = Group};

    slick_peer(arena& memory, const shape& wanted)
        : how_(wanted.how), opened_(std::make_shared<Queue>(wanted.capacity, name_.c_str())),
          shared_cursor_(memory.make<std::atomic<std::uint64_t>>(0u)) {}

    class producer {
    public:
        explicit producer(slick_peer& peer) : opened_(peer.open_for_side()), queue_(*opened_) {}

        template <class Fill>
        std::uint64_t put(Fill fill) {
            const std::uint64_t index = queue_.reserve(Group);
            item* const elements = queue_[index];
            for (std::uint32_t k = 0; k < Group; ++k) fill(elements[k], k);
            queue_.publish(index, Group);
            return index + Group;
        }

    private:
        std::shared_ptr<Queue> opened_;
        Queue& queue_;
    };

    class consumer {
    public:
        explicit consumer(slick_peer& peer) : opened_(peer.open_for_side()), queue_(*opened_) {}

        template <class Use>
        std::uint32_t pop(Use use) {
            const auto [elements, count] = queue_.read(cursor_);
            if (elements == nullptr) return 0;
            for (std::uint32_t k = 0; k < count; ++k) use(elements[k]);
            return count;
        }
        std::uint64_t position() const noexcept { return cursor_; }

    private:
        std::shared_ptr<Queue> opened_;
        Queue& queue_;
        std::uint64_t cursor_ = 0;
    };

    // One of the consumers that share a cursor.
    class sharer {
    public:
        explicit sharer(slick_peer& peer) : opened_(peer.open_for_side()), cursor_(peer.shared_cursor_) {}

        template <class Use>
        std::uint32_t pop(Use use) {
            position_ = cursor_.load(std::memory_order_relaxed);
            const auto [elements, count] = opened_->read(cursor_);
            if (elements == nullptr) return 0;
            for (std::uint32_t k = 0; k < count; ++k) use(elements[k]);
            return count;
        }
        std::uint64_t position() const noexcept { return position_; }

    private:
        std::shared_ptr<Queue> opened_;
        std::atomic<std::uint64_t>& cursor_;
        std::uint64_t position_ = 0;
    };

private:
    std::shared_ptr<Queue> open_for_side() const {
        return how_ == mode::processes ? std::make_shared<Queue>(name_.c_str()) : opened_;
    }

    shared_name name_;
    mode how_;
    std::shared_ptr<Queue> opened_;
    std::atomic<std::uint64_t>& shared_cursor_;
};

} // namespace bench

#endif
