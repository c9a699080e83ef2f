package slickq_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"slickq"
)

// What waits, in each of its forms: nothing ever comes.
func waits(t *testing.T) map[string]func(context.Context) error {
	empty := local(t, slickq.Options{Capacity: 8})
	full := local(t, slickq.Options{Capacity: 8, Lossless: true})
	reader(t, full, slickq.ReaderOptions{Registered: true})
	must(full.WriteBatch(make([]tick, 8), nil))
	one, other := reader(t, empty, slickq.ReaderOptions{}), reader(t, empty, slickq.ReaderOptions{})
	worker := must(empty.NewWorker(slickq.WorkerOptions{Group: "idle", Mode: slickq.GroupAtMostOnce}))
	t.Cleanup(func() { check(t, worker.Close()) })
	return map[string]func(context.Context) error{
		"Reader.Read":      func(ctx context.Context) error { _, err := one.Read(ctx); return err },
		"Reader.ReadBatch": func(ctx context.Context) error { _, err := other.ReadBatch(ctx, 3); return err },
		"Worker.Read":      func(ctx context.Context) error { _, err := worker.Read(ctx); return err },
		"Wait":             func(ctx context.Context) error { return empty.Wait(ctx, 0) },
		"WriteContext":     func(ctx context.Context) error { _, err := full.WriteContext(ctx, tickOf(0)); return err },
		"ReserveContext":   func(ctx context.Context) error { _, err := full.ReserveContext(ctx, 1); return err },
		"WriteBatchContext": func(ctx context.Context) error {
			_, err := full.WriteBatchContext(ctx, make([]tick, 2), nil)
			return err
		},
	}
}

// A context that is done ends each of them before it does anything, even if it need not wait.
func TestAContextThatIsDone(t *testing.T) {
	done, cancel := context.WithCancel(context.Background())
	cancel()
	q := local(t, slickq.Options{Capacity: 8})
	r := reader(t, q, slickq.ReaderOptions{})
	writeTicks(t, q, 0, 1)
	_, err := r.Read(done)
	checkIs(t, err, context.Canceled)
	checkIs(t, q.Wait(done, 0), context.Canceled)
	_, err = q.WriteContext(done, tickOf(1))
	checkIs(t, err, context.Canceled)
	_, err = q.ReserveContext(done, 1)
	checkIs(t, err, context.Canceled)
	_, err = q.WriteBatchContext(done, make([]tick, 2), nil)
	checkIs(t, err, context.Canceled)
	checkEqual(t, must(q.NextIndex()), 1)
	checkEqual(t, must(r.TryRead()).Value(), tickOf(0))
}

// They wait at once, some on one handle, and end each by its own context: cancelled at every moment, before, at and
// after it has fallen asleep.
func TestCancelling(t *testing.T) {
	var all sync.WaitGroup
	for name, wait := range waits(t) {
		name, wait := name, wait
		all.Add(1)
		go func() {
			defer all.Done()
			for _, delay := range []time.Duration{0, 1, 20, 45, 50, 55, 70, 100, 200, 500, 1000, 5000, 150_000} {
				delay *= time.Microsecond
				ctx, cancel := context.WithCancel(context.Background())
				begin := time.Now()
				time.AfterFunc(delay, cancel)
				if err := wait(ctx); err != context.Canceled {
					t.Errorf("%s, cancelled after %v: %v", name, delay, err)
				}
				if took := time.Since(begin); took < delay || took > delay+2*time.Second {
					t.Errorf("%s, cancelled after %v, ended after %v", name, delay, took)
				}
			}
			for _, delay := range []time.Duration{0, 20, 60, 1000, 20_000} {
				delay *= time.Microsecond
				begin := time.Now()
				ctx, cancel := context.WithTimeout(context.Background(), delay)
				if err := wait(ctx); err != context.DeadlineExceeded {
					t.Errorf("%s, with a deadline of %v: %v", name, delay, err)
				}
				if took := time.Since(begin); took < delay || took > delay+2*time.Second {
					t.Errorf("%s, with a deadline of %v, ended after %v", name, delay, took)
				}
				cancel()
			}
		}()
	}
	all.Wait()
}

// A cancel that comes as the record does must neither be lost nor end the next wait, whose context nobody cancels.
func TestCancelMeetsRecord(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 1024})
	r := reader(t, q, slickq.ReaderOptions{})
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	for round, next := 0, 0; round < rounds; round++ {
		ctx, cancel := context.WithCancel(context.Background())
		var both sync.WaitGroup
		both.Add(2)
		go func() { defer both.Done(); time.Sleep(time.Duration(round%7) * 30 * time.Microsecond); cancel() }()
		go func() {
			defer both.Done()
			time.Sleep(time.Duration(round%5) * 40 * time.Microsecond)
			must(q.Write(tickOf(round)))
		}()
		record, err := r.Read(ctx)
		if err == nil {
			checkEqual(t, record.Value(), tickOf(next))
			next++
		} else {
			checkIs(t, err, context.Canceled)
		}
		both.Wait()
		for next <= round {
			record, err := r.Read(context.Background())
			check(t, err)
			checkEqual(t, record.Value(), tickOf(next))
			next++
		}
	}
}

// A record wakes a reader that sleeps, watched by a context and not.
func TestWaking(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8})
	r := reader(t, q, slickq.ReaderOptions{})
	for n, ctx := range []context.Context{context.Background(), soon(t)} {
		n := n
		go func() {
			time.Sleep(20 * time.Millisecond)
			must(q.Write(tickOf(n)))
		}()
		record, err := r.Read(ctx)
		check(t, err)
		checkEqual(t, record.Value(), tickOf(n))
	}
}

// Close ends all waits on the handle, of those without a context too.
func TestCloseEndsWaits(t *testing.T) {
	full := must(slickq.NewLocal[tick](slickq.Options{Capacity: 8, Lossless: true}))
	registered := must(full.NewReader(slickq.ReaderOptions{Registered: true}))
	defer registered.Close()
	must(full.WriteBatch(make([]tick, 8), nil))
	empty := must(slickq.NewLocal[tick](slickq.Options{Capacity: 8}))
	r := must(empty.NewReader(slickq.ReaderOptions{}))
	w := must(empty.NewWorker(slickq.WorkerOptions{Group: "idle", Mode: slickq.GroupAtMostOnce}))

	var all sync.WaitGroup
	wait := func(name string, ctx context.Context, forever func(context.Context) error) {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := forever(ctx); err != slickq.ErrClosed {
				t.Errorf("%s: %v", name, err)
			}
		}()
	}
	for _, ctx := range []context.Context{context.Background(), soon(t)} {
		wait("write", ctx, func(ctx context.Context) error { _, err := full.WriteContext(ctx, tickOf(0)); return err })
		wait("wait", ctx, func(ctx context.Context) error { return empty.Wait(ctx, 0) })
	}
	wait("read", soon(t), func(ctx context.Context) error { _, err := r.Read(ctx); return err })
	wait("work", context.Background(), func(ctx context.Context) error { _, err := w.Read(ctx); return err })
	time.Sleep(30 * time.Millisecond)
	for _, close := range []func() error{r.Close, w.Close, full.Close, empty.Close} {
		close := close
		all.Add(1)
		go func() { defer all.Done(); check(t, close()) }()
	}
	all.Wait()
}
