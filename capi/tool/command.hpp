// command.hpp - what the commands have in common: how the tool ends, and addresses on its command line.
#pragma once

#include <cstdint>
#include <string>

namespace tool {

// The exit status of the process, as main.cpp's --help and README.md document it.
enum exit_code {
    exit_ok = 0,
    exit_error = 1, // it could not be done; standard error says why and what to do
    exit_usage = 2, // the command line makes no sense
    exit_lost = 3,  // done, but records were lost on the way
    exit_unusable =
        4, // info: there is something under the name, and not a queue that can be used. doctor: something is wrong
};

// An 8-byte cell in a shared segment: NAME[:OFFSET] on the command line. No name: none.
struct cursor_address {
    std::string name;
    std::uint64_t offset = 0;
};

} // namespace tool
