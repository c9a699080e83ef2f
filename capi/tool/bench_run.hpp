// bench_run.hpp - a sender and a receiver in two processes, and what they measure.
#pragma once

#include "histogram.hpp"

#include <cstdint>

namespace tool {

struct bench_options {
    double seconds = 2;             // of one run
    std::uint32_t record_bytes = 64;
    std::uint32_t capacity = 65536; // records
    std::uint64_t rate = 20'000;    // records a second, unless it goes as fast as it can
    int sender_cpu = -1;            // negative: any
    int receiver_cpu = -1;
    bool spin = false;              // the receiver never sleeps
};

struct bench_result {
    std::uint64_t records = 0;
    std::uint64_t lost = 0;
    double seconds = 0;
    histogram times;
};

// fast: as fast as it goes, and without times; else at the rate.
bench_result run_bench(const bench_options& options, bool fast);

} // namespace tool
