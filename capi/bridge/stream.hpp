// stream.hpp - what a bridge asks JetStream: which stream, what is in it last, and the consumers.
#pragma once

#include "config.hpp"
#include "connection.hpp"
#include "message.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace bridge {

struct stream_info {
    std::string name;
    std::uint64_t id = 0;      // of this stream, until it is deleted and made anew
    bool is_exclusive = false; // the subject is the only one it has
    jsRetentionPolicy retention = js_LimitsPolicy;
    std::uint64_t last_sequence = 0;
    std::int64_t max_message = -1; // bytes, headers included; -1: no limit
};

// The stream that has the subject, made if the configuration says so. Throws nats_failure, which says what to do.
stream_info find_stream(const connection& to, const std::string& subject, const stream_config& config);

// The last message of the subject; nullptr if there is none.
message last_message(const connection& to, const stream_info& stream, const std::string& subject);

struct consumer_state {
    std::uint64_t floor = 0; // everything up to this sequence is acknowledged
};
std::optional<consumer_state> find_consumer(const connection& to, const stream_info& stream, const std::string& name);
void delete_consumer(const connection& to, const stream_info& stream, const std::string& name);

struct consumer_request {
    std::string name;
    std::string subject;         // to filter by
    std::string deliver_subject; // where it sends them
    std::uint64_t start = 1;     // sequence
    std::uint32_t max_pending = 0;
    std::int64_t ack_wait_ns = 0;
    std::int64_t heartbeat_ns = 0;
};
void add_consumer(const connection& to, const stream_info& stream, const consumer_request& request);

// Where a message came from: its reply subject, $JS.ACK...
struct delivery {
    std::uint64_t sequence = 0; // in the stream
    std::uint64_t number = 0;   // how manieth the consumer sent
    std::uint64_t times = 0;    // that it was sent
    std::uint64_t pending = 0;  // messages behind it in the stream
};
std::optional<delivery> parse_delivery(const char* reply);

// What the server said of a published message.
struct publish_reply {
    bool is_stored = false;
    bool is_duplicate = false;
    int error_code = 0;
    std::string error;
};
publish_reply parse_publish_reply(natsMsg* reply);

} // namespace bridge
