// direction.hpp - one direction of a bridge: a thread of its own, that begins again with a new connection for as long
// as it has to.
#pragma once

#include "backoff.hpp"
#include "config.hpp"
#include "connection.hpp"
#include "log.hpp"
#include "state.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace bridge {

class direction {
public:
    direction(const bridge_config& all, const direction_config& config, char kind);
    virtual ~direction();
    direction(const direction&) = delete;
    direction& operator=(const direction&) = delete;

    void start();
    // Finish what is under way, until the deadline (monotonic clock).
    void stop(std::int64_t deadline_ns);
    void join();

    const std::string& name() const noexcept { return config_.name; }
    // Whether it ended with nothing left to do.
    bool is_drained() const noexcept { return is_drained_; }

protected:
    // Opens the queue, connects, and works until stop(): returns true if all is done then. Throws when it is to be
    // begun again.
    virtual bool session() = 0;
    // Ends whatever the thread is waiting for. From any thread.
    virtual void wake() = 0;
    // After the last session: what is left, "" if nothing.
    virtual std::string left() = 0;

    bool is_stopping() const noexcept { return stop_deadline_.load(std::memory_order_acquire) != 0; }
    bool is_out_of_time() const noexcept;
    // The session works: the next trouble is a new one.
    void succeed(const std::string& what);
    void note(level priority, const std::string& text) const { log(priority, config_.name, text); }

    const bridge_config& all_;
    const direction_config& config_;
    state state_;
    gauges& now_;

private:
    void run();
    void pause(std::int64_t ns);

    backoff backoff_;
    trouble trouble_;
    std::atomic<std::int64_t> stop_deadline_{0};
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool is_drained_ = false;
    std::thread thread_;
};

std::unique_ptr<direction> make_outbound(const bridge_config& all, const direction_config& config);
std::unique_ptr<direction> make_inbound(const bridge_config& all, const direction_config& config);

} // namespace bridge
