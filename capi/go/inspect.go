package slickq

// #include "shim.h"
import "C"

import "time"

// Inspection is what a segment looks like from outside.
type Inspection struct {
	Verdict        Status    // what Open without waiting would say: 0 if it would open it, else ErrNotAQueue and so on
	Detail         string    // of a verdict that is not 0, a sentence
	Length         uint64    // bytes of the segment
	RequiredLength uint64    // bytes that its header asks for; 0 if the header makes no sense, or the element size is unknown
	Layout         Layout    // LayoutAny if it cannot be told
	Marker         uint32    // the 4 bytes at offset 24, 0x534C5131 for SLQ1
	InitState      uint32    // the 4 bytes at offset 48: 0 fresh, 1 old creator, 2 being initialised, 3 ready
	Capacity       int       // elements, as the header says; like the next two 0 if the layout cannot be told
	ElementSize    int       // bytes; 0 in a wide segment unless the caller gave it
	ItemsPerSlot   int       // elements
	NextIndex      uint64    // the next index to be reserved; with the next three only if Verdict is 0
	LastPublished  uint64    // the highest index published; all ones: none, or not kept in this layout
	OldestIndex    uint64    // where StartOldest would start
	Published      uint64    // records in the ring that a consumer starting at OldestIndex would find now
	Identity       Identity  // as Info.Identity
	Created        time.Time // as Info.Created
	// LatePublishes are reservations that the ring had lapped before they were published, ErrStale. If there are many,
	// the ring is too small for its producers.
	LatePublishes uint64
}

// Inspect looks at whatever is under the name, read-only, without waiting; nothing is written to it. elementSize is
// in bytes, 0 if not known (needed to understand a wide segment). No error if it could be looked at at all: see
// Inspection.Verdict for what it is.
func Inspect(name string, elementSize int) (found Inspection, err error) {
	size, err := number("inspect", "elementSize", elementSize)
	if err != nil {
		return found, err
	}
	err = withName("inspect", name, func(text *C.char) error {
		got := C.go_inspect(text, size)
		found = Inspection{
			Verdict:        Status(got.found.verdict),
			Detail:         takeText(got.detail),
			Length:         uint64(got.found.length),
			RequiredLength: uint64(got.found.required_length),
			Layout:         Layout(got.found.layout),
			Marker:         uint32(got.found.marker),
			InitState:      uint32(got.found.init_state),
			Capacity:       int(got.found.capacity),
			ElementSize:    int(got.found.element_size),
			ItemsPerSlot:   int(got.found.items_per_slot),
			NextIndex:      uint64(got.found.next_index),
			LastPublished:  uint64(got.found.last_published),
			OldestIndex:    uint64(got.found.oldest_index),
			Published:      uint64(got.found.published),
			Identity:       identityOf(got.found.identity),
			Created:        momentOf(got.found.created_ns),
			LatePublishes:  uint64(got.found.late_publishes),
		}
		return failure("inspect", got.answer)
	})
	return found, err
}
