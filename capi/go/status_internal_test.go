package slickq

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

// Every status of the library is here, by its own name; a new one makes this fail.
func TestEveryStatusHasItsName(t *testing.T) {
	const no = "no status of this package"
	names := map[Status]string{
		statusOK: "OK", ErrEmpty: "EMPTY", 2: no + ": CompareAndSwap says it", ErrPending: "PENDING", ErrLapped: "LAPPED", ErrFull: "FULL",
		statusTimedOut: "TIMED_OUT", ErrGap: "GAP", ErrReset: "RESET", statusCancelled: "CANCELLED", ErrAbandoned: "ABANDONED",
		ErrNull: "E_NULL", ErrClosed: "E_HANDLE", ErrArgument: "E_ARGUMENT", ErrName: "E_NAME", statusTooSmall: "E_BUFFER",
		ErrReadOnly: "E_READ_ONLY", ErrUnsupported: "E_UNSUPPORTED", ErrNotFound: "E_NOT_FOUND", ErrExists: "E_EXISTS",
		ErrAccess: "E_ACCESS", ErrNoSpace: "E_NO_SPACE", ErrNoMemory: "E_NO_MEMORY", ErrLimit: "E_LIMIT", ErrOS: "E_OS",
		ErrNoLength: "E_NO_LENGTH", ErrNotReady: "E_NOT_READY", ErrHalfMade: "E_HALF_MADE", ErrNotAQueue: "E_NOT_A_QUEUE",
		ErrNewer: "E_NEWER", ErrTruncated: "E_TRUNCATED", ErrCorrupt: "E_CORRUPT", ErrMismatch: "E_MISMATCH", ErrStale: "E_STALE",
		ErrNotReserved: "E_NOT_RESERVED", ErrSecondProducer: "E_SECOND_PRODUCER", ErrHalfReset: "E_HALF_RESET", ErrEvicted: "E_EVICTED",
		ErrNoConsumer: "E_NO_CONSUMER", ErrNoGroup: "E_NO_GROUP", ErrBusy: "E_BUSY", ErrInternal: "E_INTERNAL",
	}
	for number := Status(-1000); number <= 1000; number++ {
		known, is := names[number]
		name := number.Name()
		if is != (name != "SLICKQ_UNKNOWN") || is && !strings.HasPrefix(known, no) && name != "SLICKQ_"+known {
			t.Errorf("%d is %q, here %q", number, name, known)
		}
	}
}

func TestErrorsCompare(t *testing.T) {
	var err error = &Error{Op: "open", Status: ErrNotFound, Message: "no such thing"}
	if !errors.Is(err, ErrNotFound) || !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrExists) || errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	var status Status
	if !errors.As(err, &status) || status != ErrNotFound {
		t.Error(status)
	}
	if err.Error() != "slickq: open: no such thing" {
		t.Error(err)
	}
	if !errors.Is(ErrClosed, fs.ErrClosed) || !errors.Is(ErrAccess, fs.ErrPermission) || errors.Is(ErrAccess, fs.ErrClosed) {
		t.Error("the errors of io/fs")
	}
	if got := ErrEmpty.Error(); got != "slickq: there is no record to read yet" {
		t.Error(got)
	}
	loss := &LossError{Cause: ErrLapped, Index: 9, Elements: 7}
	if !errors.Is(loss, ErrLapped) || !strings.HasPrefix(loss.Error(), "slickq: 7 elements lost before index 9: producers had lapped") {
		t.Error(loss)
	}
}
