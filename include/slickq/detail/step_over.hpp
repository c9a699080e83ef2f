// step_over.hpp - where a consumer goes on when there is no next record: at its start, over a gap, after a lap. One
// rule for the validated reader, the workers of a group, and registered consumers with a cursor of their own.
//
// A gap is what was reserved and then not published for longer than the stall time, by producers that died, most
// likely. A consumer steps over it to the next index where a record begins, or to the end of what was reserved when the
// stall was first seen: what was reserved later has had less time.
//
//   label       operation                               pairs with  so that
//   read:A      data_index loads (acquire), all slots   publish:B   a slot that names itself has begun a record. If one
//               of the gap, in next_start()                         is of a later lap, validate:B sees its reservation
//   copy:A      acquire fence behind them               reserve:B   the same
//   validate:B  reserved load (acquire)                 reserve:B   the gap is still within the last lap: nobody had
//                                                                   overwritten a slot of it when it was looked at.
//                                                                   Acquire, as it may be of another epoch
//
// Whoever steps over looks for a reset afterwards (resets:B in validated_reader.hpp, epoch:B in members.hpp): all that
// led to the result was loaded with acquire.
#ifndef SLICKQ_DETAIL_STEP_OVER_HPP
#define SLICKQ_DETAIL_STEP_OVER_HPP

#include <slickq/detail/reader_types.hpp>
#include <slickq/detail/ring.hpp>

namespace slickq::inline SLICKQ_NAMESPACE {

// Where a consumer begins now; not for start::index.
template <class Atomics>
std::uint64_t position_of(const basic_ring<Atomics>& source, start from) noexcept {
    switch (from) {
    case start::oldest: return source.oldest();
    case start::newest: return source.newest();
    default: return source.reserved_index();
    }
}

// Since when a consumer has seen that something is reserved and not published. The mark is for all that was reserved
// then, not for one index: of several gaps within it each has stayed unpublished for as long.
template <class Atomics>
class basic_stall_watch {
public:
    basic_stall_watch() = default;
    // As it was left: since() and end(). since: 0 if there was no mark.
    basic_stall_watch(std::int64_t since, std::uint64_t end) noexcept
        : is_marked_(since != 0), is_pending_(since != 0), since_(since), end_(end) {}

    // What is at `at` is reserved and not published, and `reserved` is the next index. Returns for how long, in
    // nanoseconds, as far as is known.
    std::int64_t see(const basic_ring<Atomics>& source, std::uint64_t at, std::uint64_t reserved) noexcept {
        const std::int64_t now = Atomics::now_ns();
        // A mark ahead of what is reserved is from before a reset that could not be seen.
        const bool is_ahead = is_marked_ && source.difference(end_, at) > 0;
        if (!is_ahead || source.difference(end_, reserved) > 0) {
            is_marked_ = true;
            end_ = reserved;
            since_ = now;
        }
        is_pending_ = true;
        return now - since_;
    }
    // The consumer has come to `cursor`.
    void moved(const basic_ring<Atomics>& source, std::uint64_t cursor) noexcept {
        is_pending_ = false;
        if (is_marked_ && source.difference(end_, cursor) <= 0) is_marked_ = false;
    }
    void clear() noexcept { is_marked_ = is_pending_ = false; }

    bool is_pending() const noexcept { return is_pending_; } // at the cursor
    std::int64_t since() const noexcept { return is_marked_ ? since_ : 0; }
    std::uint64_t end() const noexcept { return end_; } // all before it was reserved then

private:
    bool is_marked_ = false;
    bool is_pending_ = false;
    std::int64_t since_ = 0;
    std::uint64_t end_ = 0;
};

// What there is at a cursor whose slot has no record for it.
struct unpublished {
    enum kind {
        nothing, // nothing is reserved there yet
        pending, // reserved, and not published, but not for too long
        gap,     // for longer than the stall time: the consumer may go on at `next`
        lapped,  // it was lapped before anybody published it; `next` is at its place in the last lap
        changed, // it was published just now, or the end of the ring was skipped there: look again
        behind   // more is read than is reserved: a peer has reset the queue, unless the epoch is another
    } what;
    std::uint64_t reserved; // the next index, when last seen
    std::uint64_t next;
};

template <class Atomics>
unpublished was_lapped(const basic_ring<Atomics>& source, std::uint64_t at, std::uint64_t reserved) noexcept {
    // A record behind a skipped end may reach over that end, before who waits there has come past (flow_control.hpp).
    if (source.is_end_skipped(at)) return {unpublished::changed, reserved, at};
    const auto ahead = static_cast<std::uint64_t>(source.difference(reserved, at));
    const std::uint64_t since_start_of_lap = (ahead - 1) % source.capacity() + 1;
    return {unpublished::lapped, reserved, (reserved - since_start_of_lap) & source.index_mask()};
}

// stall_ns: as in reader_options.
template <class Atomics>
unpublished look_at_unpublished(const basic_ring<Atomics>& source, basic_stall_watch<Atomics>& watch, std::uint64_t at,
                                std::int64_t stall_ns) noexcept {
    const std::uint64_t reserved = source.reserved_index();
    const std::int64_t ahead = source.difference(reserved, at);
    if (ahead < 0) return {unpublished::behind, reserved, at};
    if (ahead == 0) {
        watch.clear();
        return {unpublished::nothing, reserved, at};
    }
    if (static_cast<std::uint64_t>(ahead) > source.capacity()) return was_lapped(source, at, reserved);
    const std::int64_t stalled_ns = watch.see(source, at, reserved);
    if (stall_ns < 0 || stalled_ns < stall_ns) return {unpublished::pending, reserved, at};
    std::uint64_t next = source.next_start(at, watch.end()); // read:A
    if (next == at) {
        if (source.look(at).what != slot_view::nothing) return {unpublished::changed, reserved, at};
        next = source.next_start(source.after(at, 1), watch.end()); // read:A. The slot is damaged: it leads nowhere
    }
    Atomics::acquire_fence();                         // copy:A
    const std::uint64_t now = source.reserved_index(); // validate:B
    if (source.is_within(at, now)) return {unpublished::gap, now, next};
    if (source.difference(now, at) < 0) return {unpublished::behind, now, at};
    return was_lapped(source, at, now);
}

// How far from being overwritten a consumer goes on after a lap, unless it is told otherwise.
template <class Atomics>
std::uint32_t usual_slack(const basic_ring<Atomics>& source) noexcept {
    return static_cast<std::uint32_t>(source.capacity() / 8);
}

// Where a consumer goes on after a lap, from index `from` on, when `reserved` is the next index. `found` is where the
// slot leads: a later lap's index in it. slack: in elements, less than the capacity, with after_lap::oldest.
template <class Atomics>
std::uint64_t go_on_after_lap(const basic_ring<Atomics>& source, after_lap policy, std::uint32_t slack,
                              std::uint64_t reserved, std::uint64_t from, std::uint64_t found) noexcept {
    std::uint64_t target = found;
    if (policy == after_lap::newest) target = source.newest();
    if (policy == after_lap::oldest) {
        const std::uint64_t safe = (reserved - source.capacity() + slack) & source.index_mask();
        target = source.next_start(source.difference(safe, from) > 0 ? safe : from, reserved); // read:A
    }
    return source.difference(target, from) <= 0 ? found : target; // a reset, or a damaged segment, could lead us back
}

} // namespace slickq

#endif
