package vehicle

import (
	"fmt"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func TestModelStructure(t *testing.T) {
	w := NewWeights()
	n := w.Parameters()
	assert.Equal(t, 1881868, n, "%d parameters, want 1881868", n)
	data, err := Model(w, 1)
	require.NoError(t, err)
	again, _ := Model(w, 1)
	assert.Equal(t, again, data, "the same weights gave other bytes")
	var m onnxpb.ModelProto
	require.NoError(t, proto.Unmarshal(data, &m))
	g := m.GetGraph()
	shapes, parameters := map[string]string{}, 0
	for _, list := range [][]*onnxpb.ValueInfoProto{g.GetInput(), g.GetValueInfo(), g.GetOutput()} {
		for _, v := range list {
			var dims []int64
			for _, d := range v.GetType().GetTensorType().GetShape().GetDim() {
				dims = append(dims, d.GetDimValue())
			}
			shapes[v.GetName()] = fmt.Sprint(dims)
		}
	}
	for _, in := range g.GetInitializer() {
		parameters += len(in.GetRawData()) / 4
	}
	assert.Equal(t, 1881868, parameters, "the model holds %d parameters", parameters)
	for name, want := range map[string]string{
		"image": "[1 3 96 96]", "conv1": "[1 32 96 96]", "pool1": "[1 32 48 48]", "l1": "[1 32 48 48]",
		"conv2": "[1 32 48 48]", "pool2": "[1 32 24 24]", "l2": "[1 32 24 24]", "flat": "[1 18432]",
		"dense3": "[1 100]", "l3": "[1 100]", "dense4": "[1 100]", "l4": "[1 100]", "logits": "[1 4]",
	} {
		assert.Equal(t, want, shapes[name], "tensor %s", name)
	}
	var ops []string
	for _, n := range g.GetNode() {
		ops = append(ops, n.GetOpType())
		_, known := shapes[n.GetOutput()[0]]
		assert.True(t, known, "tensor %s has no type", n.GetOutput()[0])
	}
	assert.Equal(t, "[Conv MaxPool Relu Conv MaxPool Relu Flatten Gemm Relu Gemm Relu Gemm]", fmt.Sprint(ops), "operators")
}

func TestModelErrors(t *testing.T) {
	short := NewWeights()
	short.Dense4.B = short.Dense4.B[1:]
	for _, c := range []struct {
		name  string
		w     *Weights
		batch int
		want  error
	}{
		{"none", &Weights{}, 1, ErrWeights},
		{"short bias", short, 1, ErrWeights},
		{"no batch", NewWeights(), 0, ErrConfig},
	} {
		_, err := Model(c.w, c.batch)
		assert.ErrorIs(t, err, c.want, c.name)
	}
}

func TestFilters(t *testing.T) {
	const size = 3 * kernel * kernel
	w := NewWeights().Conv1
	gaborFilters(w)
	seen := map[string]int{}
	for m := range maps {
		filter := w.W[m*size : (m+1)*size]
		mean, square := 0.0, 0.0
		for _, v := range filter {
			mean += float64(v)
			square += float64(v) * float64(v)
		}
		assert.LessOrEqual(t, math.Abs(mean), 1e-5, "filter %d answers %g to grey, want 0", m, mean)
		assert.GreaterOrEqual(t, square, 0.01, "filter %d has length %g", m, math.Sqrt(square))
		assert.LessOrEqual(t, square, 1.001, "filter %d has length %g", m, math.Sqrt(square))
		other, ok := seen[fmt.Sprint(filter)]
		assert.False(t, ok, "filters %d and %d are the same", other, m)
		seen[fmt.Sprint(filter)] = m
	}
}
