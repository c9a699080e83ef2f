package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"slickq"
)

// agent is the state between requests. Elements have sizes that only the driver knows, so they are bytes here.
type agent struct {
	queue  *slickq.Queue[byte]
	reader *slickq.Reader[byte]
	worker *slickq.Worker[byte]
	cell   *slickq.SharedCursor
	cursor uint64 // of consume
}

type request struct {
	arguments int
	obey      func(*agent, words) string
}

var requests = map[string]request{
	"open": {6, (*agent).open}, "close": {0, (*agent).closeQueue},
	"reserve": {1, (*agent).reserve}, "fill": {2, (*agent).fill}, "publish": {2, (*agent).publish},
	"write": {1, (*agent).write}, "write_batch": {2, (*agent).writeBatch},
	"start": {1, (*agent).start}, "read": {1, (*agent).read}, "read_copy": {1, (*agent).readCopy}, "read_batch": {2, (*agent).readBatch},
	"cell": {2, (*agent).openCell}, "cell_load": {0, (*agent).cellLoad}, "cell_store": {1, (*agent).cellStore},
	"cell_cas": {2, (*agent).cellCAS}, "claim": {0, (*agent).claim},
	"read_last": {0, (*agent).readLast}, "next": {0, (*agent).next}, "check": {1, (*agent).check},
	"lost": {0, (*agent).lost}, "reset": {0, (*agent).reset},
	"reader": {3, (*agent).openReader}, "next_record": {0, (*agent).nextRecord}, "next_batch": {1, (*agent).nextBatch},
	"wait_record": {1, (*agent).waitRecord},
	"worker":      {2, (*agent).openWorker}, "work": {0, (*agent).work}, "done": {0, (*agent).done},
	"remove": {1, (*agent).remove}, "seek": {1, (*agent).seek},
	"produce": {4, (*agent).produce}, "produce_batch": {5, (*agent).produceBatch},
	"consume": {4, (*agent).consume}, "consume_reader": {4, (*agent).consumeReader},
}

// obey answers one request.
func (a *agent) obey(name string, arguments words) (answer string) {
	defer func() {
		if bad, is := recover().(badRequest); is {
			answer = failed(bad)
		} else if answer == "" {
			panic("no answer to " + name)
		}
	}()
	known, is := requests[name]
	if !is {
		return "error UNSUPPORTED " + name
	}
	if len(arguments) != known.arguments {
		panic(badRequest(fmt.Sprintf("%s takes %d words, not %d", name, known.arguments, len(arguments))))
	}
	if a.queue == nil && name != "open" && name != "remove" && name != "cell" && !strings.HasPrefix(name, "cell_") {
		panic(badRequest("no queue is open"))
	}
	return known.obey(a, arguments)
}

// ---- life

func optionsOf(w words) slickq.Options {
	const readOnly, lossless, single, prefault, lock, huge, hugeTLB, prompt = 1, 2, 4, 8, 16, 32, 64, 128 // SLICKQ_OPEN_... in slickq.h
	flags := w.number(5)
	return slickq.Options{
		Capacity: w.int(1), ElementSize: w.int(2), ItemsPerSlot: w.int(3), Layout: slickq.Layout(w.number(4)),
		ReadOnly: flags&readOnly != 0, Lossless: flags&lossless != 0, SingleProducer: flags&single != 0, PromptProducer: flags&prompt != 0,
		Prefault: flags&prefault != 0, LockMemory: flags&lock != 0, HugePages: flags&huge != 0, HugeTLB: flags&hugeTLB != 0,
	}
}

func (a *agent) open(w words) string {
	a.close()
	options := optionsOf(w)
	var err error
	switch {
	case w[0] == "-":
		a.queue, err = slickq.NewLocal[byte](options)
	case options.Capacity != 0:
		a.queue, err = slickq.OpenOrCreate[byte](w[0], options)
	default:
		if options.ElementSize == 0 {
			options.ElementSize = slickq.AdoptElementSize
		}
		a.queue, err = slickq.Open[byte](w[0], options)
	}
	if err != nil {
		a.queue = nil
		return failed(err)
	}
	info := a.queue.Info()
	created := 0
	if info.Creator {
		created = 1
	}
	return ok(created, info.Capacity, info.ElementSize, info.ItemsPerSlot, uint32(info.Layout))
}

func (a *agent) closeQueue(words) string {
	a.close()
	return "ok"
}

