#include "room.hpp"

#include "lease.hpp"

#include <memory>

namespace slickq::detail {

bool room_occasion::is_due() noexcept {
    const judge lives(*source_);
    patience_ = source_->flow.patience_ns(lives);
    if (source_->flow.stands(lives) != before_ || source_->resetting.is_left(source_->ring)) return true;
    // Nobody else may be trying, and so looking who is dead.
    return source_->flow.call_roll(lives) && source_->flow.stands(lives) != before_;
}

int room_descriptor(queue& q) {
    auto* known = q.room.load(std::memory_order_acquire); // room:B
    while (known == nullptr || !known->is_of_this_process()) {
        using owner = std::unique_ptr<readable_fd<room_occasion>, readable_fd_base::closer>;
        owner made(new readable_fd<room_occasion>(room_occasion(q)));
        if (!q.room.compare_exchange_strong(known, made.get(), std::memory_order_acq_rel)) continue; // room:A
        if (known != nullptr) readable_fd_base::closer{}(known); // the parent's
        known = made.release();
    }
    return known->descriptor();
}

void close_room_descriptor(queue& q) noexcept {
    auto* const known = q.room.exchange(nullptr, std::memory_order_acq_rel); // room:A
    if (known != nullptr) readable_fd_base::closer{}(known);
}

bool await_room_by(readable_fd<room_occasion>& n, queue& q) {
    if (!n.is_of_this_process()) return false;
    const judge lives(q);
    const flow_control::standing now = q.flow.stands(lives);
    // Who is waited for already is so since an earlier look: a change since then still counts.
    n.arm([&](room_occasion& room, bool is_armed) {
        if (!is_armed) room.note(now);
    });
    return true;
}

} // namespace slickq::detail
