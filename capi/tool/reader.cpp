#include "reader.hpp"

#include "error.hpp"

namespace tool {

reader::reader(const shared_queue& queue, std::uint32_t start, bool registers, const cursor_address& share) : queue_(queue) {
    if (!share.name.empty()) {
        shared_.emplace(share, queue_, start);
        claimed_.resize(queue_.info().element_size);
        return;
    }
    slickq_reader_options options{};
    options.struct_size = sizeof options;
    options.start = start;
    if (registers) options.flags = SLICKQ_READER_REGISTERED;
    slickq_reader* made = nullptr;
    check(slickq_reader_open(queue_.handle(), &options, &made), queue_.name());
    own_.reset(made);
}

bool reader::next(std::string& out) {
    for (;;) {
        slickq_record record{};
        const slickq_status status = read(record);
        switch (status) {
        case SLICKQ_OK:
            lost_ += record.lost;
            out.append(static_cast<const char*>(record.data), std::size_t{record.count} * queue_.info().element_size);
            return true;
        case SLICKQ_EMPTY:
        case SLICKQ_PENDING:
            if (shared_ && catch_up()) continue;
            return false;
        case SLICKQ_RESET: note("queue '" + queue_.name() + "' was reset; reading from its start"); break;
        case SLICKQ_HOLE: note("skipped " + std::to_string(record.lost) + " elements whose producer died, or sleeps"); break;
        case SLICKQ_E_EVICTED: note("evicted: producers wait for this receiver no longer"); break;
        case SLICKQ_E_CORRUPT: note(std::string(slickq_last_message()) + "; skipped"); break;
        default: check(status, queue_.name());
        }
        lost_ += record.lost;
    }
}

slickq_status reader::read(slickq_record& record) {
    return shared_ ? claim(record) : slickq_reader_read(own_.get(), &record);
}

slickq_status reader::claim(slickq_record& record) {
    for (;;) {
        const slickq_status status =
            slickq_queue_read_shared_copy(queue_.handle(), shared_->address(), claimed_.data(), claimed_.size(), &record);
        if (status == SLICKQ_E_BUFFER) {
            claimed_.resize(std::size_t{record.count} * queue_.info().element_size);
            continue;
        }
        if (status == SLICKQ_LAPPED) catch_up();
        if (status == SLICKQ_E_CORRUPT) record.lost += record.count;
        return status;
    }
}

// If producers have lapped the shared position, or somebody has reset the queue, goes to the oldest record. True if it moved.
bool reader::catch_up() {
    const std::uint64_t from = shared_->load();
    const std::int64_t behind = queue_.distance(queue_.reserved(), from);
    if (behind >= 0 && behind <= std::int64_t{queue_.info().capacity}) return false;

    std::uint64_t oldest = 0;
    check(slickq_queue_start(queue_.handle(), SLICKQ_START_OLDEST, &oldest), queue_.name());
    if (!shared_->compare_exchange(from, oldest)) return true; // another consumer moved it, and counts what it skipped
    if (behind > 0) {
        lost_ += static_cast<std::uint64_t>(queue_.distance(oldest, from));
    } else {
        note("queue '" + queue_.name() + "' was reset; reading from its start");
    }
    return true;
}

std::uint64_t reader::position() const {
    if (shared_) return shared_->load();
    slickq_reader_info info{};
    info.struct_size = sizeof info;
    check(slickq_reader_get_info(own_.get(), &info), queue_.name());
    return info.cursor;
}

} // namespace tool
