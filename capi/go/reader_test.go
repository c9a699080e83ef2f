package slickq_test

import (
	"context"
	"testing"
	"time"

	"slickq"
)

func TestReaderStarts(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8})
	writeTicks(t, q, 0, 10)
	for start, expected := range map[slickq.ReaderOptions]int{
		{Start: slickq.StartOldest}:                2,
		{Start: slickq.StartNewest}:                9,
		{Start: slickq.StartIndex, StartIndex: 5}:  5,
		{Start: slickq.StartOldest, Batch: 1}:      2,
		{Start: slickq.StartOldest, Batch: 65_536}: 2,
	} {
		record, err := reader(t, q, start).TryRead()
		check(t, err)
		checkEqual(t, record.Value(), tickOf(expected))
	}
	_, err := reader(t, q, slickq.ReaderOptions{}).TryRead()
	checkIs(t, err, slickq.ErrEmpty)
	for _, wrong := range []slickq.ReaderOptions{{Batch: 65_537}, {Batch: -1}, {Slack: 8}, {Start: 4},
		{Start: slickq.StartIndex, StartIndex: 11}} {
		_, err := q.NewReader(wrong)
		checkIs(t, err, slickq.ErrArgument)
	}
}

// Read and ReadBatch share what was copied ahead: whatever their order, each record comes once.
func TestReadsAndBatchesMix(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 256})
	total := 0
	for total < 200 {
		values := make([]tick, total%3+1)
		for k := range values {
			values[k] = tickOf(total + k)
		}
		must(q.Write(values...))
		total += len(values)
	}
	r := reader(t, q, slickq.ReaderOptions{Start: slickq.StartOldest, Batch: 16})
	next, records := 0, uint64(0)
	take := func(record slickq.Record[tick]) {
		checkEqual(t, record.Index, uint64(next))
		checkEqual(t, len(record.Values), next%3+1)
		for _, value := range record.Values {
			checkEqual(t, value, tickOf(next))
			next++
		}
		records++
		// What is copied ahead is not handed out yet.
		info := must(r.Info())
		if r == nil || info.Cursor > uint64(next)+200 {
			t.Fatal(info)
		}
	}
	for turn := 0; next < total; turn++ {
		if turn%2 == 0 {
			take(must(r.TryRead()))
			info := must(r.Info())
			checkEqual(t, info.Cursor, uint64(next))
			checkEqual(t, info.ReceivedRecords, records)
			checkEqual(t, info.ReceivedElements, uint64(next))
			checkEqual(t, info.Lag, uint64(total-next))
			continue
		}
		limit := turn % 7
		batch := must(r.TryReadBatch(limit))
		if limit != 0 && batch.Len() > limit || batch.Len() == 0 {
			t.Fatal(batch.Len(), limit)
		}
		checkEqual(t, batch.Values[0], tickOf(next))
		sum := 0
		for k := 0; k < batch.Len(); k++ {
			take(batch.Record(k))
			sum += int(batch.Entries[k].Count)
		}
		checkEqual(t, len(batch.Values), sum)
	}
	_, err := r.TryReadBatch(0)
	checkIs(t, err, slickq.ErrEmpty)
	_, err = r.TryReadBatch(-1)
	checkIs(t, err, slickq.ErrArgument)
}

