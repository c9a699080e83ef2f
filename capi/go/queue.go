package slickq

// #include "shim.h"
import "C"

import "time"

// Queue is a handle on a queue whose elements are T, or several T (Options.ElementSize). All its methods may be
// called from any goroutine at any time, Close too; with Options.SingleProducer one goroutine at a time produces.
//
// T has numbers, arrays and structs of them only; that is checked when the queue is opened. Its bytes are what other
// processes see, in the order of this machine: a struct's padding among them, which has no defined content. Say where
// padding is with fields of your own, and int is 8 bytes here: programs in other languages, or compiled for other
// machines, want types of a fixed size.
type Queue[T any] struct {
	handle
	width int // T's in an element
	size  int // bytes of an element
	info  Info
}

// Info describes an open queue. Nothing in it changes while the queue is open.
type Info struct {
	Name         string    // with its leading '/'; "" for a local queue
	Layout       Layout    // never LayoutAny
	Capacity     int       // elements
	ElementSize  int       // bytes
	ItemsPerSlot int       // elements
	SlotCount    int       // control slots: Capacity / ItemsPerSlot
	Length       uint64    // bytes of the segment
	DataOffset   uint64    // bytes from its start to element 0
	AnnexOffset  uint64    // bytes from its start to what libslickq keeps there for itself; 0 if it has no such place
	Identity     Identity  // which segment this is, whatever its name
	Created      time.Time // when the segment was made; zero if it has no place for that

	Creator        bool // this handle made and initialised the segment
	Shared         bool // in a named segment; else local
	ReadOnly       bool // as Options says, like the next three
	Lossless       bool
	SingleProducer bool
	PromptProducer bool
	Locked         bool // Options.LockMemory was granted
	HugePages      bool // Options.HugePages was accepted; whether there are any is up to the system
	HugeTLB        bool // Options.HugeTLB was granted
}

// Identity is 16 random bytes, made with a segment: the same in every process that has it open, and in no other segment,
// whatever its name. All zero in a segment without a place for it: made by a peer, or LayoutWide.
type Identity [16]byte

func identityOf(native [16]C.uint8_t) (identity Identity) {
	for k, value := range native {
		identity[k] = byte(value)
	}
	return identity
}

func momentOf(nanoseconds C.int64_t) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(nanoseconds))
}

// NewLocal makes a queue in this process's memory, for its goroutines. Options.Capacity is required.
func NewLocal[T any](options Options) (*Queue[T], error) {
	return open[T]("make a local queue", C.GO_LOCAL, "", options)
}

// Create makes a shared queue under a name that must be free (else ErrExists). Options.Capacity is required. All its
// memory is allocated now: full shared memory is ErrNoSpace here, never a crash later. A name is one optional leading
// '/', then 1 to 255 bytes without '/'.
func Create[T any](name string, options Options) (*Queue[T], error) {
	return open[T]("create", C.GO_CREATE, name, options)
}

// Open opens an existing shared queue of any layout. What options give must match, else ErrMismatch.
func Open[T any](name string, options Options) (*Queue[T], error) {
	return open[T]("open", C.GO_OPEN, name, options)
}

// OpenOrCreate opens the queue, or creates it if the name is free; any number of processes may race, one creates. An
// existing segment must match what options give. Options.Capacity is required.
func OpenOrCreate[T any](name string, options Options) (*Queue[T], error) {
	return open[T]("open or create", C.GO_OPEN_OR_CREATE, name, options)
}

func open[T any](op string, how C.enum_go_how, name string, options Options) (*Queue[T], error) {
	if err := checkElement[T](); err != nil {
		return nil, err
	}
	native, err := options.native(op, how, sizeOf[T]())
	if err != nil {
		return nil, err
	}
	var q *Queue[T]
	err = withName(op, name, func(text *C.char) error {
		said := C.go_queue_open(how, text, native)
		if said.status != C.SLICKQ_OK {
			return failure(op, said)
		}
		q, err = adopt[T](op, C.go_ticket(said.value))
		return err
	})
	return q, err
}

// adopt takes charge of an open handle.
func adopt[T any](op string, ticket C.go_ticket) (*Queue[T], error) {
	q := &Queue[T]{info: infoOf(C.go_queue_info(ticket))}
	q.ticket = ticket
	q.size = q.info.ElementSize
	q.width = q.size / sizeOf[T]()
	if q.width*sizeOf[T]() != q.size {
		err := refusal(op, ErrMismatch, "queue '%s' has elements of %d bytes, which is no multiple of the element type's %d",
			q.info.Name, q.size, sizeOf[T]())
		_ = q.Close()
		return nil, err
	}
	return q, nil
}

