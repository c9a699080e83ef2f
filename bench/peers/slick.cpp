// slick-queue, the C++ original, where the path to its headers was given.
#include "../harness/registry.hpp"

#ifdef BENCH_HAVE_SLICK

#    include "../workloads/all.hpp"
#    include "slick.hpp"

#    include <slick/queue.h>

namespace bench {

namespace {

template <std::size_t Bytes> using slick_single = slick_peer<Bytes, slick::queue<bench::item<Bytes>>, 1>;
template <std::size_t Bytes> using slick_record16 = slick_peer<Bytes, slick::queue<bench::item<Bytes>>, 16>;

} // namespace

void add_slick(registry& all) {
    enlist<slick_single>(all, "slick");
    enlist<slick_record16>(all, "slick_r16");
}

} // namespace bench

#else

void bench::add_slick(registry& all) { all.add_missing("slick", "slick/queue.h: give its directory, --slick-include DIR"); }

#endif
