package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"slickq"
)

// Streams of records that verify themselves: each byte of record `number` of `writer` follows from these two.

const patience = 60 * time.Second

// stream is what produce and consume are about: the records first .. last-1 of a writer, of up to `most` elements.
type stream struct {
	writer, first, last, most uint64
	elementSize               int
}

func (a *agent) streamOf(w words) stream {
	s := stream{w.number(0), w.number(1), w.number(2), w.number(3), a.queue.Info().ElementSize}
	if s.most == 0 {
		panic(badRequest("records have at least one element"))
	}
	return s
}

func (s stream) count(number uint64) uint32 { return uint32(1 + (number*7+number/11+s.writer)%s.most) }

// payload appends that of a record.
func (s stream) payload(to []byte, number uint64) []byte {
	length := int(s.count(number)) * s.elementSize
	for j := 0; j < length; j++ {
		if j < 4 {
			to = append(to, byte(number>>(8*j)))
		} else {
			to = append(to, byte(s.writer*131+number*31+uint64(j)*7+13))
		}
	}
	return to
}

func (a *agent) produce(w words) string { return a.produceIn(w, 1) }

func (a *agent) produceBatch(w words) string {
	size := w.number(4)
	if size == 0 {
		panic(badRequest("a batch has at least one record"))
	}
	return a.produceIn(w, size)
}

// produceIn writes so many records a call.
func (a *agent) produceIn(w words, size uint64) string {
	s := a.streamOf(w)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var payload []byte
	var counts []uint32
	for number := s.first; number < s.last; {
		payload, counts = payload[:0], counts[:0]
		for ; number < s.last && uint64(len(counts)) < size; number++ {
			payload = s.payload(payload, number)
			counts = append(counts, s.count(number))
		}
		var err error
		switch {
		case size == 1:
			_, err = a.queue.WriteContext(ctx, payload...)
		case s.most == 1:
			_, err = a.queue.WriteBatchContext(ctx, payload, nil)
		default:
			_, err = a.queue.WriteBatchContext(ctx, payload, counts)
		}
		if err != nil {
			return failed(err)
		}
	}
	return "ok"
}

func (a *agent) seek(w words) string {
	a.cursor = w.number(0)
	return "ok"
}

// expect says what is wrong with a record.
func (s stream) expect(number uint64, scratch, got []byte) (payload []byte, err error) {
	payload = s.payload(scratch[:0], number)
	if !bytes.Equal(payload, got) {
		return payload, fmt.Errorf("record %d of writer %d is %s, expected %s", number, s.writer, hexOf(got), hexOf(payload))
	}
	return payload, nil
}

func (a *agent) consume(w words) string {
	s := a.streamOf(w)
	deadline := time.Now().Add(patience)
	var buffer, scratch []byte
	for number := s.first; number < s.last; {
		record, err := a.queue.ReadCopy(&a.cursor, buffer)
		if errors.Is(err, slickq.ErrEmpty) {
			if time.Now().After(deadline) {
				return failed(fmt.Errorf("record %d did not come", number))
			}
			time.Sleep(20 * time.Microsecond)
			continue
		}
		if err == nil && record.Lost != 0 {
			err = fmt.Errorf("%d elements were lost before record %d", record.Lost, number)
		}
		if err == nil {
			scratch, err = s.expect(number, scratch, record.Values)
		}
		if err != nil {
			return failed(err)
		}
		buffer = record.Values
		number++
	}
	return ok(a.cursor)
}

func (a *agent) consumeReader(w words) string {
	s, reader := a.streamOf(w), a.theReader()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var scratch []byte
	for number := s.first; number < s.last; {
		limit := s.last - number
		if limit > 64 {
			limit = 64
		}
		batch, err := reader.ReadBatch(ctx, int(limit))
		if err != nil {
			return failed(err)
		}
		for k := 0; k < batch.Len(); k++ {
			if scratch, err = s.expect(number, scratch, batch.Record(k).Values); err != nil {
				return failed(err)
			}
			number++
		}
	}
	return "ok"
}
