package shape

import (
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// dependent gives, of the operators whose outputs' shapes depend on the data, the
// dimensions of output k that do; shape is what runs have shown.
var dependent = map[string]func(n *onnx.Node, k int, shape []int64) []int{
	"NonZero":           func(*onnx.Node, int, []int64) []int { return []int{1} },
	"NonMaxSuppression": func(*onnx.Node, int, []int64) []int { return []int{0} },
	"Compress":          func(n *onnx.Node, _ int, shape []int64) []int { return []int{n.Axis(len(shape))} },
	"Unique": func(n *onnx.Node, k int, shape []int64) []int {
		if k > 0 {
			return []int{0}
		}
		return []int{n.Axis(len(shape))}
	},
}

// DataDependent reports whether the model has an operator whose outputs' shapes depend
// on the data, be it in a body.
func DataDependent(m *onnx.Model) bool {
	found := false
	for _, n := range m.Nodes() {
		_ = onnx.Walk(n.Proto(), func(n *onnxpb.NodeProto) error {
			found = found || dependent[onnx.Op(n)] != nil
			return nil
		})
	}
	return found
}

// suspect finds dimensions that were the same in every run and yet depend on the data,
// as where an operator always found as much as it may: those of the operators known,
// and behind them those of the same size, if that is above 1. seen and least hold the
// greatest and the least of every dimension.
func suspect(m *onnx.Model, seen, least map[string]onnx.TensorInfo) map[string][]int {
	open, sizes := map[string][]int{}, map[string]map[int64]bool{} // by tensor
	same := func(name string, d int) bool { return seen[name].Shape[d] == least[name].Shape[d] }
	for i := range m.Nodes() {
		n := &m.Nodes()[i]
		behind := map[int64]bool{}
		for _, u := range n.Uses() {
			maps.Copy(behind, sizes[u])
		}
		known := dependent[n.Op()]
		for k, o := range n.Outputs() {
			t, ok := seen[o]
			if !ok || m.Fixed(o) {
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
