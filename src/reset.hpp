// reset.hpp - emptying a queue, and telling of a reset that was begun and never finished.
#pragma once

#include "error.hpp"
#include "wait.hpp"

#include <slickq/detail/ring.hpp>

#include <atomic>
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
// False: another one has taken it over, and is at it.
bool reset_and_say_who(ring& queue) noexcept;
// The same; if another one has taken it over, waits for that one. Throws SLICKQ_E_HALF_RESET if it does not come to its end.
void reset_to_end(ring& queue, const std::string& name);

// For how long a queue has been in the middle of one reset, as those see it who use one handle.
class reset_watch {
public:
    // Whether it is in one that nobody will finish, as far as can be told: its process has died, or it takes too long.
    bool is_left(const ring& queue) noexcept;

private:
    std::atomic<std::uint64_t> seen_{0}; // its number: odd
    std::atomic<std::int64_t> since_{0};
};

// Waits for the one who resets the queue, if it does not die meanwhile. Throws SLICKQ_E_HALF_RESET if the reset is not
// finished then.
void await_reset(const ring& queue, const std::string& name, deadline& until);

// A sentence for SLICKQ_E_HALF_RESET.
std::string describe(const half_reset& found);

// Reports it: what a reset that was not finished leaves behind is answered with this one reason.
slickq_status report_half_reset(const ring& queue, const std::string& name) noexcept;

} // namespace slickq::detail
