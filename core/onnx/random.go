package onnx

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// random operators make another result each time, with a seed or without, and so are
// never constant.
var random = map[string]bool{
	"RandomNormal": true, "RandomUniform": true, "RandomNormalLike": true,
	"RandomUniformLike": true, "Multinomial": true, "Bernoulli": true, "com.microsoft.Sampling": true,
}

// trains gives, of the operators that are random in training only, the input that says
// whether they train.
var trains = map[string]int{
	"Dropout": 2, "com.microsoft.BitmaskDropout": 2,
	"com.microsoft.BiasDropout": 4, "com.microsoft.BitmaskBiasDropout": 4,
}

// Random returns the tensors that are random, each with the label of a node that makes it
// so: an operator that draws numbers, be it in a body or in a function of the model. What
// is computed from a random tensor is random. A branch that isn't taken counts as well.
func (m *Model) Random() map[string]string {
	draws := map[function]bool{} // functions that draw numbers
	found := map[string]string{}
	for i := range m.nodes {
		n := &m.nodes[i]
		why := ""
		if drawing := drawsIn(n.pb, []scope{m.constant}, m.functions, draws); drawing != nil {
			why = n.Label()
			if drawing != n.pb {
				why = label(drawing) + " in " + why
			}
		}
		for _, u := range n.uses {
			if why == "" {
				why = found[u]
			}
		}
		for _, o := range n.pb.Output {
			if o != "" && why != "" {
				found[o] = why
			}
		}
	}
	return found
}

// scope returns the constant that a graph or a function has under a name; nil if what it
// has is no constant, and ok is false if it has nothing.
type scope func(name string) (t *onnxpb.TensorProto, ok bool)

func (m *Model) constant(name string) (*onnxpb.TensorProto, bool) { return m.ConstantValue(name), true }

func constants(tensors []*onnxpb.TensorProto, nodes []*onnxpb.NodeProto) scope {
	return func(name string) (*onnxpb.TensorProto, bool) {
		for _, t := range tensors {
			if t.GetName() == name {
				return t, true
			}
		}
		for _, n := range nodes {
			if slices.Contains(n.Output, name) {
				if Op(n) != "Constant" {
					return nil, true
				}
				return attr(n, "value").GetT(), true
			}
		}
		return nil, false
	}
}

// drawsIn returns the node that draws numbers: n, or one in its bodies or in the function
// that it calls; nil if there is none. The last of scopes is that around n.
func drawsIn(
	n *onnxpb.NodeProto, scopes []scope, functions map[function]*onnxpb.FunctionProto, draws map[function]bool,
) *onnxpb.NodeProto {
	if f := functions[calls(n)]; f != nil {
		drawing, done := draws[calls(n)]
		if !done {
			drawing = slices.ContainsFunc(f.Node, func(inner *onnxpb.NodeProto) bool {
				return drawsIn(inner, []scope{constants(nil, f.Node)}, functions, draws) != nil
			})
			draws[calls(n)] = drawing
		}
		if drawing {
			return n
		}
		return nil
	}
	if at, ok := trains[Op(n)]; ok && input(n, at) != "" && !isFalse(input(n, at), scopes) || random[Op(n)] {
		return n
	}
	for _, g := range Bodies(n) {
		within := append(slices.Clone(scopes), constants(g.Initializer, g.Node))
		for _, inner := range g.Node {
			if drawing := drawsIn(inner, within, functions, draws); drawing != nil {
				return drawing
			}
		}
	}
	return nil
}

// isFalse says that a name stands for a constant that is false.
func isFalse(name string, scopes []scope) bool {
	for _, s := range slices.Backward(scopes) {
		t, ok := s(name)
		if !ok {
			continue
		}
		return len(t.GetRawData())+len(t.GetInt32Data()) > 0 &&
			!slices.ContainsFunc(t.GetRawData(), func(b byte) bool { return b != 0 }) &&
			!slices.ContainsFunc(t.GetInt32Data(), func(v int32) bool { return v != 0 })
	}
	return false
}
