// Every queue of this build in everything it can do, shortly: the self-checks, no times.
#ifndef BENCH_SMOKE_HPP
#define BENCH_SMOKE_HPP

#include "registry.hpp"

#include <vector>

namespace bench {

// Throws at the first check that fails.
void smoke(const registry& all, const std::vector<int>& cpus);

} // namespace bench

#endif
