package slickq

import (
	"context"
	"time"
)

// How a wait is ended by a context. The library's cancel ends the wait under way (of a reader or worker also the next
// one, if there is none; of a queue all, but none that has yet to begin). So it may come too early, and be lost, or
// too late, and hit a later wait. Therefore
//   - who cancels does so again and again until the wait is over, and
//   - a wait that was cancelled only looks at what it is to obey: its context, and whether the handle is being
//     closed. If neither asks for an end, it waits on.

// patience is how long a wait goes on without being watched: starting a goroutine costs more than a record that is
// just coming.
const patience = 50 * time.Microsecond

// waiting is a kind of handle that waits.
type waiting interface {
	enter() bool
	leave()
	isClosed() bool
	interrupt() // ends the wait under way
}

// await calls attempt, which waits for timeout_ns in the library (for ever if negative), until it says something else
// than that this time has passed or that it was interrupted. The caller is inside h.
func await(ctx context.Context, h waiting, attempt func(timeout int64) Status) error {
	isWatched := ctx.Done() == nil // by nobody, for ever
	for {
		timeout, isLimited := timeLeft(ctx)
		isBrief := !isWatched && (!isLimited || timeout > patience)
		if isBrief {
			timeout, isLimited = patience, true
		}
		status := attempt(nanoseconds(timeout, isLimited))
		if status != statusTimedOut && status != statusCancelled {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if h.isClosed() {
			return ErrClosed
		}
		if status == statusTimedOut && !isBrief {
			return context.DeadlineExceeded // the context's own timer is about to say so
		}
		if isBrief && status == statusTimedOut {
			defer interruptWhenDone(ctx, h)()
			isWatched = true
		}
	}
}

// timeLeft is the time until the context's deadline, if it has one; never 0, which would be no wait.
func timeLeft(ctx context.Context) (left time.Duration, isLimited bool) {
	deadline, isLimited := ctx.Deadline()
	if !isLimited {
		return 0, false
	}
	if left = time.Until(deadline); left < 1 {
		left = 1
	}
	return left, true
}

func nanoseconds(timeout time.Duration, isLimited bool) int64 {
	if !isLimited {
		return -1
	}
	return int64(timeout)
}

// interruptWhenDone interrupts h's wait when the context is done, until stop is called.
func interruptWhenDone(ctx context.Context, h waiting) (stop func()) {
	stopped := make(chan struct{})
	go func() {
		select {
		case <-stopped:
			return
		case <-ctx.Done():
		}
		for nap := 10 * time.Microsecond; h.enter(); nap = longer(nap) {
			h.interrupt()
			h.leave()
			select {
			case <-stopped:
				return
			case <-time.After(nap):
			}
		}
	}()
	return func() { close(stopped) }
}
