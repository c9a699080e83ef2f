#include "meter.hpp"

#include "error.hpp"
#include "front.hpp"
#include "segment_view.hpp"

#include <algorithm>

namespace tool {

std::uint64_t reading::largest_lag() const {
    std::uint64_t largest = 0;
    for (const slickq_consumer_info& c : who.consumers) largest = std::max(largest, c.lag);
    for (const slickq_group_info& g : who.groups) largest = std::max(largest, g.lag);
    return largest;
}

double reading::seconds_to_lap(std::uint64_t lag) const {
    return elements_per_second > 0 && lag <= capacity ? static_cast<double>(capacity - lag) / elements_per_second : -1;
}

bool meter::attach() {
    std::uint32_t state = SLICKQ_NAME_OURS;
    if (queue_ != nullptr && slickq_queue_name_state(queue_->handle(), &state) == SLICKQ_OK &&
        state == SLICKQ_NAME_OURS)
        return true;
    queue_ = open_to_look(name_, element_size_);
    is_new_ = true;
    if (queue_ == nullptr) return false;
    const front found = front_of(*queue_); // a gap that is there already
    has_gap_ = found.unpublished != 0;
    gap_ = found.index;
    gap_since_ = steady_clock::now();
    return true;
}

// Counts records from where the walk before ended, as far as `end`, and no more than some thousand.
meter::walked meter::walk(std::uint64_t end) {
    constexpr std::uint64_t most_records = 8192;
    records_.resize(512);
    walked found;
    const std::uint64_t from = cursor_;
    std::uint64_t lost = 0;
    while (found.records < most_records && queue_->distance(end, cursor_) > 0) {
        std::uint32_t count = 0;
        const slickq_status status = slickq_queue_read_batch(queue_->handle(), &cursor_, records_.data(),
                                                             static_cast<std::uint32_t>(records_.size()), &count);
        if (status == SLICKQ_EMPTY) break;
        if (status < 0 && status != SLICKQ_E_CORRUPT) check(status);
        for (std::uint32_t at = 0; at < count; ++at) {
            lost += records_[at].lost;
            found.elements += records_[at].count;
        }
        found.records += count;
    }
    found.distance = static_cast<std::uint64_t>(std::max<std::int64_t>(queue_->distance(cursor_, from), 0)) - lost;
    return found;
}

void meter::look_at_gap(reading& result, std::uint64_t end) {
    if (has_gap_)
        has_gap_ = queue_->distance(end, gap_) <= static_cast<std::int64_t>(result.capacity) && is_gap(*queue_, gap_);
    if (!has_gap_ && queue_->distance(end, cursor_) > 0 && is_gap(*queue_, cursor_)) {
        has_gap_ = true;
        gap_ = cursor_;
        gap_since_ = steady_clock::now();
    }
    if (!has_gap_) return;
    result.pending = static_cast<std::uint64_t>(std::max<std::int64_t>(queue_->distance(end, gap_), 0));
    result.pending_index = gap_;
    result.pending_seconds = std::chrono::duration<double>(steady_clock::now() - gap_since_).count();
}

reading meter::read() {
    reading result;
    result.name = name_;
    result.is_there = attach();
    if (!result.is_there) return result;
    result.capacity = queue_->info().capacity;
    result.element_size = queue_->info().element_size;
    const auto now = steady_clock::now();
    const std::uint64_t end = queue_->reserved();
    const std::int64_t reserved = queue_->distance(end, reserved_);
    result.is_new = is_new_ || reserved < 0; // or it was reset
    result.reserved = end;
    result.who = subscribers_of(*queue_);
    if (!result.is_new) {
        const double passed = std::max(std::chrono::duration<double>(now - looked_).count(), 1e-9);
        const walked found = walk(end);
        if (found.distance != 0) {
            records_per_element_ = static_cast<double>(found.records) / static_cast<double>(found.distance);
            payload_per_element_ = static_cast<double>(found.elements) / static_cast<double>(found.distance);
        }
        result.elements_per_second = static_cast<double>(reserved) / passed;
        result.records_per_second = result.elements_per_second * records_per_element_;
        result.bytes_per_second = result.elements_per_second * payload_per_element_ * result.element_size;
        look_at_gap(result, end);
    }
    cursor_ = end; // a record begins there
    reserved_ = end;
    looked_ = now;
    is_new_ = false;
    return result;
}

} // namespace tool
