// boost::lockfree::spsc_queue and boost::lockfree::queue, in memory that processes share.
#include "../harness/registry.hpp"

#ifdef BENCH_HAVE_BOOST_LOCKFREE

#    include "../workloads/all.hpp"

#    include <boost/lockfree/queue.hpp>
#    include <boost/lockfree/spsc_queue.hpp>

#    include <algorithm>

namespace bench {

namespace {

template <std::size_t Bytes, std::uint32_t Group>
class boost_spsc_peer {
public:
    using item = bench::item<Bytes>;
    using queue = boost::lockfree::spsc_queue<item, boost::lockfree::allocator<arena_allocator<item>>>;
    static constexpr traits about{
        .in_processes = true, .many_producers = false, .many_consumers = false, .is_lossy = false, .group = Group};

    boost_spsc_peer(arena& memory, const shape& wanted)
        : queue_(memory.make<queue>(wanted.capacity, arena_allocator<item>(memory))) {}

    class producer {
    public:
        explicit producer(boost_spsc_peer& peer) : queue_(peer.queue_) {}
        template <class Fill>
        std::uint32_t push(Fill fill) {
            item made[Group];
            for (std::uint32_t k = 0; k < Group; ++k) fill(made[k], k);
            if constexpr (Group == 1) {
                return queue_.push(made[0]) ? 1 : 0;
            } else {
                return static_cast<std::uint32_t>(queue_.push(made, Group));
            }
        }

    private:
        queue& queue_;
    };

    class consumer {
    public:
        explicit consumer(boost_spsc_peer& peer) : queue_(peer.queue_) {}
        template <class Use>
        std::uint32_t pop(Use use) {
            if constexpr (Group == 1) {
                return queue_.consume_one([&](const item& each) { use(each); }) ? 1 : 0;
            } else {
                item got[Group];
                const auto count = static_cast<std::uint32_t>(queue_.pop(got, Group));
                for (std::uint32_t k = 0; k < count; ++k) use(got[k]);
                return count;
            }
        }

    private:
        queue& queue_;
    };

private:
    queue& queue_;
};

// boost::lockfree::queue can't be given an allocator that knows its arena, so it finds the one in use here.
arena* arena_in_use = nullptr;

template <class T>
struct found_allocator : arena_allocator<T> {
    found_allocator() noexcept : arena_allocator<T>(*arena_in_use) {}
    template <class U>
    found_allocator(const found_allocator<U>&) noexcept : found_allocator() {}
    template <class U>
    struct rebind {
        using other = found_allocator<U>;
    };
};

template <std::size_t Bytes>
class boost_queue {
public:
    using item = bench::item<Bytes>;
    using queue = boost::lockfree::queue<item, boost::lockfree::fixed_sized<true>,
                                         boost::lockfree::allocator<found_allocator<item>>>;
    static constexpr traits about{.in_processes = true, .many_producers = true, .many_consumers = true, .is_lossy = false};

    // It has 16-bit node numbers, two of which it needs for itself.
    boost_queue(arena& memory, const shape& wanted)
        : queue_(memory.make<queue>((arena_in_use = &memory, std::min<std::size_t>(wanted.capacity, 65'533)))) {}

    class producer {
    public:
        explicit producer(boost_queue& peer) : queue_(peer.queue_) {}
        template <class Fill>
        std::uint32_t push(Fill fill) {
            item made;
            fill(made, 0);
            return queue_.bounded_push(made) ? 1 : 0;
        }

    private:
        queue& queue_;
    };

    class consumer {
    public:
        explicit consumer(boost_queue& peer) : queue_(peer.queue_) {}
        template <class Use>
        std::uint32_t pop(Use use) {
            item got{};
            if (!queue_.pop(got)) return 0;
            use(got);
            return 1;
        }

    private:
        queue& queue_;
    };

private:
    queue& queue_;
};

template <std::size_t Bytes> using boost_spsc = boost_spsc_peer<Bytes, 1>;
template <std::size_t Bytes> using boost_spsc_16 = boost_spsc_peer<Bytes, 16>;
template <std::size_t Bytes> using boost_spsc_64 = boost_spsc_peer<Bytes, 64>;

} // namespace

void add_boost_lockfree(registry& all) {
    enlist<boost_spsc>(all, "boost_spsc");
    enlist<boost_spsc_16>(all, "boost_spsc_g16");
    enlist<boost_spsc_64>(all, "boost_spsc_g64");
    enlist<boost_queue>(all, "boost_queue");
}

} // namespace bench

#else

void bench::add_boost_lockfree(registry& all) { all.add_missing("boost_spsc, boost_queue", "boost/lockfree (libboost-dev)"); }

#endif
