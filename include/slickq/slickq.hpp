// slickq.hpp - the C++ face of libslickq, all of it that most programs need (link slickq::slickq).
//
//   queue.hpp          slickq::queue<T>, with the member names and constructors of slick::queue<T>: a program written
//                      for that compiles by changing the namespace. Its life goes through the C ABI, its hot path is
//                      inlined over the mapped bytes
//   reader.hpp         slickq::reader<T>, a consumer that validates what it hands out: start with it
//   worker.hpp         slickq::worker<T>, one of a group that shares the records
//   error.hpp          what they throw
//   poller.hpp         a pause for who spins
// What fewer programs need is to be included by itself: consumer.hpp (who is registered, and to be it), cursor.hpp
// (shared cursors with names), inspect.hpp (any segment), polled_reader.hpp (for event loops), records.hpp (a reader's
// records as a range).
//
// Differences from slick::queue<T>, all of them on purpose (compat/slick_queue.hpp has fewer, and slick-queue 2.x's
// traits):
//   - attaching adopts the segment's layout; capacity and sizeof(T) must match
//   - the destructor never removes the segment's name: remove_shm() does
//   - publish() tells whether it came in time
//   - losses are always counted, per queue object
//   - a damaged slot throws instead of handing out memory beyond the ring
//
// Threads: all members may be called at the same time from any thread, but for construction, destruction and reset(). A
// plain cursor belongs to one thread. Who declares a single producer produces through this object or through its
// handle(), not through both.
//
// Without exceptions (-fno-exceptions) what would throw prints its message and aborts: ask slickq_queue_open() and the
// like first.
//
// Which headers may meet which library:
//   - a program that was compiled with headers of ABI number n (SLICKQ_ABI_VERSION) needs a library whose
//     slickq_abi_version() is n or more. If it uses a function that an older one lacks, it does not load with that
//   - on one segment any of them may meet, whichever the headers that a program was compiled with, whichever the library
//     that it runs with: bytes and protocol are the same for ever
//   - in one program headers of different numbers may meet, as in a plugin and its host: all that is inlined is in an
//     inline namespace (slickq::v1 for number 1), so that neither gets the other's code. To hand an object of the one
//     to the other does not link
#ifndef SLICKQ_SLICKQ_HPP
#define SLICKQ_SLICKQ_HPP

#include <slickq/error.hpp>
#include <slickq/poller.hpp>
#include <slickq/queue.hpp>
#include <slickq/reader.hpp>
#include <slickq/worker.hpp>

#endif
