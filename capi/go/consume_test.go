package slickq_test

import (
	"context"
	"testing"
	"time"

	"slickq"
)

func TestCursors(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8})
	checkEqual(t, must(q.Start(slickq.StartOldest)), 0)
	writeTicks(t, q, 0, 12)
	checkEqual(t, must(q.Start(slickq.StartNow)), 12)
	checkEqual(t, must(q.Start(slickq.StartOldest)), 4)
	newest := must(q.Start(slickq.StartNewest))
	checkEqual(t, newest, 11)
	_, err := q.Start(slickq.StartIndex)
	checkIs(t, err, slickq.ErrArgument)

	// The peers' way: a lapped cursor jumps a whole lap.
	cursor, buffer := uint64(0), make([]tick, 0, 1)
	record, err := q.ReadCopy(&cursor, buffer)
	check(t, err)
	checkEqual(t, record.Index, 8)
	checkEqual(t, record.Lost, 8)
	checkEqual(t, record.Value(), tickOf(8))
	checkEqual(t, cursor, 9)
	checkEqual(t, must(q.LossCount()), 8)
	cursor = newest
	checkEqual(t, must(q.ReadCopy(&cursor, buffer)).Value(), tickOf(11))
	_, err = q.ReadCopy(&cursor, buffer)
	checkIs(t, err, slickq.ErrEmpty)
	checkEqual(t, cursor, 12)
	checkEqual(t, must(q.ReadLast(buffer)).Index, 11)

	check(t, q.Reset())
	checkEqual(t, must(q.NextIndex()), 0)
	checkEqual(t, must(q.Epoch()), slickq.Epoch{Resets: 1, ReservedBefore: 12})
	_, err = q.ReadLast(buffer)
	checkIs(t, err, slickq.ErrEmpty)
	_, err = local(t, slickq.Options{Capacity: 8, Layout: slickq.LayoutSLQ0}).ReadLast(nil)
	checkIs(t, err, slickq.ErrUnsupported)
}

func TestReadLastAfterALateProducer(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 4})
	index := must(q.Reserve(1))
	writeTicks(t, q, 0, 4) // the last one lies where that was reserved
	checkIs(t, q.Publish(index, 1), slickq.ErrStale)
	_, err := q.ReadLast(nil)
	checkIs(t, err, slickq.ErrEmpty)
	writeTicks(t, q, 4, 5)
	checkEqual(t, must(q.ReadLast(nil)).Index, 5)
}

func TestABufferThatIsTooSmallIsReplaced(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8})
	_, err := q.Write(tickOf(0), tickOf(1), tickOf(2))
	check(t, err)
	shared := slickq.NewSharedCursor(0)
	cursor := uint64(0)
	for name, read := range map[string]func([]tick) (slickq.Record[tick], error){
		"ReadCopy": func(buffer []tick) (slickq.Record[tick], error) { return q.ReadCopy(&cursor, buffer) },
		"Claim":    func(buffer []tick) (slickq.Record[tick], error) { return q.Claim(shared, buffer) },
		"ReadLast": q.ReadLast,
	} {
		record, err := read(make([]tick, 2))
		if err != nil || len(record.Values) != 3 || record.Values[2] != tickOf(2) {
			t.Errorf("%s: %v %v", name, record, err)
		}
	}
}

// A producer that has reserved what a consumer looks at has begun to overwrite it.
func TestWhatIsBeingOverwrittenIsFound(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8})
	writeTicks(t, q, 0, 8)
	cursor := uint64(0)
	check(t, q.ReadInPlace(&cursor, func(record slickq.Record[tick]) { checkEqual(t, record.Value(), tickOf(0)) }))
	check(t, q.Validate(0))
	err := q.ReadInPlace(&cursor, func(record slickq.Record[tick]) {
		checkEqual(t, record.Value(), tickOf(1))
		must(q.Reserve(2))
	})
	checkIs(t, err, slickq.ErrLapped)
	checkIs(t, q.Validate(1), slickq.ErrLapped)
	check(t, q.Validate(2))
	checkEqual(t, cursor, 2)

	// The copying reads refuse the same.
	cursor = 1
	_, err = q.ReadCopy(&cursor, nil)
	checkEqual(t, checkLoss(t, err, slickq.ErrLapped).Elements, 1)
	checkEqual(t, cursor, 2)
	shared := slickq.NewSharedCursor(1)
	_, err = q.Claim(shared, nil)
	checkLoss(t, err, slickq.ErrLapped)
	checkEqual(t, must(shared.Load()), 2)
	check(t, shared.Store(1))
	checkIs(t, q.ClaimInPlace(shared, func(slickq.Record[tick]) {}), slickq.ErrLapped)
	cursor = 1
	n, err := q.ReadBatchInPlace(&cursor, 100, func(slickq.Record[tick]) {})
	checkIs(t, err, slickq.ErrLapped)
	checkEqual(t, n, 7)
}

