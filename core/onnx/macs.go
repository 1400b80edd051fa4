package onnx

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// MACs returns the multiply-accumulate operations of one run: those of
// convolutions, matrix products and attention that the outputs depend on. What
// is computed from initializers alone costs nothing at run time, and bodies of
// control flow are not counted. Of a shape that varies it counts the greatest that
// was observed. It is -1 if a needed shape is not known.
//
// In a model that ONNX Runtime optimised, a convolution in blocks of channels
// (domain com.microsoft.nchwc) pads its channels to whole blocks, and is counted
// with what it so does in vain.
func (m *Model) MACs() int64 {
	total := int64(0)
	for i := range m.nodes {
		total = add(total, m.nodeMACs(i))
	}
	return total
}

// nodeMACs is the part of MACs that node i does.
func (m *Model) nodeMACs(i int) int64 {
	n := &m.nodes[i]
	if !n.moves() || len(n.pb.Output) == 0 {
		return 0
	}
	a, b := m.shape(input(n.pb, 0)), m.shape(input(n.pb, 1))
	out := m.shape(n.pb.Output[0])
	op := opOf(n.pb)
	if op == "QLinearConv" || op == "com.microsoft.QLinearConv" {
		b = m.shape(input(n.pb, 3)) // behind the scale and the zero point of a
	}
	switch op {
	case "Conv", "ConvInteger", "QLinearConv", "com.microsoft.FusedConv", "com.microsoft.nchwc.Conv": // every output element: channels of a group × kernel
		return mul(product(out), mul(perGroup(n.pb, a), kernel(n.pb, b)))
	case "com.microsoft.NhwcFusedConv", "com.microsoft.QLinearConv": // the weight's shape is as ever, the feature maps' is not
		return mul(product(out), mul(dim(b, 1), kernel(n.pb, b)))
	case "ConvTranspose": // every input element: channels of a group × kernel
		return mul(product(a), mul(perGroup(n.pb, out), kernel(n.pb, b)))
	case "Gemm", "com.microsoft.FusedGemm", "com.microsoft.QGemm":
		inner := 1
		if attr(n.pb, "transA").GetI() != 0 {
			inner = 0
		}
		return mul(product(out), dim(a, inner))
	case "MatMul", "MatMulInteger", "QLinearMatMul", "com.microsoft.MatMulIntegerToFloat", "com.microsoft.DynamicQuantizeMatMul", "com.microsoft.FusedMatMul":
		return mul(product(out), dim(a, matMulInner(n.pb, len(a))))
	case "com.microsoft.Attention": // the projections of [batch, length, width], then length × length twice
		return add(mul(product(a), dim(b, 1)), mul(2, mul(product(out), dim(a, 1))))
	}
	return 0
}

// matMulInner is the dimension of a product's first factor that is summed over.
func matMulInner(n *onnxpb.NodeProto, rank int) int {
	switch {
	case attr(n, "transA").GetI() == 0:
		return rank - 1
	case attr(n, "transBatchA").GetI() != 0:
		return 0
	}
	return rank - 2
}

// unknown is the shape of a tensor whose rank is not known.
var unknown = []int64{-1}

// shape returns a tensor's dimensions, those of the greatest that was observed if it
// varies, or unknown.
func (m *Model) shape(name string) []int64 {
	if s, ok := m.spans[name]; ok {
		return s.Max
	}
	if t := m.types[name]; t.Shape != nil {
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
func perGroup(n *onnxpb.NodeProto, feature []int64) int64 {
	group := max(attr(n, "group").GetI(), 1)
	if c := dim(feature, 1); c >= 0 {
		return c / group
	}
	return -1
}

// kernel returns the elements of a convolution's window, of the weight's shape
// or else as the node states it.
func kernel(n *onnxpb.NodeProto, weight []int64) int64 {
	if len(weight) > 2 {
		return product(weight[2:])
	}
	if stated := attr(n, "kernel_shape").GetInts(); len(stated) > 0 {
		return product(stated)
	}
	return -1
}

// param is a constant with the nodes that need it, ascending; they may repeat.
type param struct {
	elements int64
	users    []int
}

// Params returns the elements of all constants that the outputs depend on:
// initializers and constants within nodes, except those of type int64, which
// are shapes and indices.
func (m *Model) Params() int64 { return tailParams(m.params(), 0) }

// params lists the constants with the nodes that need them, be it through
// constant nodes. One that is a graph output
// is needed behind the last node.
func (m *Model) params() []param {
	users := map[string][]int{} // of fixed tensors
	need := func(name string, by []int) {
		if m.fixed[name] {
			if users[name] == nil {
				users[name] = by[:len(by):len(by)] // shared until more come
				return
			}
			users[name] = append(users[name], by...)
		}
	}
	end := []int{len(m.nodes)}
	for _, t := range m.outputs {
		need(t.Name, end)
	}
	var list []param
	for i := len(m.nodes) - 1; i >= 0; i-- {
		n := &m.nodes[i]
		if !n.live {
			continue
		}
		p := param{users: []int{i}}
		if n.constant {
			p.users = nil
			for _, o := range n.pb.Output {
				p.users = append(p.users, users[o]...)
			}
			slices.Sort(p.users)
		}
		for _, u := range n.uses {
			need(u, p.users)
		}
		_ = walk(n.pb, func(inner *onnxpb.NodeProto) error {
			for _, t := range ownTensors(inner) {
				p.elements = add(p.elements, paramElements(t))
			}
			return nil
		})
		list = append(list, p)
	}
	for _, t := range m.pb.Graph.Initializer {
		if by := users[t.GetName()]; by != nil {
			list = append(list, param{paramElements(t), slices.Sorted(slices.Values(by))})
		}
	}
	return slices.DeleteFunc(list, func(p param) bool { return p.elements == 0 || len(p.users) == 0 })
}

func paramElements(t *onnxpb.TensorProto) int64 {
	if Elem(t.GetDataType()) == Int64 {
		return 0
	}
	return product(t.Dims)
}

// headParams counts what the nodes before pos need.
func headParams(list []param, pos int) int64 {
	total := int64(0)
	for _, p := range list {
		if p.users[0] < pos {
			total = add(total, p.elements)
		}
	}
	return total
}

// tailParams counts what the nodes from pos on need.
func tailParams(list []param, pos int) int64 {
	total := int64(0)
	for _, p := range list {
		if p.users[len(p.users)-1] >= pos {
			total = add(total, p.elements)
		}
	}
	return total
}
