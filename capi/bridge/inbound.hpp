// inbound.hpp - from a subject to a queue.
//
// JetStream: a message is acknowledged when it has been published in the queue. Each session has a consumer of its own,
// which begins right behind the last message that is in the queue: by what this direction's state says, or, if that is
// gone, by what was acknowledged. So all comes in order and at once, without waiting for redelivery. The new consumer
// is made before the old one is deleted (two names take turns), so that at every moment the server knows how far we
// are, and a stream with interest retention keeps what we need. In a work-queue stream, which allows one consumer, what
// is not acknowledged is still there.
//
// Core NATS: what comes is written; what does not come is counted, by the sender's books.
#pragma once

#include "direction.hpp"
#include "segment.hpp"
#include "stream.hpp"
#include "writer.hpp"

#include <optional>
#include <string>

namespace bridge {

class inbound final : public direction {
public:
    inbound(const bridge_config& all, const direction_config& config);
    ~inbound() override { join(); }

private:
    bool session() override;
    void wake() override {} // it looks by itself, four times a second
    std::string left() override;

    void open_queue();
    bool run_stream(connection& from);
    bool run_core(connection& from);
    std::string make_consumer(connection& from, const stream_info& stream, const std::string& deliver_subject);
    bool should_wait_for_room();
    void acknowledge(connection& from, const std::string& reply, bool must_arrive);
    void look_around();
    void tell_refusal();

    std::optional<segment> queue_;
    std::optional<writer> writer_;
    std::int64_t full_since_ns_ = 0;
    std::int64_t next_look_ns_ = 0;
    trouble refusals_;
    std::string left_;
};

} // namespace bridge