func TestReadBatchInPlace(t *testing.T) {
	for _, itemsPerSlot := range []int{1, 4} {
		q := local(t, slickq.Options{Capacity: 32, ItemsPerSlot: itemsPerSlot})
		expected := 0
		for lap := 0; lap < 5; lap++ { // around the ring's end, too
			for _, count := range []int{1, 3, 2} {
				values := make([]tick, count)
				for k := range values {
					values[k] = tickOf(expected + k)
				}
				must(q.Write(values...))
				expected += count
			}
		}
		cursor, next, records := must(q.Start(slickq.StartOldest)), -1, 0
		for {
			n, err := q.ReadBatchInPlace(&cursor, 4, func(record slickq.Record[tick]) {
				for _, value := range record.Values {
					if next != -1 {
						checkEqual(t, value, tickOf(next))
					}
					next = int(value.Sequence) + 1
				}
				records++
			})
			if err == slickq.ErrEmpty {
				break
			}
			check(t, err)
			if n < 1 || n > 4 {
				t.Fatal(n)
			}
		}
		checkEqual(t, next, expected)
		if records < 6 {
			t.Error(records)
		}
		_, err := q.ReadBatchInPlace(&cursor, 0, func(slickq.Record[tick]) {})
		checkIs(t, err, slickq.ErrArgument)
	}
}

func TestSharedCursors(t *testing.T) {
	q, name := shared(t, slickq.Options{Capacity: 64})
	writeTicks(t, q, 0, 40)
	cursorName := freshName(t)
	made, err := slickq.CreateSharedCursor(cursorName, 16, 0o600)
	check(t, err)
	_, err = slickq.CreateSharedCursor(cursorName, 16, 0)
	checkIs(t, err, slickq.ErrExists)
	_, err = slickq.OpenSharedCursor(cursorName, 24, slickq.NoWait)
	checkIs(t, err, slickq.ErrTruncated)
	_, err = slickq.OpenSharedCursor(cursorName, 4, slickq.NoWait)
	checkIs(t, err, slickq.ErrArgument)
	opened, err := slickq.OpenOrCreateSharedCursor(cursorName, 16, 0, 0)
	check(t, err)
	again := must(slickq.OpenSharedCursor(cursorName, 16, 0))

	check(t, made.Store(10))
	checkEqual(t, must(again.Load()), 10)
	actual, swapped, err := again.CompareAndSwap(9, 0)
	if actual != 10 || swapped || err != nil {
		t.Error(actual, swapped, err)
	}
	actual, swapped, err = again.CompareAndSwap(10, 20)
	if actual != 10 || !swapped || err != nil {
		t.Error(actual, swapped, err)
	}

	other := must(slickq.Open[tick](name, slickq.Options{}))
	defer other.Close()
	for n := 20; n < 40; n += 2 {
		checkEqual(t, must(q.Claim(opened, nil)).Value(), tickOf(n))
		check(t, other.ClaimInPlace(made, func(record slickq.Record[tick]) { checkEqual(t, record.Value(), tickOf(n+1)) }))
	}
	_, err = q.Claim(opened, nil)
	checkIs(t, err, slickq.ErrEmpty)
	for _, cursor := range []*slickq.SharedCursor{made, opened, again} {
		check(t, cursor.Close())
		check(t, cursor.Close())
		_, err := cursor.Load()
		checkIs(t, err, slickq.ErrClosed)
		checkIs(t, cursor.Store(1), slickq.ErrClosed)
		_, _, err = cursor.CompareAndSwap(1, 1)
		checkIs(t, err, slickq.ErrClosed)
		_, err = q.Claim(cursor, nil)
		checkIs(t, err, slickq.ErrClosed)
		checkIs(t, q.ClaimInPlace(cursor, nil), slickq.ErrClosed)
	}
}

