#include "readable_fd.hpp"

#include "error.hpp"

#include <system_error>

#if !defined(_WIN32)
#  include <cerrno>
#  include <csignal>

#  include <fcntl.h>
#  include <unistd.h>
#endif

namespace slickq::detail {

#if defined(_WIN32)

readable_fd_base::readable_fd_base() : process_(0) {
    fail(SLICKQ_E_UNSUPPORTED, "there are no descriptors to poll on Windows: wait with a deadline");
}
readable_fd_base::pipe_ends::pipe_ends() = default;
void readable_fd_base::pipe_ends::close() noexcept {}
bool readable_fd_base::is_of_this_process() const noexcept { return true; }
void readable_fd_base::start() {}
void readable_fd_base::stop() noexcept {}
void readable_fd_base::closer::operator()(readable_fd_base* n) const { delete n; }
void readable_fd_base::ring() noexcept {}
void readable_fd_base::drain() noexcept {}

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

readable_fd_base::pipe_ends::pipe_ends() {
    const char* const what = "a pipe for the descriptor";
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

void readable_fd_base::pipe_ends::close() noexcept {
    for (int& end : ends) {
        if (end != -1) ::close(end);
        end = -1;
    }
}

readable_fd_base::readable_fd_base() : process_(::getpid()) { ring(); }

bool readable_fd_base::is_of_this_process() const noexcept { return ::getpid() == process_; }

void readable_fd_base::start() {
    const without_signals blocked;
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
        fail_os_as(SLICKQ_E_LIMIT, error.code().value(), "no thread for the descriptor");
    }
}

void readable_fd_base::stop() noexcept {
    {
        const std::lock_guard lock(mutex_);
        phase_ = phase::stopped;
        is_stopped_.store(true, std::memory_order_seq_cst); // as publish:B of ring.hpp
    }
    changed_.notify_one();
    events().wake_sleepers();
    thread_.join();
}

void readable_fd_base::closer::operator()(readable_fd_base* n) const {
    if (n->is_of_this_process()) {
        delete n;
        return;
    }
    // A child of fork() has none of the threads that the mutex and the condition remember, and would wait for them for ever.
    n->pipe_.close();
}

void readable_fd_base::ring() noexcept {
    // One byte fits: the pipe is empty.
    while (::write(pipe_.ends[1], "!", 1) == -1 && errno == EINTR) {
    }
}

void readable_fd_base::drain() noexcept {
    char byte;
    while (::read(pipe_.ends[0], &byte, 1) == -1 && errno == EINTR) {
    }
}

#endif

void readable_fd_base::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return phase_ == phase::armed || phase_ == phase::stopped; });
        if (phase_ == phase::stopped) return;
        lock.unlock();
        wait_until(
            events(), forever, [&] { return is_due(); }, [&] { return patience_ns(); },
            [&] { return is_stopped_.load(std::memory_order_relaxed); });
        lock.lock();
        if (phase_ != phase::armed) continue;
        ring();
        phase_ = phase::rung;
    }
}

} // namespace slickq::detail
