package slickq

// #include "shim.h"
import "C"

import (
	"reflect"
	"unsafe"
)

// What may lie in memory that other processes write: types of which every pattern of bits is a value. A bool is not:
// one that is neither 0 nor 1 would break what the compiler takes for granted. No pointers, and nothing that has some
// inside.
func checkPlainData(t reflect.Type, path string) error {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return nil
	case reflect.Array:
		return checkPlainData(t.Elem(), path+"[]")
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if err := checkPlainData(t.Field(i).Type, path+"."+t.Field(i).Name); err != nil {
				return err
			}
		}
		return nil
	case reflect.Bool:
		return refusal("open", ErrArgument, "%s is a bool, and other processes may write what is none: use a uint8", path)
	default:
		return refusal("open", ErrArgument, "%s is a %s: elements can have numbers, arrays and structs of them only", path, t.Kind())
	}
}

// checkElement says whether T may be in a queue.
func checkElement[T any]() error {
	t := reflect.TypeOf((*T)(nil)).Elem()
	if err := checkPlainData(t, t.String()); err != nil {
		return err
	}
	if t.Size() == 0 {
		return refusal("open", ErrArgument, "%s has no bytes", t)
	}
	return nil
}

func sizeOf[T any]() int {
	var one T
	return int(unsafe.Sizeof(one))
}

// bytesOf is the memory of values.
func bytesOf[T any](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*sizeOf[T]())
}

// first is the address of bytes, or nil if there are none.
func first(bytes []byte) *C.uint8_t {
	if len(bytes) == 0 {
		return nil
	}
	return (*C.uint8_t)(unsafe.Pointer(&bytes[0]))
}

// valuesAt is what lies at an address of the library, unowned.
func valuesAt[T any](address unsafe.Pointer, count int) []T {
	if address == nil || count == 0 {
		return nil
	}
	return unsafe.Slice((*T)(address), count)
}

// room is a slice of that length: the given one if it has the capacity.
func room[T any](slice []T, length int) []T {
	if cap(slice) < length {
		return make([]T, length)
	}
	return slice[:length]
}
