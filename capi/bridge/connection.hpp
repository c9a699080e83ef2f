// connection.hpp - one connection to a NATS server, from beginning to end.
//
// libnats does not reconnect by itself here. What was written to a lost connection has arrived, or not, and nobody
// knows; if libnats went on with what comes next, records would overtake lost ones. So a lost connection is over, and
// whoever used it begins anew with what is known to have arrived. That also keeps no messages in memory for a server
// that is away.
#pragma once

#include "config.hpp"

#include <nats/nats.h>

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

namespace bridge {

// The session is over; begin another one.
struct nats_failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Throws nats_failure "cannot <what>: <why>".
void check(natsStatus status, const std::string& what);

template <auto Destroy>
struct nats_closer {
    template <class T>
    void operator()(T* object) const noexcept {
        Destroy(object);
    }
};
using subscription = std::unique_ptr<natsSubscription, nats_closer<natsSubscription_Destroy>>;

class connection {
public:
    // Connects, or throws nats_failure. `on_close` is called once, from a thread of libnats, when the connection is
    // lost. What is published is sent at once: for more throughput there are batches.
    connection(const server_config& config, const std::string& name, std::function<void()> on_close);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    natsConnection* handle() const noexcept { return handle_; }
    jsCtx* jetstream() const noexcept { return jetstream_; }
    bool is_lost() const noexcept { return lost_.load(std::memory_order_acquire); }
    // "nats://127.0.0.1:4222"
    std::string server() const;
    // Why it was lost, as far as libnats knows.
    std::string last_error() const;
    std::uint64_t max_payload() const { return static_cast<std::uint64_t>(natsConnection_GetMaxPayload(handle_)); }

private:
    static void closed(natsConnection*, void* self);
    void end() noexcept;

    std::function<void()> on_close_;
    std::atomic<bool> lost_{false};
    std::unique_ptr<natsOptions, nats_closer<natsOptions_Destroy>> options_;
    natsConnection* handle_ = nullptr;
    jsCtx* jetstream_ = nullptr;
};

} // namespace bridge
