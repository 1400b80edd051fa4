package work_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMACs(t *testing.T) {
	tests := []struct {
		name    string
		op      string
		in      []int64 // shape of the input
		weight  []int64
		out     []int64
		attrs   []build.Attr
		dynamic bool // the weight is an input of unknown shape
		want    int64
	}{
		{"conv", "Conv", []int64{2, 3, 8, 8}, []int64{4, 3, 3, 3}, []int64{2, 4, 6, 6}, nil, false, 2 * 4 * 36 * 27},
		{"depthwise", "Conv", []int64{1, 6, 8, 8}, []int64{6, 1, 3, 3}, []int64{1, 6, 6, 6},
			[]build.Attr{{Name: "group", Value: 6}}, false, 6 * 36 * 9},
		{"conv 1d", "Conv", []int64{1, 3, 8}, []int64{4, 3, 5}, []int64{1, 4, 4}, nil, false, 16 * 15},
		{"kernel as stated", "Conv", []int64{1, 3, 8, 8}, nil, []int64{1, 4, 6, 6},
			[]build.Attr{{Name: "kernel_shape", Value: []int64{3, 3}}}, true, 4 * 36 * 27},
		{"kernel unknown", "Conv", []int64{1, 3, 8, 8}, nil, []int64{1, 4, 6, 6}, nil, true, -1},
		{"transposed", "ConvTranspose", []int64{1, 4, 5, 5}, []int64{4, 3, 2, 2}, []int64{1, 6, 10, 10},
			[]build.Attr{{Name: "group", Value: 2}}, false, 100 * 3 * 4},
		{"gemm", "Gemm", []int64{2, 5}, []int64{5, 7}, []int64{2, 7}, nil, false, 70},
		{"gemm transposed", "Gemm", []int64{5, 2}, []int64{7, 5}, []int64{2, 7},
			[]build.Attr{{Name: "transA", Value: 1}, {Name: "transB", Value: 1}}, false, 70},
		{"matmul", "MatMul", []int64{3, 2, 5}, []int64{5, 7}, []int64{3, 2, 7}, nil, false, 3 * 2 * 7 * 5},
		{"matmul of vectors", "MatMul", []int64{5}, []int64{5}, []int64{}, nil, false, 5},
		{"symbolic", "MatMul", []int64{-1, 5}, []int64{5, 2}, []int64{-1, 2}, nil, false, -1},
		{"no work", "Mul", []int64{4, 5}, []int64{5}, []int64{4, 5}, nil, false, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := onnxtest.NewNet(t)
			n.Input("x", onnx.Float32, tt.in...)
			params := elements(tt.weight)
			if tt.dynamic {
				n.Node("Identity", []string{"x"}, []string{"w"})
				params = 0
			} else {
				n.Floats("w", make([]float32, params), tt.weight...)
			}
			n.Node(tt.op, []string{"x", "w"}, []string{"y"}, tt.attrs...)
			n.Output("y", onnx.Float32, tt.out...)
			m := n.Model()
			assert.Equal(t, tt.want, work.MACs(m), "MACs()")
			assert.Equal(t, params, work.Params(m), "Params()")
		})
	}
}

