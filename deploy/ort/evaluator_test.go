package ort

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEvaluator(t *testing.T) {
	loadLibrary(t)
	e := &Evaluator{}
	defer e.Close()
	double := modelBytes(t, func(b *build.Builder) {
		b.Input("x", onnx.Float32, -1, 2)
		b.Output("y", onnx.Float32, -1, 2)
		b.Output("z", onnx.Float32, -1, 2)
		b.Node("Add", []string{"x", "x"}, []string{"y"})
		b.Node("Neg", []string{"x"}, []string{"z"})
	})
	for _, tc := range []struct {
		model []byte
		in    []float32
		shape []int64
		want  [][]float32
	}{
		{double, []float32{1, 2}, []int64{1, 2}, [][]float32{{2, 4}, {-1, -2}}},
		{double, []float32{1, 2, 3, 4}, []int64{2, 2}, [][]float32{{2, 4, 6, 8}, {-1, -2, -3, -4}}},
		{modelBytes(t, addModel), []float32{1, 2, 3}, []int64{1, 3}, [][]float32{{11, 22, 33}}},
		{double, []float32{5, 6}, []int64{1, 2}, [][]float32{{10, 12}, {-5, -6}}},
	} {
		got, err := e.Run(tc.model, tc.in, tc.shape)
		require.NoError(t, err, "Run(%v)", tc.in)
		assert.Equal(t, tc.want, got, "Run(%v)", tc.in)
	}
	kept := e.session
	_, err := e.Run(double, []float32{5, 6}, []int64{1, 2})
	require.NoError(t, err, "the same model was loaded again")
	assert.Same(t, kept, e.session, "the same model was loaded again")
	ints := modelBytes(t, func(b *build.Builder) {
		b.Input("x", onnx.Int32, 1)
		b.Output("y", onnx.Int32, 1)
		b.Node("Neg", []string{"x"}, []string{"y"})
	})
	_, err = e.Run(ints, []float32{1}, []int64{1})
	require.Error(t, err, "an int32 model")
	assert.Contains(t, err.Error(), "one float32 input", "an int32 model")
	_, err = e.Run(double, []float32{1}, []int64{1, 2})
	assert.Error(t, err, "too little input was accepted")
}
