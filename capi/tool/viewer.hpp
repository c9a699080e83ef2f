// viewer.hpp - records for looking at: what slickq tail and slickq dump do. Read-only: nothing is consumed, nobody kept
// waiting.
#pragma once

#include "record_format.hpp"

#include <cstdint>
#include <string>

namespace tool {

struct tail_options {
    std::string name;
    std::uint64_t count = 0; // records; 0: all
    std::string from;        // "" for what is usual
    std::string pattern;
    bool is_tail = false;
    bool follow = false;
    bool json = false;
    format_options format{record_format::text, "", ""};
    std::uint32_t element_size = 0;
};

// The exit status.
int view(const tail_options& options);

} // namespace tool