func infoOf(native C.slickq_queue_info) Info {
	has := func(bit C.uint32_t) bool { return native.flags&bit != 0 }
	return Info{
		Name:           C.GoString(native.name),
		Layout:         Layout(native.layout),
		Capacity:       int(native.capacity),
		ElementSize:    int(native.element_size),
		ItemsPerSlot:   int(native.items_per_slot),
		SlotCount:      int(native.slot_count),
		Length:         uint64(native.length),
		DataOffset:     uint64(native.data_offset),
		AnnexOffset:    uint64(native.extension_offset),
		Identity:       identityOf(native.identity),
		Created:        momentOf(native.created_ns),
		Creator:        has(C.SLICKQ_INFO_CREATOR),
		Shared:         has(C.SLICKQ_INFO_SHARED),
		ReadOnly:       has(C.SLICKQ_INFO_READ_ONLY),
		Lossless:       has(C.SLICKQ_INFO_LOSSLESS),
		SingleProducer: has(C.SLICKQ_INFO_SINGLE_PRODUCER),
		PromptProducer: has(C.SLICKQ_INFO_PROMPT_PRODUCER),
		Locked:         has(C.SLICKQ_INFO_LOCKED),
		HugePages:      has(C.SLICKQ_INFO_HUGE_PAGES),
		HugeTLB:        has(C.SLICKQ_INFO_HUGETLB),
	}
}

// Close ends the waits that are under way (with ErrClosed), waits until all calls have returned, and unmaps the
// queue. It never removes the name: the segment lives on, with all that is in it. Readers and workers of the queue go
// on. Whatever is called afterwards is ErrClosed; closing again does nothing. Not from inside a function that one of
// the InPlace methods calls: it would wait for itself.
//
// There is no finalizer: what closing does, others see (a lossless producer goes on, a worker's record counts as
// done), and that is not to happen when the garbage collector likes.
func (q *Queue[T]) Close() error {
	return q.close(q.interrupt, func() error { return failure("close", C.go_queue_close(q.ticket)) })
}

func (q *Queue[T]) interrupt() { C.go_queue_cancel(q.ticket) }

// Info describes the queue; also when it is closed.
func (q *Queue[T]) Info() Info { return q.info }

// Reset empties the queue: next index 0, this handle's loss count 0. The caller makes sure that no producer is active
// meanwhile, and that plain and shared cursors start again at 0. Readers notice by themselves: ErrReset.
func (q *Queue[T]) Reset() error {
	if !q.enter() {
		return ErrClosed
	}
	defer q.leave()
	return failure("reset", C.go_queue_reset(q.ticket))
}

// LossCount is the number of elements that reads with a cursor, through this handle, skipped because producers had
// lapped them.
func (q *Queue[T]) LossCount() (uint64, error) {
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	said := C.go_queue_loss_count(q.ticket)
	return uint64(said.value), failure("loss count", said)
}

// NameState says where a queue's name leads.
type NameState uint32

const (
	// NameOurs: to this queue's segment.
	NameOurs NameState = C.SLICKQ_NAME_OURS
	// NameGone: nowhere; nobody else can open it any more.
	NameGone NameState = C.SLICKQ_NAME_GONE
	// NameTaken: to another segment; who opens it now will not meet us.
	NameTaken NameState = C.SLICKQ_NAME_TAKEN
)

// NameState tells whether the queue's name still leads to it. It makes three system calls. ErrUnsupported for a local
// queue.
func (q *Queue[T]) NameState() (NameState, error) {
	if !q.enter() {
		return 0, ErrClosed
	}
	defer q.leave()
	said := C.go_queue_name_state(q.ticket)
	return NameState(said.value), failure("look up the name", said)
}

// Epoch tells in which epoch a queue is: each reset begins another one, in which indices begin again at 0.
type Epoch struct {
	// Resets since the segment was made. One that was left half done and the one that mends it are two.
	Resets uint64
	// ReservedBefore are the elements reserved in all former epochs together.
	ReservedBefore uint64
	// IsResetting: the queue is being reset, or a reset was left half done. The numbers may be of either epoch.
	IsResetting bool
}

// Epoch describes the epoch that the queue is in now. ErrUnsupported if its segment has no place for it: a peer made it,
// or it is wide. Peers' resets are not counted.
func (q *Queue[T]) Epoch() (Epoch, error) {
	if !q.enter() {
		return Epoch{}, ErrClosed
	}
	defer q.leave()
	got := C.go_queue_epoch(q.ticket)
	return Epoch{
		Resets:         uint64(got.found.resets),
		ReservedBefore: uint64(got.found.reserved_before),
		IsResetting:    got.found.is_resetting != 0,
	}, failure("look up the epoch", got.answer)
}

// Reattach opens what the queue's name leads to now, as the queue itself was opened. The queue stays as it is: read
// what is left in it, then close it.
func (q *Queue[T]) Reattach() (*Queue[T], error) {
	if !q.enter() {
		return nil, ErrClosed
	}
	defer q.leave()
	said := C.go_queue_reattach(q.ticket)
	if said.status != C.SLICKQ_OK {
		return nil, failure("reattach", said)
	}
	return adopt[T]("reattach", C.go_ticket(said.value))
}

// Remove removes the name of a shared segment, of a queue or of a cursor. Processes that have it open go on
// undisturbed, and its memory is freed when the last one closes. ErrNotFound if there is none.
func Remove(name string) error {
	return withName("remove", name, func(text *C.char) error { return failure("remove", C.go_remove(text)) })
}

// countOf is the number of elements that so many T are.
func (q *Queue[T]) countOf(op string, values int) (C.uint32_t, error) {
	if q.width == 0 {
		return 0, ErrNull // the zero Queue
	}
	if values == 0 || values%q.width != 0 {
		return 0, refusal(op, ErrArgument, "%d values are no whole number of elements, which have %d each", values, q.width)
	}
	return number(op, "the number of elements", values/q.width)
}
