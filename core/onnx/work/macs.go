package work

import (
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
)

// MACs returns the multiply-accumulate operations of one run: those of
// convolutions, matrix products and attention that the outputs depend on. What
// is computed from initializers alone costs nothing at run time, and bodies of
// control flow are not counted. Of a shape that varies it counts the greatest that
// was observed. It is -1 if a needed shape is not known.
//
// In a model that ONNX Runtime optimised, a convolution in blocks of channels
// (domain com.microsoft.nchwc) pads its channels to whole blocks, and the
// operations on the padding are counted.
func MACs(m *onnx.Model) int64 {
	total := int64(0)
	for i := range m.Nodes() {
		total = count.Add(total, NodeMACs(m, i))
	}
	return total
}

// NodeMACs returns the part of MACs that node i of the model's Nodes does.
func NodeMACs(m *onnx.Model, i int) int64 {
	n := &m.Nodes()[i]
	if !n.PerFrame() || len(n.Outputs()) == 0 {
		return 0
	}
	a, b := shape(m, n.Input(0)), shape(m, n.Input(1))
	out := shape(m, n.Output(0))
	op := n.Op()
	if op == "QLinearConv" || op == "com.microsoft.QLinearConv" {
		b = shape(m, n.Input(3)) // behind the scale and the zero point of a
	}
	switch op {
	// every output element: channels of a group × kernel
	case "Conv", "ConvInteger", "QLinearConv", "com.microsoft.FusedConv", "com.microsoft.nchwc.Conv":
		return count.Mul(count.Product(out), count.Mul(perGroup(n, a), kernel(n, b)))
	// the weight's shape is as ever, the feature maps' is not
	case "com.microsoft.NhwcFusedConv", "com.microsoft.QLinearConv":
		return count.Mul(count.Product(out), count.Mul(dim(b, 1), kernel(n, b)))
	case "ConvTranspose": // every input element: channels of a group × kernel
		return count.Mul(count.Product(a), count.Mul(perGroup(n, out), kernel(n, b)))
	case "Gemm", "com.microsoft.FusedGemm", "com.microsoft.QGemm":
		inner := 1
		if n.Attr("transA").GetI() != 0 {
			inner = 0
		}
		return count.Mul(count.Product(out), dim(a, inner))
	case "MatMul", "MatMulInteger", "QLinearMatMul", "com.microsoft.MatMulIntegerToFloat",
		"com.microsoft.DynamicQuantizeMatMul", "com.microsoft.FusedMatMul":
		return count.Mul(count.Product(out), dim(a, matMulInner(n, len(a))))
	case "com.microsoft.Attention": // the projections of [batch, length, width], then length × length twice
		return count.Add(count.Mul(count.Product(a), dim(b, 1)), count.Mul(2, count.Mul(count.Product(out), dim(a, 1))))
	}
	return 0
}

// matMulInner is the dimension of a product's first factor that is summed over.
func matMulInner(n *onnx.Node, rank int) int {
	switch {
	case n.Attr("transA").GetI() == 0:
		return rank - 1
	case n.Attr("transBatchA").GetI() != 0:
		return 0
	}
	return rank - 2
}

// unknown is the shape of a tensor whose rank is not known.
var unknown = []int64{-1}

// shape returns a tensor's dimensions, those of the greatest that was observed if it
// varies, or unknown.
func shape(m *onnx.Model, name string) []int64 {
	if s, ok := m.Span(name); ok {
		return s.Max
	}
	if t := m.Tensor(name); t.Shape != nil {
		return t.Shape
	}
	return unknown
}

// dim returns a dimension, or -1.
func dim(shape []int64, i int) int64 {
	if i < 0 || i >= len(shape) {
		return -1
	}
	return shape[i]
}

// perGroup returns the channels of one group of a convolution's feature map.
func perGroup(n *onnx.Node, feature []int64) int64 {
	group := max(n.Attr("group").GetI(), 1)
	if c := dim(feature, 1); c >= 0 {
		return c / group
	}
	return -1
}

// kernel returns the elements of a convolution's window, of the weight's shape
// or else as the node states it.
func kernel(n *onnx.Node, weight []int64) int64 {
	if len(weight) > 2 {
		return count.Product(weight[2:])
	}
	if stated := n.Attr("kernel_shape").GetInts(); len(stated) > 0 {
		return count.Product(stated)
	}
	return -1
}
