package coder

import "unsafe"

// Number is a type whose values lie in tensors; the bits of a float16 are a uint16.
type Number interface {
	float32 | float64 | int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64
}

// Elements sees memory, such as the bytes of a token, as numbers of another type,
// little-endian as all platforms of this program are, without copying them. It must be
// aligned to them; what is left behind the last whole one is not seen.
func Elements[To, From Number](memory []From) []To {
	var to To
	var from From
	n := len(memory) * int(unsafe.Sizeof(from)) / int(unsafe.Sizeof(to))
	return unsafe.Slice((*To)(unsafe.Pointer(unsafe.SliceData(memory))), n)
}
