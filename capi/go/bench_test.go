package slickq_test

import (
	"context"
	"fmt"
	"testing"

	"slickq"
)

type small [8]byte
type large [64]byte

func benchmarkOf[T any](b *testing.B, run func(*testing.B, *slickq.Queue[T]), options slickq.Options) {
	options.Capacity = 1 << 14
	q := must(slickq.NewLocal[T](options))
	defer q.Close()
	b.ReportAllocs()
	b.ResetTimer()
	run(b, q)
}

func writeSingly[T any](b *testing.B, q *slickq.Queue[T]) {
	var value T
	for n := 0; n < b.N; n++ {
		if _, err := q.Write(value); err != nil {
			b.Fatal(err)
		}
	}
}

func writeBatches[T any](size int) func(*testing.B, *slickq.Queue[T]) {
	return func(b *testing.B, q *slickq.Queue[T]) {
		batch := make([]T, size)
		for n := 0; n < b.N; n += size {
			if _, err := q.WriteBatch(batch, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// One writes and reads in turns, in batches of 64: the price of a record that goes through.
func throughReader[T any](each func(*slickq.Reader[T]) (int, error)) func(*testing.B, *slickq.Queue[T]) {
	return func(b *testing.B, q *slickq.Queue[T]) {
		r := must(q.NewReader(slickq.ReaderOptions{}))
		defer r.Close()
		batch := make([]T, 64)
		for n := 0; n < b.N; n += len(batch) {
			must(q.WriteBatch(batch, nil))
			for left := len(batch); left > 0; {
				got, err := each(r)
				if err != nil {
					b.Fatal(err)
				}
				left -= got
			}
		}
	}
}

func readSingly[T any](r *slickq.Reader[T]) (int, error) {
	_, err := r.TryRead()
	return 1, err
}

func readBatch[T any](r *slickq.Reader[T]) (int, error) {
	batch, err := r.TryReadBatch(64)
	return batch.Len(), err
}

func withContext[T any](ctx context.Context) func(r *slickq.Reader[T]) (int, error) {
	return func(r *slickq.Reader[T]) (int, error) {
		batch, err := r.ReadBatch(ctx, 64)
		return batch.Len(), err
	}
}

// With a cursor of one's own each read is a call.
func readCopies[T any](b *testing.B, q *slickq.Queue[T]) {
	batch, buffer, cursor := make([]T, 64), make([]T, 1), uint64(0)
	for n := 0; n < b.N; n += len(batch) {
		must(q.WriteBatch(batch, nil))
		for range batch {
			if _, err := q.ReadCopy(&cursor, buffer); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func readInPlace[T any](b *testing.B, q *slickq.Queue[T]) {
	batch, cursor, sink := make([]T, 64), uint64(0), 0
	for n := 0; n < b.N; n += len(batch) {
		must(q.WriteBatch(batch, nil))
		if _, err := q.ReadBatchInPlace(&cursor, len(batch), func(r slickq.Record[T]) { sink += len(r.Values) }); err != nil {
			b.Fatal(err)
		}
	}
}

func claims[T any](b *testing.B, q *slickq.Queue[T]) {
	batch, buffer, cursor := make([]T, 64), make([]T, 1), slickq.NewSharedCursor(0)
	for n := 0; n < b.N; n += len(batch) {
		must(q.WriteBatch(batch, nil))
		for range batch {
			if _, err := q.Claim(cursor, buffer); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func works[T any](b *testing.B, q *slickq.Queue[T]) {
	w := must(q.NewWorker(slickq.WorkerOptions{Group: "bench", Mode: slickq.GroupAtLeastOnce}))
	defer w.Close()
	batch := make([]T, 64)
	for n := 0; n < b.N; n += len(batch) {
		must(q.WriteBatch(batch, nil))
		for range batch {
			if _, err := w.TryRead(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func sizes[T any](b *testing.B) {
	alone := slickq.Options{SingleProducer: true}
	for _, one := range []struct {
		name    string
		run     func(*testing.B, *slickq.Queue[T])
		options slickq.Options
	}{
		{"Write", writeSingly[T], slickq.Options{}},
		{"WriteAlone", writeSingly[T], alone},
		{"WriteBatch16", writeBatches[T](16), slickq.Options{}},
		{"WriteBatch64", writeBatches[T](64), slickq.Options{}},
		{"WriteBatch64Alone", writeBatches[T](64), alone},
		{"WriteBatch64+Read", throughReader(readSingly[T]), slickq.Options{}},
		{"WriteBatch64+ReadBatch", throughReader(readBatch[T]), slickq.Options{}},
		{"WriteBatch64+ReadBatchContext", throughReader(withContext[T](context.Background())), slickq.Options{}},
		{"WriteBatch64+ReadCopy", readCopies[T], slickq.Options{}},
		{"WriteBatch64+ReadBatchInPlace", readInPlace[T], slickq.Options{}},
		{"WriteBatch64+Claim", claims[T], slickq.Options{}},
		{"WriteBatch64+Work", works[T], slickq.Options{}},
	} {
		b.Run(one.name, func(b *testing.B) { benchmarkOf(b, one.run, one.options) })
	}
}

// All numbers are per record.
func BenchmarkRecord(b *testing.B) {
	b.Run("8B", sizes[small])
	b.Run("64B", sizes[large])
}

// What a call of C costs that does nothing: the unit to compare with.
func BenchmarkBareCall(b *testing.B) {
	for n := 0; n < b.N; n++ {
		slickq.VersionNumber()
	}
}

// Two goroutines, a record to and fro: one way is half of it.
func BenchmarkPingPong(b *testing.B) {
	for _, ctx := range []context.Context{context.Background(), soon(b)} {
		b.Run(fmt.Sprintf("watched=%t", ctx.Done() != nil), func(b *testing.B) {
			there := must(slickq.NewLocal[small](slickq.Options{Capacity: 64}))
			back := must(slickq.NewLocal[small](slickq.Options{Capacity: 64}))
			defer there.Close()
			defer back.Close()
			pings, pongs := must(there.NewReader(slickq.ReaderOptions{})), must(back.NewReader(slickq.ReaderOptions{}))
			defer pings.Close()
			defer pongs.Close()
			done := make(chan error, 1)
			b.ResetTimer()
			go func() {
				for n := 0; n < b.N; n++ {
					record, err := pings.Read(ctx)
					if err == nil {
						_, err = back.Write(record.Value())
					}
					if err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
			for n := 0; n < b.N; n++ {
				must(there.Write(small{}))
				must(pongs.Read(ctx))
			}
			check(b, <-done)
		})
	}
}
