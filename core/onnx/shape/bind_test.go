package shape_test

import (
	"errors"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A size of 0 may stand for one that isn't known, and may be meant.
func TestBindZero(t *testing.T) {
	b := build.New("zero")
	b.Input("x", onnx.Float32, 0, 3, 0)
	b.Node("Neg", []string{"x"}, []string{"y"})
	b.Output("y", onnx.Float32, 0, 3, 0)
	data, err := b.Bytes()
	require.NoError(t, err)
	m := onnxtest.MustParse(t, data)
	assert.Empty(t, shape.Dims(m))
	assert.Equal(t, []shape.Dim{
		{Name: "x[0]", Input: "x", Axis: 0, Rank: 3}, {Name: "x[2]", Input: "x", Axis: 2, Rank: 3},
	}, shape.ZeroDims(m))
	bound, err := shape.Bind(m, map[string]int64{"x[0]": 2, "x[2]": 0})
	require.NoError(t, err)
	assert.Equal(t, []int64{2, 3, 0}, bound.Inputs()[0].Shape)
	assert.Equal(t, []int64{0, 3, 0}, bound.Outputs()[0].Shape, "what the file says of others is a claim")
	bound, err = shape.BindInputs(m, map[string][]int64{"x": {4, 3, 0}})
	require.NoError(t, err)
	assert.Equal(t, []int64{4, 3, 0}, bound.Inputs()[0].Shape)
	_, err = shape.Bind(m, map[string]int64{"x[1]": 2})
	require.ErrorIs(t, err, shape.ErrNoDim)
}

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