func (a *agent) close() {
	if a.worker != nil {
		a.worker.Close()
	}
	if a.reader != nil {
		a.reader.Close()
	}
	if a.queue != nil {
		a.queue.Close()
	}
	a.queue, a.reader, a.worker, a.cursor = nil, nil, nil, 0
}

func (a *agent) remove(w words) string { return done(slickq.Remove(w[0])) }
func (a *agent) reset(words) string    { return done(a.queue.Reset()) }
func (a *agent) next(words) string     { return value(a.queue.NextIndex()) }
func (a *agent) lost(words) string     { return value(a.queue.LossCount()) }

// ---- producing

func (a *agent) reserve(w words) string { return value(a.queue.Reserve(w.int(0))) }
func (a *agent) fill(w words) string    { return done(a.queue.Fill(w.number(0), w.bytes(1))) }
func (a *agent) publish(w words) string { return done(a.queue.Publish(w.number(0), w.int(1))) }
func (a *agent) write(w words) string   { return value(a.queue.Write(w.bytes(0)...)) }

func (a *agent) writeBatch(w words) string {
	written, err := a.queue.WriteBatch(w.bytes(0), w.counts(1))
	if errors.Is(err, slickq.ErrFull) && written != 0 {
		err = nil // as the protocol has it: so many were written
	}
	return value(written, err)
}

// ---- consuming with a cursor

func (a *agent) start(w words) string { return value(a.queue.Start(slickq.Start(w.number(0)))) }

func (a *agent) count(bytes []byte) int { return len(bytes) / a.queue.Info().ElementSize }

// entry is what a record without lost ones is in an answer.
func (a *agent) entry(record slickq.Record[byte]) string {
	return fmt.Sprint(record.Index, " ", a.count(record.Values), " ", hexOf(record.Values))
}

func (a *agent) read(w words) string {
	cursor, seen := w.number(0), ""
	err := a.queue.ReadInPlace(&cursor, func(record slickq.Record[byte]) { seen = a.entry(record) })
	return cursorAnswer(cursor, seen, err)
}

// cursorAnswer is that of a plain read, which gives what it saw, whole or not.
func cursorAnswer(cursor uint64, seen string, err error) string {
	switch {
	case seen != "":
		return ok(cursor, seen)
	case errors.Is(err, slickq.ErrEmpty):
		return fmt.Sprint("empty ", cursor)
	}
	return failed(err)
}

func (a *agent) readCopy(w words) string {
	cursor, seen := w.number(0), ""
	record, err := a.queue.ReadCopy(&cursor, nil)
	if err == nil {
		seen = a.entry(record)
	}
	return cursorAnswer(cursor, seen, err)
}

func (a *agent) readBatch(w words) string {
	cursor := w.number(0)
	var entries []string
	var all []byte
	_, err := a.queue.ReadBatchInPlace(&cursor, w.int(1), func(record slickq.Record[byte]) {
		entries = append(entries, fmt.Sprint(record.Index, ":", a.count(record.Values)))
		all = append(all, record.Values...)
	})
	switch {
	case err == nil:
		return ok(cursor, strings.Join(entries, ","), hexOf(all))
	case errors.Is(err, slickq.ErrEmpty):
		return fmt.Sprint("empty ", cursor)
	}
	return failed(err)
}

func (a *agent) readLast(words) string {
	record, err := a.queue.ReadLast(nil)
	switch {
	case err == nil:
		return ok(a.entry(record))
	case errors.Is(err, slickq.ErrEmpty):
		return "empty"
	}
	return failed(err)
}

func (a *agent) check(w words) string {
	err := a.queue.Validate(w.number(0))
	if errors.Is(err, slickq.ErrLapped) {
		return slickq.ErrLapped.Name()
	}
	return done(err)
}

// ---- shared cursors

func (a *agent) openCell(w words) string {
	if a.cell != nil {
		a.cell.Close()
		a.cell = nil
	}
	if w[0] == "-" {
		a.cell = slickq.NewSharedCursor(0)
		return "ok"
	}
	cell, err := slickq.OpenOrCreateSharedCursor(w[0], w.number(1), 0, 0)
	if err == nil {
		a.cell = cell
	}
	return done(err)
}

func (a *agent) theCell() *slickq.SharedCursor {
	if a.cell == nil {
		panic(badRequest("no cell is open"))
	}
	return a.cell
}

