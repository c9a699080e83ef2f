// process.hpp - telling whether another process of this machine is still there.
#pragma once

#include <slickq/roster.hpp>

namespace slickq::detail {

std::uint32_t this_pid() noexcept;
// Of the calling process; a child of fork() has its own.
process_identity this_process() noexcept;

// Whether that process lives; true if it can't be told. On Linux a process that has ended and was not waited for is dead, and one that
// merely has its number too. In another pid namespace numbers mean other processes: nothing can be told.
bool is_alive(const process_identity& who) noexcept;

} // namespace slickq::detail
