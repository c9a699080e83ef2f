// tbb::concurrent_bounded_queue.
#include "../harness/registry.hpp"

#ifdef BENCH_HAVE_TBB

#    include "../workloads/all.hpp"

#    include <tbb/concurrent_queue.h>

namespace bench {

namespace {

template <std::size_t Bytes>
class tbb_bounded {
public:
    using item = bench::item<Bytes>;
    using queue = tbb::concurrent_bounded_queue<item>;
    static constexpr traits about{.in_processes = false, .many_producers = true, .many_consumers = true, .is_lossy = false};

    tbb_bounded(arena&, const shape& wanted) { queue_.set_capacity(wanted.capacity); }

    class producer {
    public:
        explicit producer(tbb_bounded& peer) : queue_(peer.queue_) {}
        template <class Fill>
        std::uint32_t push(Fill fill) {
            item made;
            fill(made, 0);
            return queue_.try_push(made) ? 1 : 0;
        }

    private:
        queue& queue_;
    };

    class consumer {
    public:
        explicit consumer(tbb_bounded& peer) : queue_(peer.queue_) {}
        template <class Use>
        std::uint32_t pop(Use use) {
            item got{};
            if (!queue_.try_pop(got)) return 0;
            use(got);
            return 1;
        }

    private:
        queue& queue_;
    };

private:
    queue queue_;
};

} // namespace

void add_tbb(registry& all) { enlist<tbb_bounded>(all, "tbb_bounded"); }

} // namespace bench

#else

void bench::add_tbb(registry& all) { all.add_missing("tbb_bounded", "TBB (libtbb-dev)"); }

#endif
