#include "inbound.hpp"

#include "clock.hpp"

#include <algorithm>
#include <cstring>

namespace bridge {
namespace {

constexpr std::int64_t slice_ms = 250;
constexpr std::int64_t heartbeat_ns = 5 * ns_per_second; // of an idle consumer
constexpr std::int64_t silence_ns = 3 * heartbeat_ns;    // after which it is taken for gone
constexpr std::int64_t ack_wait_ns = 30 * ns_per_second;
constexpr std::int64_t full_limit_ns =
    ack_wait_ns / 2; // a queue that is full for longer ends the session, before the server sends again

struct inbox {
    inbox() { check(natsInbox_Create(&name), "make an inbox"); }
    ~inbox() { natsInbox_Destroy(name); }
    inbox(const inbox&) = delete;
    inbox& operator=(const inbox&) = delete;
    natsInbox* name = nullptr;
};

subscription subscribe(const connection& from, const std::string& subject, const direction_config& config) {
    natsSubscription* made = nullptr;
    check(natsConnection_SubscribeSync(&made, from.handle(), subject.c_str()), "subscribe to '" + subject + "'");
    subscription owner(made);
    // JetStream sends no more than max_pending messages; core NATS is cut off here, by libnats, which counts.
    const int messages = config.jetstream ? static_cast<int>(config.max_pending) * 2 + 64 : 1 << 20;
    check(natsSubscription_SetPendingLimits(
              made, messages, static_cast<int>(std::min<std::uint32_t>(config.max_pending_bytes, INT32_MAX))),
          "set a limit");
    return owner;
}

} // namespace

inbound::inbound(const bridge_config& all, const direction_config& config) : direction(all, config, 'i') {}

void inbound::open_queue() {
    queue_.emplace(config_.queue, config_.lossless ? SLICKQ_OPEN_LOSSLESS : 0, config_.capacity, config_.element_size);
    writer_.emplace(*queue_, state_, [this] { return should_wait_for_room(); });
    note(level::info, "writes to queue " + queue_->name() + " (segment " + queue_->id().text() + ", " +
                          std::to_string(queue_->info().capacity) + " elements of " +
                          std::to_string(queue_->info().element_size) + " bytes)");
}

bool inbound::should_wait_for_room() {
    const std::int64_t now = now_ns();
    if (full_since_ns_ == 0) full_since_ns_ = now;
    if (now_.trouble_since.load(std::memory_order_relaxed) == 0 && now - full_since_ns_ > ns_per_second) {
        note(level::info, "queue " + queue_->name() +
                              " is full: waiting for its registered consumers and groups (slickq info " +
                              config_.queue + ")");
        now_.trouble_since.store(static_cast<std::uint64_t>(wall_clock_ns()), std::memory_order_relaxed);
    }
    return !is_stopping() && (!config_.jetstream || now - full_since_ns_ < full_limit_ns);
}

void inbound::look_around() {
    if (now_ns() < next_look_ns_) return;
    next_look_ns_ = now_ns() + ns_per_second;
    if (queue_->is_replaced()) {
        note(level::info, "queue " + queue_->name() + " was removed and made anew");
        throw queue_failure("queue " + config_.queue + " is to be opened again");
    }
}

void inbound::tell_refusal() {
    if (!writer_->refusal().empty() && refusals_.is_due()) {
        note(level::error, "refused a message, which is not written: " + writer_->refusal());
    }
}

std::string inbound::left() {
    return queue_ ? left_ : "queue " + config_.queue + " could not be opened";
}

bool inbound::session() {
    if (!queue_) open_queue();
    connection from(all_.nats, config_.name, {});
    now_.sessions.fetch_add(1, std::memory_order_relaxed);
    now_.is_connected.store(1, std::memory_order_relaxed);
    full_since_ns_ = 0;
    try {
        return config_.jetstream ? run_stream(from) : run_core(from);
    } catch (const queue_failure&) {
        writer_.reset();
        queue_.reset();
        throw;
    } catch (const nats_failure& failure) {
        if (from.is_lost())
            throw nats_failure("lost the connection to the server: " + from.last_error() + " (" + failure.what() + ")");
        throw;
    }
}

// ---------------------------------------------------------------- JetStream

std::string inbound::make_consumer(connection& from, const stream_info& stream, const std::string& deliver_subject) {
    const std::string names[2] = {config_.name + "-a", config_.name + "-b"};
    std::optional<consumer_state> found[2];
    for (int i = 0; i < 2; ++i) found[i] = find_consumer(from, stream, names[i]);

    const commit& known = state_.current();
    std::uint64_t position = 0;
    if (known.stream == stream.id) position = known.sequence;
    for (const auto& f : found) {
        if (f) position = std::max(position, f->floor);
    }
    if (position > stream.last_sequence) {
        note(level::warning, "stream " + stream.name + " ends at message " + std::to_string(stream.last_sequence) +
                                 ", and " + std::to_string(position) +
                                 " have been read: it lost some. Reading all of it again");
        position = 0;
    }
    const bool is_first_time = known.stream != stream.id && !found[0] && !found[1];
    if (is_first_time && config_.from_now) position = stream.last_sequence;
    writer_->begin_stream(stream.id, position);

    consumer_request request;
    request.subject = config_.subject;
    request.deliver_subject = deliver_subject;
    request.start = position + 1;
    request.max_pending = config_.max_pending;
    request.ack_wait_ns = ack_wait_ns;
    request.heartbeat_ns = heartbeat_ns;
    if (stream.retention == js_WorkQueuePolicy) {
        for (const std::string& name : names) delete_consumer(from, stream, name);
        request.name = names[0];
        add_consumer(from, stream, request);
    } else {
        // The one that is further stays until the new one is there.
        const int old = found[1] && (!found[0] || found[1]->floor > found[0]->floor) ? 1 : 0;
        if (found[1 - old]) delete_consumer(from, stream, names[1 - old]);
        request.name = names[1 - old];
        add_consumer(from, stream, request);
        if (found[old]) delete_consumer(from, stream, names[old]);
    }
    note(level::info, "reads '" + config_.subject + "' from stream " + stream.name + " at " + from.server() +
                          ", behind message " + std::to_string(position) + ", as consumer " + request.name);
    return request.name;
}

void inbound::acknowledge(connection& from, const std::string& reply, bool must_arrive) {
    if (!must_arrive) {
        check(natsConnection_PublishString(from.handle(), reply.c_str(), "+ACK"), "acknowledge");
        return;
    }
    natsMsg* answer = nullptr;
    const natsStatus status = natsConnection_RequestString(&answer, from.handle(), reply.c_str(), "+ACK", 2000);
    const message owner(answer);
    if (status != NATS_OK)
        note(level::warning, std::string("the last acknowledgement was not confirmed: ") + natsStatus_GetText(status));
}

bool inbound::run_stream(connection& from) {
    const stream_info stream = find_stream(from, config_.subject, config_.stream);
    const inbox box;
    const subscription sub = subscribe(from, box.name, config_);
    make_consumer(from, stream, box.name);
    succeed("connected");

    const bool acknowledges_each = stream.retention == js_WorkQueuePolicy;
    const std::uint64_t most_unacknowledged = std::max(1u, config_.max_pending / 4);
    std::uint64_t last_number = 0; // of the consumer's deliveries
    std::uint64_t unacknowledged = 0;
    std::string last_reply;
    std::int64_t heard_ns = now_ns();
    const auto acknowledge_all = [&](bool must_arrive) {
        if (unacknowledged == 0) return;
        acknowledge(from, last_reply, must_arrive);
        unacknowledged = 0;
        now_.in_flight.store(0, std::memory_order_relaxed);
    };
    for (;;) {
        if (from.is_lost()) throw nats_failure("while reading");
        if (is_stopping()) {
            acknowledge_all(true);
            std::uint64_t waiting = 0;
            natsSubscription_QueuedMsgs(sub.get(), &waiting);
            waiting = std::max(waiting, now_.backlog.load(std::memory_order_relaxed));
            if (waiting != 0)
                left_ = std::to_string(waiting) + " messages in stream " + stream.name + ", which keeps them";
            return true;
        }
        look_around();
        natsMsg* arrived = nullptr;
        natsStatus status = natsSubscription_NextMsg(&arrived, sub.get(), unacknowledged != 0 ? 1 : slice_ms);
        if (status == NATS_TIMEOUT) {
            acknowledge_all(false);
            if (now_ns() - heard_ns > silence_ns) throw nats_failure("the consumer is silent: was it deleted?");
            continue;
        }
        check(status, "read from '" + config_.subject + "'");
        const message m(arrived);
        heard_ns = now_ns();

        const std::optional<delivery> about = parse_delivery(natsMsg_GetReply(arrived));
        if (!about) { // the server's: a heartbeat, or the consumer's end
            const char* const kind = header(arrived, "Status");
            if (kind != nullptr && std::strcmp(kind, "100") != 0) {
                const char* const text = header(arrived, "Description");
                throw nats_failure(std::string("the consumer ended: ") + kind + " " + (text != nullptr ? text : ""));
            }
            const char* const sent = header(arrived, "Nats-Last-Consumer");
            if (sent != nullptr && std::strtoull(sent, nullptr, 10) > last_number)
                throw nats_failure("messages were lost on the way here");
            continue;
        }
        if (about->number != last_number + 1) throw nats_failure("messages were lost on the way here");
        last_number = about->number;
        now_.messages.fetch_add(1, std::memory_order_relaxed);
        now_.backlog.store(about->pending, std::memory_order_relaxed);

        // A foreign message that is in the queue already, by its sequence: only the acknowledgement was lost. Ours are
        // known by their index, which is surer: a server that was killed can give a sequence again.
        const bool is_ours = header(arrived, "Slickq-Segment") != nullptr;
        if (is_ours || about->sequence > state_.current().sequence) {
            if (writer_->write(arrived, about->sequence) == writer::outcome::no_room) {
                acknowledge_all(true);
                if (is_stopping()) {
                    left_ = "from message " + std::to_string(about->sequence) + " on in stream " + stream.name +
                            ", which keeps them: queue " + queue_->name() + " is full";
                    return true;
                }
                throw nats_failure("queue " + queue_->name() + " has been full for " +
                                   std::to_string(full_limit_ns / ns_per_second) + " s");
            }
            if (full_since_ns_ != 0) {
                full_since_ns_ = 0;
                now_.trouble_since.store(0, std::memory_order_relaxed);
            }
            tell_refusal();
        }
        last_reply = natsMsg_GetReply(arrived);
        ++unacknowledged;
        now_.in_flight.store(unacknowledged, std::memory_order_relaxed);
        if (acknowledges_each || unacknowledged >= most_unacknowledged) acknowledge_all(false);
    }
}

// ---------------------------------------------------------------- core NATS

bool inbound::run_core(connection& from) {
    const subscription sub = subscribe(from, config_.subject, config_);
    succeed("reads '" + config_.subject + "' at " + from.server() + ", without acknowledgements");
    std::int64_t dropped_before = 0;
    for (;;) {
        if (from.is_lost()) throw nats_failure("while reading");
        look_around();
        natsMsg* arrived = nullptr;
        const natsStatus status = natsSubscription_NextMsg(&arrived, sub.get(), is_stopping() ? 1 : slice_ms);
        std::int64_t dropped = 0;
        if (natsSubscription_GetDropped(sub.get(), &dropped) == NATS_OK && dropped != dropped_before) {
            now_.dropped.fetch_add(static_cast<std::uint64_t>(dropped - dropped_before), std::memory_order_relaxed);
            if (refusals_.is_due())
                note(level::warning, "is too slow for '" + config_.subject + "': messages were dropped");
            dropped_before = dropped;
        }
        if (status == NATS_TIMEOUT) {
            if (is_stopping()) return true; // what had arrived is written
            continue;
        }
        if (status == NATS_SLOW_CONSUMER) continue;
        check(status, "read from '" + config_.subject + "'");
        const message m(arrived);
        now_.messages.fetch_add(1, std::memory_order_relaxed);
        std::uint64_t waiting = 0;
        natsSubscription_QueuedMsgs(sub.get(), &waiting);
        now_.backlog.store(waiting, std::memory_order_relaxed);
        if (writer_->write(arrived, state_.current().sequence + 1) == writer::outcome::no_room || is_out_of_time()) {
            left_ = std::to_string(waiting + 1) + " messages that had arrived: queue " + queue_->name() + " is full";
            return true;
        }
        full_since_ns_ = 0;
        tell_refusal();
    }
}

std::unique_ptr<direction> make_inbound(const bridge_config& all, const direction_config& config) {
    return std::make_unique<inbound>(all, config);
}

} // namespace bridge
