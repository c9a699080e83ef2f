// members.hpp - the table of who is registered, as it stands: its entries, their owners, and the epoch that what they
// say is of. It changes nothing.
//
//   label    operation                               pairs with        so that
//   limit:B  state, epoch, position loads (acquire)  join:B, ack:A     what the consumer read of the ring comes before
//                                                    (registry.hpp)    what is written there next; a position is taken
//                                                                      for one of this epoch only if it is
//   ack:B    full fence, then the event count        sleep:A           a producer that waits for room is woken
//            `room`
//   epoch:A  resets, reserved_before (acquire),      reset:A, reset:B  the two belong together
//            then resets again (relaxed)             (ring.hpp)
//   epoch:B  resets load (relaxed), after acquire    reset:A           what was found is of the epoch that was looked
//            loads of what a reset changes                             up
//
// A reset begins another epoch, in which indices come again. What is said of an index, an acknowledgement, a claim, a
// cursor, a limit, says in which epoch, in all 64 bits, and counts in no other. So a reset has nothing to do here: what
// is of another epoch is "nothing yet", until its owner says something of this one.
//
// Everything here may be damaged or hostile: numbers are checked, and at worst producers wait, or do not.
#ifndef SLICKQ_DETAIL_MEMBERS_HPP
#define SLICKQ_DETAIL_MEMBERS_HPP

#include <slickq/detail/extension.hpp>
#include <slickq/detail/ring.hpp>

#include <algorithm>

namespace slickq::inline SLICKQ_NAMESPACE {

// Nobody is sent away, and nothing taken over, unless its process is surely dead. The numbers are those of
// slickq_consumer_info.
enum class liveness : std::uint32_t { dead = 0, alive = 1, unknown = 2 };

// A process, as others of the same machine know it again.
struct process_identity {
    std::uint32_t pid = 0;
    std::uint64_t start_time = 0;     // 0: not known
    std::uint64_t pid_namespace = 0;  // 0: not known
    std::uint64_t time_namespace = 0; // 0: not known
    std::uint64_t lease = 0;          // the registration that it holds a lease for; 0: none
    bool is_told = true;              // false: it has not said all that yet
};

// A number of resets, and what extension.reserved_before was then.
struct epoch_view {
    std::uint64_t resets = no_index; // odd: a reset is under way
    std::uint64_t reserved_before = 0;

    bool is_settled() const noexcept { return (resets & 1) == 0; }
};

template <class Atomics = native_atomics>
class basic_members {
public:
    using ring_type = basic_ring<Atomics>;
    using member_type = basic_member<Atomics>;
    using id = std::uint64_t; // of a registration; 0: none

    basic_members() = default;
    // The ring has an extension area.
    explicit basic_members(const ring_type& source) noexcept : ring_(source) {}

    // ---------------------------------------------------------------- epochs

    epoch_view epoch() const noexcept {
        const auto& e = extension();
        for (;;) {
            const std::uint64_t resets = e.resets.load(std::memory_order_acquire);                   // epoch:A
            const std::uint64_t reserved_before = e.reserved_before.load(std::memory_order_acquire); // epoch:A
            if (is_still({resets, reserved_before})) return {resets, reserved_before};
        }
    }
    bool is_still(const epoch_view& e) const noexcept {
        return extension().resets.load(std::memory_order_relaxed) == e.resets; // epoch:B
    }

    // ---------------------------------------------------------------- entries

    member_type& member(std::uint32_t number) const noexcept { return extension().members[number % most_members]; }
    std::uint32_t members_used() const noexcept {
        // Acquire: pairs with join(), which raises it before the entry is anybody's.
        return std::min(extension().members_used.load(std::memory_order_acquire), most_members);
    }

    bool is(id member_id, member_state::kind kind) const noexcept {
        const std::uint64_t state = member(number_of(member_id)).state.load(std::memory_order_acquire); // limit:B
        return state == state_of(member_id, kind);
    }

    // Calls visit(number, state) for each member.
    template <class Visit>
    void for_each(Visit visit) const noexcept {
        const std::uint32_t used = members_used();
        for (std::uint32_t number = 0; number < used; ++number) {
            const std::uint64_t state = member(number).state.load(std::memory_order_acquire); // limit:B
            if (member_state::kind_of(state) != member_state::free) visit(number, state);
        }
    }

    // The index before which a consumer has read all, in that epoch.
    std::uint64_t position_of_member(std::uint32_t number, const epoch_view& e) const noexcept {
        const member_type& m = member(number);
        const bool is_of_epoch = m.epoch.load(std::memory_order_acquire) == e.resets; // limit:B
        return is_of_epoch ? m.position.load(std::memory_order_acquire) : 0;          // limit:B
    }

    // A registration's id is the state of its entry with the entry's number in place of its kind.
    static id id_of(std::uint64_t state, std::uint32_t number) noexcept {
        return (state & ~member_state::kind_mask) | number;
    }
    static std::uint32_t number_of(id member_id) noexcept {
        return static_cast<std::uint32_t>(member_id & member_state::kind_mask);
    }
    static std::uint64_t state_of(id member_id, member_state::kind kind) noexcept {
        return member_state::with(member_id, kind);
    }

    // ---------------------------------------------------------------- owners

    process_identity owner(std::uint32_t number, std::uint64_t state) const noexcept {
        const member_type& m = member(number);
        const auto kind = member_state::kind_of(state);
        const id whole = id_of(state, number);
        // One that is joining has not said yet when its process began.
        if (kind == member_state::joining) return {member_state::pid(state), 0, 0, 0, 0, false};
        if (kind == member_state::leased) return {member_state::pid(state), 0, 0, 0, whole, false};
        // Relaxed: they were there before the state was, which limit:B loaded.
        return {member_state::pid(state),
                m.start_time.load(std::memory_order_relaxed),
                m.pid_namespace.load(std::memory_order_relaxed),
                m.time_namespace.load(std::memory_order_relaxed),
                m.lease.load(std::memory_order_relaxed) != 0 ? whole : 0,
                true};
    }

    // judge(identity): a liveness.
    template <class Judge>
    bool is_dead(std::uint32_t number, std::uint64_t state, const Judge& judge) const noexcept {
        return judge(owner(number, state)) == liveness::dead;
    }

    // How many elements `index` is behind `end`; 0 if it is not.
    std::uint64_t distance(std::uint64_t end, std::uint64_t index) const noexcept {
        return static_cast<std::uint64_t>(std::max<std::int64_t>(ring_.difference(end, index), 0));
    }

    // What producers in lossless mode sleep on.
    basic_event_count<Atomics> room() const noexcept { return basic_event_count<Atomics>(&extension().room); }
    void made_room() const noexcept {
        Atomics::full_fence(); // ack:B
        room().wake_sleepers();
    }

protected:
    basic_extension<Atomics>& extension() const noexcept { return *ring_.extension(); }

    ring_type ring_;
};

} // namespace slickq

#endif
