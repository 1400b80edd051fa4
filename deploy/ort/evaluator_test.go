package ort

import (
	"reflect"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
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
		if err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("Run(%v) = %v, %v; want %v", tc.in, got, err, tc.want)
		}
	}
	kept := e.session
	if _, err := e.Run(double, []float32{5, 6}, []int64{1, 2}); err != nil || e.session != kept {
		t.Errorf("the same model was loaded again (%v)", err)
	}
	ints := modelBytes(t, func(b *build.Builder) {
		b.Input("x", onnx.Int32, 1)
		b.Output("y", onnx.Int32, 1)
		b.Node("Neg", []string{"x"}, []string{"y"})
	})
	if _, err := e.Run(ints, []float32{1}, []int64{1}); err == nil || !strings.Contains(err.Error(), "one float32 input") {
		t.Errorf("an int32 model: %v", err)
	}
	if _, err := e.Run(double, []float32{1}, []int64{1, 2}); err == nil {
		t.Error("too little input was accepted")
	}
}
