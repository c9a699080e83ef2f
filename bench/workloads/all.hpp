// Builds every workload that a queue can do.
#ifndef BENCH_ALL_WORKLOADS_HPP
#define BENCH_ALL_WORKLOADS_HPP

#include "../harness/registry.hpp"
#include "broadcast.hpp"
#include "laps.hpp"
#include "pingpong.hpp"
#include "producers.hpp"
#include "sharing.hpp"
#include "spsc.hpp"
#include "uncontended.hpp"

namespace bench {

// What it can't do, queue_entry::why_not() refuses before it comes here.
template <class Peer>
measurement measure(const request& asked) {
    constexpr traits about = Peer::about;
    if (asked.what == workload::spsc) return measure_spsc<Peer>(asked);
    if (asked.what == workload::uncontended) return measure_uncontended<Peer>(asked);
    if constexpr (sizeof(typename Peer::item) <= largest_of_many) { // the others are built for small items only: compile time
        switch (asked.what) {
        case workload::pingpong:
            if constexpr (about.group == 1) return measure_pingpong<Peer>(asked);
            break;
        case workload::broadcast:
            if constexpr (about.group == 1 && about.polls) return measure_broadcast<Peer>(asked);
            break;
        case workload::sharing:
            if constexpr (about.many_producers || about.many_consumers) return measure_sharing<Peer>(asked);
            break;
        case workload::producers:
            if constexpr (about.is_lossy) return measure_producers<Peer>(asked);
            break;
        case workload::laps:
            if constexpr (about.is_lossy) return measure_laps<Peer>(asked);
            break;
        default: break;
        }
    }
    throw std::logic_error("this queue has no such workload");
}

template <template <std::size_t> class Peer>
void enlist(registry& all, const char* name) {
    all.add({name,
             Peer<8>::about,
             {{8, measure<Peer<8>>},
#ifndef BENCH_SMALL
              {64, measure<Peer<64>>},
              {256, measure<Peer<256>>},
              {1024, measure<Peer<1024>>}
#endif
             }});
}

} // namespace bench

#endif
