#include "mailbox.hpp"

#include "clock.hpp"

#include <charconv>
#include <chrono>
#include <cstring>

namespace bridge {

subscription mailbox::subscribe(const std::shared_ptr<mailbox>& box, const connection& to) {
    auto* const keeps_alive = new std::shared_ptr<mailbox>(box);
    natsSubscription* made = nullptr;
    const natsStatus status =
        natsConnection_Subscribe(&made, to.handle(), (box->prefix_ + "*").c_str(), arrived, keeps_alive);
    if (status != NATS_OK) delete keeps_alive;
    check(status, "subscribe to the stream's answers");
    subscription owner(made);
    const auto forget = [](void* kept) { delete static_cast<std::shared_ptr<mailbox>*>(kept); };
    check(natsSubscription_SetOnCompleteCB(made, forget, keeps_alive), "set a callback");
    // As many as are in flight; the window bounds them.
    check(natsSubscription_SetPendingLimits(made, -1, -1), "set a limit");
    return owner;
}

void mailbox::arrived(natsConnection*, natsSubscription*, natsMsg* m, void* self) {
    const message owner(m);
    auto& box = **static_cast<std::shared_ptr<mailbox>*>(self);
    const char* const subject = natsMsg_GetSubject(m);
    if (std::strlen(subject) <= box.prefix_.size()) return;
    letter l;
    const char* const digits = subject + box.prefix_.size();
    if (std::from_chars(digits, digits + std::strlen(digits), l.number).ec != std::errc()) return;
    l.said = parse_publish_reply(m);
    const std::lock_guard lock(box.mutex_);
    box.letters_.push_back(std::move(l));
    box.notify();
}

void mailbox::notify() {
    if (reader_ != nullptr) {
        slickq_reader_cancel(reader_);
        reader_ = nullptr;
    }
    changed_.notify_all();
}

void mailbox::wake() {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
    notify();
}

void mailbox::wait_until(std::int64_t deadline_ns) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::nanoseconds(std::max<std::int64_t>(0, deadline_ns - now_ns())),
                      [this] { return is_woken_ || !letters_.empty(); });
    is_woken_ = false;
}

bool mailbox::begin_reading(slickq_reader* reader) {
    const std::lock_guard lock(mutex_);
    if (is_woken_ || !letters_.empty()) {
        is_woken_ = false;
        return false;
    }
    reader_ = reader;
    return true;
}

void mailbox::end_reading() {
    const std::lock_guard lock(mutex_);
    reader_ = nullptr;
}

} // namespace bridge
