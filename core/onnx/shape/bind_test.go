package shape_test

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
	require.NoError(t, err)
	for i, want := range [][]int64{{3, 2}, {3, 2}, {7}} {
		assert.Equal(t, want, bound.Inputs()[i].Shape, "input %d has shape", i)
	}
	for name, shapes := range map[string]map[string][]int64{
		"two sizes":     {"a": {3, 2}, "b": {4, 2}},
		"another size":  {"a": {3, 9}},
		"another rank":  {"a": {3}},
		"negative size": {"c": {-1}},
	} {
		_, err := shape.BindInputs(m, shapes)
		if !errors.Is(err, onnx.ErrNoShape) {
			assert.ErrorIs(t, err, shape.ErrNoDim, name)
		}
	}
}
