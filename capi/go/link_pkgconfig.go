//go:build !slickq_flags

package slickq

// Where the library is, pkg-config says: it looks where PKG_CONFIG_PATH points. To do without pkg-config see
// link_flags.go.

// #cgo pkg-config: slickq
import "C"