func TestRegisteredCursor(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8, Lossless: true})
	consumer, cursor, err := q.RegisterConsumer(slickq.FromNow)
	check(t, err)
	must(q.WriteBatch(make([]tick, 8), nil))
	_, err = q.Write(tickOf(8))
	checkIs(t, err, slickq.ErrFull)
	n, err := q.ReadBatchInPlace(&cursor, 3, func(slickq.Record[tick]) {})
	check(t, err)
	checkEqual(t, n, 3)
	check(t, q.AcknowledgeConsumer(consumer, cursor))
	writeTicks(t, q, 8, 11)
	_, err = q.Write(tickOf(11))
	checkIs(t, err, slickq.ErrFull)

	all := must(q.Consumers())
	checkEqual(t, len(all), 1)
	if one := all[0]; one.ID != consumer || one.Kind != slickq.ConsumerReader || one.Liveness != slickq.LivenessAlive || one.HasClaim ||
		one.Index != 3 || one.Lag != 8 {
		t.Errorf("%+v", one)
	}
	check(t, q.EvictConsumer(consumer))
	writeTicks(t, q, 11, 12)
	checkIs(t, q.AcknowledgeConsumer(consumer, cursor), slickq.ErrEvicted)
	checkIs(t, q.EvictConsumer(consumer), slickq.ErrNoConsumer)
	check(t, q.UnregisterConsumer(consumer)) // it has noticed, and leaves
	checkIs(t, q.UnregisterConsumer(consumer), slickq.ErrEvicted)

	consumer, _, err = q.RegisterConsumer(slickq.FromNow)
	check(t, err)
	check(t, q.UnregisterConsumer(consumer))
	checkEqual(t, len(must(q.Consumers())), 0)
}

func TestARegisteredCursorGetsPastGapsAndResets(t *testing.T) {
	const brief = 5 * time.Millisecond
	q := local(t, slickq.Options{Capacity: 8, Lossless: true})
	consumer, cursor, err := q.RegisterConsumer(slickq.FromNow)
	check(t, err)
	ended, cancel := context.WithTimeout(context.Background(), brief)
	defer cancel()
	_, err = q.WaitConsumer(ended, consumer, cursor, time.Hour)
	checkIs(t, err, context.DeadlineExceeded)
	writeTicks(t, q, 0, 1)
	cursor, err = q.WaitConsumer(soon(t), consumer, cursor, brief)
	check(t, err)
	checkEqual(t, cursor, 0)

	must(q.Reserve(2)) // and never published
	writeTicks(t, q, 3, 4)
	cursor, err = q.WaitConsumer(soon(t), consumer, 1, brief)
	checkEqual(t, checkLoss(t, err, slickq.ErrGap).Elements, 2)
	checkEqual(t, cursor, 3)

	check(t, q.Reset())
	checkIs(t, q.AcknowledgeConsumer(consumer, cursor), slickq.ErrReset)
	check(t, q.AcknowledgeConsumer(consumer, 0))
	check(t, q.Reset())
	cursor, err = q.WaitConsumer(soon(t), consumer, cursor, brief)
	checkLoss(t, err, slickq.ErrReset)
	checkEqual(t, cursor, 0)

	waiting, cancel := context.WithCancel(context.Background())
	go func() {
		time.Sleep(brief)
		cancel()
	}()
	_, err = q.WaitConsumer(waiting, consumer, cursor, time.Hour)
	checkIs(t, err, context.Canceled)
	check(t, q.EvictConsumer(consumer))
	_, err = q.WaitConsumer(soon(t), consumer, cursor, brief)
	checkIs(t, err, slickq.ErrEvicted)
	check(t, q.Close())
	_, err = q.WaitConsumer(soon(t), consumer, cursor, brief)
	checkIs(t, err, slickq.ErrClosed)
}

func TestWaitWithACursor(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8})
	brief, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer cancel()
	checkIs(t, q.Wait(brief, 0), context.DeadlineExceeded)
	go func() {
		time.Sleep(5 * time.Millisecond)
		must(q.Write(tickOf(0)))
	}()
	check(t, q.Wait(soon(t), 0))
	check(t, q.Wait(context.Background(), 0))
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	checkIs(t, q.Wait(cancelled, 0), context.Canceled)
	checkIs(t, q.Wait(soon(t), 1<<50), slickq.ErrArgument)
}
