package slickq_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"sync"
	"testing"
	"time"

	"slickq"
)

// words is an element that says whether it is whole.
type words [8]uint64

func wordsOf(n int) (w words) {
	for k := range w {
		w[k] = uint64(n)*0x9e3779b97f4a7c15 + uint64(k)
	}
	return w
}

func verifyWords(values []words) error {
	for _, w := range values {
		for k := range w {
			if w[k] != w[0]+uint64(k) {
				return fmt.Errorf("bytes that nobody wrote: %x", w)
			}
		}
	}
	return nil
}

// Whatever a goroutine is doing when another one closes what it uses: it gets true records, or ErrClosed, and never waits on.
func TestClosingUnderUse(t *testing.T) {
	const prompt = 10 * time.Second
	all := context.Background()
	for begun, rounds := time.Now(), 0; time.Since(begun) < 1500*time.Millisecond || rounds < 5; rounds++ {
		name := freshName(t)
		q := must(slickq.NewLocal[words](slickq.Options{Capacity: 16, Lossless: true}))
		named := must(slickq.Create[words](name, slickq.Options{Capacity: 16}))
		_, _, err := q.RegisterConsumer(slickq.FromNow) // for whom producers wait when the ring is full
		check(t, err)
		for n := 0; n < 12; n++ {
			_, err := named.Write(wordsOf(n))
			check(t, err)
		}
		cursorName := name + "c"
		cursor := must(slickq.CreateSharedCursor(cursorName, 0, 0))
		check(t, slickq.Remove(cursorName))
		r := must(named.NewReader(slickq.ReaderOptions{Registered: rounds%2 == 0}))
		ahead := must(named.NewReader(slickq.ReaderOptions{Start: slickq.StartOldest}))
		w := must(named.NewWorker(slickq.WorkerOptions{Group: "g", Mode: slickq.GroupAtLeastOnce}))

		ended := make(chan error, 32)
		users := 0
		use := func(turn func() error) {
			users++
			go func() {
				for {
					err := turn()
					var loss *slickq.LossError
					switch {
					case err == nil, errors.As(err, &loss), errors.Is(err, slickq.ErrEmpty), errors.Is(err, slickq.ErrFull),
						errors.Is(err, slickq.ErrLapped), errors.Is(err, slickq.ErrPending), errors.Is(err, context.DeadlineExceeded):
					case errors.Is(err, slickq.ErrClosed):
						ended <- nil
						return
					default:
						ended <- err
						return
					}
				}
			}()
		}
		verified := func(record slickq.Record[words], err error) error {
			if err != nil {
				return err
			}
			return verifyWords(record.Values)
		}
		use(func() error { return verified(r.Read(all)) })
		use(func() error { return verified(ahead.TryRead()) })
		use(func() error { return verified(w.Read(all)) })
		use(func() error { return verified(named.Claim(cursor, nil)) })
		use(func() error { _, err := cursor.Load(); return err })
		use(func() error { _, _, err := cursor.CompareAndSwap(1, 2); return err })
		use(func() error { _, err := q.WriteContext(all, wordsOf(1)); return err })
		use(func() error { _, err := q.WriteBatchContext(all, make([]words, 40), nil); return err })
		use(func() error { _, err := q.ReserveContext(all, 3); return err })
		use(func() error { return q.Wait(all, must2(q.NextIndex())) })
		use(func() error {
			short, stop := context.WithTimeout(all, time.Millisecond)
			defer stop()
			_, err := q.WriteContext(short, wordsOf(1))
			return err
		})
		at := uint64(0)
		use(func() error {
			return named.ReadInPlace(&at, func(record slickq.Record[words]) { _ = record.Values[0][0] })
		})
		use(func() error { _, err := q.Consumers(); return err })
		use(func() error {
			one, err := q.NewReader(slickq.ReaderOptions{})
			if err == nil {
				err = one.Close()
			}
			return err
		})

		time.Sleep(time.Duration(rand.Intn(300)) * time.Microsecond)
		for n := 0; n < rand.Intn(5); n++ {
			_, err := named.Write(wordsOf(n), wordsOf(n+1))
			check(t, err)
		}
		var closers sync.WaitGroup
		for _, one := range []interface{ Close() error }{r, ahead, w, cursor, named, q, q} { // q by two at once
			closers.Add(1)
			go func(one interface{ Close() error }) {
				defer closers.Done()
				if err := one.Close(); err != nil {
					t.Error(err)
				}
			}(one)
		}
		closers.Wait()
		for ; users > 0; users-- {
			select {
			case err := <-ended:
				check(t, err)
			case <-time.After(prompt):
				t.Fatal("a call waits on")
			}
		}
	}
}

func must2(index uint64, _ error) uint64 { return index }

// What a lossless batch has written is told, whatever ends it.
func TestPartialBatchesTellHowMuch(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 4, Lossless: true})
	consumer, _, err := q.RegisterConsumer(slickq.FromNow)
	check(t, err)
	batch := make([]tick, 6)
	n, err := q.WriteBatch(batch, nil)
	checkIs(t, err, slickq.ErrFull)
	checkEqual(t, n, 4)
	check(t, q.AcknowledgeConsumer(consumer, 3))
	short, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer stop()
	n, err = q.WriteBatchContext(short, batch, []uint32{1, 2, 1, 2})
	checkIs(t, err, context.DeadlineExceeded)
	checkEqual(t, n, 2)
	check(t, q.AcknowledgeConsumer(consumer, 5))
	cancelled, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	n, err = q.WriteBatchContext(cancelled, batch, nil)
	checkIs(t, err, context.Canceled)
	checkEqual(t, n, 2)
}
