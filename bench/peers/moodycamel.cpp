// moodycamel::ConcurrentQueue, with its tokens. It has no bound: its producers look at its size once in an eighth of the capacity.
// (The form that does not allocate can't be used with several producers: one may take all blocks, for ever.)
#include "../harness/registry.hpp"

#ifdef BENCH_HAVE_MOODYCAMEL

#    include "../workloads/all.hpp"

#    include <concurrentqueue/concurrentqueue.h>

namespace bench {

namespace {

template <std::size_t Bytes, std::uint32_t Group>
class moodycamel_peer {
public:
    using item = bench::item<Bytes>;
    using queue = moodycamel::ConcurrentQueue<item>;
    static constexpr traits about{
        .in_processes = false, .many_producers = true, .many_consumers = true, .is_lossy = false, .group = Group};

    moodycamel_peer(arena&, const shape& wanted) : queue_(2 * wanted.capacity, wanted.producers, 0), capacity_(wanted.capacity) {}

    class producer {
    public:
        explicit producer(moodycamel_peer& peer) : queue_(peer.queue_), token_(peer.queue_), capacity_(peer.capacity_) {}
        template <class Fill>
        std::uint32_t push(Fill fill) {
            if (unlooked_ >= capacity_ / 8) {
                if (queue_.size_approx() >= capacity_) return 0;
                unlooked_ = 0;
            }
            item made[Group];
            for (std::uint32_t k = 0; k < Group; ++k) fill(made[k], k);
            const bool is_in = Group == 1 ? queue_.enqueue(token_, made[0]) : queue_.enqueue_bulk(token_, made, Group);
            unlooked_ += Group;
            return is_in ? Group : 0;
        }

    private:
        queue& queue_;
        moodycamel::ProducerToken token_;
        std::size_t capacity_;
        std::size_t unlooked_ = 0; // items pushed since it looked at the size
    };

    class consumer {
    public:
        explicit consumer(moodycamel_peer& peer) : queue_(peer.queue_), token_(peer.queue_) {}
        template <class Use>
        std::uint32_t pop(Use use) {
            item got[Group];
            const auto count = static_cast<std::uint32_t>(Group == 1 ? queue_.try_dequeue(token_, got[0])
                                                                     : queue_.try_dequeue_bulk(token_, got, Group));
            for (std::uint32_t k = 0; k < count; ++k) use(got[k]);
            return count;
        }

    private:
        queue& queue_;
        moodycamel::ConsumerToken token_;
    };

private:
    queue queue_;
    std::size_t capacity_;
};

template <std::size_t Bytes> using moodycamel_single = moodycamel_peer<Bytes, 1>;
template <std::size_t Bytes> using moodycamel_16 = moodycamel_peer<Bytes, 16>;

} // namespace

void add_moodycamel(registry& all) {
    enlist<moodycamel_single>(all, "moodycamel");
    enlist<moodycamel_16>(all, "moodycamel_g16");
}

} // namespace bench

#else

void bench::add_moodycamel(registry& all) {
    all.add_missing("moodycamel", "concurrentqueue/concurrentqueue.h (libconcurrentqueue-dev)");
}

#endif
