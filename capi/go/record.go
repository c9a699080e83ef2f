package slickq

// Record is 1 or more contiguous elements that were published together.
type Record[T any] struct {
	// Values are the elements' T: one for each, unless Options.ElementSize is more than T's size. Who says how long
	// they stay is the method that gave them.
	Values []T
	// Index is the record's place in the sequence of all elements, that of its first one. 48 bits, wrapping to 0
	// (with LayoutWide 64).
	Index uint64
	// Lost is the number of elements skipped just before it because producers had lapped the cursor: only from reads
	// with a cursor; readers and workers say it by a LossError.
	Lost uint64
	// Redelivered: another worker had claimed it before, and died or was evicted.
	Redelivered bool
}

// Value is the record's first T, for those that have no more.
func (r Record[T]) Value() T { return r.Values[0] }
