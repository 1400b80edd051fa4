package kernel

import (
	"unsafe"

	"github.com/edgeprune/edgeprune/deploy/coder"
)

// floats returns elements as float32: rounded, and conditions as 0 or 1.
func floats(elem string, data []byte) []float32 {
	switch elem {
	case "float32":
		return converted[float32](data)
	case "float64":
		return converted[float64](data)
	case "float16":
		out := make([]float32, len(data)/2)
		coder.FromHalves(out, elements[uint16](data))
		return out
	case "int8":
		return converted[int8](data)
	case "int16":
		return converted[int16](data)
	case "uint16":
		return converted[uint16](data)
	case "int32":
		return converted[int32](data)
	case "uint32":
		return converted[uint32](data)
	case "int64":
		return converted[int64](data)
	case "uint64":
		return converted[uint64](data)
	}
	return converted[uint8](data) // bool too
}

type numeric interface {
	float32 | float64 | int8 | uint8 | int16 | uint16 | int32 | uint32 | int64 | uint64
}

// elements sees bytes, aligned to their elements, as those.
func elements[T numeric](data []byte) []T {
	var zero T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(data))), len(data)/int(unsafe.Sizeof(zero)))
}

func converted[T numeric](data []byte) []float32 {
	out := make([]float32, 0, len(data))
	for _, v := range elements[T](data) {
		out = append(out, float32(v))
	}
	return out
}
