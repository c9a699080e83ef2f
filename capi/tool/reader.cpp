#include "reader.hpp"

#include "error.hpp"
#include "signals.hpp"
#include "text.hpp"
#include "waiting.hpp"

#include <algorithm>

namespace tool {

reader::reader(const shared_queue& queue, const consumer_options& options) : queue_(queue) {
    if (!options.group.empty()) {
        open_worker(options);
    } else if (!options.share.name.empty()) {
        shared_.emplace(options.share, queue_, options.start);
        claimed_.resize(queue_.info().element_size);
    } else {
        open_reader(options);
    }
}

reader::~reader() = default;

void reader::open_reader(const consumer_options& options) {
    slickq_reader_options wanted{};
    wanted.struct_size = sizeof wanted;
    wanted.start = options.start;
    if (options.registers) wanted.flags = SLICKQ_READER_REGISTERED;
    slickq_reader* made = nullptr;
    const std::string word = shell_word(queue_.name());
    check(slickq_reader_open(queue_.handle(), &wanted, &made),
          options.registers
              ? "slickq info " + word + " shows who is registered, slickq evict " + word + " ID ends a registration"
              : "");
    own_.reset(made);
}

void reader::open_worker(const consumer_options& options) {
    slickq_worker_options wanted{};
    wanted.struct_size = sizeof wanted;
    wanted.group = options.group.c_str();
    wanted.start = options.start;
    wanted.mode = options.at_most_once ? SLICKQ_GROUP_AT_MOST_ONCE : SLICKQ_GROUP_ANY;
    slickq_worker* made = nullptr;
    slickq_status status = slickq_worker_open(queue_.handle(), &wanted, &made);
    if (status == SLICKQ_E_NO_GROUP) { // the first worker says which mode it is
        wanted.mode = SLICKQ_GROUP_AT_LEAST_ONCE;
        status = slickq_worker_open(queue_.handle(), &wanted, &made);
    }
    check(status, "slickq info " + shell_word(queue_.name()) + " shows the groups and who is registered");
    worker_.reset(made);
}

namespace {

// How long next() goes on after losses: until the deadline, and long enough to get to a record behind some of them.
class loss_limit {
public:
    explicit loss_limit(std::int64_t deadline_ns)
        : end_ns_(std::max(deadline_ns, slickq_deadline(wait_slice_ns))) {}

    bool is_over() {
        if (stop_signal() != 0) return true;
        constexpr unsigned always = 64;
        return ++losses_ > always && slickq_deadline(0) >= end_ns_;
    }

private:
    std::int64_t end_ns_;
    unsigned losses_ = 0;
};

} // namespace

bool reader::next(slickq_record& record, std::int64_t deadline_ns) {
    for (loss_limit limit(deadline_ns); !limit.is_over();) {
        record = {};
        const slickq_status status = read(record, deadline_ns);
        switch (status) {
        case SLICKQ_OK:
            lost_ += record.lost;
            if ((record.flags & SLICKQ_RECORD_REDELIVERED) != 0) ++redelivered_;
            return true;
        case SLICKQ_EMPTY:
        case SLICKQ_PENDING:
        case SLICKQ_TIMED_OUT: return false;
        default: tell_loss(status, record);
        }
        lost_ += record.lost;
    }
    return false;
}

void reader::tell_loss(slickq_status status, const slickq_record& record) {
    switch (status) {
    case SLICKQ_LAPPED: break;
    case SLICKQ_RESET: notes_.say(status, "queue '" + queue_.name() + "' was reset; reading from its start"); break;
    case SLICKQ_GAP:
        notes_.say(status, "skipped " + std::to_string(record.lost) + " elements whose producer died, or sleeps");
        break;
    case SLICKQ_ABANDONED:
        notes_.say(status, "a worker died with the record at " + std::to_string(record.index) +
                               " claimed: nobody gets it any more");
        break;
    case SLICKQ_E_EVICTED:
        if (worker_) throw failure(slickq_last_message());
        notes_.say(status, "evicted: producers wait for this receiver no longer");
        break;
    case SLICKQ_E_CORRUPT: notes_.say(status, std::string(slickq_last_message()) + "; skipped"); break;
    default: check_segment(status, queue_.name());
    }
}

slickq_status reader::read(slickq_record& record, std::int64_t deadline_ns) {
    if (own_) return slickq_reader_read_until(own_.get(), deadline_ns, &record);
    if (worker_) return slickq_worker_read_until(worker_.get(), deadline_ns, &record);
    for (loss_limit limit(deadline_ns); !limit.is_over();) {
        const slickq_status status = claim(record);
        if (status != SLICKQ_EMPTY) return status;
        if (catch_up()) continue;
        const std::uint64_t next = queue_.index_of(shared_->load());
        const slickq_status waited = slickq_queue_wait_until(queue_.handle(), next, deadline_ns);
        check(waited);
        if (waited != SLICKQ_OK) return waited;
    }
    return SLICKQ_TIMED_OUT;
}

slickq_status reader::claim(slickq_record& record) {
    for (;;) {
        const slickq_status status = slickq_queue_read_shared_copy(queue_.handle(), shared_->address(), claimed_.data(),
                                                                   claimed_.size(), &record);
        if (status == SLICKQ_E_BUFFER) {
            claimed_.resize(std::size_t{record.count} * queue_.info().element_size);
            continue;
        }
        if (status == SLICKQ_LAPPED) catch_up();
        if (status == SLICKQ_E_CORRUPT) record.lost += record.count;
        return status;
    }
}

// If producers have lapped the shared position, or somebody has reset the queue, goes to the oldest record. True if it
// moved.
bool reader::catch_up() {
    const std::uint64_t from = shared_->load();
    const std::int64_t behind = queue_.distance(queue_.reserved(), from);
    if (behind >= 0 && behind <= std::int64_t{queue_.info().capacity}) return false;

    std::uint64_t oldest = 0;
    check(slickq_queue_cursor_at(queue_.handle(), SLICKQ_START_OLDEST, &oldest));
    if (!shared_->compare_exchange(from, oldest)) return true; // another consumer moved it, and counts what it skipped
    if (behind > 0) {
        lost_ += static_cast<std::uint64_t>(queue_.distance(oldest, from));
    } else {
        notes_.say(SLICKQ_RESET, "queue '" + queue_.name() + "' was reset; reading from its start");
    }
    return true;
}

std::optional<std::uint64_t> reader::position() const {
    if (worker_) return std::nullopt;
    if (shared_) return shared_->load();
    slickq_reader_info info{};
    info.struct_size = sizeof info;
    check(slickq_reader_get_info(own_.get(), &info));
    return info.cursor;
}

void reader::wake_senders() const {
    if (shared_) shared_->wake_waiting();
}

} // namespace tool