func (a *agent) cellLoad(words) string    { return value(a.theCell().Load()) }
func (a *agent) cellStore(w words) string { return done(a.theCell().Store(w.number(0))) }

func (a *agent) cellCAS(w words) string {
	actual, swapped, err := a.theCell().CompareAndSwap(w.number(0), w.number(1))
	if err == nil && !swapped {
		return fmt.Sprint("SLICKQ_CHANGED ", actual)
	}
	return done(err)
}

func (a *agent) claim(words) string {
	seen := ""
	err := a.queue.ClaimInPlace(a.theCell(), func(record slickq.Record[byte]) { seen = a.entry(record) })
	switch {
	case seen != "":
		return ok(seen)
	case errors.Is(err, slickq.ErrEmpty):
		return "empty"
	}
	return failed(err)
}

// ---- readers and workers

func (a *agent) openReader(w words) string {
	if a.reader != nil {
		a.reader.Close()
		a.reader = nil
	}
	reader, err := a.queue.NewReader(slickq.ReaderOptions{
		Start: slickq.Start(w.number(0)), Batch: w.int(1), Registered: w.number(2) != 0})
	if err == nil {
		a.reader = reader
	}
	return done(err)
}

func (a *agent) theReader() *slickq.Reader[byte] {
	if a.reader == nil {
		panic(badRequest("no reader is open"))
	}
	return a.reader
}

func (a *agent) theWorker() *slickq.Worker[byte] {
	if a.worker == nil {
		panic(badRequest("no worker is open"))
	}
	return a.worker
}

// instead is the answer where there is no record: the status, where the reader goes on, and what was lost.
func (a *agent) instead(err error) string {
	var loss *slickq.LossError
	var status slickq.Status
	switch {
	case errors.As(err, &loss):
		return fmt.Sprint(loss.Cause.Name(), " ", loss.Index, " ", loss.Elements)
	case errors.Is(err, context.DeadlineExceeded):
		return "SLICKQ_TIMED_OUT 0 0"
	case !errors.As(err, &status) || a.reader == nil:
		return failed(err)
	}
	switch status {
	case slickq.ErrEmpty, slickq.ErrPending, slickq.ErrEvicted, slickq.ErrHalfReset:
		info, err := a.reader.Info()
		if err != nil {
			return failed(err)
		}
		return fmt.Sprint(status.Name(), " ", info.Cursor, " 0")
	}
	return failed(err)
}

func (a *agent) nextRecord(words) string {
	record, err := a.theReader().TryRead()
	if err != nil {
		return a.instead(err)
	}
	return ok(a.entry(record))
}

func (a *agent) nextBatch(w words) string {
	batch, err := a.theReader().TryReadBatch(w.int(0))
	if err != nil {
		return a.instead(err)
	}
	entries := make([]string, batch.Len())
	for k, entry := range batch.Entries {
		entries[k] = fmt.Sprint(entry.Index, ":", entry.Count)
	}
	return ok(strings.Join(entries, ","), hexOf(batch.Values))
}

func (a *agent) waitRecord(w words) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(w.number(0))*time.Millisecond)
	defer cancel()
	record, err := a.theReader().Read(ctx)
	if err != nil {
		return a.instead(err)
	}
	return ok(a.entry(record))
}

func (a *agent) openWorker(w words) string {
	if a.worker != nil {
		a.worker.Close()
		a.worker = nil
	}
	worker, err := a.queue.NewWorker(slickq.WorkerOptions{Group: w[0], Mode: slickq.GroupMode(w.number(1))})
	if err == nil {
		a.worker = worker
	}
	return done(err)
}

func (a *agent) work(words) string {
	record, err := a.theWorker().TryRead()
	var loss *slickq.LossError
	switch {
	case err == nil && record.Redelivered:
		return ok(a.entry(record), 1)
	case err == nil:
		return ok(a.entry(record), 0)
	case errors.As(err, &loss):
		return fmt.Sprint(loss.Cause.Name(), " ", loss.Index, " ", loss.Elements)
	case errors.Is(err, slickq.ErrEmpty), errors.Is(err, slickq.ErrEvicted):
		var status slickq.Status
		errors.As(err, &status)
		return status.Name() + " 0 0"
	}
	return failed(err)
}

func (a *agent) done(words) string { return done(a.theWorker().Done()) }
