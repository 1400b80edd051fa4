package model

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a report says of a codec is what the codec sends.
func TestSizesOfACut(t *testing.T) {
	m, err := onnxtest.QDQ().Parse()
	require.NoError(t, err)
	r, err := Describe(&Model{Model: m}, true)
	require.NoError(t, err)
	want := map[string][3]int64{
		"conv0.q":   {256, 256, 256}, // of 8 bits, as it is
		"conv0":     {1024, 512, codec.Int8HeaderBytes + 256},
		"conv1.q+1": {1024 + 256, 512 + 256, codec.Int8HeaderBytes + 256 + 256},
	}
	for _, c := range r.Cuts {
		w, ok := want[c.Name]
		if ok {
			assert.Equal(t, [3]int64{c.Bytes, c.FP16Bytes, c.Int8Bytes}, w, "%s: %d, %d, %d bytes", c.Name, c.Bytes, c.FP16Bytes,
				c.Int8Bytes)
		}
		delete(want, c.Name)
	}
	assert.Empty(t, want, "no cuts")
}

// What varies is as large as the tokens of a plan with the greatest shape that was seen,
// and has no size in a codec that a plan refuses for it.
func TestSizesThatVary(t *testing.T) {
	b := build.New("filter")
	for _, name := range []string{"kept", "y"} {
		b.Metadata("edgeprune.shape:"+name, "0 5 10")
	}
	b.Input("x", onnx.Float32, 90)
	b.Value("mask", onnx.Bool, 90)
	b.Node("Greater", []string{"x", b.Floats("zero", []float32{0})}, []string{"mask"})
	b.Value("kept", onnx.Float32, -1)
	b.Node("Compress", []string{"x", "mask"}, []string{"kept"})
	b.Value("y", onnx.Float32, -1)
	b.Node("Neg", []string{"kept"}, []string{"y"})
	b.Value("total", onnx.Float32)
	b.Node("ReduceSum", []string{"y"}, []string{"total"}, build.Attr{Name: "keepdims", Value: 0})
	b.Output("total", onnx.Float32)
	data, err := b.Bytes()
	require.NoError(t, err)
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	one := &Model{Model: m}
	r, err := Describe(one, true)
	require.NoError(t, err)
	shape := graph.ShapeBytes(1)
	want := map[string][3]int64{
		"x":      {360, 180, codec.Int8HeaderBytes + 90},
		"mask+1": {360 + shape + 90, 180 + shape + 90, codec.Int8HeaderBytes + 90 + shape + 90},
		"kept":   {shape + 20, shape + 10, -1},
		"total":  {graph.ShapeBytes(0) + 4, graph.ShapeBytes(0) + 2, graph.ShapeBytes(0) + 4},
	}
	for _, c := range r.Cuts {
		w, ok := want[c.Name]
		if ok {
			assert.Equal(t, [3]int64{c.Bytes, c.FP16Bytes, c.Int8Bytes}, w, "%s: %d, %d, %d bytes", c.Name, c.Bytes, c.FP16Bytes,
				c.Int8Bytes)
		}
		delete(want, c.Name)
	}
	assert.Empty(t, want, "no cuts")
	open := cut.Cut{Tensors: []onnx.TensorInfo{{Name: "none", Elem: onnx.Float32, Shape: []int64{-1}}}}
	got := one.sent(open, codec.FP16)
	assert.EqualValues(t, -1, got, "%d bytes of an open shape", got)
}
