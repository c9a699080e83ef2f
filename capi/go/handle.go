package slickq

// #include "shim.h"
import "C"

import (
	"sync/atomic"
	"time"
)

// handle counts the calls that are under way on a handle of the library. The library refuses a handle that was
// closed, but must not be asked to close one while another thread is inside; Go programs close things while others
// wait on them. So Close lets no more calls begin, ends the waits, and closes when the last one is out.
type handle struct {
	ticket C.go_ticket
	uses   atomic.Int64 // less `closing` from Close on
}

const closing = 1 << 62

// enter begins a call; false: the handle is closed. Each true is followed by one leave.
func (h *handle) enter() bool {
	if h.uses.Add(1) > 0 {
		return true
	}
	h.uses.Add(-1)
	return false
}

func (h *handle) leave() { h.uses.Add(-1) }

func (h *handle) isClosed() bool { return h.uses.Load() < 0 }

// close calls end once, when nobody is inside; interrupt ends waits, and is called until it has.
func (h *handle) close(interrupt func(), end func() error) error {
	for {
		uses := h.uses.Load()
		if uses < 0 {
			return nil // closed already
		}
		if h.uses.CompareAndSwap(uses, uses-closing) {
			break
		}
	}
	for nap := 10 * time.Microsecond; h.uses.Load() != -closing; nap = longer(nap) {
		interrupt()
		time.Sleep(nap)
	}
	return end()
}

// longer is the next nap of one who interrupts a wait until it has ended.
func longer(nap time.Duration) time.Duration {
	if nap *= 2; nap > 5*time.Millisecond {
		return 5 * time.Millisecond
	}
	return nap
}
