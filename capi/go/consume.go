package slickq

// #include "shim.h"
import "C"

import (
	"context"
	"sync"
	"unsafe"
)

// Start gives one of the positions StartNow, StartOldest and StartNewest as a cursor: the index that a consumer reads
// next. A cursor is a plain number that belongs to the caller, and to one goroutine at a time; a Reader, which knows
// more, needs none.
func (q *Queue[T]) Start(start Start) (uint64, error) {
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	said := C.go_start(q.ticket, C.uint32_t(start))
	return uint64(said.value), failure("start", said)
}

// NextIndex is the next index that will be reserved: 0 in a new queue. The peers call it initial_reading_index.
func (q *Queue[T]) NextIndex() (uint64, error) {
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	said := C.go_next_index(q.ticket)
	return uint64(said.value), failure("next index", said)
}

// ReadCopy reads the record at *cursor, moves *cursor past it, and checks the copy. The record's values overwrite
// buffer up to its capacity, as append(buffer[:0], ...) would, or are in a new slice if they need more; either way they
// are the caller's. ErrEmpty: no record there yet (*cursor may have moved over the unused end of the ring). A
// LossError: the record was being overwritten, *cursor has moved past it. ErrCorrupt: the slot claims a size that no
// record there can have; *cursor has moved past it.
func (q *Queue[T]) ReadCopy(cursor *uint64, buffer []T) (Record[T], error) {
	if !q.enter() {
		return Record[T]{}, ErrClosed
	}
	defer q.leave()
	return q.copied("read", buffer, func(bytes []byte) C.go_record {
		got := C.go_read_copy(q.ticket, C.uint64_t(*cursor), first(bytes), C.size_t(len(bytes)))
		*cursor = uint64(got.answer.value)
		return got
	})
}

// Claim reads the next record through a cursor that several consumers share: each record goes to exactly one of them.
// Otherwise as ReadCopy; with a LossError the record was claimed, and is lost.
func (q *Queue[T]) Claim(cursor *SharedCursor, buffer []T) (Record[T], error) {
	if !q.enter() {
		return Record[T]{}, ErrClosed
	}
	defer q.leave()
	if err := cursor.begin(); err != nil {
		return Record[T]{}, err
	}
	defer cursor.leave()
	return q.copied("claim", buffer, func(bytes []byte) C.go_record {
		return C.go_claim(q.ticket, cursor.native(), first(bytes), C.size_t(len(bytes)))
	})
}

// ReadLast reads the record that was published last, without any cursor, copied as ReadCopy does. ErrEmpty: there is
// none; or what lies there may be damaged, because a producer that came too late (ErrStale) wrote over it, or others
// kept overwriting it through 16 attempts. ErrUnsupported with LayoutSLQ0 and LayoutSLQ2, which keep no such index.
func (q *Queue[T]) ReadLast(buffer []T) (Record[T], error) {
	if !q.enter() {
		return Record[T]{}, ErrClosed
	}
	defer q.leave()
	return q.copied("read the last record", buffer, func(bytes []byte) C.go_record {
		return C.go_read_last(q.ticket, first(bytes), C.size_t(len(bytes)), C.size_t(q.size))
	})
}

// copied calls read with the buffer, or a larger one if it asks for that.
func (q *Queue[T]) copied(op string, buffer []T, read func(bytes []byte) C.go_record) (Record[T], error) {
	values := buffer[:cap(buffer)]
	got := read(bytesOf(values))
	for Status(got.answer.status) == statusTooSmall { // again: another record may have come to lie there, or been claimed
		dropMessage(got.answer)
		values = make([]T, int(got.record.count)*q.width)
		got = read(bytesOf(values))
	}
	switch Status(got.answer.status) {
	case statusOK:
		return Record[T]{
			Values: values[:int(got.record.count)*q.width],
			Index:  uint64(got.record.index),
			Lost:   uint64(got.record.lost),
		}, nil
	case ErrLapped:
		return Record[T]{}, &LossError{Cause: ErrLapped, Index: uint64(got.record.index), Elements: uint64(got.record.lost)}
	}
	return Record[T]{}, failure(op, got.answer)
}

