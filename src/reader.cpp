#include "reader.hpp"

#include "error.hpp"

#include <algorithm>

namespace slickq::detail {

bool arrival::is_due() const noexcept {
    const std::uint64_t cursor = cursor_.load(std::memory_order_relaxed);
    const std::int64_t until = until_.load(std::memory_order_relaxed);
    return source_.is_ready(cursor) || (until != forever && native_atomics::now_ns() >= until) ||
           source_.difference(source_.reserved_index(), cursor) > static_cast<std::int64_t>(source_.capacity()); // lapped
}

std::int64_t arrival::patience_ns() const noexcept {
    const std::int64_t until = until_.load(std::memory_order_relaxed);
    return until == forever ? longest_slice_ns : std::max<std::int64_t>(until - native_atomics::now_ns(), 0);
}

wait_result reader::read_until(std::int64_t deadline_ns, read_result& what, delivery& out) {
    const auto ended = core.read_until(deadline_ns, source->is_read_only, [&] { return cancelled.take(); }, what, out);
    rearmed(what);
    return ended;
}

wait_result reader::read_batch_until(std::uint32_t limit, std::int64_t deadline_ns, read_result& what,
                                     batch_delivery& out) {
    const auto ended =
        core.read_batch_until(limit, deadline_ns, source->is_read_only, [&] { return cancelled.take(); }, what, out);
    rearmed(what);
    return ended;
}

void reader::cancel() noexcept {
    cancelled.ask();
    wake_waiting(*source);
}

void reader::rearm(read_result what) {
    if (what != read_result::empty && what != read_result::pending) return;
    readable->arm([&](arrival& next, bool) {
        next.expect(core.cursor(), deadline_after(native_atomics::now_ns(), core.patience_ns()));
    });
}

int reader::descriptor() {
    if (readable == nullptr) readable.reset(new readable_fd<arrival>(arrival(source->ring, source->is_read_only)));
    return readable->descriptor();
}

std::unique_ptr<reader> open_reader(queue& q, const reader_options& options, bool is_registered) {
    if (options.from > start::index)
        fail(SLICKQ_E_ARGUMENT, "%u is no starting position", static_cast<unsigned>(options.from));
    if (options.policy > after_lap::compat) {
        fail(SLICKQ_E_ARGUMENT, "%u is no policy after a lap", static_cast<unsigned>(options.policy));
    }
    if (options.batch > basic_reader<>::largest_batch) {
        fail(SLICKQ_E_ARGUMENT, "a batch has up to %u records, not %u", basic_reader<>::largest_batch, options.batch);
    }
    if (options.slack >= q.ring.capacity()) {
        fail(SLICKQ_E_ARGUMENT, "the slack, %u elements, must be less than the capacity", options.slack);
    }
    const std::uint64_t reserved = q.ring.reserved_index();
    if (options.from == start::index &&
        (options.index > q.ring.index_mask() || q.ring.difference(reserved, options.index) < 0)) {
        fail(SLICKQ_E_ARGUMENT, "index %llu is ahead of the queue, which has reserved up to %llu",
             static_cast<unsigned long long>(options.index), static_cast<unsigned long long>(reserved));
    }
    if (!is_registered) return std::make_unique<reader>(q, options);
    reader_options from = options;
    membership_begin begun{};
    if (options.from == start::now) {
        begun = begin_registration(q, no_index); // first of all: from then on nothing is lost
        from.from = start::index;
        from.index = begun.held_from;
    }
    std::unique_ptr<reader> made;
    try {
        made = std::make_unique<reader>(q, from);
        if (begun.member == 0) {
            const epoch_view of = made->core.epoch();
            begun = begin_registration(q, made->core.cursor(), &of);
        }
    } catch (...) {
        if (begun.member != 0) end_registration(q, begun.member);
        throw;
    }
    made->member = begun.member;
    made->core.registered_as(begun.member);
    return made;
}

} // namespace slickq::detail
