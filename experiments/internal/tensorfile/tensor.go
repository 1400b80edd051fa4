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
	onnx.Float16: func(b []byte) float64 { return onnx.HalfValue(binary.LittleEndian.Uint16(b)) },
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
