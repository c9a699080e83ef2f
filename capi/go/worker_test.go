package slickq_test

import (
	"context"
	"testing"

	"slickq"
)

func TestGroup(t *testing.T) {
	q, name := shared(t, slickq.Options{Capacity: 64, Lossless: true})
	join := func(q *slickq.Queue[tick]) *slickq.Worker[tick] {
		w, err := q.NewWorker(slickq.WorkerOptions{Group: "shifts", Mode: slickq.GroupAtLeastOnce})
		check(t, err)
		t.Cleanup(func() { check(t, w.Close()) })
		return w
	}
	first := join(q)
	other := must(slickq.Open[tick](name, slickq.Options{}))
	defer other.Close()
	second := join(other)
	_, err := q.NewWorker(slickq.WorkerOptions{Group: "shifts", Mode: slickq.GroupAtMostOnce})
	checkIs(t, err, slickq.ErrMismatch)
	_, err = q.NewWorker(slickq.WorkerOptions{Group: "far too long for a name", Mode: slickq.GroupAtMostOnce})
	checkIs(t, err, slickq.ErrArgument)

	_, err = first.TryRead()
	checkIs(t, err, slickq.ErrEmpty)
	must(q.Write(tickOf(0), tickOf(1)))
	writeTicks(t, q, 2, 4)
	record := must(first.TryRead())
	checkEqual(t, len(record.Values), 2)
	checkEqual(t, record.Values[1], tickOf(1))
	checkEqual(t, must(second.Read(soon(t))).Value(), tickOf(2))
	check(t, second.Done())

	groups := must(other.Groups())
	checkEqual(t, len(groups), 1)
	if group := groups[0]; group.Name != "shifts" || group.Mode != slickq.GroupAtLeastOnce || group.Workers != 2 || !group.IsWaitedFor ||
		group.Cursor != 3 || group.Lag != 1 {
		t.Errorf("%+v", group)
	}
	checkIs(t, q.RemoveGroup("shifts"), slickq.ErrBusy)
	checkIs(t, q.RemoveGroup("nobody"), slickq.ErrNoGroup)

	// The first one is evicted with a claimed record: the second one gets it again.
	for _, consumer := range must(q.Consumers()) {
		if consumer.Kind != slickq.ConsumerWorker {
			t.Errorf("%+v", consumer)
		}
		if consumer.HasClaim {
			checkEqual(t, consumer.Index, 0)
			checkEqual(t, must(q.Groups())[0].Unfinished, 0)
			check(t, q.EvictConsumer(consumer.ID))
			checkEqual(t, must(q.Groups())[0].Unfinished, 1)
		}
	}
	sawAgain := false
	for n := 0; n < 2; n++ { // that record and the last one, in the order that the worker finds them
		record := must(second.Read(soon(t)))
		sawAgain = sawAgain || record.Redelivered && record.Index == 0
	}
	if !sawAgain {
		t.Error("the record of the evicted worker did not come again")
	}
	_, err = first.TryRead()
	checkIs(t, err, slickq.ErrEvicted)
	checkIs(t, first.Done(), slickq.ErrEvicted)
	checkEqual(t, must(q.Groups())[0].Redelivered, 1)

	check(t, first.Close())
	check(t, second.Close())
	check(t, q.RemoveGroup("shifts"))
	checkEqual(t, len(must(q.Groups())), 0)
}

func TestAbandoned(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 64})
	options := slickq.WorkerOptions{Group: "once", Mode: slickq.GroupAtMostOnce}
	first, second := must(q.NewWorker(options)), must(q.NewWorker(options))
	defer first.Close()
	defer second.Close()
	writeTicks(t, q, 0, 2)
	checkEqual(t, must(first.TryRead()).Value(), tickOf(0))
	for _, consumer := range must(q.Consumers()) {
		if consumer.HasClaim {
			check(t, q.EvictConsumer(consumer.ID))
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var losses, records int
	second.All(ctx)(func(record slickq.Record[tick], err error) bool {
		if err == context.Canceled {
			return true
		}
		if err != nil {
			checkEqual(t, checkLoss(t, err, slickq.ErrAbandoned).Index, 0)
			losses++
		} else {
			checkEqual(t, record.Value(), tickOf(1))
			records++
		}
		if losses+records == 2 {
			cancel()
		}
		return true
	})
	checkEqual(t, losses, 1)
	checkEqual(t, records, 1)
}