// What was reserved is what was received plus what was lost, each loss by its cause.
func TestLossesByCause(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8})
	r := reader(t, q, slickq.ReaderOptions{Start: slickq.StartOldest, Stall: 20 * time.Millisecond, Slack: 1})

	writeTicks(t, q, 0, 20)
	_, err := r.TryRead()
	loss := checkLoss(t, err, slickq.ErrLapped)
	if loss.Elements < 12 || loss.Index != loss.Elements {
		t.Error(loss)
	}
	for n := int(loss.Index); n < 20; n++ {
		checkEqual(t, must(r.TryRead()).Value(), tickOf(n))
	}

	must(q.Reserve(2)) // never published
	_, err = r.TryRead()
	checkIs(t, err, slickq.ErrPending)
	writeTicks(t, q, 22, 23)
	_, err = r.Read(soon(t))
	gap := checkLoss(t, err, slickq.ErrGap)
	checkEqual(t, gap.Elements, 2)
	checkEqual(t, must(r.Read(soon(t))).Value(), tickOf(22))

	writeTicks(t, q, 23, 26)
	check(t, q.Reset())
	writeTicks(t, q, 0, 1)
	_, err = r.TryRead()
	checkEqual(t, checkLoss(t, err, slickq.ErrReset).Elements, 3)
	checkEqual(t, must(r.TryRead()).Value(), tickOf(0))

	info := must(r.Info())
	if info.LostLapped != loss.Elements || info.LostHole != 2 || info.LostReset != 3 || info.LostTorn != 0 || info.Resets != 1 ||
		info.ReceivedElements != 20-loss.Elements+2 || info.Lag != 0 || info.Pending != 0 {
		t.Errorf("%+v", info)
	}
}

func TestALatePublishIsToldOf(t *testing.T) {
	q, name := shared(t, slickq.Options{Capacity: 8, HalfReset: true})
	r := reader(t, q, slickq.ReaderOptions{})
	index := must(q.Reserve(1))
	writeTicks(t, q, 1, 9) // the last one lies where that was reserved
	for {
		if _, err := r.TryRead(); err == slickq.ErrEmpty {
			break
		}
	}
	checkEqual(t, must(r.Info()).SuspectElements, 0)
	checkEqual(t, must(slickq.Inspect(name, 0)).LatePublishes, 0)
	checkIs(t, q.Publish(index, 1), slickq.ErrStale)
	checkEqual(t, must(r.Info()).SuspectElements, 1)
	checkEqual(t, must(slickq.Inspect(name, 0)).LatePublishes, 1)
}

func TestRegisteredReaderIsEvicted(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8, Lossless: true})
	r := reader(t, q, slickq.ReaderOptions{Registered: true})
	check(t, q.EvictConsumer(must(q.Consumers())[0].ID))
	writeTicks(t, q, 0, 1)
	checkEqual(t, must(r.Read(soon(t))).Value(), tickOf(0)) // it notices when it lets go of that
	_, err := r.TryRead()
	checkIs(t, err, slickq.ErrEvicted)
	writeTicks(t, q, 1, 2)
	checkEqual(t, must(r.Read(soon(t))).Value(), tickOf(1))
}

func TestReaderOutlivesTheQueuesHandle(t *testing.T) {
	q := must(slickq.NewLocal[tick](slickq.Options{Capacity: 8}))
	r := reader(t, q, slickq.ReaderOptions{})
	writeTicks(t, q, 0, 2)
	check(t, q.Close())
	checkEqual(t, must(r.TryRead()).Value(), tickOf(0))
	checkEqual(t, must(r.TryRead()).Value(), tickOf(1))
}

// All is a range-over-func iterator; called by hand here, for compilers that have no such loop.
func TestAll(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8, Lossless: true})
	r := reader(t, q, slickq.ReaderOptions{Registered: true, Stall: 10 * time.Millisecond})
	must(q.WriteBatch([]tick{tickOf(0), tickOf(1)}, nil))
	must(q.Reserve(1))
	writeTicks(t, q, 3, 4)
	ctx, cancel := context.WithCancel(context.Background())
	var got []uint64
	var errs []error
	r.All(ctx)(func(record slickq.Record[tick], err error) bool {
		if err != nil {
			errs = append(errs, err)
			return true
		}
		got = append(got, record.Index)
		if record.Index == 3 {
			cancel()
		}
		return true
	})
	if len(got) != 3 || got[2] != 3 || len(errs) != 2 {
		t.Fatal(got, errs)
	}
	checkLoss(t, errs[0], slickq.ErrGap)
	checkIs(t, errs[1], context.Canceled)

	writeTicks(t, q, 4, 6)
	calls := 0
	r.All(soon(t))(func(slickq.Record[tick], error) bool { calls++; return false })
	checkEqual(t, calls, 1)
}
