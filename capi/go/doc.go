// Package slickq is libslickq for Go: lock-free queues in local or shared memory, with any number of producers and
// consumers, in Go, C, C++, Python, Rust and whatever else speaks SlickQueue's bytes.
//
// A queue is a ring of elements of one size. Records, one or more elements each, are written by Queue.Write and its
// relatives. A consumer reads all of them, with a Reader; or several share them, each record going to one: with a
// SharedCursor, or as the Workers of a group, which remember what each has claimed.
//
// # Loss
//
// Producers do not wait: they overwrite the oldest records. A consumer that falls behind by a ring is told what it
// lost by a LossError, and goes on. Producers that opened the queue with Options.Lossless do wait for the readers
// that have registered, and for groups.
//
// # Waiting
//
// Methods with a context wait until it is done, and then give its error; with one that is done already they do nothing
// else. Those whose name begins with Try, and all without a context, never wait. Who waits sleeps in the kernel, on a
// thread of its own, and is woken by producers.
//
// # Errors
//
// Whatever gives no record is an error: errors.Is tells which, with ErrEmpty, ErrFull and the other values of type
// Status, and with those of package io/fs that mean the same. errors.As gives a LossError or an Error with the
// details.
//
// # Memory
//
// What a method returns is in Go's memory: the caller's, or a reader's until its next call. Only the functions that
// are given to a method whose name ends with InPlace see the ring itself, and only while they run. Elements are
// copied with no regard to their meaning: see Queue for which types are fit for that. All bytes that other processes
// write are of those types whatever they are, so that a producer gone mad may cause wrong numbers, but nothing worse.
//
// The Go memory model holds across a queue as across a channel: what a goroutine did before it published a record
// happens before the return of the call that gives that record to another. The race detector does not see this order,
// for it is made in C: it may report what is ordered by a queue alone, if that is not in the queue. What is in a
// queue it never reports.
//
// # Goroutines
//
// The methods of Queue and SharedCursor may be called from any goroutine at any time. A Reader and a Worker belong to
// one at a time. Close may be called at any time, from any goroutine: it ends waits, waits until calls have returned,
// and makes all later ones ErrClosed.
package slickq
