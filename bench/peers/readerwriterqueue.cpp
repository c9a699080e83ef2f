// moodycamel::ReaderWriterQueue.
#include "../harness/registry.hpp"

#ifdef BENCH_HAVE_READERWRITERQUEUE

#    include "../workloads/all.hpp"

#    include <readerwriterqueue/readerwriterqueue.h>

namespace bench {

namespace {

template <std::size_t Bytes>
class readerwriterqueue {
public:
    using item = bench::item<Bytes>;
    using queue = moodycamel::ReaderWriterQueue<item>;
    static constexpr traits about{.in_processes = false, .many_producers = false, .many_consumers = false, .is_lossy = false};

    readerwriterqueue(arena&, const shape& wanted) : queue_(wanted.capacity) {}

    class producer {
    public:
        explicit producer(readerwriterqueue& peer) : queue_(peer.queue_) {}
        template <class Fill>
        std::uint32_t push(Fill fill) {
            item made;
            fill(made, 0);
            return queue_.try_enqueue(made) ? 1 : 0;
        }

    private:
        queue& queue_;
    };

    class consumer {
    public:
        explicit consumer(readerwriterqueue& peer) : queue_(peer.queue_) {}
        template <class Use>
        std::uint32_t pop(Use use) {
            const item* const first = queue_.peek();
            if (first == nullptr) return 0;
            use(*first);
            queue_.pop();
            return 1;
        }

    private:
        queue& queue_;
    };

private:
    queue queue_;
};

} // namespace

void add_readerwriterqueue(registry& all) { enlist<readerwriterqueue>(all, "readerwriterqueue"); }

} // namespace bench

#else

void bench::add_readerwriterqueue(registry& all) {
    all.add_missing("readerwriterqueue", "readerwriterqueue/readerwriterqueue.h (libreaderwriterqueue-dev)");
}

#endif
