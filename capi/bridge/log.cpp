#include "log.hpp"

#include "../tool/text.hpp"
#include "clock.hpp"

#include <unistd.h>

#include <cstdlib>

namespace bridge {
namespace {

constexpr long long repeat_ns = 30'000'000'000;

bool is_under_systemd() {
    static const bool answer = std::getenv("JOURNAL_STREAM") != nullptr;
    return answer;
}

} // namespace

void log(level priority, const std::string& who, const std::string& text) {
    std::string line;
    if (is_under_systemd()) line = "<" + std::to_string(static_cast<int>(priority)) + ">";
    line += "slickq-bridge: " + tool::printable((who.empty() ? "" : who + ": ") + text) + "\n"; // servers say some of it
    [[maybe_unused]] const ssize_t written =
        write(STDERR_FILENO, line.data(), line.size()); // there is nobody else to tell
}

bool trouble::is_due() {
    const long long now = now_ns();
    const bool due = times_++ == 0 || now >= next_ns_;
    if (due) next_ns_ = now + repeat_ns;
    return due;
}

unsigned trouble::end() {
    const unsigned times = times_;
    times_ = 0;
    return times;
}

} // namespace bridge
