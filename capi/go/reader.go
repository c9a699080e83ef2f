package slickq

// #include "shim.h"
import "C"

import (
	"context"
	"errors"
	"math"
	"time"
)

// AfterLap says where a reader goes on when producers have lapped it.
type AfterLap uint32

const (
	// AfterLapOldest is the oldest record that is at least ReaderOptions.Slack elements away from being overwritten.
	AfterLapOldest AfterLap = C.SLICKQ_AFTER_LAP_OLDEST
	// AfterLapNewest is the newest published record.
	AfterLapNewest AfterLap = C.SLICKQ_AFTER_LAP_NEWEST
	// AfterLapCompat is as the peers do: whole laps ahead, at the same position.
	AfterLapCompat AfterLap = C.SLICKQ_AFTER_LAP_COMPAT
)

// NeverStall, as a stall time: a record that is never published is waited for for ever. Not with lossless producers,
// whom it would hold up.
const NeverStall time.Duration = C.SLICKQ_STALL_NEVER

// ReaderOptions say how a reader reads. Zero in a field is the default.
type ReaderOptions struct {
	Start      Start
	StartIndex uint64 // with Start StartIndex: not ahead of what is reserved. Rounded down to the start of its slot
	AfterLap   AfterLap
	Slack      int           // elements, less than the capacity; 0: an eighth of the capacity
	Batch      int           // records copied ahead at most, up to 65536; 0: 64. Fewer if they have more than 16 KiB
	Registered bool          // lossless producers wait for this reader
	Stall      time.Duration // how long a record may stay reserved and unpublished before it is stepped over; 0: 1 second
}

// Reader is a consumer that hands out only true records and accounts for all others. It copies a batch of records
// ahead, in one call of the library, which validates all of them with one look at the producers' counter; what is left
// of the batch costs no call.
//
// What Read and ReadBatch give is in the reader's memory, until the next call of any of them: copy what is to stay.
// That memory is Go's: who keeps it too long sees other records, never a fault, and the race detector sees who uses
// it from another goroutine.
//
// A reader belongs to one goroutine at a time, but Close may be called from any.
type Reader[T any] struct {
	handle
	width int
	mask  uint64   // of indices
	batch Batch[T] // what was copied ahead ...
	next  int      // ... and the first record of it that is not handed out
}

// NewReader makes a reader of the queue. It goes on when the queue's handle is closed.
func (q *Queue[T]) NewReader(options ReaderOptions) (*Reader[T], error) {
	const op = "open a reader"
	var native C.slickq_reader_options
	var err error
	native.start = C.uint32_t(options.Start)
	native.start_index = C.uint64_t(options.StartIndex)
	native.after_lap = C.uint32_t(options.AfterLap)
	native.stall_ns = C.int64_t(options.Stall)
	if native.slack, err = number(op, "Slack", options.Slack); err != nil {
		return nil, err
	}
	if native.batch, err = number(op, "Batch", options.Batch); err != nil {
		return nil, err
	}
	if options.Registered {
		native.flags = C.SLICKQ_READER_REGISTERED
	}
	if !q.enter() {
		return nil, ErrClosed
	}
	defer q.leave()
	said := C.go_reader_open(q.ticket, native)
	if said.status != C.SLICKQ_OK {
		return nil, failure(op, said)
	}
	r := &Reader[T]{width: q.width, mask: 1<<48 - 1}
	if q.info.Layout == LayoutWide {
		r.mask = math.MaxUint64
	}
	r.ticket = C.go_ticket(said.value)
	return r, nil
}

// Close ends the wait that is under way (with ErrClosed), waits until it has returned, and ends the reader. Closing
// again does nothing.
func (r *Reader[T]) Close() error {
	return r.close(r.interrupt, func() error { return failure("close", C.go_reader_close(r.ticket)) })
}

func (r *Reader[T]) interrupt() { C.go_reader_cancel(r.ticket) }

// Read gives the next record; it waits for one until ctx is done, and then gives the context's error. A context that
// is done is noticed when the records copied ahead are used up. A LossError says what will never be read, and why;
// after it, and after ErrEvicted, reading goes on. ErrHalfReset: see there.
func (r *Reader[T]) Read(ctx context.Context) (Record[T], error) { return r.read(ctx, true) }

// TryRead is Read without waiting: ErrEmpty, nothing is reserved at the cursor yet; or ErrPending, something is, and
// is not published yet.
func (r *Reader[T]) TryRead() (Record[T], error) { return r.read(context.Background(), false) }

func (r *Reader[T]) read(ctx context.Context, waits bool) (Record[T], error) {
	if r.next == len(r.batch.Entries) || r.isClosed() {
		if err := r.fetch(ctx, 0, waits); err != nil {
			return Record[T]{}, err
		}
	}
	r.next++
	return r.batch.Record(r.next - 1), nil
}

// ReadBatch gives the next records, at least one: up to limit, or as many as the reader copies ahead if that is 0. It
// waits, and fails, as Read.
func (r *Reader[T]) ReadBatch(ctx context.Context, limit int) (Batch[T], error) {
	return r.readBatch(ctx, limit, true)
}

