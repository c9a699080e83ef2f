//go:build go1.23

package slickq_test

import (
	"context"
	"errors"
	"fmt"

	"slickq"
)

// Reading in a loop, from Go 1.23 on.
func ExampleReader_All() {
	q, err := slickq.NewLocal[int64](slickq.Options{Capacity: 64})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer q.Close()
	r, err := q.NewReader(slickq.ReaderOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	if _, err := q.WriteBatch([]int64{1, 2, 3}, nil); err != nil {
		fmt.Println(err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for record, err := range r.All(ctx) {
		if errors.Is(err, context.Canceled) {
			break // the last one
		}
		if err != nil {
			fmt.Println(err) // lost; there may be more
			continue
		}
		fmt.Println(record.Value())
		if record.Value() == 3 {
			cancel()
		}
	}
	// Output:
	// 1
	// 2
	// 3
}
