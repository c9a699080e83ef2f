// How far apart the two CPUs are, right now: on a virtual machine the host moves them, and everything depends on it.
#ifndef BENCH_BOUNCE_HPP
#define BENCH_BOUNCE_HPP

#include <string_view>

namespace bench {

// Nanoseconds in which one cache line goes from one CPU to the other and back: the second best of ten times 2,000 round trips.
double bounce_ns(int one_cpu, int other_cpu);

// "near": two threads of one core (some 60 ns), or two cores of one complex (80 to 110); "far": cores with no cache in common (over
// 300). On the machines this was made for the first two change into each other from one moment to the next, and move throughput by
// 10 %; the third one divides it by four.
std::string_view placement_of(double bounce_ns);

} // namespace bench

#endif