// TryReadBatch is ReadBatch without waiting, as TryRead.
func (r *Reader[T]) TryReadBatch(limit int) (Batch[T], error) {
	return r.readBatch(context.Background(), limit, false)
}

func (r *Reader[T]) readBatch(ctx context.Context, limit int, waits bool) (Batch[T], error) {
	if limit < 0 {
		return Batch[T]{}, refusal("read a batch", ErrArgument, "a batch of %d records can't be read", limit)
	}
	if r.next == len(r.batch.Entries) || r.isClosed() {
		if err := r.fetch(ctx, limit, waits); err != nil {
			return Batch[T]{}, err
		}
	}
	from, to := r.next, len(r.batch.Entries)
	if limit != 0 && to-from > limit {
		to = from + limit
	}
	r.next = to
	return r.batch.part(from, to), nil
}

// All gives one record after another, for `for record, err := range reader.All(ctx)` (Go 1.23): losses and ErrEvicted
// as errors between them, and at the end the error that ended it, the context's for one.
func (r *Reader[T]) All(ctx context.Context) func(yield func(Record[T], error) bool) {
	return func(yield func(Record[T], error) bool) {
		readAll(ctx, r.Read, yield, func(err error) bool { return isLoss(err) || errors.Is(err, ErrEvicted) })
	}
}

// fetch copies ahead.
func (r *Reader[T]) fetch(ctx context.Context, limit int, waits bool) error {
	if !r.enter() {
		return ErrClosed
	}
	defer r.leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	r.batch, r.next = r.batch.part(0, 0), 0
	most := C.uint32_t(limit)
	if limit > mostRecords {
		most = mostRecords
	}
	got := C.go_reader_read(r.ticket, most, 0)
	if status := Status(got.answer.status); waits && (status == ErrEmpty || status == ErrPending) {
		err := await(ctx, r, func(timeout int64) Status {
			got = C.go_reader_read(r.ticket, most, C.int64_t(timeout))
			return Status(got.answer.status)
		})
		if err != nil {
			return err
		}
	}
	switch status := Status(got.answer.status); status {
	case statusOK:
		r.batch.take(got.batch, r.width)
		return nil
	case ErrLapped, ErrGap, ErrReset, ErrCorrupt:
		dropMessage(got.answer)
		return &LossError{Cause: status, Index: uint64(got.batch.index), Elements: uint64(got.batch.lost)}
	}
	return failure("read", got.answer)
}

// ReaderInfo says how a reader is doing. All counts are since it was opened, of what was handed out. With records
// that never leave unused elements behind (single ones, or sizes that divide the capacity and fill their slots)
// ReceivedElements and the four losses add up to what was reserved between the reader's start and its cursor.
type ReaderInfo struct {
	Cursor           uint64 // index of what is handed out next
	Lag              uint64 // elements reserved from the cursor on, now
	ReceivedRecords  uint64
	ReceivedElements uint64
	LostLapped       uint64        // elements overwritten before the reader came to them
	LostHole         uint64        // elements stepped over because they stayed unpublished
	LostTorn         uint64        // elements copied and rejected: they were being overwritten, or made no sense
	LostReset        uint64        // elements unread when the queue was reset
	Resets           int           // how often the queue was reset
	Pending          time.Duration // how long this reader has seen the record at its cursor unpublished; 0 if it is not so
	// SuspectElements are those of ReceivedElements that may be wrong, at most: producers have told since then that the
	// ring had lapped them while they wrote there, ErrStale.
	SuspectElements uint64
}

// Info tells how the reader is doing. It belongs to the reader's goroutine, as Read does.
func (r *Reader[T]) Info() (ReaderInfo, error) {
	if !r.enter() {
		return ReaderInfo{}, ErrClosed
	}
	defer r.leave()
	native := C.go_reader_info(r.ticket)
	info := ReaderInfo{
		Cursor:           uint64(native.cursor),
		Lag:              uint64(native.lag),
		ReceivedRecords:  uint64(native.received_records),
		ReceivedElements: uint64(native.received_elements),
		LostLapped:       uint64(native.lost_lapped),
		LostHole:         uint64(native.lost_gap),
		LostTorn:         uint64(native.lost_torn),
		LostReset:        uint64(native.lost_reset),
		Resets:           int(native.resets),
		Pending:          time.Duration(native.pending_ns),
		SuspectElements:  uint64(native.suspect_elements),
	}
	if left := r.batch.part(r.next, len(r.batch.Entries)); left.Len() != 0 { // the library has handed it out, we have not
		info.Lag += (info.Cursor - left.Entries[0].Index) & r.mask
		info.Cursor = left.Entries[0].Index
		info.ReceivedRecords -= uint64(left.Len())
		info.ReceivedElements -= uint64(len(left.Values) / r.width)
	}
	return info, nil
}

// readAll is the loop of All. goesOn: an error after which there is more to read.
func readAll[T any](ctx context.Context, read func(context.Context) (Record[T], error), yield func(Record[T], error) bool,
	goesOn func(error) bool) {
	for {
		record, err := read(ctx)
		if !yield(record, err) || err != nil && !goesOn(err) {
			return
		}
	}
}

func isLoss(err error) bool {
	_, is := err.(*LossError)
	return is
}
