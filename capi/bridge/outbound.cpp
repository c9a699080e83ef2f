#include "outbound.hpp"

#include "clock.hpp"

#include <algorithm>

namespace bridge {
namespace {

constexpr std::int64_t look_around_ns = ns_per_second;
// Core NATS: without anything to send the far side is told how far it should be; soon, and then again, because that can
// be lost, too.
constexpr std::int64_t books_after_ns = ns_per_second;
constexpr std::int64_t books_again_ns = 5 * ns_per_second;

std::string new_inbox() {
    natsInbox* made = nullptr;
    check(natsInbox_Create(&made), "make an inbox");
    const std::string name = std::string(made) + ".";
    natsInbox_Destroy(made);
    return name;
}

bool is_further(const account& a, const account& b) {
    return std::tie(a.epoch, a.index) > std::tie(b.epoch, b.index);
}

} // namespace

outbound::outbound(const bridge_config& all, const direction_config& config)
    : direction(all, config, 'o'), box_(std::make_shared<mailbox>(new_inbox())) {}

// ---------------------------------------------------------------- the queue, and where to begin

// Not again for every session of a trouble.
void outbound::say_once(const std::string& text) {
    if (text != said_) note(level::info, text);
    said_ = text;
}

void outbound::open_queue() {
    said_.clear();
    queue_.emplace(config_.queue, 0, 0, 0);
    hold_.emplace(*queue_, config_);
    const account known = state_.current().books;
    std::optional<std::uint64_t> from;
    if (known.segment == queue_->id()) from = up_to_date(known).index;
    base_ = hold_->begin(from);
    note(level::info, "reads queue " + queue_->name() + " (segment " + queue_->id().text() + ", " +
                          std::to_string(queue_->info().capacity) + " elements of " +
                          std::to_string(queue_->info().element_size) + " bytes)");
}

// What is in flight is read again, from where the acknowledgements ended.
void outbound::close_queue() {
    first_number_ += window_.size();
    window_.clear();
    window_bytes_ = 0;
    sent_ = 0;
    gatherer_.reset();
    hold_.reset();
    queue_.reset();
}

// The same books in today's epoch: what was unread when the queue was reset is lost.
account outbound::up_to_date(account known) const {
    const epoch_state now = queue_->epoch();
    if (known.epoch >= now.number) return known;
    const std::uint64_t read = known.past + known.index;
    if (now.past > read) known.lost.elements[was_reset] += now.past - read;
    known.epoch = now.number;
    known.past = now.past;
    known.index = 0;
    return known;
}

std::optional<account> outbound::resume_from(natsMsg* last) const {
    description what;
    std::string why;
    if (last == nullptr || decode(last, what, why) != decoded::ours || what.before.segment != queue_->id())
        return std::nullopt;
    account after = what.before;
    for (std::size_t r = 0; r < what.counts.size(); ++r) after.index = queue_->wrap(what.after(after.index, r));
    after.sent += what.counts.size();
    const account& known = state_.current().books;
    if (known.segment == after.segment && known.epoch == after.epoch) after.past = known.past;
    if (queue_->epoch().number == after.epoch) after.past = queue_->epoch().past;
    return after;
}

void outbound::begin_reading(const std::optional<account>& from_stream) {
    account begin;
    begin.segment = queue_->id();
    begin.epoch = queue_->epoch().number;
    begin.past = queue_->epoch().past;
    begin.index = base_;
    const account& known = state_.current().books;
    const bool is_known = known.segment == queue_->id();
    if (is_known) begin = up_to_date(known);
    if (from_stream && (!is_known || is_further(*from_stream, known))) begin = up_to_date(*from_stream);
    if (queue_->distance(queue_->reserved(), begin.index) < 0) {
        throw queue_failure("queue " + queue_->name() + " has " + std::to_string(queue_->reserved()) +
                            " elements, but " + std::to_string(begin.index) +
                            " have been sent: was it reset by a program that is not libslickq? " +
                            "Remove the queue, or the state of this direction");
    }
    gatherer_.emplace(*queue_, config_, begin);
    hold_->release(begin.index);
    commit next = state_.current();
    if (is_known && begin.sent > known.sent)
        next.records += begin.sent - known.sent; // stored, and the answers were lost with a process
    next.books = begin;
    state_.store(next);
    note(level::info, "begins at index " + std::to_string(begin.index) + ", epoch " + std::to_string(begin.epoch) +
                          ", after " + std::to_string(begin.sent) + " records");
}

bool outbound::has_read_all() {
    if (!last_to_read_) last_to_read_ = queue_->reserved();
    return queue_->distance(gatherer_->position().index, *last_to_read_) >= 0;
}

void outbound::look_around() {
    if (gatherer_ && gatherer_->was_reset()) hold_->restart();
    const std::int64_t now = now_ns();
    if (now < next_look_ns_) return;
    next_look_ns_ = now + look_around_ns;
    hold_->walk();
    const std::int64_t unread = gatherer_ ? queue_->distance(queue_->reserved(), gatherer_->position().index) : 0;
    std::uint64_t backlog = static_cast<std::uint64_t>(std::max<std::int64_t>(0, unread));
    for (const in_flight& m : window_) backlog += m.what.elements;
    now_.backlog.store(backlog, std::memory_order_relaxed);
    if (unread <= 0 && window_.empty() && queue_->is_replaced()) {
        note(level::info, "queue " + queue_->name() + " was removed and made anew");
        close_queue();
        throw queue_failure("queue " + config_.queue + " is to be opened again");
    }
}

std::string outbound::left() {
    if (!queue_) return "queue " + config_.queue + " could not be opened";
    if (!gatherer_)
        return "everything from index " + std::to_string(base_) + " of " + queue_->name() + ": no server was reached";
    std::string text;
    const std::int64_t unread = queue_->distance(queue_->reserved(), gatherer_->position().index);
    if (unread > 0) text = std::to_string(unread) + " elements of " + queue_->name() + " not read";
    std::uint64_t unacknowledged = 0;
    for (const in_flight& m : window_) unacknowledged += m.what.records;
    if (unacknowledged != 0)
        text += (text.empty() ? "" : ", ") + std::to_string(unacknowledged) + " records not acknowledged";
    return text;
}

bool outbound::session() {
    if (!queue_) open_queue();
    const auto wake_up = [box = box_] { box->wake(); };
    connection to(all_.nats, config_.name, wake_up);
    now_.sessions.fetch_add(1, std::memory_order_relaxed);
    now_.is_connected.store(1, std::memory_order_relaxed);
    has_succeeded_ = false;
    try {
        return config_.jetstream ? run_stream(to) : run_core(to);
    } catch (const queue_failure&) {
        close_queue();
        throw;
    } catch (const nats_failure& failure) {
        if (to.is_lost())
            throw nats_failure("lost the connection to the server: " + to.last_error() + " (" + failure.what() + ")");
        throw;
    }
}

std::uint64_t outbound::payload_limit(const connection& to, std::int64_t of_stream) const {
    const std::uint64_t limit = to.max_payload();
    return of_stream < 0 ? limit : std::min(limit, static_cast<std::uint64_t>(of_stream));
}

// ---------------------------------------------------------------- JetStream

// The stream has everything up to there: the answers were lost.
void outbound::drop_stored(const account& stored) {
    while (!window_.empty()) {
        const account& after = window_.front().what.after;
        if (after.segment != stored.segment || is_further(after, stored)) break;
        acknowledge_front();
    }
}

void outbound::acknowledge_front() {
    const parcel& p = window_.front().what;
    commit next = state_.current();
    next.books = p.after;
    next.records += p.records;
    next.elements += p.elements;
    next.bytes += p.bytes;
    state_.store(next);
    // A message of an earlier epoch, or segment, holds nothing any more.
    if (gatherer_ && p.after.segment == queue_->id() && p.after.epoch == gatherer_->position().epoch)
        hold_->release(p.after.index);
    window_bytes_ -= p.bytes;
    window_.pop_front();
    ++first_number_;
    if (sent_ != 0) --sent_;
}

void outbound::send(connection& to, in_flight& m, const std::string& previous,
                    std::optional<std::uint64_t> last_sequence) {
    natsMsg* const content = m.what.content.get();
    natsMsgHeader_Delete(content, "Nats-Expected-Last-Msg-Id");
    natsMsgHeader_Delete(content, "Nats-Expected-Last-Sequence");
    if (!previous.empty())
        check(natsMsgHeader_Set(content, "Nats-Expected-Last-Msg-Id", previous.c_str()), "set a header");
    if (last_sequence) {
        check(natsMsgHeader_Set(content, "Nats-Expected-Last-Sequence", std::to_string(*last_sequence).c_str()),
              "set a header");
    }
    check(natsConnection_PublishMsg(to.handle(), content), "publish to '" + config_.subject + "'");
    m.sent_at = now_ns();
    m.refusal.clear();
    m.is_acknowledged = false;
    now_.messages.fetch_add(1, std::memory_order_relaxed);
    ++sent_;
}

void outbound::hear() {
    box_->take(letters_);
    for (mailbox::letter& l : letters_) {
        const std::uint64_t place = l.number - first_number_;
        if (place >= window_.size()) continue; // an answer from an earlier session, to what is known to be stored
        in_flight& m = window_[place];
        if (l.said.is_stored) {
            m.is_acknowledged = true;
        } else if (!m.is_acknowledged) {
            m.refusal = l.said.error + " (JetStream error " + std::to_string(l.said.error_code) + ")";
        }
    }
    while (!window_.empty() && window_.front().is_acknowledged) {
        acknowledge_front();
        if (!has_succeeded_) {
            has_succeeded_ = true;
            succeed("the stream acknowledges");
        }
    }
    // Only that of the first one counts: those after it were refused because it was, or by an answer to an earlier
    // session.
    if (!window_.empty() && sent_ != 0 && !window_.front().refusal.empty()) {
        now_.refusals.fetch_add(1, std::memory_order_relaxed);
        throw nats_failure("the stream refuses what is sent to '" + config_.subject + "': " + window_.front().refusal);
    }
}

bool outbound::run_stream(connection& to) {
    const stream_info stream = find_stream(to, config_.subject, config_.stream);
    const subscription answers = mailbox::subscribe(box_, to);
    const message last = last_message(to, stream, config_.subject);
    const std::optional<account> stored = resume_from(last.get());
    sent_ = 0;
    for (in_flight& m : window_) m.refusal.clear();
    if (stored) drop_stored(*stored);
    if (!gatherer_) begin_reading(stored);
    const bool is_exclusive = stream.is_exclusive && !config_.is_shared;
    const std::size_t most_in_flight = is_exclusive ? config_.window : 1;
    say_once("publishes to '" + config_.subject + "' in stream " + stream.name + " at " + to.server() +
             (is_exclusive ? "" : ", one message at a time: the stream is not this direction's alone"));
    if (window_.empty()) {
        has_succeeded_ = true;
        succeed("connected");
    }

    std::string previous; // id of what was sent last in this session
    const std::uint64_t limit = payload_limit(to, stream.max_message);
    for (;;) {
        if (to.is_lost()) throw nats_failure("with " + std::to_string(sent_) + " messages in flight");
        hear();
        look_around();
        now_.in_flight.store(sent_, std::memory_order_relaxed);
        now_.in_flight_bytes.store(window_bytes_, std::memory_order_relaxed);
        if (is_out_of_time()) return false;

        if (sent_ < window_.size() && sent_ < most_in_flight) {
            in_flight& next = window_[sent_];
            const bool is_first = previous.empty();
            send(to, next, is_exclusive ? previous : "",
                 is_exclusive && is_first ? std::optional(stream.last_sequence) : std::nullopt);
            previous = next.what.id;
            continue;
        }
        std::int64_t deadline = now_ns() + look_around_ns;
        if (sent_ != 0) {
            const std::int64_t due = window_.front().sent_at + config_.ack_timeout_ms * ns_per_ms;
            if (due <= now_ns())
                throw nats_failure("no acknowledgement for " + std::to_string(config_.ack_timeout_ms) + " ms");
            deadline = std::min(deadline, due);
        }
        const bool has_room =
            window_.size() < most_in_flight && (window_.empty() || window_bytes_ < config_.window_bytes);
        if (has_room && !(is_stopping() && has_read_all())) {
            in_flight next;
            const std::uint64_t number = first_number_ + window_.size();
            if (gatherer_->next(deadline, *box_, box_->prefix() + std::to_string(number), limit, next.what)) {
                window_bytes_ += next.what.bytes;
                window_.push_back(std::move(next));
            } else if (window_.empty()) {
                hold_->recover();
            }
        } else if (window_.empty()) {
            return true; // stopping, and all is acknowledged
        } else {
            box_->wait_until(deadline);
        }
    }
}

// ---------------------------------------------------------------- core NATS

bool outbound::run_core(connection& to) {
    if (!gatherer_) begin_reading(std::nullopt);
    say_once("publishes to '" + config_.subject + "' at " + to.server() + ", without acknowledgements");
    succeed("connected");
    const std::uint64_t limit = payload_limit(to, -1);
    std::int64_t books_due = now_ns() + books_after_ns;
    for (;;) {
        if (to.is_lost()) throw nats_failure("while publishing");
        look_around();
        if (is_out_of_time()) return false;
        const bool is_done = is_stopping() && has_read_all();
        if (is_done || now_ns() >= books_due) {
            const message books = gatherer_->books_only();
            check(natsConnection_PublishMsg(to.handle(), books.get()), "publish to '" + config_.subject + "'");
            books_due = now_ns() + books_again_ns;
        }
        if (is_done) {
            check(natsConnection_FlushTimeout(to.handle(), all_.drain_timeout_ms + 1), "flush");
            return true;
        }
        parcel next;
        if (!gatherer_->next(now_ns() + look_around_ns, *box_, "", limit, next)) {
            hold_->recover();
            continue;
        }
        commit sent = state_.current();
        sent.books = next.after;
        sent.records += next.records;
        sent.elements += next.elements;
        sent.bytes += next.bytes;
        state_.store(sent); // before it is sent: nothing is sent twice
        hold_->release(next.after.index);
        check(natsConnection_PublishMsg(to.handle(), next.content.get()), "publish to '" + config_.subject + "'");
        now_.messages.fetch_add(1, std::memory_order_relaxed);
        books_due = now_ns() + books_after_ns;
    }
}

std::unique_ptr<direction> make_outbound(const bridge_config& all, const direction_config& config) {
    return std::make_unique<outbound>(all, config);
}

} // namespace bridge
