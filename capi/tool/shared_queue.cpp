#include "shared_queue.hpp"

#include "error.hpp"
#include "sleep.hpp"

#include <utility>

namespace tool {

shared_queue::shared_queue(slickq_queue* handle, std::string name) : handle_(handle), name_(std::move(name)) {
    info_.struct_size = sizeof info_;
    check(slickq_queue_get_info(handle, &info_));
}

std::uint64_t shared_queue::reserved() const {
    std::uint64_t index = 0;
    check(slickq_queue_next_index(handle(), &index));
    return index;
}

std::int64_t shared_queue::distance(std::uint64_t a, std::uint64_t b) const noexcept {
    return slickq_index_distance(info_.layout, b, a);
}

std::uint64_t shared_queue::index_of(std::uint64_t cell) const noexcept {
    return slickq_index_add(info_.layout, cell, 0);
}

shared_cell::shared_cell(const cursor_address& address, const shared_queue& queue, std::uint32_t start)
    : name_(address.name) {
    constexpr std::uint32_t default_permissions = 0;
    slickq_cursor* handle = nullptr;
    slickq_status status = slickq_cursor_create(name_.c_str(), address.offset, default_permissions, &handle);
    const bool is_new = status == SLICKQ_OK;
    if (status == SLICKQ_E_EXISTS) {
        status = slickq_cursor_open_or_create(name_.c_str(), address.offset, default_permissions,
                                              SLICKQ_TIMEOUT_DEFAULT, &handle);
    }
    check_segment(status, name_);
    handle_.reset(handle);
    check(slickq_cursor_cell(handle, &cell_));

    if (!is_new) return;
    std::uint64_t index = 0;
    check(slickq_queue_cursor_at(queue.handle(), start, &index));
    compare_exchange(0, index); // a consumer that was faster began at 0, which is as good
}

std::uint64_t shared_cell::load() const {
    std::uint64_t value = 0;
    check(slickq_cell_load(cell_, &value));
    return value;
}

void shared_cell::wait_while(std::uint64_t value, std::int64_t longest_ns) const {
    sleep_on(cell_, static_cast<std::uint32_t>(value), longest_ns);
}

void shared_cell::wake_waiting() const {
    wake_sleepers(cell_);
}

bool shared_cell::compare_exchange(std::uint64_t expected, std::uint64_t desired) const {
    const slickq_status status = slickq_cell_compare_exchange(cell_, &expected, desired);
    check(status);
    return status == SLICKQ_OK;
}

} // namespace tool
