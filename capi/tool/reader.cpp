#include "reader.hpp"

#include "error.hpp"

#include <atomic>

namespace tool {

reader::reader(const shared_queue& queue, std::uint32_t start, const cursor_address& share) : queue_(queue) {
    if (share.name.empty()) {
        check(slickq_queue_start(queue_.handle(), start, &cursor_), queue_.name());
    } else {
        shared_.emplace(share, queue_, start);
    }
}

bool reader::next(std::string& out) {
    for (;;) {
        slickq_record record{};
        const slickq_status status = read(record);
        if (status == SLICKQ_EMPTY) {
            if (catch_up()) continue;
            return false;
        }
        if (status != SLICKQ_E_CORRUPT) check(status, queue_.name());
        lost_ += record.lost;

        const std::size_t before = out.size();
        out.append(static_cast<const char*>(record.data), std::size_t{record.count} * queue_.info().element_size);
        if (is_intact(record)) {
            if (status == SLICKQ_OK) return true;
            note(std::string(slickq_last_message()) + "; skipped");
        }
        out.resize(before);
        lost_ += record.count;
        catch_up();
    }
}

slickq_status reader::read(slickq_record& record) {
    return shared_ ? slickq_queue_read_shared(queue_.handle(), shared_->address(), &record)
                   : slickq_queue_read(queue_.handle(), &cursor_, &record);
}

// To be asked after its bytes were copied: no producer may have had the room to begin overwriting them.
bool reader::is_intact(const slickq_record& record) const {
    std::atomic_thread_fence(std::memory_order_acquire);
    return queue_.distance(queue_.reserved(), record.index) <= std::int64_t{queue_.info().capacity};
}

// If producers have lapped the position, or somebody has reset the queue, goes to the oldest record. True if it moved.
bool reader::catch_up() {
    const std::uint64_t from = position();
    const std::int64_t behind = queue_.distance(queue_.reserved(), from);
    if (behind >= 0 && behind <= std::int64_t{queue_.info().capacity}) return false;

    std::uint64_t oldest = 0;
    check(slickq_queue_start(queue_.handle(), SLICKQ_START_OLDEST, &oldest), queue_.name());
    if (!shared_) {
        cursor_ = oldest;
    } else if (!shared_->compare_exchange(from, oldest)) {
        return true; // another consumer moved it, and counts what it skipped
    }
    if (behind > 0) {
        lost_ += static_cast<std::uint64_t>(queue_.distance(oldest, from));
    } else {
        note("queue '" + queue_.name() + "' was reset; reading from its start");
    }
    return true;
}

std::uint64_t reader::position() const {
    return shared_ ? shared_->load() : cursor_;
}

} // namespace tool
