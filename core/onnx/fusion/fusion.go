// Package fusion finds the nodes of a model that ONNX Runtime computes as one, so that a
// cut between them costs time. It follows what the optimiser does, and may not change a model.
package fusion

import (
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// Fusion is a group of nodes that ONNX Runtime computes as one. A cut with some before
// and some behind it breaks it.
type Fusion struct {
	Nodes []int  // indices in the model's Nodes, ascending; at least two
	Name  string // the operators, such as "Conv+Relu"
	Sum   bool   // parting it costs no more than adding two tensors
}

// finder looks for fusions.
type finder struct {
	m       *onnx.Model
	nodes   []onnx.Node
	readers map[string]int   // being a graph output counts as one
	by      map[string][]int // moving nodes that read a tensor
	gemm    map[int]bool     // additions that become part of a Gemm
	blocked map[string]bool  // see isBlocked
	seen    map[int][][]int  // groups listed, by first node
	list    []Fusion
}

// newFinder returns a finder that has found none yet.
func newFinder(m *onnx.Model) *finder {
	f := &finder{
		m: m, nodes: m.Nodes(), readers: readers(m), by: map[string][]int{}, gemm: map[int]bool{}, blocked: map[string]bool{},
		seen: map[int][][]int{},
	}
	for i := range f.nodes {
		if f.nodes[i].PerFrame() {
			for _, u := range f.nodes[i].Uses() {
				f.by[u] = append(f.by[u], i)
			}
		}
	}
	return f
}

// Find returns what ONNX Runtime computes in one kernel on a CPU, or leaves out
// of a kernel because something cancels it:
//
//   - a convolution with BatchNormalization, Mul and Add of a constant, then an
//     activation, or then Add of another tensor and an activation; Pad before it
//     (conv_bn_fusion, conv_mul_fusion, conv_add_fusion, conv_activation_fusion,
//     nchwc_transformer, conv_add_act_fusion, pad_fusion);
//   - Gemm, or MatMul and Add, with an activation, Sum, Transpose
//     (matmul_add_fusion, matmul_bn_fusion, gemm_activation_fusion,
//     gemm_sum_fusion, gemm_transpose_fusion);
//   - MatMul with products by a number before and behind it, and Transpose before
//     it (matmul_scale_fusion, matmul_transpose_fusion), which are what it fuses of
//     attention: attention_fusion wants dimensions that are open;
//   - layer normalization written out, also the simplified one, and the sum before
//     one (layer_norm_fusion, skip_layer_norm_fusion);
//   - Gelu with a bias and x·sigmoid(x), written out (gelu_fusion,
//     bias_gelu_fusion, quick_gelu_fusion);
//   - an operator between DequantizeLinear and QuantizeLinear (qdq_transformer,
//     relu_quantizelinear);
//   - Relu and Clip, 1/x and Mul, all parts that Gather takes of a tensor, and a
//     Transpose that undoes another (relu_clip_fusion, div_mul_fusion,
//     gather_fusion, transpose_optimization).
//
// The names are those of files in onnxruntime/core/optimizer of version 1.27; the
// tests of deploy/ort compare with what it does. Groups are listed as small as
// they break, such as pairs of neighbours. A tensor that something else needs too
// is never fused away.
func Find(m *onnx.Model) []Fusion {
	f := newFinder(m)
	for i := range f.nodes { // Gemms first: they take additions from others
		if f.nodes[i].PerFrame() && f.is(i, "MatMul") {
			f.product(i)
		}
	}
	for i := range f.nodes {
		if !f.nodes[i].PerFrame() {
			continue
		}
		switch f.nodes[i].Op() {
		case "Conv":
			f.convolution(i)
		case "Gemm":
			f.general(i)
		case "Add":
			f.sum(i)
		case "Pad":
			f.pad(i)
		case "QuantizeLinear":
			f.quantized(i)
		case "DequantizeLinear":
			f.dequantized(i)
		case "ReduceMean":
			f.layerNorm(i)
		case "LayerNormalization":
			f.skipNorm(f.nodes[i].Input(0), []int{i})
		case "Pow":
			f.simplifiedNorm(i)
		case "Erf":
			f.gelu(i)
		case "Gelu":
			f.bias(f.nodes[i].Input(0), []int{i})
		case "Sigmoid":
			f.quickGelu(i)
		case "Relu":
			f.pair(i, f.next(i, "Clip"))
		case "Div":
			f.inverse(i)
		case "Transpose":
			f.undone(i)
		case "Gather":
			f.parted(i)
		}
		f.block(i)
	}
	return f.list
}

// add lists a group of at least two nodes, once. It returns what it listed, valid until
// it lists the next, or nil.
func (f *finder) add(nodes []int) *Fusion {
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	if len(nodes) < 2 || nodes[0] < 0 ||
		slices.ContainsFunc(f.seen[nodes[0]], func(o []int) bool { return slices.Equal(o, nodes) }) {
		return nil
	}
	f.seen[nodes[0]] = append(f.seen[nodes[0]], nodes)
	var ops []string
	for _, i := range nodes {
		ops = append(ops, f.nodes[i].Op())
	}
	f.list = append(f.list, Fusion{Nodes: nodes, Name: strings.Join(ops, "+")})
	return &f.list[len(f.list)-1]
}

// pair is add of two nodes; -1 is none.
func (f *finder) pair(a, b int) *Fusion { return f.add([]int{a, b}) }

// readers counts the nodes that use each tensor; being a graph output counts
// as one more.
func readers(m *onnx.Model) map[string]int {
	count := map[string]int{}
	for _, n := range m.Nodes() {
		if !n.Live() {
			continue
		}
		for _, u := range n.Uses() {
			count[u]++
		}
	}
	for _, t := range m.Outputs() {
		count[t.Name]++
	}
	return count
}
