// readable_fd.hpp - a descriptor that becomes readable when something has come about: a thread waits for it, as any other
// waiter does, and writes to a pipe.
#pragma once

#include <slickq/detail/wait_until.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>

namespace slickq::detail {

// What every kind of readable_fd has: the pipe and the thread. At first the descriptor is readable: nobody knows yet what
// has come about.
class readable_fd_base {
public:
    readable_fd_base(const readable_fd_base&) = delete;
    readable_fd_base& operator=(const readable_fd_base&) = delete;

    // Ends one, also in a child of fork().
    struct closer {
        void operator()(readable_fd_base* n) const;
    };

    int descriptor() const noexcept { return pipe_.ends[0]; }
    // Whether its thread is this process's, and not that of the one which forked it.
    bool is_of_this_process() const noexcept;

protected:
    // Throws if descriptors are used up, and where there are no descriptors to poll (Windows).
    readable_fd_base();
    virtual ~readable_fd_base() = default;

    // By the most derived class, as the last thing when it is made, and the first when it ends. start() throws if
    // threads are used up.
    void start();
    void stop() noexcept;

    // The descriptor is readable no more until is_due(). say(is_armed): tells what is waited for; is_armed: the thread
    // is looking at it.
    template <class Say>
    void arm(Say say) {
        if (!is_of_this_process()) return;
        {
            const std::lock_guard lock(mutex_);
            say(phase_ == phase::armed);
            if (phase_ == phase::armed) return;
            if (phase_ == phase::rung) drain();
            phase_ = phase::armed;
        }
        changed_.notify_one();
    }

private:
    void run();
    void ring() noexcept;
    void drain() noexcept;

    // Called by the thread, and only while it is armed; events() also by stop().
    virtual basic_event_count<> events() const noexcept = 0;
    virtual bool is_due() noexcept = 0;
    // After which is_due() may be true though nobody did anything.
    virtual std::int64_t patience_ns() const noexcept = 0;

    struct pipe_ends {
        pipe_ends(); // throws if descriptors are used up
        pipe_ends(const pipe_ends&) = delete;
        pipe_ends& operator=(const pipe_ends&) = delete;
        ~pipe_ends() { close(); }
        void close() noexcept;
        int ends[2] = {-1, -1};
    } pipe_;
    long process_; // where the thread is: a child of fork() has none

    std::mutex mutex_; // of the next two
    std::condition_variable changed_;
    enum class phase { armed, rung, stopped } phase_ = phase::rung;

    std::atomic<bool> is_stopped_{false};
    std::thread thread_;
};

// Occasion: what it waits for, with events(), is_due() and patience_ns().
template <class Occasion>
class readable_fd final : public readable_fd_base {
public:
    explicit readable_fd(Occasion what) : occasion_(std::move(what)) { start(); }

    // say(occasion, is_armed): see above.
    template <class Say>
    void arm(Say say) {
        readable_fd_base::arm([&](bool is_armed) { say(occasion_, is_armed); });
    }

private:
    ~readable_fd() override { stop(); }

    basic_event_count<> events() const noexcept override { return occasion_.events(); }
    bool is_due() noexcept override { return occasion_.is_due(); }
    std::int64_t patience_ns() const noexcept override { return occasion_.patience_ns(); }

    Occasion occasion_;
};

} // namespace slickq::detail
