package slickq

// #include "shim.h"
import "C"

import (
	"context"
	"time"
	"unsafe"
)

// GroupMode says what becomes of the record that a worker has claimed when it dies or is evicted.
type GroupMode uint32

const (
	// GroupAny joins a group as it is.
	GroupAny GroupMode = C.SLICKQ_GROUP_ANY
	// GroupAtLeastOnce gives it to another worker, Record.Redelivered: nothing is lost, but what the dead one had
	// done of it is done twice.
	GroupAtLeastOnce GroupMode = C.SLICKQ_GROUP_AT_LEAST_ONCE
	// GroupAtMostOnce reports it to another worker, ErrAbandoned: nothing is done twice.
	GroupAtMostOnce GroupMode = C.SLICKQ_GROUP_AT_MOST_ONCE
)

// LingerForever, as WorkerOptions.Linger: lossless producers wait for a group without workers until it is removed.
const LingerForever time.Duration = C.SLICKQ_LINGER_FOREVER

// WorkerOptions say which group a worker joins. Zero in a field is the default.
type WorkerOptions struct {
	Group  string        // its name, 1 to 16 bytes
	Mode   GroupMode     // needed by the first worker, who makes the group; else GroupAny, or as it is
	Start  Start         // where a new group starts: StartNow, StartOldest or StartNewest
	Stall  time.Duration // as in ReaderOptions
	Linger time.Duration // how long lossless producers wait for a new group while it has no worker; 0: 10 seconds
}

// Worker is one of a group, which shares a cursor with a name inside the segment: each record is claimed by exactly
// one worker, in any process. What a worker has claimed is written down in the segment; if it dies, or is evicted,
// another finds that within 100 ms.
//
// What Read gives is in the worker's memory, which is Go's, until its next call. A worker belongs to one goroutine at
// a time, but Close may be called from any.
type Worker[T any] struct {
	handle
	width  int
	values []T
}

// NewWorker joins the group, which is made if there is none of that name. ErrMismatch: it has the other mode.
// ErrLimit: there are 8 groups, or 64 consumers and workers. The worker goes on when the queue's handle is closed.
func (q *Queue[T]) NewWorker(options WorkerOptions) (*Worker[T], error) {
	if !q.enter() {
		return nil, ErrClosed
	}
	defer q.leave()
	w := &Worker[T]{width: q.width}
	err := withName("join a group", options.Group, func(group *C.char) error {
		said := C.go_worker_open(q.ticket, C.slickq_worker_options{
			mode:      C.uint32_t(options.Mode),
			group:     group,
			start:     C.uint32_t(options.Start),
			stall_ns:  C.int64_t(options.Stall),
			linger_ns: C.int64_t(options.Linger),
		})
		w.ticket = C.go_ticket(said.value)
		return failure("join a group", said)
	})
	if err != nil {
		return nil, err
	}
	return w, nil
}

// Close ends the wait that is under way (with ErrClosed), waits until it has returned, and leaves the group; what the
// worker has claimed counts as done. Closing again does nothing.
func (w *Worker[T]) Close() error {
	return w.close(w.interrupt, func() error { return failure("close", C.go_worker_close(w.ticket)) })
}

func (w *Worker[T]) interrupt() { C.go_worker_cancel(w.ticket) }

// Read claims the next record; what the worker had claimed is done with then. It waits for one until ctx is done, and
// then gives the context's error. A LossError, which may be ErrAbandoned, says what no worker will get; after it
// reading goes on. ErrEvicted: this worker is none any more, close it.
func (w *Worker[T]) Read(ctx context.Context) (Record[T], error) { return w.read(ctx, true) }

// TryRead is Read without waiting: ErrEmpty, there is nothing to claim yet.
func (w *Worker[T]) TryRead() (Record[T], error) { return w.read(context.Background(), false) }

// All gives one record after another, for `for record, err := range worker.All(ctx)` (Go 1.23): losses as errors
// between them, and at the end the error that ended it, the context's for one.
func (w *Worker[T]) All(ctx context.Context) func(yield func(Record[T], error) bool) {
	return func(yield func(Record[T], error) bool) { readAll(ctx, w.Read, yield, isLoss) }
}

