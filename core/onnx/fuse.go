package onnx

import "slices"

// fusionRoots are the operators that ONNX Runtime fuses followers into.
var fusionRoots = map[string]bool{"Conv": true, "ConvTranspose": true, "Gemm": true, "MatMul": true}

// fusionEnds are the activations that may close a fusion.
var fusionEnds = map[string]bool{
	"Relu": true, "Clip": true, "LeakyRelu": true, "Sigmoid": true, "HardSigmoid": true, "Tanh": true,
}

// fusion joins node first to its follower last; a cut after any node of
// [first, last) breaks it.
type fusion struct{ first, last int }

// fusions finds the pairs that ONNX Runtime computes in one kernel: a root,
// then any of BatchNormalization and Add of a constant, then an activation.
// A tensor that anything else needs too is never fused away.
func (m *Model) fusions() []fusion {
	readers := m.readers()
	open := map[int]bool{} // nodes that a follower may join
	var list []fusion
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
		if !ok || !open[maker] || readers[data] != 1 {
			continue
		}
		list = append(list, fusion{maker, i})
		open[i] = linear
	}
	return list
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

// breaks says whether a cut before node pos parts a fusion.
func breaks(list []fusion, pos int) bool {
	return slices.ContainsFunc(list, func(f fusion) bool { return f.first < pos && pos <= f.last })
}
