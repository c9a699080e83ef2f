// boost::interprocess::message_queue.
#include "../harness/registry.hpp"

#ifdef BENCH_HAVE_BOOST_MESSAGE_QUEUE

#    include "../harness/shared_name.hpp"
#    include "../workloads/all.hpp"

#    include <boost/interprocess/ipc/message_queue.hpp>

namespace bench {

namespace {

namespace ipc = boost::interprocess;

template <std::size_t Bytes>
class boost_message_queue {
public:
    using item = bench::item<Bytes>;
    static constexpr traits about{.in_processes = true, .many_producers = true, .many_consumers = true, .is_lossy = false};

    boost_message_queue(arena&, const shape& wanted)
        : queue_(ipc::create_only, name_.c_str() + 1, wanted.capacity, sizeof(item)) {}

    class producer {
    public:
        explicit producer(boost_message_queue& peer) : queue_(ipc::open_only, peer.name_.c_str() + 1) {}
        template <class Fill>
        std::uint32_t push(Fill fill) {
            item made;
            fill(made, 0);
            return queue_.try_send(&made, sizeof made, 0) ? 1 : 0;
        }

    private:
        ipc::message_queue queue_;
    };

    class consumer {
    public:
        explicit consumer(boost_message_queue& peer) : queue_(ipc::open_only, peer.name_.c_str() + 1) {}
        template <class Use>
        std::uint32_t pop(Use use) {
            item got{};
            ipc::message_queue::size_type size;
            unsigned priority;
            if (!queue_.try_receive(&got, sizeof got, size, priority)) return 0;
            use(got);
            return 1;
        }

    private:
        ipc::message_queue queue_;
    };

private:
    shared_name name_; // which it takes without its '/'
    ipc::message_queue queue_;
};

} // namespace

void add_boost_message_queue(registry& all) { enlist<boost_message_queue>(all, "boost_message_queue"); }

} // namespace bench

#else

void bench::add_boost_message_queue(registry& all) {
    all.add_missing("boost_message_queue", "boost/interprocess/ipc/message_queue.hpp (libboost-dev)");
}

#endif
