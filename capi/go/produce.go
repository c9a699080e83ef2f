package slickq

// #include "shim.h"
import "C"

import (
	"context"
	"unsafe"
)

// Write publishes values as one record, copied, and gives its index. It never waits, the oldest records are given up,
// unless the queue is lossless: then it may say ErrFull, and has done nothing. ErrStale: the ring lapped the record
// while it was written.
func (q *Queue[T]) Write(values ...T) (uint64, error) {
	count, err := q.countOf("write", len(values))
	if err != nil {
		return 0, err
	}
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	said := C.go_write(q.ticket, first(bytesOf(values)), count)
	if said.status != C.SLICKQ_OK {
		return uint64(said.value), failure("write", said)
	}
	return uint64(said.value), nil
}

// WriteContext is Write, but where that says ErrFull it waits for room, or until ctx is done.
func (q *Queue[T]) WriteContext(ctx context.Context, values ...T) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	index, err := q.Write(values...)
	if err != ErrFull {
		return index, err
	}
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	count := C.uint32_t(len(values) / q.width)
	var said C.go_answer
	err = await(ctx, q, func(timeout int64) Status {
		said = C.go_write_wait(q.ticket, first(bytesOf(values)), count, C.int64_t(timeout))
		return Status(said.status)
	})
	if err != nil {
		return 0, err
	}
	return uint64(said.value), failure("write", said)
}

// WriteBatch publishes many records for the price of one call: what Write of each would leave behind, in that order.
// values holds them one after another; record k has counts[k] elements, or one if counts is nil. n is how many were
// taken: if that is not all of them there is an error, ErrFull where a lossless queue had room for the first n only.
// ErrStale: the ring lapped some of them while they were written.
func (q *Queue[T]) WriteBatch(values []T, counts []uint32) (n int, err error) {
	records, err := q.checkBatch(len(values), counts)
	if err != nil || records == 0 {
		return 0, err
	}
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	said := C.go_write_batch(q.ticket, first(bytesOf(values)), firstCount(counts), records)
	if said.status == C.SLICKQ_OK && said.value < C.uint64_t(records) {
		return int(said.value), ErrFull
	}
	return int(said.value), failure("write a batch", said)
}

// WriteBatchContext is WriteBatch, but waits for room until all records are written, or ctx is done.
func (q *Queue[T]) WriteBatchContext(ctx context.Context, values []T, counts []uint32) (n int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err = q.WriteBatch(values, counts)
	if err != ErrFull {
		return n, err
	}
	if !q.enter() {
		return n, ErrClosed
	}
	defer q.leave()
	var said C.go_answer
	waited := await(ctx, q, func(timeout int64) Status {
		rest, left := q.after(n, values, counts)
		records := C.uint32_t(len(left))
		if counts == nil {
			records = C.uint32_t(len(rest) / q.width)
		}
		said = C.go_write_batch_wait(q.ticket, first(bytesOf(rest)), firstCount(left), records, C.int64_t(timeout))
		n += int(said.value)
		return Status(said.status)
	})
	if waited != nil {
		return n, waited
	}
	return n, failure("write a batch", said)
}

// checkBatch gives the number of records. The library believes the counts.
func (q *Queue[T]) checkBatch(values int, counts []uint32) (C.uint32_t, error) {
	if values == 0 && len(counts) == 0 {
		return 0, nil
	}
	elements, err := q.countOf("write a batch", values)
	if err != nil || counts == nil {
		return elements, err
	}
	sum := uint64(0)
	for _, count := range counts {
		sum += uint64(count)
	}
	if sum != uint64(elements) {
		return 0, refusal("write a batch", ErrArgument, "the counts make %d elements, but %d are given", sum, elements)
	}
	return number("write a batch", "the number of records", len(counts))
}

// after is what is left of a batch when its first n records are written.
func (q *Queue[T]) after(n int, values []T, counts []uint32) ([]T, []uint32) {
	if counts == nil {
		return values[n*q.width:], nil
	}
	elements := 0
	for _, count := range counts[:n] {
		elements += int(count)
	}
	return values[elements*q.width:], counts[n:]
}

// firstCount is what the library takes for counts: NULL if there are none.
func firstCount(counts []uint32) *C.uint32_t {
	if len(counts) == 0 {
		return nil
	}
	return (*C.uint32_t)(unsafe.Pointer(&counts[0]))
}

// Reserve gets room for a record of count elements and gives its index, for Fill and Publish. Publish it soon: until
// then consumers stop there. Give the ring many times the room of the largest record. As Write, on a lossless queue
// it may say ErrFull.
func (q *Queue[T]) Reserve(count int) (uint64, error) {
	elements, err := number("reserve", "count", count)
	if err != nil {
		return 0, err
	}
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	said := C.go_reserve(q.ticket, elements)
	return uint64(said.value), failure("reserve", said)
}

// ReserveContext is Reserve, but where that says ErrFull it waits for room, or until ctx is done.
func (q *Queue[T]) ReserveContext(ctx context.Context, count int) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	index, err := q.Reserve(count)
	if err != ErrFull {
		return index, err
	}
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	var said C.go_answer
	err = await(ctx, q, func(timeout int64) Status {
		said = C.go_reserve_wait(q.ticket, C.uint32_t(count), C.int64_t(timeout))
		return Status(said.status)
	})
	if err != nil {
		return 0, err
	}
	return uint64(said.value), failure("reserve", said)
}

// Fill copies values to the element with that index and those after it: into what was reserved, not beyond. Any
// number of T, also less than an element. ErrArgument if they go beyond the end of the ring, where no reservation
// does.
func (q *Queue[T]) Fill(index uint64, values []T) error {
	if len(values) == 0 {
		return nil
	}
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	if q.info.ReadOnly {
		return refusal("fill", ErrReadOnly, "queue '%s' was opened read-only", q.info.Name)
	}
	room := (q.info.Capacity - int(index&uint64(q.info.Capacity-1))) * q.width
	if len(values) > room {
		return refusal("fill", ErrArgument, "%d values do not fit between index %d and the ring's end, where %d do", len(values), index, room)
	}
	C.go_fill(q.ticket, C.uint64_t(index), first(bytesOf(values)), C.size_t(len(values)*sizeOf[T]()))
	return nil
}

// Publish makes what was reserved visible to consumers, as one record of count elements, at most what was reserved.
// ErrStale: the ring has lapped it meanwhile, nothing was published.
func (q *Queue[T]) Publish(index uint64, count int) error {
	elements, err := number("publish", "count", count)
	if err != nil {
		return err
	}
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	return failure("publish", C.go_publish(q.ticket, C.uint64_t(index), elements))
}

// WriteInPlace reserves a record of count elements, lets fill write it where it lies in the ring, and publishes it:
// for records that are costly to copy. The values are what the ring had there before; they must not be used after
// fill returns. Other processes see all that is written at once. If fill panics the record stays unpublished, and
// consumers wait for it for their stall time.
func (q *Queue[T]) WriteInPlace(count int, fill func(values []T)) (uint64, error) {
	elements, err := number("write", "count", count)
	if err != nil {
		return 0, err
	}
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	said := C.go_reserve(q.ticket, elements)
	if said.status != C.SLICKQ_OK {
		return 0, failure("write", said)
	}
	fill(valuesAt[T](C.go_at(q.ticket, said.value), count*q.width))
	return uint64(said.value), failure("write", C.go_publish(q.ticket, said.value, elements))
}
