package slickq

// #include "shim.h"
import "C"

import (
	"fmt"
	"syscall"
	"unsafe"
)

// Error is a call that failed. Its Status is what errors.Is compares with; errors.As finds the *Error for the details.
type Error struct {
	Op      string        // what failed: "open", "publish"
	Status  Status        // why
	Message string        // a sentence with the details: names, both sides' values
	OSError syscall.Errno // the operating system's error behind it; 0 if there is none
}

// Error is the message, with what was to be done before it.
func (e *Error) Error() string { return "slickq: " + e.Op + ": " + e.Message }

// Unwrap is the status.
func (e *Error) Unwrap() error { return e.Status }

// Is makes errors.Is find the operating system's error.
func (e *Error) Is(target error) bool {
	number, is := target.(syscall.Errno)
	return is && number != 0 && number == e.OSError
}

// LossError says that elements will never be read, and why. It is no failure: reading goes on with the next call.
// Every element that a reader does not hand out is in exactly one LossError (but see ReaderInfo for records of uneven
// sizes).
type LossError struct {
	Cause    Status // ErrLapped, ErrGap, ErrReset, ErrAbandoned or ErrCorrupt
	Index    uint64 // where the reader or the worker goes on; with ErrAbandoned, and from reads with a cursor, that record's
	Elements uint64 // how many are lost
}

// Error tells how many and why.
func (e *LossError) Error() string {
	return fmt.Sprintf("slickq: %d elements lost before index %d: %s", e.Elements, e.Index, e.Cause.Error()[len("slickq: "):])
}

// Unwrap is the cause.
func (e *LossError) Unwrap() error { return e.Cause }

// failure is nil for a status that is none, the bare status for an outcome, and an *Error with what the library says
// of it else.
func failure(op string, said C.go_answer) error {
	if said.status == C.SLICKQ_OK {
		return nil
	}
	if said.status > 0 {
		return Status(said.status)
	}
	err := &Error{Op: op, Status: Status(said.status), OSError: syscall.Errno(said.os_error)}
	err.Message = takeText(said.message)
	if err.Message == "" {
		err.Message = err.Status.Error()
	}
	return err
}

// refusal is what this package finds wrong by itself.
func refusal(op string, status Status, format string, details ...any) error {
	return &Error{Op: op, Status: status, Message: fmt.Sprintf(format, details...)}
}

// dropMessage is for an answer that is dealt with otherwise.
func dropMessage(said C.go_answer) {
	if said.message != nil {
		C.free(unsafe.Pointer(said.message))
	}
}

func takeText(text *C.char) string {
	if text == nil {
		return ""
	}
	defer C.free(unsafe.Pointer(text))
	return C.GoString(text)
}
