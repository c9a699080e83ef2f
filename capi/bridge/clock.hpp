// clock.hpp - the two clocks: one to wait by, which is that of the library's deadlines, and one to tell people the
// time.
#pragma once

#include <ctime>

#include <cstdint>

namespace bridge {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::int64_t ns_per_second = 1'000'000'000;

inline std::int64_t read_clock_ns(clockid_t clock) noexcept {
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<std::int64_t>(t.tv_sec) * ns_per_second + t.tv_nsec;
}

inline std::int64_t now_ns() noexcept {
    return read_clock_ns(CLOCK_MONOTONIC);
}
inline std::int64_t wall_clock_ns() noexcept {
    return read_clock_ns(CLOCK_REALTIME);
}

} // namespace bridge
