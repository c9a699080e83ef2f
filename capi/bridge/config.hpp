// config.hpp - what a bridge is told to do, from a TOML file or the command line.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace bridge {

// Says where in the file, and what to do.
struct config_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Secrets are named by file only, or come from the environment: SLICKQ_BRIDGE_PASSWORD, SLICKQ_BRIDGE_TOKEN.
struct server_config {
    std::vector<std::string> servers{"nats://127.0.0.1:4222"};
    std::string user;
    std::string password_file;
    std::string token_file;
    std::string nkey; // the public one, U...
    std::string nkey_seed_file;
    std::string credentials_file; // .creds
    bool tls = false;
    std::string tls_ca;
    std::string tls_certificate;
    std::string tls_key;
    std::string tls_hostname;
    std::int64_t connect_timeout_ms = 2000;
    std::int64_t ping_interval_ms = 2000; // three without an answer end the connection
    std::int64_t backoff_first_ms = 100;
    std::int64_t backoff_longest_ms = 10000;
};

enum class hold_kind {
    group,    // lossless producers wait for what is not acknowledged, also while the bridge is down
    consumer, // while it runs
    none      // never
};

struct stream_config {
    std::string name;    // "": the one that has the subject
    bool create = false; // if there is none
    bool in_memory = false;
    std::int64_t max_bytes = -1;
    std::int64_t max_messages = -1;
    std::int64_t max_age_s = 0;
    std::int64_t duplicate_window_s = 120;
    std::int64_t replicas = 1;
};

struct direction_config {
    std::string name; // of the direction; "": made from queue or subject
    std::string queue;
    std::string subject;
    bool jetstream = true;
    stream_config stream;
    std::int64_t ack_timeout_ms = 5000;
    // out
    hold_kind hold = hold_kind::group;
    std::string group;          // "": made from the name
    std::int64_t linger_s = -1; // of the group; -1: for ever
    bool from_now = false;      // where to start the first time: what comes, or the oldest record
    std::uint32_t batch = 1;    // records in a message, at most
    std::uint32_t batch_bytes = 64 * 1024;
    std::uint32_t window = 1024; // messages in flight, at most
    std::uint32_t window_bytes = 16 * 1024 * 1024;
    bool drop_oversize = false;
    bool is_shared = false; // others publish to the subject, too: one message at a time
    // in
    std::uint32_t capacity = 0; // 0: the queue must be there
    std::uint32_t element_size = 0;
    bool lossless = true;
    std::uint32_t max_pending = 1024; // messages that the server sends ahead of their acknowledgement
    std::uint32_t max_pending_bytes = 64 * 1024 * 1024;
};

struct bridge_config {
    server_config nats;
    std::string state_directory;
    std::string metrics_listen; // "127.0.0.1:9464"; "": none
    std::int64_t drain_timeout_ms = 5000;
    std::vector<direction_config> out;
    std::vector<direction_config> in;
};

// Throws config_error.
bridge_config read_config(const std::string& path);
// Fills in names; throws config_error for what contradicts itself.
void complete(bridge_config& config);

// Throws config_error if others than its owner and group may read the file, or if it is not there.
void require_private(const std::string& path);
// The text of such a file without its last newline.
std::string read_secret(const std::string& path);

} // namespace bridge
