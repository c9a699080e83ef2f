// mailbox.hpp - what the stream answers, from the thread of libnats to the thread of a direction, and what wakes that.
#pragma once

#include "connection.hpp"
#include "stream.hpp"

#include <slickq/slickq.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace bridge {

class mailbox {
public:
    struct letter {
        std::uint64_t number = 0;
        publish_reply said;
    };

    // `prefix` is followed by the number of the message that is answered.
    explicit mailbox(std::string prefix) : prefix_(std::move(prefix)) {}

    const std::string& prefix() const noexcept { return prefix_; }

    // Subscribes `box` to its answers. It lives at least as long as libnats may call it.
    static subscription subscribe(const std::shared_ptr<mailbox>& box, const connection& to);

    // Takes everything that has come.
    void take(std::vector<letter>& letters) {
        letters.clear();
        const std::lock_guard lock(mutex_);
        letters.swap(letters_);
    }

    // Waits for a letter or a wake(), at most until the deadline (monotonic clock).
    void wait_until(std::int64_t deadline_ns);

    // Around a wait for the queue: a letter or a wake() ends that. False: there is one already, do not wait.
    bool begin_reading(slickq_reader* reader);
    void end_reading();

    void wake();

private:
    static void arrived(natsConnection*, natsSubscription*, natsMsg* m, void* self);
    void notify(); // with the mutex locked

    const std::string prefix_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<letter> letters_;
    bool is_woken_ = false;
    slickq_reader* reader_ = nullptr; // asleep, or about to be
};

} // namespace bridge
