// metrics.hpp - every number of a direction, once: its name, what it means, how it is told.
#pragma once

#include "state.hpp"

#include <string>
#include <vector>

namespace bridge {

struct metric {
    const char* name;  // snake_case; in Prometheus slickq_bridge_<name>
    const char* label; // 'cause="lapped"', or ""
    const char* help;
    bool is_counter;
    char kind; // 'o', 'i', or 0: both directions
    std::uint64_t value;
};

std::vector<metric> metrics_of(const state_page& page, const commit& current);

// One direction as others see it.
struct sighting {
    std::string name;
    bool is_running = false;
    char kind = 'o';
    std::string queue;
    std::string subject;
    bool is_jetstream = false;
    std::vector<metric> metrics;
    std::uint64_t value(const std::string& metric_name) const; // the sum over its labels
};

// All directions that have a state in the directory, by name.
std::vector<sighting> look(const std::string& directory);

// The text format that Prometheus reads.
std::string prometheus_text(const std::vector<sighting>& seen);

} // namespace bridge
