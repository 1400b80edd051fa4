package onnx

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/stretchr/testify/assert"
)

func TestTensorInfo(t *testing.T) {
	tests := []struct {
		info            TensorInfo
		elements, bytes int64
		text            string
	}{
		{TensorInfo{"a", Float32, []int64{1, 3, 2}}, 6, 24, "a float32[1,3,2]"},
		{TensorInfo{"a", Int64, []int64{}}, 1, 8, "a int64[]"},
		{TensorInfo{"a", Int64, nil}, -1, -1, "a int64[?]"},
		{TensorInfo{"a", Float16, []int64{-1, 3}}, -1, -1, "a float16[-1,3]"},
		{TensorInfo{"a", Uint8, []int64{0, -1}}, -1, -1, "a uint8[0,-1]"},
		{TensorInfo{"a", Uint8, []int64{0, 3}}, 0, 0, "a uint8[0,3]"},
		{TensorInfo{"a", Int8, []int64{math.MaxInt64, 3}}, math.MaxInt64, math.MaxInt64, "a int8[9223372036854775807,3]"},
		{TensorInfo{"a", Elem(onnxpb.TensorProto_INT4), []int64{3}}, 3, 2, "a int4[3]"},
		{TensorInfo{"a", Elem(onnxpb.TensorProto_STRING), []int64{3}}, 3, -1, "a string[3]"},
		{TensorInfo{"a", 0, []int64{3}}, 3, -1, "a unknown[3]"},
	}
	for _, tt := range tests {
		n, b, s := tt.info.Elements(), tt.info.Bytes(), tt.info.String()
		assert.Equal(t, tt.elements, n, "%v: %d elements, %d bytes", s, n, b)
		assert.Equal(t, tt.bytes, b, "%v: %d elements, %d bytes", s, n, b)
		assert.Equal(t, tt.text, s, "%v: %d elements, %d bytes", s, n, b)
	}
}

func TestElemSize(t *testing.T) {
	for e, want := range map[Elem]int64{
		Float32: 4, Float16: 2, Uint8: 1, Int8: 1, Int32: 4, Int64: 8,
		Elem(onnxpb.TensorProto_BOOL): 1, Elem(onnxpb.TensorProto_DOUBLE): 8, Elem(onnxpb.TensorProto_COMPLEX128): 16,
		Elem(onnxpb.TensorProto_INT4): 1, Elem(onnxpb.TensorProto_STRING): 0, 77: 0,
	} {
		assert.Equal(t, want, e.Size(), "%s.Size()", e)
	}
}
