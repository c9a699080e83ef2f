#include "readable_fd.hpp"

#include "error.hpp"

#include <slickq/detail/wait_until.hpp>

#include <algorithm>
#include <system_error>

#if !defined(_WIN32)
#  include <cerrno>
#  include <csignal>

#  include <fcntl.h>
#  include <unistd.h>
#endif

namespace slickq::detail {

#if defined(_WIN32)

readable_fd::readable_fd(const ring& source, bool is_read_only) : source_(source), is_read_only_(is_read_only) {
    fail(SLICKQ_E_UNSUPPORTED, "there are no descriptors to poll on Windows: wait with a deadline");
}
readable_fd::pipe_ends::pipe_ends() = default;
void readable_fd::pipe_ends::close() noexcept {}
readable_fd::~readable_fd() = default;
void readable_fd::closer::operator()(readable_fd* n) const { delete n; }
void readable_fd::arm(std::uint64_t, std::int64_t) {}

#else

namespace {

// Blocks every signal on this thread, and on threads that it starts meanwhile: the program's signals are handled on
// threads of its own.
class without_signals {
public:
    without_signals() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    without_signals(const without_signals&) = delete;
    without_signals& operator=(const without_signals&) = delete;
    ~without_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_;
};

} // namespace

readable_fd::pipe_ends::pipe_ends() {
    const char* const what = "a pipe for the reader's descriptor";
#  if defined(__APPLE__)
    if (::pipe(ends) != 0) fail_os(errno, "%s", what);
    for (const int end : ends) {
        if (::fcntl(end, F_SETFL, O_NONBLOCK) != -1 && ::fcntl(end, F_SETFD, FD_CLOEXEC) != -1) continue;
        const int error = errno;
        close();
        fail_os(error, "%s", what);
    }
#  else
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) fail_os(errno, "%s", what);
#  endif
}

void readable_fd::pipe_ends::close() noexcept {
    for (int& end : ends) {
        if (end != -1) ::close(end);
        end = -1;
    }
}

readable_fd::readable_fd(const ring& source, bool is_read_only)
    : source_(source), is_read_only_(is_read_only), process_(::getpid()) {
    const without_signals blocked;
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
        fail_os_as(SLICKQ_E_LIMIT, error.code().value(), "no thread for the reader's descriptor");
    }
}

readable_fd::~readable_fd() {
    {
        const std::lock_guard lock(mutex_);
        phase_ = phase::stopped;
        is_stopped_.store(true, std::memory_order_seq_cst); // as publish:B of ring.hpp
    }
    changed_.notify_one();
    source_.arrivals(is_read_only_).wake_sleepers();
    thread_.join();
}

void readable_fd::closer::operator()(readable_fd* n) const {
    if (::getpid() == n->process_) {
        delete n;
        return;
    }
    // A child of fork() has none of the threads that the mutex and the condition remember, and would wait for them for ever.
    n->pipe_.close();
}

void readable_fd::arm(std::uint64_t cursor, std::int64_t until) {
    if (::getpid() != process_) return;
    {
        const std::lock_guard lock(mutex_);
        // Relaxed: what they belong to is told by the mutex, or, to a thread that waits already, at its next look.
        cursor_.store(cursor, std::memory_order_relaxed);
        until_.store(until, std::memory_order_relaxed);
        if (phase_ == phase::armed) return;
        if (phase_ == phase::rung) {
            char byte;
            while (::read(pipe_.ends[0], &byte, 1) == -1 && errno == EINTR) {
            }
        }
        phase_ = phase::armed;
    }
    changed_.notify_one();
}

#endif

bool readable_fd::is_due() const {
    const std::uint64_t cursor = cursor_.load(std::memory_order_relaxed);
    const std::int64_t until = until_.load(std::memory_order_relaxed);
    return source_.is_ready(cursor) || (until != forever && native_atomics::now_ns() >= until) ||
           source_.difference(source_.reserved_index(), cursor) > static_cast<std::int64_t>(source_.capacity()); // lapped
}

void readable_fd::run() {
#if !defined(_WIN32)
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return phase_ == phase::armed || phase_ == phase::stopped; });
        if (phase_ == phase::stopped) return;
        lock.unlock();
        wait_until(
            source_.arrivals(is_read_only_), forever, [&] { return is_due(); },
            [&] {
                const std::int64_t until = until_.load(std::memory_order_relaxed);
                return until == forever ? longest_slice_ns : std::max<std::int64_t>(until - native_atomics::now_ns(), 0);
            },
            [&] { return is_stopped_.load(std::memory_order_relaxed); });
        lock.lock();
        if (phase_ != phase::armed) continue;
        // One byte fits: the pipe is empty while armed.
        while (::write(pipe_.ends[1], "!", 1) == -1 && errno == EINTR) {
        }
        phase_ = phase::rung;
    }
#endif
}

} // namespace slickq::detail
