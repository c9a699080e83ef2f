// log.hpp - lines on standard error that a person can act on. Under systemd they carry their priority.
#pragma once

#include <string>

namespace bridge {

enum class level { error = 3, warning = 4, info = 6 };

// "slickq-bridge: <who>: <text>"; who may be empty. One write() a line, from any thread.
void log(level priority, const std::string& who, const std::string& text);

// What a direction says again and again while a trouble lasts: the first time, then every 30 seconds.
class trouble {
public:
    // Whether it is time to say it; counts.
    bool is_due();
    // It is over. The number of times since it began.
    unsigned end();

private:
    unsigned times_ = 0;
    long long next_ns_ = 0;
};

} // namespace bridge
