// liveness.hpp - which process this is, and whether another one of this machine is still there, as far as the system's
// numbers tell. (What it told by a lock is in lease.hpp.)
#pragma once

#include <slickq/detail/registry.hpp>

namespace slickq::detail {

std::uint32_t this_pid() noexcept;
// Of the calling process; a child of fork() has its own.
process_identity this_process() noexcept;

// Which monotonic clock this process has: equal numbers can be compared. 0: not known.
std::uint32_t this_clock() noexcept;

// By process id and start time, where these can be compared. Dead is one whose number nobody has, or another process,
// or one that has ended and was not waited for (on Linux and macOS). Process ids of another pid namespace, start times
// of another time namespace, and a /proc that is missing or another namespace's tell nothing: unknown.
liveness liveness_by_number(const process_identity& who) noexcept;

} // namespace slickq::detail
