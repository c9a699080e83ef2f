package slickq_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"slickq"
)

func TestAfterCloseEverythingIsRefused(t *testing.T) {
	q := must(slickq.NewLocal[tick](slickq.Options{Capacity: 8}))
	writeTicks(t, q, 0, 5)
	r := must(q.NewReader(slickq.ReaderOptions{Start: slickq.StartOldest}))
	w := must(q.NewWorker(slickq.WorkerOptions{Group: "g", Mode: slickq.GroupAtMostOnce, Start: slickq.StartOldest}))
	fromReader := must(r.TryRead())
	fromWorker := must(w.TryRead())
	shared, ctx, cursor := slickq.NewSharedCursor(0), context.Background(), uint64(0)
	for n := 0; n < 2; n++ {
		check(t, q.Close())
		check(t, r.Close())
		check(t, w.Close())
	}

	never := func(slickq.Record[tick]) { t.Error("there is nothing to use") }
	last := func(results ...any) error { err, _ := results[len(results)-1].(error); return err }
	for name, err := range map[string]error{
		"Write":               last(q.Write(tickOf(0))),
		"WriteContext":        last(q.WriteContext(ctx, tickOf(0))),
		"WriteBatch":          last(q.WriteBatch(make([]tick, 2), nil)),
		"WriteBatchContext":   last(q.WriteBatchContext(ctx, make([]tick, 2), nil)),
		"Reserve":             last(q.Reserve(1)),
		"ReserveContext":      last(q.ReserveContext(ctx, 1)),
		"Fill":                q.Fill(0, []tick{tickOf(0)}),
		"Publish":             q.Publish(0, 1),
		"WriteInPlace":        last(q.WriteInPlace(1, nil)),
		"Start":               last(q.Start(slickq.StartNow)),
		"NextIndex":           last(q.NextIndex()),
		"ReadCopy":            last(q.ReadCopy(&cursor, nil)),
		"ReadInPlace":         q.ReadInPlace(&cursor, never),
		"ReadBatchInPlace":    last(q.ReadBatchInPlace(&cursor, 2, never)),
		"Claim":               last(q.Claim(shared, nil)),
		"ClaimInPlace":        q.ClaimInPlace(shared, never),
		"ReadLast":            last(q.ReadLast(nil)),
		"Check":               q.Validate(0),
		"Wait":                q.Wait(ctx, 0),
		"Reset":               q.Reset(),
		"LossCount":           last(q.LossCount()),
		"NameState":           last(q.NameState()),
		"Reattach":            last(q.Reattach()),
		"NewReader":           last(q.NewReader(slickq.ReaderOptions{})),
		"NewWorker":           last(q.NewWorker(slickq.WorkerOptions{Group: "g"})),
		"RegisterConsumer":    last(q.RegisterConsumer(slickq.FromNow)),
		"AcknowledgeConsumer": q.AcknowledgeConsumer(1, 0),
		"UnregisterConsumer":  q.UnregisterConsumer(1),
		"EvictConsumer":       q.EvictConsumer(1),
		"Consumers":           last(q.Consumers()),
		"Groups":              last(q.Groups()),
		"RemoveGroup":         q.RemoveGroup("g"),
		"Reader.Read":         last(r.Read(ctx)), // though more was copied ahead
		"Reader.TryRead":      last(r.TryRead()),
		"Reader.ReadBatch":    last(r.ReadBatch(ctx, 0)),
		"Reader.TryReadBatch": last(r.TryReadBatch(0)),
		"Reader.Info":         last(r.Info()),
		"Worker.Read":         last(w.Read(ctx)),
		"Worker.TryRead":      last(w.TryRead()),
		"Worker.Done":         w.Done(),
	} {
		if !errors.Is(err, slickq.ErrClosed) || !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	checkEqual(t, q.Info().Capacity, 8)
	checkEqual(t, fromReader.Value(), tickOf(0)) // what was handed out is ours
	checkEqual(t, fromWorker.Value(), tickOf(0))
}

func TestTheZeroHandles(t *testing.T) {
	var q slickq.Queue[tick]
	var r slickq.Reader[tick]
	var w slickq.Worker[tick]
	var c slickq.SharedCursor
	cursor := uint64(0)
	last := func(results ...any) error { err, _ := results[len(results)-1].(error); return err }
	for name, err := range map[string]error{
		"Load":        last(c.Load()),
		"Claim":       last(local(t, slickq.Options{Capacity: 8}).Claim(&c, nil)),
		"Write":       last(q.Write(tickOf(0))),
		"Reserve":     last(q.Reserve(1)),
		"ReadCopy":    last(q.ReadCopy(&cursor, nil)),
		"ReadLast":    last(q.ReadLast(nil)),
		"Reader.Read": last(r.TryRead()),
		"Worker.Read": last(w.TryRead()),
		"Close":       q.Close(),
	} {
		if !errors.Is(err, slickq.ErrNull) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
