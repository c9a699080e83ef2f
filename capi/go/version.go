package slickq

// #include "shim.h"
import "C"

// Version is the running library's version, "1.0.0".
func Version() string { return C.GoString(C.slickq_version_string()) }

// VersionNumber is the same as a number, major * 10000 + minor * 100 + patch.
func VersionNumber() int { return int(C.slickq_version()) }

// ABIVersion is the running library's ABI number. A program works with every library whose number is equal to or
// higher than that of the header it was compiled with.
func ABIVersion() int { return int(C.slickq_abi_version()) }

// CheckPlatform says whether this platform can use the layout; LayoutAny: whether it can use the library at all.
// sentence says what there is, and what is missing. The error is ErrUnsupported then, and ErrArgument for a number of
// no layout.
func CheckPlatform(layout Layout) (sentence string, err error) {
	got := C.go_platform_check(C.uint32_t(layout))
	if got.sentence != nil {
		sentence = C.GoString(got.sentence)
	}
	return sentence, failure("check the platform", got.answer)
}
