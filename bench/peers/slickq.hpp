// A libslickq queue in a named segment. How items are written and read is a parameter, so that each way through the C++ face and the
// C ABI is measured on the same queue: see slickq_ways.hpp and slickq_c_ways.hpp.
#ifndef BENCH_PEERS_SLICKQ_HPP
#define BENCH_PEERS_SLICKQ_HPP

#include "../harness/peer.hpp"
#include "../harness/shared_name.hpp"

#include <slickq/slickq.hpp>

#include <memory>

namespace bench {

struct slickq_variant {
    std::uint32_t layout;
    std::uint32_t producer_flags = 0; // SLICKQ_OPEN_...
    std::uint32_t group = 1;
    bool shares = false;              // is measured with several consumers that share a cursor
};

// Write<item, group> and Read<item, group> are made from a slickq::queue<item>&. Write's put(fill) writes a group and returns the
// index after it; knows_index: also if there are other producers. Read's pop(use) is as in peer.hpp, and position() is the index after
// what it gave out.
template <std::size_t Bytes, slickq_variant Variant, template <class, std::uint32_t> class Write,
          template <class, std::uint32_t> class Read>
class slickq_peer {
public:
    using item = bench::item<Bytes>;
    using queue = slickq::queue<item>;
    static constexpr traits about{.in_processes = true,
                                  .many_producers = (Variant.producer_flags & SLICKQ_OPEN_SINGLE_PRODUCER) == 0 &&
                                                    Write<item, Variant.group>::knows_index,
                                  .many_consumers = Variant.shares,
                                  .is_lossy = true,
                                  .is_validated = Read<item, Variant.group>::is_validated,
                                  .group = Variant.group};

    // Threads share one object, as they would in a program; processes open one each.
    slickq_peer(arena& memory, const shape& wanted)
        : how_(wanted.how), capacity_(wanted.capacity), opened_(open(how_ == mode::threads ? Variant.producer_flags : 0)),
          shared_cursor_(memory.make<std::atomic<std::uint64_t>>(0u)) {}

    class producer : public Write<item, Variant.group> {
    public:
        explicit producer(slickq_peer& peer) : producer(peer.open_for_side(Variant.producer_flags)) {}

    private:
        explicit producer(std::shared_ptr<queue> opened) : Write<item, Variant.group>(*opened), opened_(std::move(opened)) {}
        std::shared_ptr<queue> opened_;
    };

    class consumer : public Read<item, Variant.group> {
    public:
        explicit consumer(slickq_peer& peer) : consumer(peer.open_for_side(0)) {}

    private:
        explicit consumer(std::shared_ptr<queue> opened) : Read<item, Variant.group>(*opened), opened_(std::move(opened)) {}
        std::shared_ptr<queue> opened_;
    };

    // One of the consumers that share a cursor.
    class sharer {
    public:
        explicit sharer(slickq_peer& peer) : opened_(peer.open_for_side(0)), queue_(*opened_), cursor_(peer.shared_cursor_) {}

        template <class Use>
        std::uint32_t pop(Use use) {
            position_ = cursor_.load(std::memory_order_relaxed);
            const auto [elements, count] = queue_.read(cursor_);
            for (std::uint32_t k = 0; k < count; ++k) use(elements[k]);
            return count;
        }
        std::uint64_t position() const noexcept { return position_; }

    private:
        std::shared_ptr<queue> opened_;
        queue& queue_;
        std::atomic<std::uint64_t>& cursor_;
        std::uint64_t position_ = 0;
    };

private:
    std::shared_ptr<queue> open(std::uint32_t flags) const {
        slickq_options options{};
        options.struct_size = sizeof options;
        options.layout = Variant.layout;
        options.flags = flags;
        return std::make_shared<queue>(capacity_, name_.c_str(), options);
    }
    std::shared_ptr<queue> open_for_side(std::uint32_t flags) const { return how_ == mode::processes ? open(flags) : opened_; }

    shared_name name_;
    mode how_;
    std::uint32_t capacity_;
    std::shared_ptr<queue> opened_;
    std::atomic<std::uint64_t>& shared_cursor_;
};

} // namespace bench

#endif
