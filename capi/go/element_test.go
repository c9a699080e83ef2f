package slickq_test

import (
	"errors"
	"strings"
	"testing"
	"unsafe"

	"slickq"
)

type withInside[T any] struct {
	Number uint32
	Inner  [2]struct{ Suspect T }
}

func openWith[T any]() error {
	q, err := slickq.NewLocal[T](slickq.Options{Capacity: 8})
	if err == nil {
		err = q.Close()
	}
	return err
}

func TestPlainDataIsAccepted(t *testing.T) {
	for name, err := range map[string]error{
		"uint8":      openWith[uint8](),
		"int":        openWith[int](),
		"float32":    openWith[float32](),
		"complex128": openWith[complex128](),
		"array":      openWith[[3][2]int16](),
		"tick":       openWith[tick](),
		"nested":     openWith[withInside[float64]](),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsNoPlainDataIsRefused(t *testing.T) {
	for name, err := range map[string]error{
		"string":         openWith[string](),
		"slice":          openWith[[]byte](),
		"pointer":        openWith[*int](),
		"map":            openWith[map[int]int](),
		"chan":           openWith[chan int](),
		"func":           openWith[func()](),
		"interface":      openWith[any](),
		"unsafe.Pointer": openWith[unsafe.Pointer](),
		"uintptr":        openWith[uintptr](),
		"bool":           openWith[bool](),
		"empty struct":   openWith[struct{}](),
		"empty array":    openWith[[0]int](),
		"nested string":  openWith[withInside[string]](),
		"nested bool":    openWith[withInside[bool]](),
	} {
		if !errors.Is(err, slickq.ErrArgument) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := openWith[withInside[*int]](); !strings.Contains(err.Error(), ".Inner[].Suspect is a ptr") {
		t.Errorf("the message does not lead to the field: %v", err)
	}
}

// The values may be a part of something that has pointers: cgo must not take offence.
func TestWritingFromWithinPointers(t *testing.T) {
	q := local(t, slickq.Options{Capacity: 8})
	owner := &struct {
		name  *string
		ticks [2]tick
		next  map[string]*int
	}{name: new(string), next: map[string]*int{}}
	owner.ticks[1] = tickOf(7)
	_, err := q.Write(owner.ticks[:]...)
	check(t, err)
	_, err = q.WriteBatch(owner.ticks[:], nil)
	check(t, err)
	cursor := uint64(0)
	got, err := q.ReadCopy(&cursor, owner.ticks[:0])
	check(t, err)
	checkEqual(t, got.Values[1], tickOf(7))
	if &got.Values[0] != &owner.ticks[0] {
		t.Error("the buffer was large enough, and was not used")
	}
}

func TestRunTimeElementSizes(t *testing.T) {
	name := freshName(t)
	q := must(slickq.Create[byte](name, slickq.Options{Capacity: 8, ElementSize: 24}))
	defer q.Close()
	checkEqual(t, q.Info().ElementSize, 24)
	record := []byte(strings.Repeat("abcdefgh", 6)) // two elements
	checkEqual(t, must(q.Write(record...)), 0)
	_, err := q.Write(record[:25]...)
	checkIs(t, err, slickq.ErrArgument)
	checkEqual(t, must(q.NextIndex()), 2)

	r := must(q.NewReader(slickq.ReaderOptions{Start: slickq.StartOldest}))
	defer r.Close()
	got := must(r.TryRead())
	checkEqual(t, string(got.Values), string(record))

	// The same elements, three numbers each, by whatever size the segment has.
	numbers := must(slickq.Open[uint64](name, slickq.Options{ElementSize: slickq.AdoptElementSize}))
	defer numbers.Close()
	cursor := uint64(0)
	checkEqual(t, len(must(numbers.ReadCopy(&cursor, nil)).Values), 6)
	checkEqual(t, cursor, 2)

	_, err = slickq.Open[[5]byte](name, slickq.Options{ElementSize: slickq.AdoptElementSize})
	checkIs(t, err, slickq.ErrMismatch)
	_, err = slickq.Open[uint64](name, slickq.Options{})
	checkIs(t, err, slickq.ErrMismatch)
	_, err = slickq.Open[uint64](name, slickq.Options{ElementSize: 20})
	checkIs(t, err, slickq.ErrArgument)
	_, err = slickq.Create[uint64](freshName(t), slickq.Options{Capacity: 8, ElementSize: slickq.AdoptElementSize})
	checkIs(t, err, slickq.ErrArgument)
}
