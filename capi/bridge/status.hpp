// status.hpp - slickq-bridge status: what every direction on this machine does, for people, programs and Prometheus.
#pragma once

#include <string>

namespace bridge {

struct status_options {
    std::string directory;
    bool json = false;
    bool prometheus = false;
};

// Returns the exit status: 0 all run and are connected, 3 one does not.
int print_status(const status_options& options);

} // namespace bridge
