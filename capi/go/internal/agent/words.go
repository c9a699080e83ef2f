package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"slickq"
)

// badRequest is what the driver did wrong.
type badRequest string

func (b badRequest) Error() string { return string(b) }

// words are a request's arguments. A bad one panics with a badRequest.
type words []string

func (w words) number(k int) uint64 {
	number, err := strconv.ParseUint(w[k], 10, 64)
	if err != nil {
		panic(badRequest(fmt.Sprintf("%q is no number", w[k])))
	}
	return number
}

func (w words) int(k int) int { return int(w.number(k)) }

func (w words) bytes(k int) []byte {
	if w[k] == "-" {
		return nil
	}
	bytes, err := hex.DecodeString(w[k])
	if err != nil {
		panic(badRequest(fmt.Sprintf("%q is no hex", w[k])))
	}
	return bytes
}

func (w words) counts(k int) []uint32 {
	if w[k] == "-" {
		return nil
	}
	var counts []uint32
	for _, text := range strings.Split(w[k], ",") {
		counts = append(counts, uint32(words{text}.number(0)))
	}
	return counts
}

func hexOf(bytes []byte) string {
	if len(bytes) == 0 {
		return "-"
	}
	return hex.EncodeToString(bytes)
}

func ok(details ...any) string {
	return strings.TrimSuffix(fmt.Sprintln(append([]any{"ok"}, details...)...), "\n")
}

// failed is the answer to a call that had to succeed.
func failed(err error) string {
	var status slickq.Status
	switch {
	case errors.As(err, &status):
		return "error " + status.Name() + " " + strings.ReplaceAll(err.Error(), "\n", " ")
	case errors.Is(err, context.DeadlineExceeded):
		return "error SLICKQ_TIMED_OUT " + err.Error()
	default:
		return "error BAD " + strings.ReplaceAll(err.Error(), "\n", " ")
	}
}

// done is the answer of a call that gives nothing.
func done(err error) string {
	if err != nil {
		return failed(err)
	}
	return "ok"
}

// value is the answer of a call that gives one number.
func value[V any](number V, err error) string {
	if err != nil {
		return failed(err)
	}
	return ok(number)
}
