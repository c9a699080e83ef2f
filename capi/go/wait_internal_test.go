package slickq

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// deaf is a handle of a library that loses cancels: those that come before its wait has begun.
type deaf struct {
	handle
	interrupts atomic.Int64
}

func (d *deaf) interrupt() { d.interrupts.Add(1) }

func TestACancelThatIsLostIsRepeated(t *testing.T) {
	const lost = 3
	var h deaf
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	h.enter()
	defer h.leave()
	attempts := 0
	err := await(ctx, &h, func(timeout int64) Status {
		if attempts++; timeout >= 0 {
			return statusTimedOut // the brief wait, which nobody watches
		}
		cancel()
		for begin := time.Now(); h.interrupts.Load() <= lost; time.Sleep(time.Millisecond) {
			if time.Since(begin) > 10*time.Second {
				t.Error("nobody cancels any more")
				return statusCancelled
			}
		}
		return statusCancelled
	})
	if err != context.Canceled || attempts != 2 {
		t.Error(err, attempts)
	}
}

// One that was meant for an earlier wait, or for another one on the handle, ends nothing.
func TestACancelOfOthersEndsNothing(t *testing.T) {
	var h deaf
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	attempts := 0
	err := await(ctx, &h, func(int64) Status {
		if attempts++; attempts < 4 {
			return statusCancelled
		}
		return ErrLapped
	})
	if err != nil || attempts != 4 {
		t.Error(err, attempts)
	}
}
