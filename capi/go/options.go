package slickq

// #include "shim.h"
import "C"

import (
	"io/fs"
	"math"
	"strings"
	"time"
	"unsafe"
)

// Layout says which bytes a segment has. All are recognised when opening.
type Layout uint32

const (
	// LayoutAny is, to create, LayoutSLQ1, or LayoutSLQ3 with several items per slot; to open, whatever is there.
	LayoutAny Layout = C.SLICKQ_LAYOUT_ANY
	// LayoutSLQ0 is of slick-queue 1.4 and newer, without last-published index: ReadLast is not available.
	LayoutSLQ0 Layout = C.SLICKQ_LAYOUT_SLQ0
	// LayoutSLQ1 is of slick-queue 1.4 and newer, the usual.
	LayoutSLQ1 Layout = C.SLICKQ_LAYOUT_SLQ1
	// LayoutSLQ2 is LayoutSLQ0 with several items per slot.
	LayoutSLQ2 Layout = C.SLICKQ_LAYOUT_SLQ2
	// LayoutSLQ3 is LayoutSLQ1 with several items per slot.
	LayoutSLQ3 Layout = C.SLICKQ_LAYOUT_SLQ3
	// LayoutPacked is of slick-queue 1.2 and 1.3.
	LayoutPacked Layout = C.SLICKQ_LAYOUT_PACKED
	// LayoutWide is of slick-queue 1.0 and 1.1. It stores no element size.
	LayoutWide Layout = C.SLICKQ_LAYOUT_WIDE
)

// String is the layout's name, "SLQ1"; "unknown" for a number of no layout.
func (l Layout) String() string { return C.GoString(C.slickq_layout_name(C.uint32_t(l))) }

// Distance is how many elements lie from index from up to index to of such a queue, across the wrap of indices too:
// negative if to is older.
func (l Layout) Distance(from, to uint64) int64 {
	return int64(C.slickq_index_distance(C.uint32_t(l), C.uint64_t(from), C.uint64_t(to)))
}

// Add is the index that lies so many elements behind index, before it if they are negative.
func (l Layout) Add(index uint64, elements int64) uint64 {
	return uint64(C.slickq_index_add(C.uint32_t(l), C.uint64_t(index), C.int64_t(elements)))
}

// Start is where a consumer begins.
type Start uint32

const (
	// StartNow is after everything reserved so far: only new records.
	StartNow Start = C.SLICKQ_START_NOW
	// StartOldest is the oldest record still in the ring.
	StartOldest Start = C.SLICKQ_START_OLDEST
	// StartNewest is the newest published record; StartNow if there is none.
	StartNewest Start = C.SLICKQ_START_NEWEST
	// StartIndex, for readers only, is ReaderOptions.StartIndex.
	StartIndex Start = C.SLICKQ_START_INDEX
)

const (
	// AdoptElementSize, as Options.ElementSize: Open takes the segment's, which must be a multiple of T's size. Not
	// to create, and not for LayoutWide.
	AdoptElementSize = -1
	// NoWait, as Options.Timeout: a segment that is just being created is not waited for.
	NoWait time.Duration = C.SLICKQ_TIMEOUT_NONE
	// WaitForever, as Options.Timeout (or any other negative one): it is waited for as long as it takes.
	WaitForever time.Duration = C.SLICKQ_TIMEOUT_FOREVER
)

