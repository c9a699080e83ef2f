// machine.hpp - what is wrong with the machine, for queues.
#pragma once

#include "examination.hpp"

#include <vector>

namespace tool {

// A full or missing /dev/shm, names that a logout would remove, limits.
std::vector<finding> findings_of_machine(const std::vector<segment_view>& segments);

} // namespace tool
