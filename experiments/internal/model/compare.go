package model

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// Difference compares what parts computed with what the whole did: 0 where they
// are equal bit by bit, else the largest difference of two elements, divided by
// the largest magnitude of the whole's tensor. NaN equals NaN; where only one of
// two is not finite, the difference is infinite. Other types or shapes are an error.
func Difference(parts, whole Tensor) (float64, error) {
	if parts.Elem != whole.Elem || !slices.Equal(parts.Shape, whole.Shape) {
		return 0, fmt.Errorf("the parts make %s, the whole %s", parts.TensorInfo, whole.TensorInfo)
	}
	if bytes.Equal(parts.Data, whole.Data) {
		return 0, nil
	}
	width := int(whole.Elem.Size())
	number := numbers[whole.Elem]
	if number == nil {
		return math.Inf(1), nil
	}
	worst, largest := 0.0, 0.0
	for i := 0; i+width <= len(whole.Data); i += width {
		a, b := number(parts.Data[i:]), number(whole.Data[i:])
		if a == b || math.IsNaN(a) && math.IsNaN(b) {
			largest = max(largest, finite(b))
			continue
		}
		d := math.Abs(a - b)
		if math.IsNaN(d) || math.IsInf(d, 0) {
			return math.Inf(1), nil
		}
		worst, largest = max(worst, d), max(largest, math.Abs(b))
	}
	if worst == 0 { // zeros of two signs, or NaN of two kinds
		return 0, nil
	}
	if largest == 0 {
		return math.Inf(1), nil
	}
	return worst / largest, nil
}

// incomparable says why a tensor says nothing when it is compared, "" if it does.
func incomparable(t Tensor) string {
	if len(t.Data) == 0 {
		return "has no elements"
	}
	number, width := numbers[t.Elem], int(t.Elem.Size())
	if number == nil {
		return ""
	}
	for i := 0; i+width <= len(t.Data); i += width {
		if !math.IsNaN(number(t.Data[i:])) {
			return ""
		}
	}
	return "is NaN everywhere"
}

// finite returns the magnitude, or 0 of what has none.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return math.Abs(v)
}

// numbers read one element each.
var numbers = map[onnx.Elem]func([]byte) float64{
	onnx.Float32: func(
		b []byte,
	) float64 {
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	},
	onnx.Float16:                         half,
	onnx.Uint8:                           func(b []byte) float64 { return float64(b[0]) },
	onnx.Int8:                            func(b []byte) float64 { return float64(int8(b[0])) },
	onnx.Int32:                           func(b []byte) float64 { return float64(int32(binary.LittleEndian.Uint32(b))) },
	onnx.Int64:                           func(b []byte) float64 { return float64(int64(binary.LittleEndian.Uint64(b))) },
	onnx.Elem(onnxpb.TensorProto_UINT16): func(b []byte) float64 { return float64(binary.LittleEndian.Uint16(b)) },
	onnx.Elem(onnxpb.TensorProto_INT16):  func(b []byte) float64 { return float64(int16(binary.LittleEndian.Uint16(b))) },
	onnx.Elem(onnxpb.TensorProto_UINT32): func(b []byte) float64 { return float64(binary.LittleEndian.Uint32(b)) },
	onnx.Elem(onnxpb.TensorProto_UINT64): func(b []byte) float64 { return float64(binary.LittleEndian.Uint64(b)) },
	onnx.Elem(onnxpb.TensorProto_BOOL):   func(b []byte) float64 { return float64(b[0]) },
	onnx.Elem(onnxpb.TensorProto_DOUBLE): func(
		b []byte,
	) float64 {
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	},
	onnx.Elem(onnxpb.TensorProto_BFLOAT16): func(b []byte) float64 {
		return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16))
	},
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
