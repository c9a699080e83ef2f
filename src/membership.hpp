// membership.hpp - registering this process as one that producers in lossless mode wait for.
#pragma once

#include "queue.hpp"

namespace slickq::detail {

struct membership_begin {
    roster::id member;
    std::uint64_t held_from; // what is reserved from this index on is not overwritten until it is acknowledged
};

// A consumer that needs nothing before `index` (no_index: nothing reserved before now). Throws SLICKQ_E_UNSUPPORTED,
// SLICKQ_E_READ_ONLY, or SLICKQ_E_LIMIT.
membership_begin begin_membership(queue& q, std::uint64_t index);

// A worker of the group that was found in that state; 0 if it was removed meanwhile.
roster::id begin_membership_of(queue& q, std::uint32_t group, std::uint64_t state);

// Does nothing in a child of fork(): the membership is its parent's.
void end_membership(queue& q, roster::id member) noexcept;

} // namespace slickq::detail
