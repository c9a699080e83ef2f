package slickq

// #include "shim.h"
import "C"

import (
	"context"
	"time"
)

// ConsumerID is the number of a registered consumer or worker in its queue.
type ConsumerID uint64

// FromNow, as the index of RegisterConsumer, is what is reserved from now on.
const FromNow uint64 = C.SLICKQ_NO_INDEX

// RegisterConsumer makes lossless producers wait for a consumer that reads with a cursor of its own; a Reader
// registers by itself. index is what it needs, not ahead of what is reserved, or FromNow. From heldFrom on nothing
// will be overwritten before it is acknowledged: with FromNow read from there. What lies between index and heldFrom
// may be overwritten within a lap. ErrLimit: there are 64 consumers and workers.
func (q *Queue[T]) RegisterConsumer(index uint64) (consumer ConsumerID, heldFrom uint64, err error) {
	if !q.enter() {
		return 0, 0, ErrClosed
	}
	defer q.leave()
	got := C.go_consumer_register(q.ticket, C.uint64_t(index))
	return ConsumerID(got.consumer), uint64(got.held_from), failure("register", got.answer)
}

// AcknowledgeConsumer says that all before index was read, and may be overwritten. ErrEvicted: producers do not wait
// for this consumer any more. ErrReset: the queue was reset since the consumer last said something; nothing is
// acknowledged, and it goes on at index 0.
func (q *Queue[T]) AcknowledgeConsumer(consumer ConsumerID, index uint64) error {
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	return failure("acknowledge", C.go_consumer_acknowledge(q.ticket, C.uint64_t(consumer), C.uint64_t(index)))
}

// WaitConsumer waits, until ctx is done, for something to read at cursor, before which the consumer has read all, and
// gets past what nobody publishes. stall is how long a record may stay reserved and unpublished before it is stepped
// over, as in ReaderOptions. Go on at next in any case. No error: there is a record. A LossError: next is behind
// elements that stayed unpublished (ErrGap), or were overwritten unpublished by producers that do not wait
// (ErrLapped), or it is 0 because the queue was reset (ErrReset, its Elements are not known); what was moved over is
// acknowledged. ErrEvicted: producers do not wait for this consumer any more.
func (q *Queue[T]) WaitConsumer(ctx context.Context, consumer ConsumerID, cursor uint64, stall time.Duration) (next uint64, err error) {
	if err := ctx.Err(); err != nil {
		return cursor, err
	}
	if !q.enter() {
		return cursor, ErrClosed
	}
	defer q.leave()
	var got C.go_consumer_waited
	next = cursor
	waited := await(ctx, q, func(timeout int64) Status {
		got = C.go_consumer_wait(q.ticket, C.uint64_t(consumer), C.uint64_t(next), C.int64_t(stall), C.int64_t(timeout))
		next = uint64(got.answer.value)
		return Status(got.answer.status)
	})
	if waited != nil {
		return next, waited
	}
	switch status := Status(got.answer.status); status {
	case ErrGap, ErrLapped, ErrReset:
		return next, &LossError{Cause: status, Index: next, Elements: uint64(got.lost)}
	}
	return next, failure("wait", got.answer)
}

// UnregisterConsumer ends it, by the consumer itself. ErrEvicted: it was over already.
func (q *Queue[T]) UnregisterConsumer(consumer ConsumerID) error {
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	return failure("unregister", C.go_consumer_unregister(q.ticket, C.uint64_t(consumer)))
}

// EvictConsumer is for an operator, from any process: producers wait for that consumer or worker no more, and it is
// told so, ErrEvicted. What an evicted worker had claimed is treated as if it had died. ErrNoConsumer: it is over
// already.
func (q *Queue[T]) EvictConsumer(consumer ConsumerID) error {
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	return failure("evict", C.go_consumer_evict(q.ticket, C.uint64_t(consumer)))
}

// ConsumerKind says what is registered.
type ConsumerKind uint32

const (
	// ConsumerReader is a consumer that registered by itself.
	ConsumerReader ConsumerKind = C.SLICKQ_CONSUMER_READER
	// ConsumerWorker is a worker of a group.
	ConsumerWorker ConsumerKind = C.SLICKQ_CONSUMER_WORKER
	// ConsumerEvicted was evicted, and has not noticed yet.
	ConsumerEvicted ConsumerKind = C.SLICKQ_CONSUMER_EVICTED
)

// Liveness says whether the process that registered a consumer lives.
type Liveness uint32

const (
	// LivenessDead: it has ended.
	LivenessDead Liveness = 0
	// LivenessAlive: it lives.
	LivenessAlive Liveness = 1
	// LivenessUnknown: it cannot be told from here, and is taken to live: producers wait for it until an operator
	// evicts it.
	LivenessUnknown Liveness = 2
)

// ConsumerInfo describes a registered consumer or worker.
type ConsumerInfo struct {
	ID       ConsumerID
	Kind     ConsumerKind
	PID      int      // of its process
	Liveness Liveness // whether that process lives, as far as it can be told
	Group    int      // of a worker: the number of its group
	HasClaim bool     // of a worker: it has claimed a record, at Index
	Index    uint64   // reader: all before it is acknowledged. worker: what it has claimed, else the group's cursor
	Lag      uint64   // elements reserved from there on
}

// Consumers describes all registered consumers and workers, also on a read-only handle.
func (q *Queue[T]) Consumers() ([]ConsumerInfo, error) {
	if !q.enter() {
		return nil, ErrClosed
	}
	defer q.leave()
	var consumers []ConsumerInfo
	for number := C.uint32_t(0); number < C.SLICKQ_MAX_CONSUMERS; number++ {
		got := C.go_consumer_info(q.ticket, number)
		if Status(got.answer.status) == ErrEmpty {
			continue
		}
		if got.answer.status != C.SLICKQ_OK {
			return nil, failure("list consumers", got.answer)
		}
		consumers = append(consumers, ConsumerInfo{
			ID:       ConsumerID(got.info.id),
			Kind:     ConsumerKind(got.info.kind),
			PID:      int(got.info.pid),
			Liveness: Liveness(got.info.is_alive),
			Group:    int(got.info.group),
			HasClaim: got.info.has_claim != 0,
			Index:    uint64(got.info.index),
			Lag:      uint64(got.info.lag),
		})
	}
	return consumers, nil
}
