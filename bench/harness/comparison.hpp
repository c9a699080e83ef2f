// A comparison: some queues, one workload, measured A B C A B C ..., with a bounce of a cache line before and after each measurement.
#ifndef BENCH_COMPARISON_HPP
#define BENCH_COMPARISON_HPP

#include "options.hpp"
#include "registry.hpp"

#include <map>
#include <string>
#include <vector>

namespace bench {

struct series {
    std::string queue;
    std::vector<std::pair<std::string, std::vector<double>>> numbers; // each with a value for each round that was kept
};

struct comparison {
    std::vector<series> queues;
    std::vector<std::pair<std::string, std::string>> left_out; // queue, why
    std::string placement;                                     // of all rounds that were kept
    std::vector<double> bounces_ns;                            // of each round that was kept, its median
    unsigned kept = 0;
    unsigned dropped = 0; // rounds in which the placement changed, or was not the one that most had
};

// Throws if a self-check fails.
comparison compare(const registry& all, const options& wanted);

void print_table(const options& wanted, const comparison& result);
void append_json(const options& wanted, const comparison& result);

} // namespace bench

#endif