// ReadInPlace reads the record at *cursor without copying, and moves *cursor past it. use gets it where it lies in
// the ring, and must keep nothing of it: producers that lap the reader overwrite it while it is read. Therefore, when
// use has returned, the record is checked: with ErrLapped it may not have been whole while use looked, and what was
// made of it is to be thrown away. use is not called with any other error; those are ReadCopy's.
func (q *Queue[T]) ReadInPlace(cursor *uint64, use func(Record[T])) error {
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	got := C.go_read(q.ticket, C.uint64_t(*cursor))
	*cursor = uint64(got.answer.value)
	return q.inPlace("read", got, use)
}

// ClaimInPlace is Claim without copying; as ReadInPlace. With ErrLapped the record was claimed, and is lost.
func (q *Queue[T]) ClaimInPlace(cursor *SharedCursor, use func(Record[T])) error {
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	if err := cursor.begin(); err != nil {
		return err
	}
	defer cursor.leave()
	return q.inPlace("claim", C.go_claim_in_place(q.ticket, cursor.native()), use)
}

func (q *Queue[T]) inPlace(op string, got C.go_record, use func(Record[T])) error {
	if got.answer.status != C.SLICKQ_OK {
		return failure(op, got.answer)
	}
	index := uint64(got.record.index)
	use(Record[T]{
		Values: valuesAt[T](got.record.data, int(got.record.count)*q.width),
		Index:  index,
		Lost:   uint64(got.record.lost),
	})
	return q.validate(index)
}

var places = sync.Pool{New: func() any { return new([]C.go_place) }}

// ReadBatchInPlace is ReadInPlace for up to limit records for the price of two calls: use gets one after another, and
// one check at the end validates all of them. n is how many there were. It ends early where ReadInPlace would say
// anything but a record, or tell of a loss. With ErrLapped the first one, at least, may not have been whole: throw
// away all that was made of the n.
func (q *Queue[T]) ReadBatchInPlace(cursor *uint64, limit int, use func(Record[T])) (n int, err error) {
	if limit > q.info.Capacity {
		limit = q.info.Capacity // there are no more records
	}
	if limit <= 0 {
		return 0, refusal("read a batch", ErrArgument, "a batch of %d records can't be read", limit)
	}
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	scratch := places.Get().(*[]C.go_place)
	defer places.Put(scratch)
	*scratch = room(*scratch, limit)
	found := *scratch
	got := C.go_read_batch(q.ticket, C.uint64_t(*cursor), &found[0], C.uint32_t(limit))
	*cursor = uint64(got.answer.value)
	if got.answer.status != C.SLICKQ_OK {
		return 0, failure("read a batch", got.answer)
	}
	base := C.go_at(q.ticket, 0)
	for _, place := range found[:got.count] {
		position := int(uint64(place.index) & uint64(q.info.Capacity-1))
		use(Record[T]{
			Values: valuesAt[T](unsafe.Add(base, position*q.size), int(place.count)*q.width),
			Index:  uint64(place.index),
			Lost:   uint64(place.lost),
		})
	}
	return int(got.count), q.validate(uint64(found[0].index))
}

// Validate says whether the record at that index, of which something was read in place, was whole until now: nil, or
// ErrLapped. The proof: producers reserve before they write, and fewer than a ring's elements have been reserved
// since. It holds on x86-64 whatever peer produces, on arm64 if the producers are libslickq's.
func (q *Queue[T]) Validate(index uint64) error {
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	return q.validate(index)
}

func (q *Queue[T]) validate(index uint64) error {
	if status := C.go_check(q.ticket, C.uint64_t(index)); status != C.SLICKQ_OK {
		return Status(status)
	}
	return nil
}

// Wait waits until a read at index cursor would not say ErrEmpty, or the queue was reset to before it, or ctx is
// done. With a shared cursor another consumer may be faster.
func (q *Queue[T]) Wait(ctx context.Context, cursor uint64) error {
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	var said C.go_answer
	err := await(ctx, q, func(timeout int64) Status {
		said = C.go_queue_wait(q.ticket, C.uint64_t(cursor), C.int64_t(timeout))
		return Status(said.status)
	})
	if err != nil {
		return err
	}
	return failure("wait", said)
}
