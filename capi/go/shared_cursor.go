package slickq

// #include "shim.h"
import "C"

import (
	"io/fs"
	"sync/atomic"
	"time"
	"unsafe"
)

// SharedCursor is a cursor that several consumers share, so that each record is claimed by exactly one of them:
// goroutines, or processes if it is in a named segment. Its methods may be called from any goroutine at any time.
type SharedCursor struct {
	handle
	cell    *uint64 // in the segment, or alone on the heap: what cgo looks at has no pointers
	isNamed bool
}

// NewSharedCursor makes a cursor for the goroutines of this process that starts at index start. It needs no Close.
func NewSharedCursor(start uint64) *SharedCursor {
	cursor := &SharedCursor{cell: new(uint64)}
	*cursor.cell = start
	return cursor
}

// CreateSharedCursor makes a cursor, of index 0, in a segment of its own, under a name that must be free. offset is
// in bytes from its start, a multiple of 8. permissions are as in Options. It is interchangeable with
// slick-queue-py's AtomicCursor at that offset.
func CreateSharedCursor(name string, offset uint64, permissions fs.FileMode) (*SharedCursor, error) {
	return openCursor("create a cursor", C.GO_CREATE, name, offset, permissions, 0)
}

// OpenSharedCursor opens an existing one. While its segment has length 0 its creator is waited for, as
// Options.Timeout says.
func OpenSharedCursor(name string, offset uint64, timeout time.Duration) (*SharedCursor, error) {
	return openCursor("open a cursor", C.GO_OPEN, name, offset, 0, timeout)
}

// OpenOrCreateSharedCursor opens it, or creates it if the name is free.
func OpenOrCreateSharedCursor(name string, offset uint64, permissions fs.FileMode, timeout time.Duration) (*SharedCursor, error) {
	return openCursor("open or create a cursor", C.GO_OPEN_OR_CREATE, name, offset, permissions, timeout)
}

func openCursor(op string, how C.enum_go_how, name string, offset uint64, permissions fs.FileMode, timeout time.Duration) (
	cursor *SharedCursor, err error) {
	err = withName(op, name, func(text *C.char) error {
		got := C.go_cursor_open(how, text, C.uint64_t(offset), C.uint32_t(permissions), C.int64_t(timeout))
		if got.answer.status != C.SLICKQ_OK {
			return failure(op, got.answer)
		}
		cursor = &SharedCursor{cell: (*uint64)(unsafe.Pointer(got.cell)), isNamed: true}
		cursor.ticket = C.go_ticket(got.answer.value)
		return nil
	})
	return cursor, err
}

// begin is enter, where there is a cell.
func (c *SharedCursor) begin() error {
	if !c.enter() {
		return ErrClosed
	}
	if c.cell == nil {
		c.leave()
		return ErrNull // the zero SharedCursor
	}
	return nil
}

func (c *SharedCursor) native() *C.uint64_t { return (*C.uint64_t)(unsafe.Pointer(c.cell)) }

// Load gives the index that is claimed next.
func (c *SharedCursor) Load() (uint64, error) {
	if err := c.begin(); err != nil {
		return 0, err
	}
	defer c.leave()
	return atomic.LoadUint64(c.cell), nil
}

// Store sets it.
func (c *SharedCursor) Store(index uint64) error {
	if err := c.begin(); err != nil {
		return err
	}
	defer c.leave()
	atomic.StoreUint64(c.cell, index)
	return nil
}

// CompareAndSwap sets it to index if it is expected. If not, swapped is false, and actual is what it was when that
// was seen.
func (c *SharedCursor) CompareAndSwap(expected, index uint64) (actual uint64, swapped bool, err error) {
	if err := c.begin(); err != nil {
		return 0, false, err
	}
	defer c.leave()
	for {
		if atomic.CompareAndSwapUint64(c.cell, expected, index) {
			return expected, true, nil
		}
		if actual = atomic.LoadUint64(c.cell); actual != expected { // else it has just come back: try again
			return actual, false, nil
		}
	}
}

// Close waits until all calls have returned and ends the handle. The name stays: Remove removes it. Closing again
// does nothing.
func (c *SharedCursor) Close() error {
	return c.close(func() {}, func() error {
		c.cell = nil // it is no memory any more
		if !c.isNamed {
			return nil
		}
		return failure("close", C.go_cursor_close(c.ticket))
	})
}
