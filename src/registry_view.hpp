// registry_view.hpp - who is registered, as operators see it: consumers, workers and groups of a queue.
#pragma once

#include "queue.hpp"

#include <cstdint>
#include <optional>

namespace slickq::detail {

struct consumer_view {
    member_state::kind kind = member_state::free; // consumer, worker or evicted
    registry::id id = 0;
    std::uint32_t pid = 0;
    liveness lives = liveness::unknown;
    std::uint32_t group = 0; // worker: its number
    bool has_claim = false;  // worker
    // consumer: all before it is acknowledged. worker: what it has claimed, else the group's cursor
    std::uint64_t index = 0;
    std::uint64_t lag = 0;   // elements reserved from there on
};
// Of the registry's entry `number`; nothing if nobody is there.
std::optional<consumer_view> consumer_at(const queue& q, std::uint32_t number);

struct group_view {
    group_state::mode mode = group_state::free;
    std::uint64_t name[2] = {0, 0}; // bytes
    std::uint64_t cursor = 0;       // the next index to be claimed
    std::uint64_t lag = 0;          // elements reserved from there on
    std::uint64_t redelivered = 0;
    std::uint64_t abandoned = 0;
    std::uint64_t lost = 0;
    std::uint32_t workers = 0; // not surely dead
    bool is_waited_for = false;
    std::uint64_t unfinished = 0; // records that no living worker has
};
std::optional<group_view> group_at(const queue& q, std::uint32_t number);

} // namespace slickq::detail
