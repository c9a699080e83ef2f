// readable_fd.hpp - a descriptor that becomes readable when a reader has something to read: a thread waits for it, as any consumer
// does, and writes to a pipe.
#pragma once

#include <slickq/detail/ring.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

namespace slickq::detail {

class readable_fd {
public:
    // Throws if descriptors or threads are used up, and where there are no descriptors to poll (Windows).
    readable_fd(const ring& source, bool is_read_only);
    readable_fd(const readable_fd&) = delete;
    readable_fd& operator=(const readable_fd&) = delete;

    // Ends one, also in a child of fork().
    struct closer {
        void operator()(readable_fd* n) const;
    };

    int descriptor() const noexcept { return pipe_.ends[0]; }

    // The reader found nothing at `cursor`: the descriptor is readable no more, until there is something or it is `until` (on the
    // clock of deadlines).
    void arm(std::uint64_t cursor, std::int64_t until);

private:
    ~readable_fd();

    void run();
    bool is_due() const;

    ring source_;
    bool is_read_only_;
    struct pipe_ends {
        pipe_ends(); // throws if descriptors are used up
        pipe_ends(const pipe_ends&) = delete;
        pipe_ends& operator=(const pipe_ends&) = delete;
        ~pipe_ends() { close(); }
        void close() noexcept;
        int ends[2] = {-1, -1};
    } pipe_;
    long process_ = 0;       // where the thread is: a child of fork() has none

    std::mutex mutex_; // of the next two
    std::condition_variable changed_;
    enum class phase { idle, armed, rung, stopped } phase_ = phase::idle;

    std::atomic<bool> is_stopped_{false};
    std::atomic<std::uint64_t> cursor_{0}; // what the thread waits at; changed while it does
    std::atomic<std::int64_t> until_{0};
    std::thread thread_; // last: it uses the others
};

} // namespace slickq::detail
