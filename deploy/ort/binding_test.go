package ort

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A binding computes what Run does, from what the inputs hold by then, and
// allocates nothing.
func TestBinding(t *testing.T) {
	s := session(t, Options{}, func(b *build.Builder) {
		b.Input("a", onnx.Float32, -1)
		b.Input("b", onnx.Float32, -1)
		b.Output("sum", onnx.Float32, -1)
		b.Output("product", onnx.Float32, -1)
		b.Node("Add", []string{"a", "b"}, []string{"sum"})
		b.Node("Mul", []string{"a", "b"}, []string{"product"})
	})
	a, b := tensor(t, onnx.Float32, []int64{2}, []float32{1, 2}), tensor(t, onnx.Float32, []int64{2}, []float32{3, 4})
	sum, product := tensor(t, onnx.Float32, []int64{2}, []float32{0, 0}),
		tensor(t, onnx.Float32, []int64{2}, []float32{0, 0})
	bound, err := s.Bind([]*Tensor{a, b}, []*Tensor{sum, product})
	require.NoError(t, err)
	run := func() {
		require.NoError(t, bound.Run())
	}
	for _, x := range [][]float32{{1, 2}, {5, -6}} {
		copy(a.Data(), bytesOf(t, x))
		run()
		want := [2]string{string(bytesOf(t, []float32{x[0] + 3, x[1] + 4})),
			string(bytesOf(t, []float32{x[0] * 3, x[1] * 4}))}
		assert.Equal(t, want, [2]string{string(sum.Data()), string(product.Data())}, "of %v", x)
	}
	n := testing.AllocsPerRun(50, run)
	assert.Equal(t, 0.0, n, "%v allocations, want 0", n)
	for range 2 {
		assert.NoError(t, bound.Close())
	}
	err = bound.Run()
	require.Error(t, err, "after Close")
	assert.Contains(t, err.Error(), "closed", "after Close")
}

func TestBindErrors(t *testing.T) {
	s := session(t, Options{}, func(b *build.Builder) {
		b.Input("a", onnx.Float32, 2)
		b.Output("b", onnx.Float32, 2)
		b.Node("Neg", []string{"a"}, []string{"b"})
	})
	a, b := tensor(t, onnx.Float32, []int64{2}, []float32{1, 2}), tensor(t, onnx.Float32, []int64{2}, []float32{3, 4})
	scalar, closed := tensor(t, onnx.Float32, nil, float32(1)), tensor(t, onnx.Float32, []int64{2}, []float32{1, 2})
	require.NoError(t, closed.Close())
	for _, tc := range []struct {
		in, out []*Tensor
		want    error
	}{
		{nil, []*Tensor{b}, nil}, {[]*Tensor{a}, nil, nil},
		{[]*Tensor{scalar}, []*Tensor{b}, ErrTensor}, {[]*Tensor{a}, []*Tensor{closed}, ErrTensor},
	} {
		_, err := s.Bind(tc.in, tc.out)
		require.Error(t, err, "%d and %d tensors", len(tc.in), len(tc.out))
		if tc.want != nil {
			assert.ErrorIs(t, err, tc.want, "%d and %d tensors", len(tc.in), len(tc.out))
		}
	}
	bound, err := s.Bind([]*Tensor{a}, []*Tensor{b})
	require.NoError(t, err)
	defer bound.Close()
	require.NoError(t, s.Close())
	assert.Error(t, bound.Run(), "runs after its session was closed")
	_, err = s.Bind([]*Tensor{a}, []*Tensor{b})
	assert.Error(t, err, "a closed session binds")
}
