// reset.hpp - emptying a queue, and telling of a reset that was begun and never finished.
#pragma once

#include "error.hpp"
#include "wait.hpp"

#include <slickq/detail/ring.hpp>

#include <cstdint>
#include <string>

namespace slickq::detail {

// Who resets, as the extension area says.
struct half_reset {
    bool is_one = false;     // a reset is under way, or was left half done
    std::uint32_t pid = 0;   // of who does it; 0: not known
    bool has_died = false;   // that process, for sure. Else it lives, or it can't be told
};
half_reset half_reset_of(const extension* extra) noexcept;

// Every slot as never written, nothing reserved, all who are registered at index 0. Says who does it, for those who
// find it half done.
void reset_and_say_who(ring& queue) noexcept;

// Waits for the one who resets the queue, if it does not die meanwhile. Throws SLICKQ_E_HALF_RESET if the reset is not
// finished then.
void await_reset(const ring& queue, const std::string& name, deadline& until);

// A sentence for SLICKQ_E_HALF_RESET.
std::string describe(const half_reset& found);

// Reports it: what a reset that was not finished leaves behind is answered with this one reason.
slickq_status report_half_reset(const ring& queue, const std::string& name) noexcept;

} // namespace slickq::detail
