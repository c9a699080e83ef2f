#include "hold.hpp"

#include "clock.hpp"
#include "log.hpp"

namespace bridge {

hold::~hold() {
    if (has_consumer_) slickq_consumer_unregister(queue_.handle(), consumer_);
}

void hold::open_group(std::uint32_t start) {
    slickq_worker_options options{};
    options.struct_size = sizeof options;
    options.mode = SLICKQ_GROUP_AT_LEAST_ONCE;
    options.group = config_.group.c_str();
    options.start = start;
    options.linger_ns = config_.linger_s * ns_per_second;
    if (config_.linger_s < 0) options.linger_ns = SLICKQ_LINGER_FOREVER;
    if (config_.linger_s == 0) options.linger_ns = 1; // 0 is the library's default
    slickq_worker* made = nullptr;
    check(slickq_worker_open(queue_.handle(), &options, &made),
          "join group " + config_.group + " of queue " + queue_.name());
    worker_.reset(made);
    cursor_ = target_ = group_cursor();
    has_claim_ = false;
    must_recover_ = true;
}

std::uint64_t hold::group_cursor() const {
    for (std::uint32_t number = 0; number < SLICKQ_MAX_GROUPS; ++number) {
        slickq_group_info info{};
        info.struct_size = sizeof info;
        if (slickq_group_get_info(queue_.handle(), number, &info) == SLICKQ_OK && config_.group == info.name)
            return info.cursor;
    }
    throw queue_failure("group " + config_.group + " of queue " + queue_.name() + " was removed");
}

std::uint64_t hold::after(const slickq_record& record) const {
    const std::uint64_t slot = queue_.info().items_per_slot;
    return queue_.wrap(record.index + (record.count + slot - 1) / slot * slot);
}

std::uint64_t hold::begin(std::optional<std::uint64_t> from) {
    const slickq_start start = config_.from_now ? SLICKQ_START_NOW : SLICKQ_START_OLDEST;
    if (config_.hold == hold_kind::group) {
        open_group(from ? SLICKQ_START_OLDEST : start);
        if (!from) return cursor_;
        release(*from);
        return *from;
    }
    std::uint64_t begin = 0;
    if (from) {
        begin = *from;
    } else {
        check(slickq_queue_cursor_at(queue_.handle(), start, &begin), "start at queue " + queue_.name());
    }
    if (config_.hold == hold_kind::consumer) {
        check(slickq_consumer_register(queue_.handle(), begin, &consumer_, nullptr),
              "register at queue " + queue_.name());
        has_consumer_ = true;
    }
    return begin;
}

void hold::release(std::uint64_t index) {
    if (has_consumer_) {
        if (slickq_consumer_acknowledge(queue_.handle(), consumer_, index) == SLICKQ_E_EVICTED) {
            log(level::warning, config_.name,
                "was evicted as a consumer of " + queue_.name() +
                    ": producers do not wait for it any more. Registering again");
            slickq_consumer_unregister(queue_.handle(), consumer_);
            has_consumer_ = false;
            check(slickq_consumer_register(queue_.handle(), index, &consumer_, nullptr),
                  "register at queue " + queue_.name());
            has_consumer_ = true;
        }
        return;
    }
    if (worker_ == nullptr) return;
    target_ = index;
    walk();
}

bool hold::walk() {
    if (worker_ == nullptr) return false;
    while (is_before(cursor_, target_)) {
        slickq_record record{};
        const slickq_status status = slickq_worker_read(worker_.get(), &record);
        if (status == SLICKQ_OK) {
            if ((record.flags & SLICKQ_RECORD_REDELIVERED) != 0)
                continue; // what the bridge before this one was killed over
            cursor_ = after(record);
            has_claim_ = true;
        } else if (status == SLICKQ_EMPTY) {
            // At a gap that the worker has not waited for long enough; or its cursor was beyond the target already.
            const std::uint64_t now = group_cursor();
            const bool has_jumped = now != cursor_;
            cursor_ = now;
            if (!has_jumped) break;
        } else if (status == SLICKQ_E_EVICTED) {
            log(level::warning, config_.name,
                "was evicted as a worker of group " + config_.group + " of " + queue_.name() + ". Joining again");
            worker_.reset();
            const std::uint64_t target = target_;
            open_group(SLICKQ_START_OLDEST);
            target_ = target;
        } else {
            check(status, "walk group " + config_.group + " of queue " + queue_.name());
            const std::uint64_t now = group_cursor(); // lapped, or over a gap
            const bool has_moved = now != cursor_;
            cursor_ = now;
            if (!has_moved) break; // again at the next look, not for ever
        }
    }
    if (has_claim_ && !is_before(target_, cursor_)) {
        slickq_worker_done(worker_.get());
        has_claim_ = false;
    }
    return is_before(cursor_, target_);
}

void hold::recover() {
    if (!must_recover_ || worker_ == nullptr || has_claim_ || is_before(cursor_, target_)) return;
    for (;;) {
        slickq_record record{};
        const slickq_status status = slickq_worker_read(worker_.get(), &record);
        if (status == SLICKQ_OK && (record.flags & SLICKQ_RECORD_REDELIVERED) != 0) continue;
        if (status ==
            SLICKQ_OK) { // one that has just come. It is not acknowledged: the claim holds it, and walk() completes it
            cursor_ = after(record);
            has_claim_ = true;
            return;
        }
        cursor_ = group_cursor();
        if (status == SLICKQ_EMPTY) must_recover_ = false;
        return;
    }
}

void hold::restart() {
    if (worker_ != nullptr) {
        worker_.reset();
        slickq_group_remove(queue_.handle(), config_.group.c_str());
        open_group(SLICKQ_START_OLDEST);
    }
    if (has_consumer_) {
        slickq_consumer_unregister(queue_.handle(), consumer_);
        has_consumer_ = false;
        check(slickq_consumer_register(queue_.handle(), 0, &consumer_, nullptr), "register at queue " + queue_.name());
        has_consumer_ = true;
    }
}

} // namespace bridge
