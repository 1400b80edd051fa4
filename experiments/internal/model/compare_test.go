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

func texts(values ...string) Tensor {
	return Tensor{TensorInfo: onnx.TensorInfo{Elem: onnx.String, Shape: []int64{int64(len(values))}}, Strings: values}
}

func longs(values ...int64) Tensor {
	t := Tensor{TensorInfo: onnx.TensorInfo{Elem: onnx.Int64, Shape: []int64{int64(len(values))}}}
	for _, v := range values {
		t.Data = binary.LittleEndian.AppendUint64(t.Data, uint64(v))
	}
	return t
}

func TestCompare(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, tc := range []struct {
		name         string
		parts, whole Tensor
		want         Comparison
	}{
		{"equal", floats(1, -2), floats(1, -2), Comparison{Compared: 2}},
		{"not finite in both", floats(1, nan, inf, -inf), floats(1, nan, inf, -inf),
			Comparison{Compared: 1, NaN: 1, Infinite: 2}},
		{"all NaN", floats(nan, nan), floats(nan, nan), Comparison{NaN: 2}},
		{"relative to the largest", floats(1, -4), floats(1.5, -4), Comparison{Compared: 2, Difference: 0.125}},
		{"not to an infinite one", floats(1, -4, inf), floats(1.5, -4, inf),
			Comparison{Compared: 2, Infinite: 1, Difference: 0.125}},
		{"signs of zero", floats(0, 1), floats(float32(math.Copysign(0, -1)), 1), Comparison{Compared: 2}},
		{"two kinds of NaN", floats(math.Float32frombits(0x7fc00001), 1), floats(nan, 1), Comparison{Compared: 1, NaN: 1}},
		{"NaN against a number", floats(nan, 1), floats(0, 1), Comparison{Compared: 2, Difference: math.Inf(1)}},
		{"a number against NaN", floats(0, 1), floats(nan, 1), Comparison{Compared: 2, Difference: math.Inf(1)}},
		{"infinite against a number", floats(inf), floats(1), Comparison{Compared: 1, Difference: math.Inf(1)}},
		{"two infinities", floats(inf, 1), floats(-inf, 1), Comparison{Compared: 2, Difference: math.Inf(1)}},
		{"something against nothing", floats(1e-30), floats(0), Comparison{Compared: 1, Difference: math.Inf(1)}},
		{"empty", floats(), floats(), Comparison{}},
		{"strings", texts("a", "b"), texts("a", "b"), Comparison{Compared: 2}},
		{"other strings", texts("a", "b"), texts("a", "c"), Comparison{Compared: 2, Difference: math.Inf(1)}},
		{"whole numbers that a float64 doesn't tell apart", longs(1<<60, 0), longs(1<<60+1, 0),
			Comparison{Compared: 2, Difference: 1.0 / (1 << 60)}},
	} {
		got, err := Compare(tc.parts, tc.whole, nil)
		require.NoError(t, err, tc.name)
		assert.Equal(t, tc.want, got, tc.name)
	}
	got, err := Compare(floats(1, 9), floats(1, 2), []bool{false, true})
	require.NoError(t, err)
	assert.Equal(t, Comparison{Compared: 1}, got, "what is skipped")
	for e, tc := range map[onnx.Elem]struct {
		a, b []byte
		want float64
	}{
		onnx.Float16:  {[]byte{0x00, 0x3c}, []byte{0x00, 0x40}, 0.5}, // 1 and 2
		onnx.Int8:     {[]byte{0xff}, []byte{0xfc}, 0.75},            // -1 and -4
		onnx.Uint8:    {[]byte{200}, []byte{250}, 0.2},
		onnx.Bool:     {[]byte{0}, []byte{1}, 1},
		onnx.Elem(22): {[]byte{1}, []byte{2}, math.Inf(1)}, // int4, of which no numbers are read
	} {
		info := onnx.TensorInfo{Elem: e, Shape: []int64{1}}
		got, err := Compare(Tensor{TensorInfo: info, Data: tc.a}, Tensor{TensorInfo: info, Data: tc.b}, nil)
		require.NoError(t, err, e)
		assert.InDelta(t, tc.want, got.Difference, 1e-12, e)
	}
	_, err = Compare(floats(1), floats(1, 2), nil)
	assert.Error(t, err, "other shapes were compared")
}
