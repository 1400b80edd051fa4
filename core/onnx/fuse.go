package onnx

import (
	"slices"
	"strings"
)

// fusion is a group of nodes, ascending, that ONNX Runtime computes as one. A
// cut with some before and some behind it breaks it.
type fusion struct {
	nodes []int
	name  string // the operators, such as "Conv+Relu"
	sum   bool   // parting it costs no more than adding two tensors; see ChainCuts
}

func (f fusion) first() int { return f.nodes[0] }
func (f fusion) last() int  { return f.nodes[len(f.nodes)-1] }

// fuser looks for fusions.
type fuser struct {
	m       *Model
	readers map[string]int   // being a graph output counts as one
	by      map[string][]int // moving nodes that read a tensor
	gemm    map[int]bool     // additions that become part of a Gemm
	blocked map[string]bool  // see isBlocked
	seen    map[int][][]int  // groups listed, by first node
	list    []fusion
}

// newFuser returns a fuser that has found none yet.
func (m *Model) newFuser() *fuser {
	f := &fuser{
		m: m, readers: m.readers(), by: map[string][]int{}, gemm: map[int]bool{}, blocked: map[string]bool{}, seen: map[int][][]int{},
	}
	for i := range m.nodes {
		if m.nodes[i].moves() {
			for _, u := range m.nodes[i].uses {
				f.by[u] = append(f.by[u], i)
			}
		}
	}
	return f
}

// fusions finds what ONNX Runtime computes in one kernel on a CPU, or leaves out
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
func (m *Model) fusions() []fusion {
	f := m.newFuser()
	for i := range m.nodes { // Gemms first: they take additions from others
		if m.nodes[i].moves() && f.is(i, "MatMul") {
			f.product(i)
		}
	}
	for i := range m.nodes {
		if !m.nodes[i].moves() {
			continue
		}
		switch opOf(m.nodes[i].pb) {
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
			f.skipNorm(input(m.nodes[i].pb, 0), []int{i})
		case "Pow":
			f.simplifiedNorm(i)
		case "Erf":
			f.gelu(i)
		case "Gelu":
			f.bias(input(m.nodes[i].pb, 0), []int{i})
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
func (f *fuser) add(nodes []int) *fusion {
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	if len(nodes) < 2 || nodes[0] < 0 || slices.ContainsFunc(f.seen[nodes[0]], func(o []int) bool { return slices.Equal(o, nodes) }) {
		return nil
	}
	f.seen[nodes[0]] = append(f.seen[nodes[0]], nodes)
	var ops []string
	for _, i := range nodes {
		ops = append(ops, opOf(f.m.nodes[i].pb))
	}
	f.list = append(f.list, fusion{nodes: nodes, name: strings.Join(ops, "+")})
	return &f.list[len(f.list)-1]
}

// pair is add of two nodes; -1 is none.
func (f *fuser) pair(a, b int) *fusion { return f.add([]int{a, b}) }

// readers counts the nodes that use each tensor; being a graph output counts
// as one more.
func (m *Model) readers() map[string]int {
	count := map[string]int{}
	for i := range m.nodes {
		if !m.nodes[i].live {
			continue
		}
		for _, u := range m.nodes[i].uses {
			count[u]++
		}
	}
	for _, t := range m.outputs {
		count[t.Name]++
	}
	return count
}

// breaks names the fusions that a cut before node pos parts, and says whether all
// are sums.
func breaks(list []fusion, pos int) (names []string, sums bool) {
	sums = true
	for _, f := range list {
		if f.first() < pos && pos <= f.last() {
			names = append(names, f.name)
			sums = sums && f.sum
		}
	}
	return names, sums
}
