package ort

import (
	"errors"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
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
	sum, product := tensor(t, onnx.Float32, []int64{2}, []float32{0, 0}), tensor(t, onnx.Float32, []int64{2}, []float32{0, 0})
	bound, err := s.Bind([]*Tensor{a, b}, []*Tensor{sum, product})
	if err != nil {
		t.Fatal(err)
	}
	run := func() {
		if err := bound.Run(); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range [][]float32{{1, 2}, {5, -6}} {
		copy(a.Data(), bytesOf(t, x))
		run()
		want := [2]string{string(bytesOf(t, []float32{x[0] + 3, x[1] + 4})), string(bytesOf(t, []float32{x[0] * 3, x[1] * 4}))}
		if got := [2]string{string(sum.Data()), string(product.Data())}; got != want {
			t.Errorf("of %v: %x, want %x", x, got, want)
		}
	}
	if n := testing.AllocsPerRun(50, run); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	for range 2 {
		if err := bound.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := bound.Run(); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("after Close: %v", err)
	}
}

func TestBindErrors(t *testing.T) {
	s := session(t, Options{}, func(b *build.Builder) {
		b.Input("a", onnx.Float32, 2)
		b.Output("b", onnx.Float32, 2)
		b.Node("Neg", []string{"a"}, []string{"b"})
	})
	a, b := tensor(t, onnx.Float32, []int64{2}, []float32{1, 2}), tensor(t, onnx.Float32, []int64{2}, []float32{3, 4})
	scalar, closed := tensor(t, onnx.Float32, nil, float32(1)), tensor(t, onnx.Float32, []int64{2}, []float32{1, 2})
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		in, out []*Tensor
		want    error
	}{
		{nil, []*Tensor{b}, nil}, {[]*Tensor{a}, nil, nil},
		{[]*Tensor{scalar}, []*Tensor{b}, ErrTensor}, {[]*Tensor{a}, []*Tensor{closed}, ErrTensor},
	} {
		if _, err := s.Bind(tc.in, tc.out); err == nil || tc.want != nil && !errors.Is(err, tc.want) {
			t.Errorf("%d and %d tensors: %v", len(tc.in), len(tc.out), err)
		}
	}
	bound, err := s.Bind([]*Tensor{a}, []*Tensor{b})
	if err != nil {
		t.Fatal(err)
	}
	defer bound.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := bound.Run(); err == nil {
		t.Error("runs after its session was closed")
	}
	if _, err := s.Bind([]*Tensor{a}, []*Tensor{b}); err == nil {
		t.Error("a closed session binds")
	}
}
