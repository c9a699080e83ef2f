// What the workloads ask of a queue. One file of peers/ adapts each; Bytes is the size of an item.
//
//   template <std::size_t Bytes> struct some_queue {
//       using item = bench::item<Bytes>;
//       static constexpr traits about{...};
//       some_queue(arena& memory, const shape& wanted);       // by the parent, before the sides start
//
//       struct producer {
//           explicit producer(some_queue&);                   // by the side itself, in its own process
//           template <class Fill> std::uint32_t push(Fill fill);
//       };
//       struct consumer {
//           explicit consumer(some_queue&);
//           template <class Use> std::uint32_t pop(Use use);
//       };
//   };
//
// push() calls fill(item&, k) for the k-th item of a group of about.group, in the queue's memory where the queue lets one write
// there, and returns how many were pushed; 0: no room. pop() calls use(const item&) for one or more items, in place where the queue
// has that, and returns how many; 0: empty. A kernel's queue may block instead.
//
// A lossy queue has put() in the place of push(), which always succeeds and returns the index after what it put, and its consumers
// say where they are: position(). Pacing (paced.hpp) makes of it what is above.
#ifndef BENCH_PEER_HPP
#define BENCH_PEER_HPP

#include "arena.hpp"
#include "item.hpp"
#include "sides.hpp"

#include <cstdint>

namespace bench {

struct traits {
    bool in_processes;    // not only between threads
    bool many_producers;
    bool many_consumers;  // each item goes to one of them
    bool is_lossy;        // producers never wait, and every consumer sees every item
    bool is_validated = false; // lossy, and hands out what it has validated
    bool polls = true;    // push() and pop() return at once; else they block in the kernel
    std::uint32_t group = 1;
};

struct shape {
    std::uint32_t capacity; // items, a power of two
    mode how;
    unsigned producers = 1;
    unsigned consumers = 1;
};

} // namespace bench

#endif
