package ort

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// A tensor without elements goes in and comes out.
func TestEmptyTensors(t *testing.T) {
	for _, e := range []onnx.Elem{onnx.Float32, onnx.Float64, onnx.Int32, onnx.Int64} {
		s := session(t, Options{}, func(b *onnx.Builder) {
			b.Input("x", e, 2, -1)
			b.Output("stated", e, 2, 0)
			b.Output("open", e, 2, -1)
			b.Node("Neg", []string{"x"}, []string{"stated"})
			b.Node("Abs", []string{"x"}, []string{"open"})
		})
		out, err := s.RunAlloc([]*Tensor{tensor(t, e, []int64{2, 0}, []byte{})})
		if err != nil {
			t.Errorf("%s: %v", e, err)
			continue
		}
		for i, o := range out {
			if !reflect.DeepEqual(o.Shape(), []int64{2, 0}) || len(o.Data()) != 0 {
				t.Errorf("%s, output %d: %v % x", e, i, o.Shape(), o.Data())
			}
			o.Close()
		}
	}
	loadLibrary(t)
	for _, e := range []onnx.Elem{onnx.Bool, onnx.Uint8, onnx.Int8} {
		x, err := NewTensor(e, []int64{0}, nil)
		if err != nil {
			t.Errorf("%s: %v", e, err)
			continue
		}
		x.Close()
	}
}

func TestModelWithoutInputs(t *testing.T) {
	s := session(t, Options{}, func(b *onnx.Builder) {
		b.Floats("a", []float32{1, 2}, 2)
		b.Node("Neg", []string{"a"}, []string{"y"})
		b.Node("ReduceSum", []string{"a"}, []string{"sum"}, onnx.Attr{Name: "keepdims", Value: 0})
		b.Output("y", onnx.Float32, 2)
		b.Output("sum", onnx.Float32)
	})
	out, err := s.RunAlloc(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out[0].Data(), bytesOf(t, []float32{-1, -2})) || !bytes.Equal(out[1].Data(), bytesOf(t, float32(3))) {
		t.Errorf("got % x and % x", out[0].Data(), out[1].Data())
	}
	for _, o := range out {
		o.Close()
	}
	if err := s.Run(nil, out); err == nil {
		t.Error("Run took no inputs")
	}
	open := session(t, Options{}, func(b *onnx.Builder) {
		b.Floats("a", []float32{1, 2}, 2)
		b.Node("Neg", []string{"a"}, []string{"y"})
		b.Output("y", onnx.Float32, -1)
	})
	if _, err := open.RunAlloc(nil); !errors.Is(err, ErrTensor) {
		t.Errorf("an open shape: %v, want ErrTensor", err)
	}
}
