#include "registry_view.hpp"

#include "lease.hpp"

namespace slickq::detail {
namespace {

bool is_registered(member_state::kind kind) noexcept {
    return kind == member_state::consumer || kind == member_state::worker || kind == member_state::evicted;
}

// What that entry of the registry says in that state.
std::optional<consumer_view> consumer_in(const queue& q, std::uint32_t number, std::uint64_t state) {
    const registry all(q.ring);
    const auto& member = all.member(number);
    consumer_view seen;
    seen.kind = member_state::kind_of(state);
    if (!is_registered(seen.kind)) return std::nullopt;
    seen.id = registry::id_of(state, number);
    seen.pid = member_state::pid(state);
    seen.lives = judge(q)(all.owner(number, state));
    const std::uint64_t of = member.group.load(std::memory_order_relaxed);
    const epoch_view e = all.epoch();
    seen.index = all.position_of_member(number, e);
    if (const std::uint32_t group = member_group::number(of); group < most_groups) {
        seen.group = group;
        const std::uint64_t stamp = registry::stamp_of(of, e);
        const registry::cursor_view cursor = all.cursor(group);
        const std::uint64_t word = all.word_of(all.current_claim(number), group, stamp);
        const std::uint64_t claimed = all.claimed(number, word, cursor, stamp);
        seen.has_claim = claimed != no_index;
        seen.index = seen.has_claim ? claimed : cursor.stamp == stamp ? cursor.index() : 0;
    }
    seen.lag = all.distance(q.ring.reserved_index(), seen.index);
    return seen;
}

} // namespace

std::optional<consumer_view> consumer_at(const queue& q, std::uint32_t number) {
    if (q.ring.extension() == nullptr) return std::nullopt;
    const auto& member = registry(q.ring).member(number);
    for (;;) {
        const std::uint64_t state = member.state.load(std::memory_order_acquire); // limit:B of registry.hpp
        const std::optional<consumer_view> seen = consumer_in(q, number, state);
        // One that left, or joined in its place, while it was looked at might be called dead, or be given another's
        // index.
        native_atomics::acquire_fence();
        if (member.state.load(std::memory_order_relaxed) == state) return seen;
    }
}

std::optional<group_view> group_at(const queue& q, std::uint32_t number) {
    if (q.ring.extension() == nullptr) return std::nullopt;
    const registry all(q.ring);
    const auto& group = all.group(number);
    const std::uint64_t state = group.state.load(std::memory_order_acquire); // found:B of registry.hpp
    if (!group_state::is_group(state)) return std::nullopt;
    group_view seen;
    seen.mode = group_state::mode_of(state);
    for (int half = 0; half < 2; ++half) seen.name[half] = group.name[half].load(std::memory_order_relaxed);
    const registry::cursor_view cursor = all.cursor(number);
    seen.cursor = cursor.stamp == all.stamp_now(number, all.epoch()) ? cursor.index() : 0; // after a reset
    seen.lag = all.distance(q.ring.reserved_index(), seen.cursor);
    seen.redelivered = group.redelivered.load(std::memory_order_relaxed); // statistics
    seen.abandoned = group.abandoned.load(std::memory_order_relaxed);
    seen.lost = group.lost.load(std::memory_order_relaxed);
    const judge lives(q);
    seen.workers = all.workers_left(number, lives);
    bool can_compare = false;
    seen.is_waited_for =
        all.holds(number, [&](std::uint32_t g) { return all.has_lingered(g, lives.clock(), can_compare); });
    seen.unfinished = all.left_in_hand(number, lives);
    return seen;
}

} // namespace slickq::detail
