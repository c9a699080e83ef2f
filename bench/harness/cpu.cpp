#include "cpu.hpp"

#include <algorithm>
#include <fstream>
#include <string>

namespace bench {

namespace {

bool counter_ticks_evenly() {
#if defined(__x86_64__)
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line);) {
        if (line.rfind("flags", 0) == 0) {
            return line.find(" constant_tsc") != std::string::npos && line.find(" nonstop_tsc") != std::string::npos;
        }
    }
#endif
    return false;
}

} // namespace

const stopwatch::truth& stopwatch::facts() noexcept {
    static truth known{false, 1.0, 0.0};
    static bool is_known = false;
    if (is_known) return known;
    is_known = true; // before ticks() is called below, which asks

    known.is_tsc = counter_ticks_evenly();
    if (known.is_tsc) {
        const std::int64_t begun = now_ns();
        const std::uint64_t first = ticks();
        while (now_ns() - begun < 20'000'000) {
        }
        const std::uint64_t last = ticks();
        known.ns_per_tick = static_cast<double>(now_ns() - begun) / static_cast<double>(last - first);
    }
    std::vector<std::uint64_t> differences(1001);
    for (std::uint64_t& each : differences) {
        const std::uint64_t first = ticks();
        each = ticks() - first;
    }
    std::sort(differences.begin(), differences.end());
    known.own_cost_ns = static_cast<double>(differences[differences.size() / 2]) * known.ns_per_tick;
    return known;
}

} // namespace bench
