// ZeroMQ, a pair of sockets: inproc between threads, ipc between processes. Blocking, as it is used.
#include "../harness/registry.hpp"

#ifdef BENCH_HAVE_ZEROMQ

#    include "../harness/shared_name.hpp"
#    include "../workloads/all.hpp"

#    include <memory>

#    include <unistd.h>
#    include <zmq.h>

namespace bench {

namespace {

struct context {
    void* const handle = ::zmq_ctx_new();
    context() = default;
    context(const context&) = delete;
    context& operator=(const context&) = delete;
    ~context() { ::zmq_ctx_term(handle); }
};

class socket {
public:
    socket(std::shared_ptr<context> of, int messages) : context_(std::move(of)), handle_(::zmq_socket(context_->handle, ZMQ_PAIR)) {
        const int at_once = 0;
        ::zmq_setsockopt(handle_, ZMQ_SNDHWM, &messages, sizeof messages);
        ::zmq_setsockopt(handle_, ZMQ_RCVHWM, &messages, sizeof messages);
        ::zmq_setsockopt(handle_, ZMQ_LINGER, &at_once, sizeof at_once);
    }
    socket(const socket&) = delete;
    socket& operator=(const socket&) = delete;
    ~socket() { ::zmq_close(handle_); }
    void* handle() const noexcept { return handle_; }

private:
    std::shared_ptr<context> context_;
    void* handle_;
};

template <std::size_t Bytes, bool BetweenProcesses>
class zeromq {
public:
    using item = bench::item<Bytes>;
    static constexpr traits about{.in_processes = BetweenProcesses,
                                  .many_producers = false,
                                  .many_consumers = false,
                                  .is_lossy = false,
                                  .polls = false};

    zeromq(arena&, const shape& wanted)
        : endpoint_((BetweenProcesses ? "ipc://@" : "inproc://") + std::string(name_.c_str() + 1)),
          messages_(static_cast<int>(wanted.capacity)) {
        if (!BetweenProcesses) shared_ = std::make_shared<context>();
    }

    class producer {
    public:
        explicit producer(zeromq& peer) : socket_(peer.context_of_side(), peer.messages_) {
            require(::zmq_connect(socket_.handle(), peer.endpoint_.c_str()) == 0, "zmq_connect failed");
        }
        template <class Fill>
        std::uint32_t push(Fill fill) {
            item made;
            fill(made, 0);
            require(::zmq_send(socket_.handle(), &made, sizeof made, 0) == static_cast<int>(sizeof made), "zmq_send failed");
            return 1;
        }

    private:
        socket socket_;
    };

    class consumer {
    public:
        explicit consumer(zeromq& peer) : socket_(peer.context_of_side(), peer.messages_) {
            require(::zmq_bind(socket_.handle(), peer.endpoint_.c_str()) == 0, "zmq_bind failed");
        }
        template <class Use>
        std::uint32_t pop(Use use) {
            item got{};
            require(::zmq_recv(socket_.handle(), &got, sizeof got, 0) == static_cast<int>(sizeof got), "zmq_recv failed");
            use(got);
            return 1;
        }

    private:
        socket socket_;
    };

private:
    // Contexts do not survive a fork: between processes each side makes its own.
    std::shared_ptr<context> context_of_side() const { return BetweenProcesses ? std::make_shared<context>() : shared_; }

    shared_name name_;
    std::string endpoint_;
    int messages_;
    std::shared_ptr<context> shared_;
};

template <std::size_t Bytes> using inproc = zeromq<Bytes, false>;
template <std::size_t Bytes> using ipc = zeromq<Bytes, true>;

} // namespace

void add_zeromq(registry& all) {
    enlist<inproc>(all, "zeromq_inproc");
    enlist<ipc>(all, "zeromq_ipc");
}

} // namespace bench

#else

void bench::add_zeromq(registry& all) { all.add_missing("zeromq_inproc, zeromq_ipc", "zmq.h (libzmq3-dev)"); }

#endif
