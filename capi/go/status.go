package slickq

// #include "shim.h"
import "C"

import (
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Status is the library's number for an outcome. It is an error by itself, and errors.Is finds it in every error of
// this package that comes from the library: errors.Is(err, slickq.ErrFull). The numbers never change.
type Status int

// Outcomes that are no failure. Reading goes on after each of them.
const (
	// ErrEmpty: there is no record to read yet.
	ErrEmpty Status = C.SLICKQ_EMPTY
	// ErrPending: the next record is reserved and not published yet. Only readers tell it from ErrEmpty.
	ErrPending Status = C.SLICKQ_PENDING
	// ErrLapped: producers had overwritten what was to be read. Readers and workers say how much by a LossError.
	ErrLapped Status = C.SLICKQ_LAPPED
	// ErrFull: a lossless queue has no room before a registered consumer or a group has read on.
	ErrFull Status = C.SLICKQ_FULL
	// ErrGap: elements stayed unpublished beyond the stall time and were stepped over, a LossError.
	ErrGap Status = C.SLICKQ_GAP
	// ErrReset: the queue was reset; what was not read of its former epoch is lost, a LossError.
	ErrReset Status = C.SLICKQ_RESET
	// ErrAbandoned: another worker of an at-most-once group died with a claimed record, and nobody gets it any more;
	// a LossError.
	ErrAbandoned Status = C.SLICKQ_ABANDONED
)

// The call was wrong.
const (
	// ErrNull: the handle is the zero value of its type.
	ErrNull Status = C.SLICKQ_E_NULL
	// ErrClosed: the handle was closed. Also fs.ErrClosed.
	ErrClosed Status = C.SLICKQ_E_HANDLE
	// ErrArgument: a value is out of range or contradicts another.
	ErrArgument Status = C.SLICKQ_E_ARGUMENT
	// ErrName: a name is empty, too long or has a '/' inside.
	ErrName Status = C.SLICKQ_E_NAME
	// ErrReadOnly: the queue was opened read-only, and the call would write.
	ErrReadOnly Status = C.SLICKQ_E_READ_ONLY
	// ErrUnsupported: this platform, or this queue's layout, cannot do that.
	ErrUnsupported Status = C.SLICKQ_E_UNSUPPORTED
)

// The name and the operating system.
const (
	// ErrNotFound: no segment of that name. Also fs.ErrNotExist.
	ErrNotFound Status = C.SLICKQ_E_NOT_FOUND
	// ErrExists: the name is taken. Also fs.ErrExist.
	ErrExists Status = C.SLICKQ_E_EXISTS
	// ErrAccess: the operating system denies access. Also fs.ErrPermission.
	ErrAccess Status = C.SLICKQ_E_ACCESS
	// ErrNoSpace: shared memory has no room for the segment.
	ErrNoSpace Status = C.SLICKQ_E_NO_SPACE
	// ErrNoMemory: out of memory or of address space.
	ErrNoMemory Status = C.SLICKQ_E_NO_MEMORY
	// ErrLimit: too many open files, mappings, handles, consumers or groups.
	ErrLimit Status = C.SLICKQ_E_LIMIT
	// ErrOS: any other error of the operating system; Error.OSError has it.
	ErrOS Status = C.SLICKQ_E_OS
)

// What was found under a name. Nothing was written to it.
const (
	// ErrNoLength: shorter than a header until the deadline: its creator died, or never gave it its length.
	ErrNoLength Status = C.SLICKQ_E_NO_LENGTH
	// ErrNotReady: all zero until the deadline: its creator died before it began to initialise.
	ErrNotReady Status = C.SLICKQ_E_NOT_READY
	// ErrHalfMade: begun and not finished until the deadline: its creator died while initialising.
	ErrHalfMade Status = C.SLICKQ_E_HALF_MADE
	// ErrNotAQueue: not a queue segment of any known layout.
	ErrNotAQueue Status = C.SLICKQ_E_NOT_A_QUEUE
	// ErrNewer: a segment with features of a newer version.
	ErrNewer Status = C.SLICKQ_E_NEWER
	// ErrTruncated: shorter than its header says.
	ErrTruncated Status = C.SLICKQ_E_TRUNCATED
	// ErrCorrupt: a header or slot that contradicts itself. From a reader it is a LossError, and reading can go on.
	ErrCorrupt Status = C.SLICKQ_E_CORRUPT
	// ErrMismatch: a queue, but not as the caller asked; the message has both sides' values.
	ErrMismatch Status = C.SLICKQ_E_MISMATCH
)

// Producing and consuming.
const (
	// ErrStale: a publish came too late; the ring has lapped the reservation, and its record is lost.
	ErrStale Status = C.SLICKQ_E_STALE
	// ErrNotReserved: a publish of an index that is not reserved (any more).
	ErrNotReserved Status = C.SLICKQ_E_NOT_RESERVED
	// ErrSecondProducer: the handle was opened for a single producer, and somebody else has produced.
	ErrSecondProducer Status = C.SLICKQ_E_SECOND_PRODUCER
	// ErrHalfReset: a reset was begun 2 seconds ago or more and is not finished: its process died. Reset again.
	ErrHalfReset Status = C.SLICKQ_E_HALF_RESET
	// ErrEvicted: this consumer or worker is registered no more: it was evicted, or its process taken for dead.
	ErrEvicted Status = C.SLICKQ_E_EVICTED
	// ErrNoConsumer: no consumer or worker of that id is registered any more.
	ErrNoConsumer Status = C.SLICKQ_E_NO_CONSUMER
	// ErrNoGroup: the queue has no group of that name.
	ErrNoGroup Status = C.SLICKQ_E_NO_GROUP
	// ErrBusy: the group has workers that may live.
	ErrBusy Status = C.SLICKQ_E_BUSY
	// ErrInternal: a defect in libslickq; please report the message.
	ErrInternal Status = C.SLICKQ_E_INTERNAL
)

// Those that do not leave this package: they become a context's error, or another look.
const (
	statusOK        Status = C.SLICKQ_OK
	statusTimedOut  Status = C.SLICKQ_TIMED_OUT
	statusCancelled Status = C.SLICKQ_CANCELLED
	statusTooSmall  Status = C.SLICKQ_E_BUFFER
)

// Name is the status' name in slickq.h, "SLICKQ_E_STALE"; "SLICKQ_UNKNOWN" for a number of no status.
func (s Status) Name() string { return C.GoString(C.slickq_status_name(C.slickq_status(s))) }

// Error is a sentence that explains the status and what to do.
func (s Status) Error() string {
	text := strings.TrimSuffix(C.GoString(C.slickq_status_text(C.slickq_status(s))), ".")
	first, width := utf8.DecodeRuneInString(text)
	return "slickq: " + string(unicode.ToLower(first)) + text[width:]
}

// Is makes errors.Is find the errors of package io/fs that mean the same.
func (s Status) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return s == ErrNotFound
	case fs.ErrExist:
		return s == ErrExists
	case fs.ErrPermission:
		return s == ErrAccess
	case fs.ErrClosed:
		return s == ErrClosed
	}
	return false
}
