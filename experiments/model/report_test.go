package model

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

// What a report says of a codec is what the codec sends.
func TestSizesOfACut(t *testing.T) {
	m, err := onnxtest.QDQ().Parse()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Describe(&Model{Model: m}, true)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][3]int64{
		"conv0.q":   {256, 256, 256}, // of 8 bits, as it is
		"conv0":     {1024, 512, codec.Int8HeaderBytes + 256},
		"conv1.q+1": {1024 + 256, 512 + 256, codec.Int8HeaderBytes + 256 + 256},
	}
	for _, c := range r.Cuts {
		if w, ok := want[c.Name]; ok && [3]int64{c.Bytes, c.FP16Bytes, c.Int8Bytes} != w {
			t.Errorf("%s: %d, %d, %d bytes, want %d", c.Name, c.Bytes, c.FP16Bytes, c.Int8Bytes, w)
		}
		delete(want, c.Name)
	}
	if len(want) > 0 {
		t.Errorf("no cuts %v", want)
	}
}

func TestSizesThatVary(t *testing.T) {
	c := onnx.Cut{
		Tensors: []onnx.TensorInfo{{Name: "x", Elem: onnx.Float32, Shape: []int64{-1, 4}}, {Name: "n", Elem: onnx.Int64, Shape: []int64{}}},
		Spans:   map[string]onnx.Span{"x": {Min: []int64{1, 4}, Max: []int64{10, 4}}},
	}
	if raw, half, int8 := c.Bytes(), sent(c, codec.FP16), sent(c, codec.Int8); raw != 168 || half != 88 || int8 != codec.Int8HeaderBytes+48 {
		t.Errorf("%d, %d, %d bytes", raw, half, int8)
	}
	if c.Spans = nil; c.Bytes() != -1 || sent(c, codec.FP16) != -1 {
		t.Errorf("%d, %d bytes of an open shape", c.Bytes(), sent(c, codec.FP16))
	}
}
