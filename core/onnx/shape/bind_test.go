package shape_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
)

func TestBindInputs(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("a", onnx.Float32, -1, 2) // -1 is the symbol n
	n.Input("b", onnx.Float32, -1, 2)
	n.Input("c", onnx.Float32, 5)
	n.Node("Add", []string{"a", "b"}, []string{"y"})
	n.Node("Relu", []string{"c"}, []string{"z"})
	n.Output("y", onnx.Float32, -1, 2)
	n.Output("z", onnx.Float32, 5)
	m := onnxtest.MustParse(t, onnxtest.Edit(t, n.Encoded(), func(pb *onnxpb.ModelProto) {
		pb.Graph.Input[2].Type.GetTensorType().Shape.Dim[0].Value = nil // no name at all
	}))
	bound, err := shape.BindInputs(m, map[string][]int64{"a": {3, 2}, "b": {3, 2}, "c": {7}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]int64{{3, 2}, {3, 2}, {7}} {
		if got := bound.Inputs()[i].Shape; !slices.Equal(got, want) {
			t.Errorf("input %d has shape %v, want %v", i, got, want)
		}
	}
	for name, shapes := range map[string]map[string][]int64{
		"two sizes":     {"a": {3, 2}, "b": {4, 2}},
		"another size":  {"a": {3, 9}},
		"another rank":  {"a": {3}},
		"negative size": {"c": {-1}},
	} {
		if _, err := shape.BindInputs(m, shapes); !errors.Is(err, onnx.ErrNoShape) && !errors.Is(err, shape.ErrNoDim) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
