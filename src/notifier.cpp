#include "notifier.hpp"

#include "error.hpp"

#include <slickq/waiter.hpp>

#include <algorithm>
#include <string>
#include <system_error>

#if !defined(_WIN32)
#  include <cerrno>
#  include <csignal>

#  include <fcntl.h>
#  include <unistd.h>
#endif

namespace slickq::detail {

#if defined(_WIN32)

notifier::notifier(const ring& source, bool is_read_only) : source_(source), is_read_only_(is_read_only) {
    fail(SLICKQ_E_UNSUPPORTED, "there are no descriptors to poll on Windows: wait with a deadline");
}
notifier::~notifier() = default;
void notifier::closer::operator()(notifier* n) const { delete n; }
void notifier::arm(std::uint64_t, std::int64_t) {}

#else

notifier::notifier(const ring& source, bool is_read_only) : source_(source), is_read_only_(is_read_only) {
    process_ = ::getpid();
    if (::pipe(ends_) != 0) fail_os(errno, "a pipe for the reader's descriptor");
    for (const int end : ends_) {
        ::fcntl(end, F_SETFL, O_NONBLOCK);
        ::fcntl(end, F_SETFD, FD_CLOEXEC);
    }
    // The program's signals are handled on threads of its own.
    sigset_t all, before;
    sigfillset(&all); // a macro on macOS
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::string problem;
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
        problem = error.what();
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (problem.empty()) return;
    for (const int end : ends_) ::close(end);
    fail(SLICKQ_E_LIMIT, "no thread for the reader's descriptor: %s", problem.c_str());
}

notifier::~notifier() {
    {
        const std::lock_guard lock(mutex_);
        phase_ = phase::stopped;
        is_stopped_.store(true, std::memory_order_seq_cst); // as publish:B of ring.hpp
    }
    changed_.notify_one();
    source_.arrivals(is_read_only_).wake_sleepers();
    thread_.join();
    for (const int end : ends_) ::close(end);
}

void notifier::closer::operator()(notifier* n) const {
    if (::getpid() == n->process_) {
        delete n;
        return;
    }
    // A child of fork() has none of the threads that the mutex and the condition remember, and would wait for them for ever.
    for (const int end : n->ends_) ::close(end);
}

void notifier::arm(std::uint64_t cursor, std::int64_t until) {
    if (::getpid() != process_) return;
    {
        const std::lock_guard lock(mutex_);
        // Relaxed: what they belong to is told by the mutex, or, to a thread that waits already, at its next look.
        cursor_.store(cursor, std::memory_order_relaxed);
        until_.store(until, std::memory_order_relaxed);
        if (phase_ == phase::armed) return;
        if (phase_ == phase::rung) {
            char byte;
            while (::read(ends_[0], &byte, 1) == -1 && errno == EINTR) {
            }
        }
        phase_ = phase::armed;
    }
    changed_.notify_one();
}

#endif

bool notifier::is_due() const {
    const std::uint64_t cursor = cursor_.load(std::memory_order_relaxed);
    const std::int64_t until = until_.load(std::memory_order_relaxed);
    return source_.is_ready(cursor) || (until != forever && native_atomics::now_ns() >= until) ||
           source_.difference(source_.reserved_index(), cursor) > static_cast<std::int64_t>(source_.capacity()); // lapped
}

void notifier::run() {
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
        while (::write(ends_[1], "!", 1) == -1 && errno == EINTR) {
        }
        phase_ = phase::rung;
    }
#endif
}

} // namespace slickq::detail
