//go:build go1.24

package slickq

// None of these keeps a pointer, and the library never calls Go: with that known, what is written need not be moved
// to the heap first.

// #cgo noescape go_write
// #cgo nocallback go_write
// #cgo noescape go_write_batch
// #cgo nocallback go_write_batch
// #cgo noescape go_fill
// #cgo nocallback go_fill
// #cgo noescape go_read_copy
// #cgo nocallback go_read_copy
// #cgo noescape go_claim
// #cgo nocallback go_claim
// #cgo noescape go_read_batch
// #cgo nocallback go_read_batch
// #cgo noescape go_read_last
// #cgo nocallback go_read_last
// #cgo noescape go_write_wait
// #cgo nocallback go_write_wait
// #cgo noescape go_write_batch_wait
// #cgo nocallback go_write_batch_wait
// #include "shim.h"
import "C"
