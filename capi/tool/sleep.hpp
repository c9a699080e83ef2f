// sleep.hpp - sleeping until a signal, or until another process changes a word: what the library's waits are not for.
#pragma once

#include <cstdint>

namespace tool {

// For what nobody announces, as a name that appears. A signal ends it early.
void nap(std::int64_t nanoseconds) noexcept;

// Sleeps while the word, in memory that processes share, is `expected`, for so long at most; may return early. Where
// the system has no such wait it naps for 2 ms at most.
void sleep_on(const void* word, std::uint32_t expected, std::int64_t longest_ns) noexcept;
void wake_sleepers(const void* word) noexcept;

} // namespace tool