// What ONNX Runtime makes of convolutions and products is counted, too.
func TestMACsOfOptimisedNodes(t *testing.T) {
	blocked, microsoft := "com.microsoft.nchwc", "com.microsoft"
	for _, tt := range []struct {
		domain, op      string
		in, weight, out []int64
		weightAt        int // which input the weight is
		attrs           []build.Attr
		want            int64
	}{
		// of 20 channels
		{blocked, "Conv", []int64{1, 3, 8, 8}, []int64{32, 3, 3, 3}, []int64{1, 32, 8, 8}, 1, nil, 32 * 64 * 27},
		{blocked, "Conv", []int64{1, 32, 8, 8}, []int64{32, 1, 3, 3}, []int64{1, 32, 8, 8}, 1,
			[]build.Attr{{Name: "group", Value: 32}}, 32 * 64 * 9},
		{blocked, "Conv", []int64{1, 32, 8, 8}, []int64{48, 32, 1, 1}, []int64{1, 48, 8, 8}, 1, nil, 48 * 64 * 32},
		{blocked, "MaxPool", []int64{1, 32, 8, 8}, []int64{1}, []int64{1, 32, 4, 4}, 1, nil, 0},
		{microsoft, "FusedConv", []int64{1, 3, 8, 8}, []int64{4, 3, 3, 3}, []int64{1, 4, 6, 6}, 1, nil, 4 * 36 * 27},
		{microsoft, "NhwcFusedConv", []int64{1, 8, 8, 3}, []int64{4, 3, 3, 3}, []int64{1, 6, 6, 4}, 1, nil, 4 * 36 * 27},
		{microsoft, "QLinearConv", []int64{1, 8, 8, 3}, []int64{4, 3, 3, 3}, []int64{1, 6, 6, 4}, 3,
			[]build.Attr{{Name: "channels_last", Value: 1}}, 4 * 36 * 27},
		{microsoft, "FusedGemm", []int64{5, 2}, []int64{5, 7}, []int64{2, 7}, 1, []build.Attr{{Name: "transA", Value: 1}},
			70},
		{microsoft, "FusedMatMul", []int64{3, 2, 5}, []int64{3, 5, 7}, []int64{3, 2, 7}, 1, nil, 3 * 2 * 7 * 5},
		{microsoft, "FusedMatMul", []int64{3, 5, 2}, []int64{3, 5, 7}, []int64{3, 2, 7}, 1,
			[]build.Attr{{Name: "transA", Value: 1}}, 3 * 2 * 7 * 5},
		{microsoft, "FusedMatMul", []int64{5, 3, 2}, []int64{3, 5, 7}, []int64{3, 2, 7}, 1,
			[]build.Attr{{Name: "transA", Value: 1}, {Name: "transBatchA", Value: 1}}, 3 * 2 * 7 * 5},
		{microsoft, "Attention", []int64{2, 6, 8}, []int64{8, 24}, []int64{2, 6, 8}, 1, nil, 2*6*8*24 + 2*(2*6*8*6)},
		{"", "QLinearConv", []int64{1, 3, 8, 8}, []int64{4, 3, 3, 3}, []int64{1, 4, 6, 6}, 3, nil, 4 * 36 * 27},
		{"", "QLinearMatMul", []int64{2, 5}, []int64{5, 7}, []int64{2, 7}, 3, nil, 70},
		{"", "MatMulInteger", []int64{2, 5}, []int64{5, 7}, []int64{2, 7}, 1, nil, 70},
	} {
		n := onnxtest.NewNet(t)
		n.Input("x", onnx.Float32, tt.in...)
		n.Floats("one", []float32{1}, 1)
		n.Floats("w", make([]float32, elements(tt.weight)), tt.weight...)
		in := []string{"x", "one", "one", "one"}
		in[tt.weightAt] = "w"
		n.Node(tt.op, in, []string{"y"}, tt.attrs...)
		if tt.domain != "" {
			n.Import(tt.domain, 1)
			n.Domain(tt.domain)
		}
		n.Output("y", onnx.Float32, tt.out...)
		assert.Equal(t, tt.want, work.MACs(n.Model()), "%s.%s of %v: MACs()", tt.domain, tt.op, tt.in)
	}
}

func TestUnusedAndConstantNodesCostNothing(t *testing.T) {
	n := onnxtest.ChainNet(t)
	n.Conv("dead", "x", 3, 9, 8)
	n.Floats("u", make([]float32, 4), 2, 2)
	n.Node("MatMul", []string{"u", "u"}, []string{"c"}) // constant
	n.Output("c", onnx.Float32, 2, 2)
	n.Ints("shape", []int64{1, 2}, 2)
	m := n.Model()
	macs, params := work.MACs(m), work.Params(m)
	assert.EqualValues(t, 4*64*27+2*64*36, macs, "MACs() = %d, Params()", macs)
	assert.EqualValues(t, 180+4, params, "MACs() = %d, Params()", macs)
}

func TestConstantNodesHoldParams(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 1, 4)
	n.Node("Constant", nil, []string{"w"})
	n.Node("MatMul", []string{"x", "w"}, []string{"y"})
	n.Output("y", onnx.Float32, 1, 2)
	data := onnxtest.Edit(t, n.Encoded(), func(m *onnxpb.ModelProto) {
		name, kind := "value", onnxpb.AttributeProto_TENSOR
		elem := int32(onnx.Float32)
		m.Graph.Node[0].Attribute = []*onnxpb.AttributeProto{{Name: &name, Type: &kind,
			T: &onnxpb.TensorProto{Dims: []int64{4, 2}, DataType: &elem, RawData: make([]byte, 32)}}}
	})
	m := onnxtest.MustParse(t, data)
	macs, params := work.MACs(m), work.Params(m)
	assert.EqualValues(t, 8, macs, "MACs() = %d, Params() = %d, want 8, 8", macs, params)
	assert.EqualValues(t, 8, params, "MACs() = %d, Params() = %d, want 8, 8", macs, params)
	cuts, err := cut.InOrder(m)
	require.NoError(t, err, "cuts = %v, %v, want just the ends", cuts, err)
	require.Len(t, cuts, 2, "cuts = %v, %v, want just the ends", cuts, err)
	assert.Len(t, cuts[0].Tensors, 1, "cuts = %v, %v, want just the ends", cuts, err)
}

func elements(shape []int64) int64 {
	return onnx.TensorInfo{Shape: append([]int64{}, shape...)}.Elements()
}
