package onnx

import (
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// dependent gives, of the operators whose outputs' shapes depend on the data, the
// dimensions of output k that do; shape is what runs have shown.
var dependent = map[string]func(n *onnxpb.NodeProto, k int, shape []int64) []int{
	"NonZero":           func(*onnxpb.NodeProto, int, []int64) []int { return []int{1} },
	"NonMaxSuppression": func(*onnxpb.NodeProto, int, []int64) []int { return []int{0} },
	"Compress":          func(n *onnxpb.NodeProto, _ int, shape []int64) []int { return []int{along(n, shape)} },
	"Unique": func(n *onnxpb.NodeProto, k int, shape []int64) []int {
		if k > 0 {
			return []int{0}
		}
		return []int{along(n, shape)}
	},
}

// along returns the dimension that attribute axis names, the first if it is missing.
func along(n *onnxpb.NodeProto, shape []int64) int {
	axis := int(attr(n, "axis").GetI())
	if axis < 0 {
		axis += len(shape)
	}
	return axis
}

// DataDependent reports whether the model has an operator whose outputs' shapes depend
// on the data, be it in a body.
func (m *Model) DataDependent() bool {
	found := false
	for i := range m.nodes {
		_ = walk(m.nodes[i].pb, func(n *onnxpb.NodeProto) error {
			found = found || domainOf(n) == "" && dependent[n.GetOpType()] != nil
			return nil
		})
	}
	return found
}

// suspect finds dimensions that were the same in every run and yet depend on the data,
// as where an operator always found as much as it may: those of the operators known,
// and behind them those of the same size, if that is above 1. seen and least hold the
// greatest and the least of every dimension.
func (m *Model) suspect(seen, least map[string]TensorInfo) map[string][]int {
	open, sizes := map[string][]int{}, map[string]map[int64]bool{} // by tensor
	same := func(name string, d int) bool { return seen[name].Shape[d] == least[name].Shape[d] }
	for i := range m.nodes {
		n := m.nodes[i].pb
		behind := map[int64]bool{}
		for _, u := range m.nodes[i].uses {
			maps.Copy(behind, sizes[u])
		}
		known := dependent[n.GetOpType()]
		if domainOf(n) != "" {
			known = nil
		}
		for k, o := range n.Output {
			t, ok := seen[o]
			if !ok || m.fixed[o] {
				continue
			}
			sizes[o] = maps.Clone(behind)
			if known != nil {
				for _, d := range known(n, k, t.Shape) {
					if d >= 0 && d < len(t.Shape) && same(o, d) {
						open[o] = append(open[o], d)
						if t.Shape[d] > 1 {
							sizes[o][t.Shape[d]] = true
						}
					}
				}
			}
			for d, size := range t.Shape {
				if behind[size] && same(o, d) && !slices.Contains(open[o], d) {
					open[o] = append(open[o], d)
				}
			}
		}
	}
	return open
}
