// The command line of slickq_bench.
#ifndef BENCH_OPTIONS_HPP
#define BENCH_OPTIONS_HPP

#include "measure.hpp"

#include <string>
#include <vector>

namespace bench {

struct options {
    std::string workload;
    std::vector<std::string> queues;
    std::size_t bytes = 8;
    request asked{};
    unsigned runs = 7;
    double milliseconds = 20; // of each measurement
    std::uint64_t items = 0;  // exactly so many instead, and no calibration
    std::string placement = "any";
    std::string base;         // ratios are to this queue; the first one if empty
    std::string json;         // file to append to
};

extern const char* const usage;

// Throws std::invalid_argument with a sentence.
options parse_options(int argc, char** argv);

} // namespace bench

#endif
