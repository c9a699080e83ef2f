// outbound.hpp - from a queue to a subject.
//
// JetStream: a record has left the queue's responsibility when the stream has acknowledged its message. Messages are
// published with a window; they stay in memory until then, so that a lost connection costs no record that the ring has
// overwritten meanwhile.
//
// Order, and nothing twice, whatever fails: where the stream has this subject alone, each message is published under
// the condition that the stream's last message is the one before it (Nats-Expected-Last-Msg-Id; the first of a session:
// Nats-Expected-Last-Sequence). If one is refused, all after it are: what the stream has is always the beginning of
// what was sent. A new session asks the stream for the subject's last message, whose headers say how far it has come,
// and goes on right there. Without the subject to itself there is one message in flight at a time, and what the stream
// suppresses by Nats-Msg-Id is suppressed.
//
// Core NATS: at most once. The books say that a record was sent before it is; what the network loses, the far side
// counts.
#pragma once

#include "direction.hpp"
#include "gatherer.hpp"
#include "hold.hpp"
#include "mailbox.hpp"
#include "segment.hpp"
#include "stream.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace bridge {

class outbound final : public direction {
public:
    outbound(const bridge_config& all, const direction_config& config);
    ~outbound() override { join(); }

private:
    struct in_flight {
        parcel what;
        std::int64_t sent_at = 0;
        bool is_acknowledged = false;
        std::string refusal; // of this session
    };

    bool session() override;
    void wake() override { box_->wake(); }
    std::string left() override;

    void open_queue();
    void close_queue();
    // Where to begin, by what is known here and what the stream says; then reads from there.
    void begin_reading(const std::optional<account>& from_stream);
    account up_to_date(account known) const;
    std::optional<account> resume_from(natsMsg* last) const;

    bool run_stream(connection& to);
    bool run_core(connection& to);
    void drop_stored(const account& stored);
    // Under the condition that the stream's last message is `previous`, or has that sequence; "" and none: under no
    // condition.
    void send(connection& to, in_flight& m, const std::string& previous, std::optional<std::uint64_t> last_sequence);
    void hear();
    void acknowledge_front();
    void look_around();
    void say_once(const std::string& text);
    bool has_read_all();
    std::uint64_t payload_limit(const connection& to, std::int64_t of_stream) const;

    std::shared_ptr<mailbox> box_;
    std::optional<segment> queue_;
    std::optional<hold> hold_;
    std::optional<gatherer> gatherer_;
    std::uint64_t base_ = 0; // where to begin if nobody knows better
    std::deque<in_flight> window_;
    std::size_t sent_ = 0;           // of the window, in this session
    std::uint64_t first_number_ = 0; // of the window's first message
    std::uint64_t window_bytes_ = 0;
    bool has_succeeded_ = false; // in this session
    std::vector<mailbox::letter> letters_;
    std::optional<std::uint64_t> last_to_read_; // when stopping: what was reserved then
    std::int64_t next_look_ns_ = 0;
    std::string said_;
};

} // namespace bridge
