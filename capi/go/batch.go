package slickq

// #include "shim.h"
import "C"

import "unsafe"

// Batch is records that were read together, in order.
type Batch[T any] struct {
	Values  []T     // of all records, one after another
	Entries []Entry // one for each record
	width   int     // T's in an element
}

// Entry says where a record of a batch lies.
type Entry struct {
	Index  uint64 // of its first element, as Record.Index
	Count  uint32 // elements
	offset uint32 // elements of the batch before it
}

// Len is the number of records.
func (b Batch[T]) Len() int { return len(b.Entries) }

// Record is the batch's record k, from 0.
func (b Batch[T]) Record(k int) Record[T] {
	entry := b.Entries[k]
	from := int(entry.offset-b.Entries[0].offset) * b.width
	to := from + int(entry.Count)*b.width
	return Record[T]{Values: b.Values[from:to:to], Index: entry.Index}
}

// part is the records from `from` to before `to`.
func (b Batch[T]) part(from, to int) Batch[T] {
	if from == to {
		return Batch[T]{b.Values[:0], b.Entries[:0], b.width}
	}
	entries := b.Entries[from:to]
	last := entries[len(entries)-1]
	base := b.Entries[0].offset
	values := b.Values[int(entries[0].offset-base)*b.width : int(last.offset-base+last.Count)*b.width]
	return Batch[T]{values, entries, b.width}
}

const mostRecords = 65536 // of a batch, in the library

// take copies a batch out of the library's memory.
func (b *Batch[T]) take(from C.slickq_batch, width int) {
	elements, records := int(from.elements), int(from.records)
	b.width = width
	b.Values = room(b.Values, elements*width)
	copy(b.Values, valuesAt[T](from.data, elements*width))
	b.Entries = room(b.Entries, records)
	offset := uint32(0)
	for k, entry := range unsafe.Slice(from.entries, records) {
		b.Entries[k] = Entry{uint64(entry.index), uint32(entry.count), offset}
		offset += uint32(entry.count)
	}
}
