package slickq_test

import (
	"context"
	"testing"
	"time"

	"slickq"
)

func TestWritesOfEveryKind(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 64})
	checkEqual(t, must(q.Write(tickOf(0))), 0)
	checkEqual(t, must(q.Write(tickOf(1), tickOf(2))), 1)
	checkEqual(t, must(q.WriteBatch([]tick{tickOf(3), tickOf(4)}, nil)), 2)
	checkEqual(t, must(q.WriteBatch([]tick{tickOf(5), tickOf(6), tickOf(7)}, []uint32{1, 2})), 2)
	index := must(q.Reserve(2))
	checkEqual(t, index, 8)
	check(t, q.Fill(index, []tick{tickOf(8)}))
	check(t, q.Fill(index+1, []tick{tickOf(9)}))
	check(t, q.Publish(index, 2))
	index = must(q.WriteInPlace(1, func(values []tick) {
		checkEqual(t, len(values), 1)
		values[0] = tickOf(10)
	}))
	checkEqual(t, index, 10)

	r := reader(t, q, slickq.ReaderOptions{Start: slickq.StartOldest})
	next := 0
	for _, count := range []int{1, 2, 1, 1, 1, 2, 2, 1} {
		record, err := r.TryRead()
		check(t, err)
		checkEqual(t, record.Index, uint64(next))
		checkEqual(t, len(record.Values), count)
		for _, value := range record.Values {
			checkEqual(t, value, tickOf(next))
			next++
		}
	}
	_, err := r.TryRead()
	checkIs(t, err, slickq.ErrEmpty)
}

func TestWritesThatAreRefused(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8})
	three := []tick{tickOf(0), tickOf(1), tickOf(2)}
	errorOf := func(_ any, err error) error { return err }
	for name, err := range map[string]error{
		"nothing":         errorOf(q.Write()),
		"too much":        errorOf(q.Write(make([]tick, 9)...)),
		"reserve nothing": errorOf(q.Reserve(0)),
		"reserve less":    errorOf(q.Reserve(-1)),
		"in place":        errorOf(q.WriteInPlace(9, func([]tick) { t.Error("nothing was reserved") })),
		"counts short":    errorOf(q.WriteBatch(three, []uint32{1, 1})),
		"counts long":     errorOf(q.WriteBatch(three, []uint32{1, 3})),
		"counts wrap":     errorOf(q.WriteBatch(three, []uint32{1 << 31, 1 << 31, 3})),
		"counts of 0":     errorOf(q.WriteBatch(three, []uint32{3, 0})),
		"no values":       errorOf(q.WriteBatch(nil, []uint32{1})),
		"fill beyond":     q.Fill(6, three),
		"publish nothing": q.Publish(0, 0),
	} {
		if err == nil {
			t.Errorf("%s: was not refused", name)
			continue
		}
		checkIs(t, err, slickq.ErrArgument)
	}
	checkIs(t, q.Publish(0, 1), slickq.ErrNotReserved)
	checkEqual(t, must(q.NextIndex()), 0)
	checkEqual(t, must(q.WriteBatch(nil, nil)), 0)
	check(t, q.Fill(0, nil))
}

func TestStalePublish(t *testing.T) {
	for _, options := range []slickq.Options{{Capacity: 8}, {Capacity: 8, PromptProducer: true}} {
		q := local(t, options)
		index := must(q.Reserve(1))
		writeTicks(t, q, 1, 17)
		checkIs(t, q.Publish(index, 1), slickq.ErrStale)
	}
}

func TestSecondProducer(t *testing.T) {
	alone, name := shared(t, slickq.Options{Capacity: 8, SingleProducer: true})
	writeTicks(t, alone, 0, 1)
	other := must(slickq.Open[tick](name, slickq.Options{}))
	defer other.Close()
	writeTicks(t, other, 1, 2)
	_, err := alone.Write(tickOf(2))
	checkIs(t, err, slickq.ErrSecondProducer)
}

// A registered reader that has read nothing holds lossless producers up, in each form.
func TestFull(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8, Lossless: true})
	r := reader(t, q, slickq.ReaderOptions{Registered: true, Batch: 1})
	written, err := q.WriteBatch(make([]tick, 11), nil)
	checkEqual(t, written, 8)
	checkIs(t, err, slickq.ErrFull)
	_, err = q.Write(tickOf(0))
	checkIs(t, err, slickq.ErrFull)
	_, err = q.Reserve(1)
	checkIs(t, err, slickq.ErrFull)
	written, err = q.WriteBatch(make([]tick, 2), nil)
	checkEqual(t, written, 0)
	checkIs(t, err, slickq.ErrFull)

	brief, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = q.WriteContext(brief, tickOf(0))
	checkIs(t, err, context.DeadlineExceeded)
	_, err = q.ReserveContext(brief, 1)
	checkIs(t, err, context.DeadlineExceeded)
	written, err = q.WriteBatchContext(brief, make([]tick, 2), nil)
	checkEqual(t, written, 0)
	checkIs(t, err, context.DeadlineExceeded)

	// Each comes to an end when there is room, the batch in several turns.
	done := make(chan error)
	go func() {
		_, err := q.WriteContext(soon(t), tickOf(8))
		if err == nil {
			var index uint64
			if index, err = q.ReserveContext(soon(t), 1); err == nil {
				if err = q.Fill(index, []tick{tickOf(9)}); err == nil {
					err = q.Publish(index, 1)
				}
			}
		}
		if err == nil {
			batch := make([]tick, 30)
			for k := range batch {
				batch[k] = tickOf(10 + k)
			}
			_, err = q.WriteBatchContext(soon(t), batch[:20], nil)
			if err == nil {
				_, err = q.WriteBatchContext(soon(t), batch[20:], []uint32{1, 2, 3, 4})
			}
		}
		done <- err
	}()
	for next := 0; next < 40; {
		record, err := r.Read(soon(t))
		check(t, err)
		for _, value := range record.Values {
			if next >= 8 {
				checkEqual(t, value, tickOf(next))
			}
			next++
		}
	}
	check(t, <-done)
}
