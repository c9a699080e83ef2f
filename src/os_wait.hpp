// os_wait.hpp - the system's wait on a word in memory that processes share, and its fence for those who have none.
#pragma once

#include <cstdint>

namespace slickq::detail {

// Sleeps while the word is `expected`, for longest_ns at most; may return early. Where the system has no such wait across processes,
// it sleeps for a while: 2 ms at most.
void sleep_on(const std::uint32_t* word, std::uint32_t expected, std::int64_t longest_ns) noexcept;
void wake_all(const std::uint32_t* word) noexcept;

// A full fence in every running thread of each process that accepts it, and of its children. False: this system has no such thing.
bool accept_heavy_fences() noexcept;
void heavy_fence() noexcept;

} // namespace slickq::detail
