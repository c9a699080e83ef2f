// The kernel's own: pipe, Unix socket, POSIX message queue. They block, and cost a system call each way.
#include "../harness/registry.hpp"
#include "../harness/shared_name.hpp"
#include "../workloads/all.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <mqueue.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench {

namespace {

constexpr traits kernel_traits{
    .in_processes = true, .many_producers = true, .many_consumers = true, .is_lossy = false, .polls = false};

void expect_bytes(ssize_t done, std::size_t wanted, const char* call) {
    if (done != static_cast<ssize_t>(wanted)) throw std::runtime_error(std::string(call) + ": " + std::strerror(errno));
}

class descriptor_pair {
public:
    descriptor_pair(const descriptor_pair&) = delete;
    descriptor_pair& operator=(const descriptor_pair&) = delete;
    ~descriptor_pair() {
        ::close(in);
        ::close(out);
    }
    int in = -1;
    int out = -1;

protected:
    descriptor_pair() = default;
};

struct pipe_pair : descriptor_pair {
    pipe_pair() {
        int both[2];
        require(::pipe(both) == 0, "cannot make a pipe");
        in = both[0];
        out = both[1];
    }
};

struct socket_pair : descriptor_pair {
    socket_pair() {
        int both[2];
        require(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, both) == 0, "cannot make a pair of sockets");
        in = both[0];
        out = both[1];
    }
};

// An item is at most a page, which pipes and packets take and give whole.
template <std::size_t Bytes, class Pair>
class by_descriptor {
public:
    using item = bench::item<Bytes>;
    static constexpr traits about = kernel_traits;

    by_descriptor(arena&, const shape&) {}

    class producer {
    public:
        explicit producer(by_descriptor& peer) : descriptor_(peer.pair_.out) {}
        template <class Fill>
        std::uint32_t push(Fill fill) {
            item made;
            fill(made, 0);
            expect_bytes(::write(descriptor_, &made, sizeof made), sizeof made, "write");
            return 1;
        }

    private:
        int descriptor_;
    };

    class consumer {
    public:
        explicit consumer(by_descriptor& peer) : descriptor_(peer.pair_.in) {}
        template <class Use>
        std::uint32_t pop(Use use) {
            item got{};
            expect_bytes(::read(descriptor_, &got, sizeof got), sizeof got, "read");
            use(got);
            return 1;
        }

    private:
        int descriptor_;
    };

private:
    Pair pair_;
};

template <std::size_t Bytes>
class posix_mq {
public:
    using item = bench::item<Bytes>;
    static constexpr traits about = kernel_traits;
    static constexpr long messages = 10; // what any user may have

    posix_mq(arena&, const shape&) {
        mq_attr attributes{};
        attributes.mq_maxmsg = messages;
        attributes.mq_msgsize = sizeof(item);
        queue_ = ::mq_open(name_.c_str(), O_CREAT | O_EXCL | O_RDWR, 0600, &attributes);
        require(queue_ != static_cast<mqd_t>(-1), "cannot make a POSIX message queue");
    }
    posix_mq(const posix_mq&) = delete;
    posix_mq& operator=(const posix_mq&) = delete;
    ~posix_mq() { ::mq_close(queue_); }

    class producer {
    public:
        explicit producer(posix_mq& peer) : queue_(peer.queue_) {}
        template <class Fill>
        std::uint32_t push(Fill fill) {
            item made;
            fill(made, 0);
            expect_bytes(::mq_send(queue_, reinterpret_cast<const char*>(&made), sizeof made, 0), 0, "mq_send");
            return 1;
        }

    private:
        mqd_t queue_;
    };

    class consumer {
    public:
        explicit consumer(posix_mq& peer) : queue_(peer.queue_) {}
        template <class Use>
        std::uint32_t pop(Use use) {
            item got{};
            expect_bytes(::mq_receive(queue_, reinterpret_cast<char*>(&got), sizeof got, nullptr), sizeof got, "mq_receive");
            use(got);
            return 1;
        }

    private:
        mqd_t queue_;
    };

private:
    shared_name name_;
    mqd_t queue_;
};

template <std::size_t Bytes> using pipe_queue = by_descriptor<Bytes, pipe_pair>;
template <std::size_t Bytes> using socket_queue = by_descriptor<Bytes, socket_pair>;

} // namespace

void add_kernel(registry& all) {
    enlist<pipe_queue>(all, "pipe");
    enlist<socket_queue>(all, "unix_socket");
    const mqd_t tried = ::mq_open("/slickq-bench-none", O_RDONLY);
    if (tried == static_cast<mqd_t>(-1) && errno == ENOSYS) {
        all.add_missing("posix_mq", "mq_open() in this kernel");
    } else {
        enlist<posix_mq>(all, "posix_mq");
    }
}

} // namespace bench
