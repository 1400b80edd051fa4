package tensorfile

import (
	"encoding/binary"
	"math"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// Tensor is a tensor with its elements, row-major and little-endian; or a value that is
// none.
type Tensor struct {
	onnx.TensorInfo
	Data    []byte
	Strings []string // in place of Data
	Other   string   // what it is that is no tensor, such as "a sequence"; it has no elements then
}

// Number returns the function that reads one element as a number; nil for types of
// which none is read. Integers beyond 2^53 are rounded.
func Number(e onnx.Elem) func([]byte) float64 { return numbers[e] }

// numbers read one element each.
var numbers = map[onnx.Elem]func([]byte) float64{
	onnx.Float32: func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) },
	onnx.Float64: func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) },
	onnx.Float16: half,
	onnx.BFloat16: func(b []byte) float64 {
		return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16))
	},
	onnx.Bool:   func(b []byte) float64 { return float64(b[0]) },
	onnx.Uint8:  func(b []byte) float64 { return float64(b[0]) },
	onnx.Uint16: func(b []byte) float64 { return float64(binary.LittleEndian.Uint16(b)) },
	onnx.Uint32: func(b []byte) float64 { return float64(binary.LittleEndian.Uint32(b)) },
	onnx.Uint64: func(b []byte) float64 { return float64(binary.LittleEndian.Uint64(b)) },
	onnx.Int8:   func(b []byte) float64 { return float64(int8(b[0])) },
	onnx.Int16:  func(b []byte) float64 { return float64(int16(binary.LittleEndian.Uint16(b))) },
	onnx.Int32:  func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) },
	onnx.Int64:  func(b []byte) float64 { return float64(int64(binary.LittleEndian.Uint64(b))) },
}

// half reads an IEEE 754 half-precision number.
func half(b []byte) float64 {
	h := binary.LittleEndian.Uint16(b)
	exponent, fraction := int(h>>10)&31, float64(h&1023)
	v := math.Ldexp(1024+fraction, exponent-25)
	switch {
	case exponent == 0:
		v = math.Ldexp(fraction, -24)
	case exponent == 31 && fraction != 0:
		return math.NaN()
	case exponent == 31:
		v = math.Inf(1)
	}
	if h>>15 != 0 {
		return -v
	}
	return v
}

// putHalf writes the half-precision number next to v, of two as near the even one.
func putHalf(b []byte, v float64) {
	sign := uint16(0)
	if math.Signbit(v) {
		sign = 1 << 15
	}
	v = math.Abs(v)
	h := uint16(0x7c00)
	switch {
	case math.IsNaN(v):
		h = 0x7e00
	case v >= 65520: // rounds to infinity
	case v < 0x1p-14:
		h = uint16(math.RoundToEven(v * 0x1p24))
	default:
		exponent := math.Ilogb(v)
		// A fraction that rounds up to 1024 carries into the exponent.
		h = uint16(exponent+15)<<10 + uint16(math.RoundToEven(math.Ldexp(v, 10-exponent))-1024)
	}
	binary.LittleEndian.PutUint16(b, sign|h)
}