// Options say how a queue is to be, or what must be found. Zero in a field is the default.
type Options struct {
	// Capacity is in elements, a power of two, 1 to 2^31. Needed to create; Open adopts the segment's if it is 0.
	Capacity int
	// ElementSize is in bytes. 0 is the size of T, as it should be where elements are of a type that is known when
	// the program is compiled. Otherwise it is a multiple of it, or AdoptElementSize: each element is then so many T
	// one after another. Queue[byte] with an ElementSize takes elements of any size.
	ElementSize int
	// ItemsPerSlot is the number of elements that share a control slot, a power of two up to the capacity: every
	// reservation is rounded up to a multiple of it. 0 is 1 to create; Open adopts the segment's.
	ItemsPerSlot int
	Layout       Layout
	// Permissions are those of a segment that is created, set exactly. 0 is 0666 less the umask.
	Permissions fs.FileMode
	// Timeout is how long another process that is just creating the segment is waited for. 0 is 2 seconds; NoWait
	// looks once; WaitForever, or less, is for ever.
	Timeout time.Duration

	ReadOnly bool // map without write permission; for consumers. Not to create
	Lossless bool // what is produced through this handle laps no registered reader, consumer or group: it says ErrFull
	// SingleProducer promises that nobody else produces while this handle is open, and through it one goroutine at a
	// time. Producing is faster then. Somebody else is noticed: ErrSecondProducer.
	SingleProducer bool
	// PromptProducer promises that whatever is reserved through this handle is published before the ring comes round: a
	// cheaper Publish, for any number of producers. One that is late gets ErrStale all the same, unless it is lapped in
	// the midst of a Publish: see slickq.h, "producing".
	PromptProducer bool
	// HalfReset opens a queue whose reset was not finished too, to Reset it again; else that is ErrHalfReset.
	HalfReset  bool
	Prefault   bool // map every page now: the first lap has no page faults
	LockMemory bool // and keep it in memory, if that is allowed: see Info.Locked
	HugePages  bool // ask for transparent huge pages
	HugeTLB    bool // local queues: pages of the system's huge page pool, if it has enough; else as HugePages
}

// number is a field of the options as the library takes it.
func number(op, field string, value int) (C.uint32_t, error) {
	if value < 0 || value > math.MaxUint32 {
		return 0, refusal(op, ErrArgument, "%s is %d: it must be between 0 and 2^32-1", field, value)
	}
	return C.uint32_t(value), nil
}

// native is the library's form of the options, for elements that are made of units of `unit` bytes.
func (o Options) native(op string, how C.enum_go_how, unit int) (native C.slickq_options, err error) {
	size := o.ElementSize
	switch {
	case size == 0:
		size = unit
	case size == AdoptElementSize && how == C.GO_OPEN:
		size = 0
	case size == AdoptElementSize:
		return native, refusal(op, ErrArgument, "only an existing queue has an ElementSize to adopt")
	case size%unit != 0:
		return native, refusal(op, ErrArgument, "ElementSize is %d, which is no multiple of the element type's %d bytes", size, unit)
	}
	if native.element_size, err = number(op, "ElementSize", size); err != nil {
		return native, err
	}
	if native.capacity, err = number(op, "Capacity", o.Capacity); err != nil {
		return native, err
	}
	if native.items_per_slot, err = number(op, "ItemsPerSlot", o.ItemsPerSlot); err != nil {
		return native, err
	}
	native.layout = C.uint32_t(o.Layout)
	native.permissions = C.uint32_t(o.Permissions)
	native.timeout_ns = C.int64_t(o.Timeout)
	for _, flag := range []struct {
		isSet bool
		bit   C.uint32_t
	}{
		{o.ReadOnly, C.SLICKQ_OPEN_READ_ONLY},
		{o.Lossless, C.SLICKQ_OPEN_LOSSLESS},
		{o.SingleProducer, C.SLICKQ_OPEN_SINGLE_PRODUCER},
		{o.PromptProducer, C.SLICKQ_OPEN_PROMPT_PRODUCER},
		{o.HalfReset, C.SLICKQ_OPEN_HALF_RESET},
		{o.Prefault, C.SLICKQ_OPEN_PREFAULT},
		{o.LockMemory, C.SLICKQ_OPEN_LOCK_MEMORY},
		{o.HugePages, C.SLICKQ_OPEN_HUGE_PAGES},
		{o.HugeTLB, C.SLICKQ_OPEN_HUGETLB},
	} {
		if flag.isSet {
			native.flags |= flag.bit
		}
	}
	return native, nil
}

// withName calls use with the name as C has it.
func withName(op, name string, use func(*C.char) error) error {
	if strings.IndexByte(name, 0) >= 0 {
		return refusal(op, ErrName, "the name %q has a zero byte inside", name)
	}
	text := C.CString(name)
	defer C.free(unsafe.Pointer(text))
	return use(text)
}
