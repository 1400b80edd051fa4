package onnx

import (
	"slices"
	"strings"
)

// fusionRoots are the operators that ONNX Runtime fuses followers into.
var fusionRoots = map[string]bool{"Conv": true, "ConvTranspose": true, "Gemm": true, "MatMul": true}

// fusionEnds are the activations that may close a fusion.
var fusionEnds = map[string]bool{
	"Relu": true, "Clip": true, "LeakyRelu": true, "Sigmoid": true, "HardSigmoid": true, "Tanh": true,
}

// fusion is a group of nodes, ascending, that ONNX Runtime computes as one. A
// cut with some before and some behind it breaks it.
type fusion struct {
	nodes []int
	name  string // the operators, such as "Conv+Relu"
}

func (f fusion) first() int { return f.nodes[0] }
func (f fusion) last() int  { return f.nodes[len(f.nodes)-1] }

// fuser looks for fusions.
type fuser struct {
	m       *Model
	readers map[string]int   // being a graph output counts as one
	by      map[string][]int // moving nodes that read a tensor
	list    []fusion
}

// fusions finds what ONNX Runtime computes in one kernel:
//
//   - a convolution or matrix product, then any of BatchNormalization and Add of
//     a constant, then an activation (pairs of neighbours are listed);
//   - an operator between DequantizeLinear and QuantizeLinear;
//   - LayerNormalization, Gelu and x·sigmoid(x) written out.
//
// They follow onnxruntime/core/optimizer (conv_bn_fusion, conv_activation_fusion,
// matmul_add_fusion, layer_norm_fusion, gelu_fusion, quick_gelu_fusion and
// qdq_transformer) of version 1.27. A tensor that something else needs too is
// never fused away.
func (m *Model) fusions() []fusion {
	f := &fuser{m: m, readers: m.readers(), by: map[string][]int{}}
	for i := range m.nodes {
		if m.nodes[i].moves() {
			for _, u := range m.nodes[i].uses {
				f.by[u] = append(f.by[u], i)
			}
		}
	}
	f.linear()
	for i := range m.nodes {
		if !m.nodes[i].moves() {
			continue
		}
		switch opOf(m.nodes[i].pb) {
		case "QuantizeLinear":
			f.quantized(i)
		case "MatMul", "Gemm":
			f.add(append(f.dequantizers(i), i))
		case "ReduceMean":
			f.layerNorm(i)
		case "Erf", "Tanh":
			f.gelu(i)
		case "Sigmoid":
			f.quickGelu(i)
		}
	}
	return f.list
}

// add lists a group of at least two nodes.
func (f *fuser) add(nodes []int) {
	slices.Sort(nodes)
	nodes = slices.Compact(nodes)
	if len(nodes) < 2 || nodes[0] < 0 {
		return
	}
	var ops []string
	for _, i := range nodes {
		ops = append(ops, opOf(f.m.nodes[i].pb))
	}
	f.list = append(f.list, fusion{nodes, strings.Join(ops, "+")})
}

// linear finds roots with their followers, as pairs.
func (f *fuser) linear() {
	m := f.m
	open := map[int]bool{} // nodes that a follower may join
	for i := range m.nodes {
		n := &m.nodes[i]
		if !n.moves() {
			continue
		}
		op := opOf(n.pb)
		open[i] = fusionRoots[op]
		data, linear := input(n.pb, 0), false
		switch {
		case op == "BatchNormalization":
			linear = true
		case op == "Add" && len(n.pb.Input) == 2:
			if m.fixed[data] {
				data = n.pb.Input[1]
			} else if !m.fixed[n.pb.Input[1]] {
				continue
			}
			linear = true
		case !fusionEnds[op]:
			continue
		}
		maker, ok := m.made[data]
		if !ok || !open[maker] || f.readers[data] != 1 {
			continue
		}
		f.add([]int{maker, i})
		open[i] = linear
	}
}

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

// breaks names the fusions that a cut before node pos parts.
func breaks(list []fusion, pos int) []string {
	var names []string
	for _, f := range list {
		if f.first() < pos && pos <= f.last() {
			names = append(names, f.name)
		}
	}
	return names
}
