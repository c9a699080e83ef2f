#include "worker.hpp"

#include "error.hpp"
#include "lease.hpp"
#include "liveness.hpp"
#include "wait.hpp"

#include <algorithm>
#include <cstring>

namespace slickq::detail {
namespace {

const char* mode_name(group_state::mode m) {
    return m == group_state::at_least_once ? "at-least-once" : "at-most-once";
}

// The number of the group of that name, or registry::no_group; when nobody is about to make it.
std::uint32_t look_up(registry& all, const group_name& name, const judge& lives) {
    deadline until(default_timeout_ns);
    for (;;) {
        const std::uint32_t number = all.find_group(name.words);
        if (!all.is_changing_before(number, lives) || until.passed()) return number;
        until.pause();
    }
}

std::uint32_t find_or_found(queue& q, const worker_request& request, registry::id maker) {
    registry all(q.ring);
    const judge lives(q);
    const group_name name(request.group);
    const std::uint32_t found = look_up(all, name, lives);
    if (found != registry::no_group) return found;
    if (request.mode == group_state::free) {
        fail(SLICKQ_E_NO_GROUP, "queue '%s' has no group '%s': who makes it must give its mode", q.name.c_str(),
             request.group.c_str());
    }
    epoch_view e;
    std::uint64_t begin;
    do { // the two belong together
        e = all.epoch();
        begin = position_of(q.ring, request.from);
    } while (!all.is_still(e));
    const std::uint32_t made = all.found_group(name.words, request.mode, request.linger_ns, begin, e, maker, lives);
    if (made == registry::no_group)
        fail(SLICKQ_E_LIMIT, "queue '%s' has %u groups: remove one", q.name.c_str(), most_groups);
    // Another process may have made it at the same time: the first one is it.
    const std::uint32_t first = look_up(all, name, lives);
    if (first != made && first != registry::no_group) all.remove_group(made, lives);
    return first;
}

void require_mode(const queue& q, const worker_request& request, std::uint64_t state) {
    const auto mode = group_state::mode_of(state);
    if (request.mode == group_state::free || request.mode == mode) return;
    fail(SLICKQ_E_MISMATCH, "group '%s' of queue '%s' is %s, but %s was asked for", request.group.c_str(),
         q.name.c_str(), mode_name(mode), mode_name(request.mode));
}

basic_worker<> enter(queue& q, const worker_request& request, registry::id member) {
    const group_name name(request.group);
    registry all(q.ring);
    for (int tries = 0; tries < 100; ++tries) {
        const std::uint32_t number = find_or_found(q, request, member);
        if (number == registry::no_group) continue; // removed as soon as it was made
        const std::uint64_t state = all.group(number).state.load(std::memory_order_acquire);
        if (!group_state::is_group(state) || all.find_group(name.words) != number) continue;
        require_mode(q, request, state);
        if (!all.enter_group(member, number, state)) continue;
        all.take_effect();
        return {q.ring, member, number, state, request.stall_ns};
    }
    fail(SLICKQ_E_NO_GROUP, "group '%s' of queue '%s' keeps being removed", request.group.c_str(), q.name.c_str());
}

// It is a member first: who makes a group is known by that, should it die while it is at it.
basic_worker<> begin(queue& q, const worker_request& request) {
    [[maybe_unused]] const group_name checked(request.group);
    const registry::id member = begin_worker_registration(q);
    try {
        return enter(q, request, member);
    } catch (...) {
        end_registration(q, member);
        throw;
    }
}

} // namespace

group_name::group_name(const std::string& text) {
    if (text.empty() || text.size() > longest_group_name) {
        fail(SLICKQ_E_ARGUMENT, "a group's name has 1 to %zu bytes, not %zu", longest_group_name, text.size());
    }
    std::memcpy(words, text.data(), text.size());
}

// The memory first: a worker that has joined has all that it needs.
worker::worker(queue& q, const worker_request& request)
    : source_(&q), buffer_(lines_for(1)), core_(begin(q, request)) {
    hold(q);
}

worker::~worker() {
    readable_.reset(); // its thread looks at the queue
    if (is_ours()) {
        core_.leave();
        end_registration(*source_, core_.id());
    }
    release(source_);
}

std::size_t worker::lines_for(std::uint32_t elements) const noexcept {
    return (source_->ring.bytes_of(elements) + sizeof(line) - 1) / sizeof(line);
}

work worker::read(assignment& out) {
    const work what = look(out);
    if (what == work::empty) await_work();
    return what;
}

work worker::look(assignment& out) {
    // Who has died is looked for when there is nothing else to do, and now and then; the clock costs more than a claim.
    // First of all what others have left, so that it does not become more.
    const bool looks_around = (reads_++ & 0x3FF) == 0;
    for (;;) {
        work what = work::empty;
        if (!looks_around) what = core_.take(buffer_.data(), room(), out);
        if (what == work::empty) {
            const std::int64_t now = native_atomics::now_ns();
            if (now >= next_roll_call_) {
                what = core_.recover(buffer_.data(), room(), judge(*source_), out);
                if (what == work::empty) next_roll_call_ = now + slickq::flow_control::roll_call_ns;
            }
        }
        if (what == work::empty && looks_around) what = core_.take(buffer_.data(), room(), out);
        if (what == work::empty && source_->resetting.is_left(source_->ring)) return work::half_reset;
        if (what != work::too_large) return what;
        buffer_.resize(lines_for(out.count));
    }
}

wait_result worker::read_until(std::int64_t deadline_ns, work& what, assignment& out) {
    what = work::empty;
    const auto attempt = [&] {
        what = look(out);
        return what != work::empty;
    };
    const wait_result ended = wait_until(
        source_->ring.arrivals(), deadline_ns, attempt, [&] { return until_roll_call_ns(); },
        [&] { return cancelled_.take(); });
    if (what == work::empty) await_work();
    return ended;
}

void worker::cancel() noexcept {
    cancelled_.ask();
    wake_waiting(*source_);
}

int worker::descriptor() {
    if (readable_ == nullptr) readable_.reset(new readable_fd<work_arrival>(work_arrival(*source_)));
    return readable_->descriptor();
}

void worker::await_work() {
    if (readable_ == nullptr) return;
    readable_->arm([&](work_arrival& next, bool is_armed) {
        if (!is_armed) next.expect(core_);
    });
}

void work_arrival::expect(const basic_worker<>& by) noexcept {
    member_ = by.id();
    group_ = by.group_number();
    resets_ = by.resets();
    const std::int64_t patience = by.patience_ns();
    until_ = patience == forever ? forever : native_atomics::now_ns() + patience;
}

bool work_arrival::is_due() noexcept {
    const registry all(source_->ring);
    if (!all.is(member_, member_state::worker)) return true; // evicted
    const epoch_view now = all.epoch();
    if (!now.is_settled()) return source_->resetting.is_left(source_->ring); // else there is nothing to claim yet
    if (now.resets != resets_ || (until_ != forever && native_atomics::now_ns() >= until_)) return true;
    const ring& r = source_->ring;
    const std::uint64_t cursor = all.cursor(group_).index();
    const bool is_lapped = r.difference(r.reserved_index(), cursor) > static_cast<std::int64_t>(r.capacity());
    return r.is_ready(cursor) || is_lapped || has_left_work();
}

// So seldom as a worker that waits looks for it.
bool work_arrival::has_left_work() noexcept {
    const std::int64_t now = native_atomics::now_ns();
    if (now < next_roll_call_) return false;
    next_roll_call_ = now + flow_control::roll_call_ns;
    return registry(source_->ring).left_in_hand(group_, judge(*source_)) != 0;
}

std::int64_t work_arrival::patience_ns() const noexcept {
    return std::max<std::int64_t>(std::min(until_, next_roll_call_) - native_atomics::now_ns(), 0);
}

void remove_group(queue& q, const std::string& name) {
    require_registry(q);
    if (q.is_read_only) fail(SLICKQ_E_READ_ONLY, "queue '%s' was opened read-only", q.name.c_str());
    registry all(q.ring);
    const std::uint32_t number = all.find_group(group_name(name).words);
    if (number == registry::no_group)
        fail(SLICKQ_E_NO_GROUP, "queue '%s' has no group '%s'", q.name.c_str(), name.c_str());
    if (!all.remove_group(number, judge(q))) {
        fail(SLICKQ_E_BUSY, "group '%s' of queue '%s' has workers", name.c_str(), q.name.c_str());
    }
}

} // namespace slickq::detail
