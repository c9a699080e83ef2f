// sender.hpp - bytes into a queue, as records: what slickq send does.
#pragma once

#include "command.hpp"
#include "record_parser.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tool {

struct send_options {
    std::string name;
    std::vector<std::string> files; // "-" is standard input; none at all too
    std::uint64_t block_bytes = 0;  // 0: a record is a line
    std::uint32_t format = line_format::raw;
    bool must_create = false;
    bool must_exist = false;
    std::uint32_t capacity = 0; // this and the next four: 0 is the default when creating, anything when opening
    std::uint32_t element_size = 0;
    std::uint32_t items_per_slot = 0;
    std::uint32_t layout = 0;
    std::uint32_t permissions = 0;
    std::uint64_t bytes_per_second = 0; // 0: as fast as it goes
    std::vector<cursor_address> pace;
    bool lossless = false; // waits for registered consumers
    bool follow = false;   // when the name is removed, goes on in the queue that gets it
    bool verbose = false;
};

// Sends all, or until a stop signal comes, which then ends the process. The exit status.
int send_all(const send_options& options);

} // namespace tool
