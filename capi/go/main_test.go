package slickq_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"slickq"
)

// tick is the element of most tests, with padding said by name.
type tick struct {
	Sequence uint64
	Price    float64
	Symbol   [4]byte
	_        [4]byte
}

func tickOf(n int) tick {
	return tick{Sequence: uint64(n), Price: float64(n) / 4, Symbol: [4]byte{'G', 'O'}}
}

const prefix = "slickq_go_test_"

var serial atomic.Int64

// freshName is the name of a segment that the test may make; it is gone when the test is over.
func freshName(t testing.TB) string {
	name := fmt.Sprintf("%s%d_%d", prefix, os.Getpid(), serial.Add(1))
	t.Cleanup(func() {
		if err := slickq.Remove(name); err != nil && !errors.Is(err, slickq.ErrNotFound) {
			t.Error(err)
		}
	})
	return name
}

// must is the value of a call that cannot fail in a good library.
func must[V any](value V, err error) V {
	if err != nil {
		panic(err)
	}
	return value
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func checkIs(t testing.TB, err, expected error) {
	t.Helper()
	if !errors.Is(err, expected) {
		t.Fatalf("got %v, expected %v", err, expected)
	}
}

func checkEqual[V comparable](t testing.TB, got, expected V) {
	t.Helper()
	if got != expected {
		t.Fatalf("got %v, expected %v", got, expected)
	}
}

// checkLoss expects a LossError of that cause, and gives it.
func checkLoss(t testing.TB, err error, cause slickq.Status) *slickq.LossError {
	t.Helper()
	var loss *slickq.LossError
	if !errors.As(err, &loss) {
		t.Fatalf("got %v, expected a loss", err)
	}
	checkIs(t, err, cause)
	return loss
}

// local is a queue of ticks that is closed when the test is over.
func local(t testing.TB, options slickq.Options) *slickq.Queue[tick] {
	q, err := slickq.NewLocal[tick](options)
	check(t, err)
	t.Cleanup(func() { check(t, q.Close()) })
	return q
}

// shared is the same in a segment of its own.
func shared(t testing.TB, options slickq.Options) (*slickq.Queue[tick], string) {
	name := freshName(t)
	q, err := slickq.Create[tick](name, options)
	check(t, err)
	t.Cleanup(func() { check(t, q.Close()) })
	return q, name
}

func reader(t testing.TB, q *slickq.Queue[tick], options slickq.ReaderOptions) *slickq.Reader[tick] {
	r, err := q.NewReader(options)
	check(t, err)
	t.Cleanup(func() { check(t, r.Close()) })
	return r
}

func writeTicks(t testing.TB, q *slickq.Queue[tick], from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		_, err := q.Write(tickOf(n))
		check(t, err)
	}
}

// soon is a context that outlives whatever is expected to come, and ends a test that hangs.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestMain(m *testing.M) {
	status := m.Run()
	entries, _ := os.ReadDir("/dev/shm")
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), fmt.Sprintf("%s%d_", prefix, os.Getpid())) {
			fmt.Println("left in /dev/shm:", entry.Name())
			status = 1
		}
	}
	os.Exit(status)
}
