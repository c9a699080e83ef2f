#include "memory.hpp"

#include <algorithm>
#include <stdexcept>

namespace explore {
namespace {

bool acquires(std::memory_order order) {
    return order == std::memory_order_acquire || order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}
bool releases(std::memory_order order) {
    return order == std::memory_order_release || order == std::memory_order_acq_rel || order == std::memory_order_seq_cst;
}

} // namespace

void memory::view::join(const view& other) {
    for (std::size_t i = 0; i < most_locations; ++i) oldest[i] = std::max(oldest[i], other.oldest[i]);
}

std::size_t memory::find(const void* address, std::uint64_t newest) {
    for (std::size_t i = 0; i < locations_.size(); ++i) {
        if (locations_[i].address == address) return i;
    }
    if (locations_.size() == most_locations) throw std::logic_error("too many locations to explore");
    locations_.push_back({address, {{newest, {}}}});
    return locations_.size() - 1;
}

void memory::read(thread_state& t, std::size_t number, std::size_t time, std::memory_order order) {
    t.current.oldest[number] = static_cast<std::uint8_t>(time);
    const view& released = locations_[number].values[time].released;
    t.acquired.join(released);
    t.acquired.oldest[number] = std::max(t.acquired.oldest[number], static_cast<std::uint8_t>(time));
    if (acquires(order)) t.current.join(released);
}

std::uint64_t memory::load(std::size_t thread, const void* address, std::uint64_t newest, std::memory_order order) {
    thread_state& t = threads_[thread];
    const std::size_t number = find(address, newest);
    if (order == std::memory_order_seq_cst) {
        t.current.oldest[number] = std::max(t.current.oldest[number], sequential_.oldest[number]);
    }
    const std::size_t last = locations_[number].values.size() - 1;
    const std::size_t time = last - choose_(last - t.current.oldest[number] + 1);
    read(t, number, time, order);
    return locations_[number].values[time].bits;
}

void memory::store(std::size_t thread, const void* address, std::uint64_t newest, std::uint64_t value, std::memory_order order) {
    thread_state& t = threads_[thread];
    const std::size_t number = find(address, newest);
    auto& values = locations_[number].values;
    t.current.oldest[number] = t.acquired.oldest[number] = static_cast<std::uint8_t>(values.size());
    if (order == std::memory_order_seq_cst) sequential_.oldest[number] = t.current.oldest[number];
    view released = releases(order) ? t.current : t.released;
    released.oldest[number] = t.current.oldest[number];
    values.push_back({value, released});
}

void memory::store_together(std::size_t thread, std::span<const change> changes) {
    thread_state& t = threads_[thread];
    for (const change& c : changes) {
        const std::size_t number = find(c.address, c.newest);
        t.current.oldest[number] = t.acquired.oldest[number] = static_cast<std::uint8_t>(locations_[number].values.size());
    }
    for (const change& c : changes) locations_[find(c.address, c.newest)].values.push_back({c.value, t.current});
}

void memory::exchange(std::size_t thread, std::span<const change> changes, std::memory_order order) {
    thread_state& t = threads_[thread];
    view sequence; // what the values before release goes on being released
    view times;
    for (const change& c : changes) {
        const std::size_t number = find(c.address, c.newest);
        const auto time = static_cast<std::uint8_t>(locations_[number].values.size());
        read(t, number, time - 1u, order);
        sequence.join(locations_[number].values.back().released);
        times.oldest[number] = time;
    }
    t.current.join(times);
    t.acquired.join(times);
    if (order == std::memory_order_seq_cst) sequential_.join(times);
    view released = releases(order) ? t.current : t.released;
    released.join(sequence);
    released.join(times);
    for (const change& c : changes) locations_[find(c.address, c.newest)].values.push_back({c.value, released});
}

void memory::heavy_fence(std::size_t thread) {
    fence(thread, std::memory_order_seq_cst);
    for (std::size_t i = 0; i < threads_.size(); ++i) fence(i, std::memory_order_seq_cst);
    fence(thread, std::memory_order_seq_cst);
}

void memory::fence(std::size_t thread, std::memory_order order) {
    thread_state& t = threads_[thread];
    if (acquires(order)) t.current.join(t.acquired);
    if (order == std::memory_order_seq_cst) {
        t.current.join(sequential_);
        sequential_ = t.current;
    }
    if (releases(order)) t.released = t.current;
}

} // namespace explore