func (w *Worker[T]) read(ctx context.Context, waits bool) (Record[T], error) {
	if !w.enter() {
		return Record[T]{}, ErrClosed
	}
	defer w.leave()
	if err := ctx.Err(); err != nil {
		return Record[T]{}, err
	}
	got := C.go_worker_read(w.ticket, 0)
	if waits && Status(got.answer.status) == ErrEmpty {
		err := await(ctx, w, func(timeout int64) Status {
			got = C.go_worker_read(w.ticket, C.int64_t(timeout))
			return Status(got.answer.status)
		})
		if err != nil {
			return Record[T]{}, err
		}
	}
	index := uint64(got.record.index)
	switch status := Status(got.answer.status); status {
	case statusOK:
		length := int(got.record.count) * w.width
		w.values = room(w.values, length)
		copy(w.values, valuesAt[T](got.record.data, length))
		return Record[T]{
			Values:      w.values,
			Index:       index,
			Redelivered: got.record.flags&C.SLICKQ_RECORD_REDELIVERED != 0,
		}, nil
	case ErrLapped, ErrGap, ErrReset, ErrAbandoned, ErrCorrupt:
		dropMessage(got.answer)
		return Record[T]{}, &LossError{Cause: status, Index: index, Elements: uint64(got.record.lost)}
	}
	return Record[T]{}, failure("work", got.answer)
}

// Done says that what the worker has claimed is done with. ErrEvicted: it may have been given to another.
func (w *Worker[T]) Done() error {
	if !w.enter() {
		return ErrClosed
	}
	defer w.leave()
	return failure("finish a record", C.go_worker_done(w.ticket))
}

// GroupInfo describes a group of workers. Its counts of records are exact but for a worker that dies in the very
// moment of counting.
type GroupInfo struct {
	Name        string
	Mode        GroupMode
	Cursor      uint64 // the next index to be claimed
	Lag         uint64 // elements reserved from the cursor on
	Redelivered uint64 // records handed from a dead worker to another
	Abandoned   uint64 // records that a dead worker had claimed, and nobody got
	Lost        uint64 // elements lapped, torn or never published
	Workers     int    // registered, and alive
	IsWaitedFor bool   // lossless producers wait for it
	Unfinished  uint64 // records that dead, evicted and former workers have left, and no other has taken over yet
}

// Groups describes the queue's groups, also on a read-only handle.
func (q *Queue[T]) Groups() ([]GroupInfo, error) {
	if !q.enter() {
		return nil, ErrClosed
	}
	defer q.leave()
	var groups []GroupInfo
	for number := C.uint32_t(0); number < C.SLICKQ_MAX_GROUPS; number++ {
		got := C.go_group_info(q.ticket, number)
		if Status(got.answer.status) == ErrEmpty {
			continue
		}
		if got.answer.status != C.SLICKQ_OK {
			return nil, failure("list groups", got.answer)
		}
		groups = append(groups, GroupInfo{
			Name:        C.GoString((*C.char)(unsafe.Pointer(&got.info.name[0]))),
			Mode:        GroupMode(got.info.mode),
			Cursor:      uint64(got.info.cursor),
			Lag:         uint64(got.info.lag),
			Redelivered: uint64(got.info.redelivered),
			Abandoned:   uint64(got.info.abandoned),
			Lost:        uint64(got.info.lost),
			Workers:     int(got.info.workers),
			IsWaitedFor: got.info.is_waited_for != 0,
			Unfinished:  uint64(got.info.unfinished),
		})
	}
	return groups, nil
}

// RemoveGroup removes a group without living workers, with what its dead ones had claimed. ErrNoGroup; ErrBusy: it
// has workers.
func (q *Queue[T]) RemoveGroup(name string) error {
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	return withName("remove a group", name, func(text *C.char) error {
		return failure("remove a group", C.go_group_remove(q.ticket, text))
	})
}
