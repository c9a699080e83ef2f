// The ends of a queue as the workloads use them: paced where the queue is lossy.
#ifndef BENCH_ENDS_HPP
#define BENCH_ENDS_HPP

#include "../harness/paced.hpp"

namespace bench {

template <class Peer>
auto producer_of(Peer& queue, progress& consumers) {
    if constexpr (Peer::about.is_lossy) {
        return paced_producer<Peer>(queue, consumers);
    } else {
        return typename Peer::producer(queue);
    }
}

// Consumer `number`, which gets every item.
template <class Peer>
auto consumer_of(Peer& queue, progress& consumers, unsigned number) {
    if constexpr (Peer::about.is_lossy) {
        return paced_consumer<Peer>(queue, consumers, number);
    } else {
        return typename Peer::consumer(queue);
    }
}

// One of several, each of which gets items that no other gets.
template <class Peer>
auto sharer_of(Peer& queue, progress& consumers, unsigned number) {
    if constexpr (Peer::about.is_lossy) {
        return paced_sharer<Peer>(queue, consumers, number);
    } else {
        return typename Peer::consumer(queue);
    }
}

// Where nobody can be lapped, because one item at a time is under way, or one thread does both: without pacing.
template <class Peer, class Producer, class Fill>
std::uint32_t push_unpaced(Producer& end, Fill fill) {
    if constexpr (Peer::about.is_lossy) {
        end.put(fill);
        return Peer::about.group;
    } else {
        return end.push(fill);
    }
}

} // namespace bench

#endif
