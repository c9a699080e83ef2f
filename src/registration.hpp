// registration.hpp - registering this process as one that producers in lossless mode wait for.
#pragma once

#include "queue.hpp"

namespace slickq::detail {

struct membership_begin {
    registry::id member;
    std::uint64_t held_from; // what is reserved from this index on is not overwritten until it is acknowledged
};

// A consumer that needs nothing before `index` (no_index: nothing reserved before now), which is of that epoch
// (nullptr: of this one). Throws SLICKQ_E_UNSUPPORTED, SLICKQ_E_READ_ONLY, or SLICKQ_E_LIMIT.
membership_begin begin_registration(queue& q, std::uint64_t index, const epoch_view* of = nullptr);

// Whether nobody has reserved so far yet: then nobody can need anything from there on.
bool is_ahead(const queue& q, std::uint64_t index) noexcept;

// A worker, of no group yet.
registry::id begin_worker_registration(queue& q);

// Whether the calling process is the one that began it. (In a child of fork() it is not, whatever its number is there.)
bool is_own_membership(const queue& q, registry::id member) noexcept;

// False: it had ended already. Does nothing in another process than the one that began it.
bool end_registration(queue& q, registry::id member) noexcept;

} // namespace slickq::detail
