package model

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func floats(values ...float32) Tensor {
	t := Tensor{TensorInfo: onnx.TensorInfo{Elem: onnx.Float32, Shape: []int64{int64(len(values))}}}
	for _, v := range values {
		t.Data = binary.LittleEndian.AppendUint32(t.Data, math.Float32bits(v))
	}
	return t
}

func TestDifference(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, tc := range []struct {
		name         string
		parts, whole Tensor
		want         float64
	}{
		{"equal", floats(1, -2, nan, inf), floats(1, -2, nan, inf), 0},
		{"relative to the largest", floats(1, -4), floats(1.5, -4), 0.125},
		{"signs of zero", floats(0, 1), floats(float32(math.Copysign(0, -1)), 1), 0},
		{"two kinds of NaN", floats(math.Float32frombits(0x7fc00001), 1), floats(nan, 1), 0},
		{"NaN against a number", floats(nan, 1), floats(0, 1), math.Inf(1)},
		{"infinite against a number", floats(inf), floats(1), math.Inf(1)},
		{"something against nothing", floats(1e-30), floats(0), math.Inf(1)},
		{"empty", floats(), floats(), 0},
	} {
		got, err := Difference(tc.parts, tc.whole)
		require.NoError(t, err, tc.name)
		assert.Equal(t, tc.want, got, tc.name)
	}
	for e, tc := range map[onnx.Elem]struct {
		a, b []byte
		want float64
	}{
		onnx.Float16: {[]byte{0x00, 0x3c}, []byte{0x00, 0x40}, 0.5}, // 1 and 2
		onnx.Int8:    {[]byte{0xff}, []byte{0xfc}, 0.75},            // -1 and -4
		onnx.Uint8:   {[]byte{200}, []byte{250}, 0.2},
		onnx.Bool:    {[]byte{0}, []byte{1}, 1},
	} {
		info := onnx.TensorInfo{Elem: e, Shape: []int64{1}}
		got, err := Difference(Tensor{info, tc.a}, Tensor{info, tc.b})
		require.NoError(t, err, e)
		assert.LessOrEqual(t, math.Abs(got-tc.want), 1e-12, e)
	}
	_, err := Difference(floats(1), floats(1, 2))
	assert.Error(t, err, "other shapes were compared")
}
