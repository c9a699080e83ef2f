//go:build slickq_flags

package slickq

// With the build tag slickq_flags the library is where CGO_CFLAGS (-I) and CGO_LDFLAGS (-L, -Wl,-rpath) say.

// #cgo LDFLAGS: -lslickq
import "C"
