// receiver.hpp - records from a queue to standard output: what slickq recv does.
#pragma once

#include "reader.hpp"
#include "record_format.hpp"

#include <cstdint>
#include <string>

namespace tool {

struct recv_options {
    recv_options() { consumer.start = SLICKQ_START_OLDEST; }

    std::string name;
    std::uint32_t element_size = 0;
    consumer_options consumer;
    format_options format{record_format::raw, "", ""};
    std::uint64_t count = 0;  // records; 0: any number
    double idle_seconds = -1; // negative: for ever
    bool trim = false;
    bool follow = false; // when the name is removed, goes on with the queue that gets it
    bool verbose = false;
};

// Waits for the queue, and for records, until the options or a stop signal say it is enough. The exit status.
int receive(const recv_options& options);

} // namespace tool
