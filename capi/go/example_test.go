package slickq_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"slickq"
)

// Each consumer sees every record.
func Example_broadcast() {
	type quote struct {
		Sequence uint64
		Price    float64
	}
	q, err := slickq.NewLocal[quote](slickq.Options{Capacity: 1024})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer q.Close()

	var consumers sync.WaitGroup
	sums := make([]float64, 2)
	for k := range sums {
		r, err := q.NewReader(slickq.ReaderOptions{}) // before anything is written: it sees all
		if err != nil {
			fmt.Println(err)
			return
		}
		consumers.Add(1)
		go func(sum *float64) {
			defer consumers.Done()
			defer r.Close()
			for n := 0; n < 4; n++ {
				record, err := r.Read(context.Background())
				if err != nil {
					fmt.Println(err)
					return
				}
				*sum += record.Value().Price
			}
		}(&sums[k])
	}
	for n := 1; n <= 4; n++ {
		if _, err := q.Write(quote{Sequence: uint64(n), Price: float64(n)}); err != nil {
			fmt.Println(err)
		}
	}
	consumers.Wait()
	fmt.Println(sums)
	// Output: [10 10]
}

// Each record goes to one of several workers. A shared cursor in a named segment does the same for processes.
func Example_workSharing() {
	q, err := slickq.NewLocal[int64](slickq.Options{Capacity: 1024})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer q.Close()
	for job := int64(1); job <= 100; job++ {
		if _, err := q.Write(job); err != nil {
			fmt.Println(err)
		}
	}

	cursor := slickq.NewSharedCursor(0)
	var workers sync.WaitGroup
	sums := make([]int64, 4)
	for k := range sums {
		workers.Add(1)
		go func(sum *int64) {
			defer workers.Done()
			buffer := make([]int64, 1)
			for {
				job, err := q.Claim(cursor, buffer)
				if err != nil {
					if err != slickq.ErrEmpty {
						fmt.Println(err)
					}
					return
				}
				*sum += job.Value()
			}
		}(&sums[k])
	}
	workers.Wait()
	fmt.Println(sums[0] + sums[1] + sums[2] + sums[3])
	// Output: 5050
}

// Workers of a group: what one has claimed when it dies, another gets again.
func ExampleWorker() {
	q, err := slickq.NewLocal[int64](slickq.Options{Capacity: 64, Lossless: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer q.Close()
	w, err := q.NewWorker(slickq.WorkerOptions{Group: "billing", Mode: slickq.GroupAtLeastOnce})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	if _, err := q.WriteBatch([]int64{7, 8}, nil); err != nil {
		fmt.Println(err)
	}

	for {
		job, err := w.TryRead()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("job", job.Value(), "again:", job.Redelivered)
		if err := w.Done(); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// job 7 again: false
	// job 8 again: false
	// slickq: there is no record to read yet
}

// Producers that opened the queue as lossless wait for the consumers that have registered.
func Example_lossless() {
	q, err := slickq.NewLocal[int64](slickq.Options{Capacity: 4, Lossless: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer q.Close()
	r, err := q.NewReader(slickq.ReaderOptions{Registered: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()

	n, err := q.WriteBatch([]int64{1, 2, 3, 4, 5, 6}, nil)
	fmt.Println(n, "written, full:", errors.Is(err, slickq.ErrFull))

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	done := make(chan error)
	go func() { // 16 more, through a ring of 4
		for n := int64(5); n <= 20; n++ {
			if _, err := q.WriteContext(ctx, n); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	sum := int64(0)
	for sum < 20*21/2 {
		record, err := r.Read(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		sum += record.Value()
	}
	fmt.Println(sum, <-done)
	// Output:
	// 4 written, full: true
	// 210 <nil>
}

// The fastest there is: one producer, declared as such, and batches on both sides.
func Example_singleProducer() {
	q, err := slickq.NewLocal[uint64](slickq.Options{Capacity: 1 << 16, SingleProducer: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer q.Close()
	r, err := q.NewReader(slickq.ReaderOptions{Batch: 256})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()

	next := uint64(0)
	batch := make([]uint64, 256)
	for n := 0; n < 100; n++ {
		for k := range batch {
			batch[k] = next
			next++
		}
		if _, err := q.WriteBatch(batch, nil); err != nil {
			fmt.Println(err)
		}
	}

	sum, calls := uint64(0), 0
	for expected := 0; expected < 25600; calls++ {
		got, err := r.TryReadBatch(0)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, value := range got.Values { // of all its records
			sum += value
		}
		expected += got.Len()
	}
	fmt.Println(sum, calls)
	// Output: 327667200 100
}

// A context ends a wait; what was lost is told, and is no end.
func ExampleReader_Read() {
	q, err := slickq.NewLocal[int64](slickq.Options{Capacity: 8})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer q.Close()
	r, err := q.NewReader(slickq.ReaderOptions{AfterLap: slickq.AfterLapNewest})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	for n := int64(0); n < 100; n++ { // nobody reads meanwhile
		if _, err := q.Write(n); err != nil {
			fmt.Println(err)
		}
	}

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	for {
		record, err := r.Read(ctx)
		var loss *slickq.LossError
		switch {
		case err == nil:
			fmt.Println("got", record.Value())
		case errors.As(err, &loss):
			fmt.Println("lost", loss.Elements, "lapped:", errors.Is(err, slickq.ErrLapped))
		default:
			fmt.Println(err)
			return
		}
	}
	// Output:
	// lost 99 lapped: true
	// got 99
	// context deadline exceeded
}

// Without copying: what was made of a record counts only if it was still whole afterwards.
func ExampleQueue_ReadInPlace() {
	type frame struct{ Pixels [640]uint16 }
	q, err := slickq.NewLocal[frame](slickq.Options{Capacity: 16})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer q.Close()
	if _, err := q.WriteInPlace(1, func(frames []frame) {
		for k := range frames[0].Pixels {
			frames[0].Pixels[k] = 2
		}
	}); err != nil {
		fmt.Println(err)
	}

	cursor, sum := uint64(0), 0
	err = q.ReadInPlace(&cursor, func(record slickq.Record[frame]) {
		sum = 0
		for _, pixel := range record.Values[0].Pixels {
			sum += int(pixel)
		}
	})
	if err == nil {
		fmt.Println(sum)
	}
	// Output: 1280
}

// Elements whose size is known when the program runs.
func ExampleQueue_bytes() {
	q, err := slickq.NewLocal[byte](slickq.Options{Capacity: 64, ElementSize: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer q.Close()
	if _, err := q.Write([]byte("one two ")...); err != nil { // a record of two elements
		fmt.Println(err)
	}
	record, err := q.ReadLast(nil)
	fmt.Printf("%q %v\n", record.Values, err)
	// Output: "one two " <nil>
}
