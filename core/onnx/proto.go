package onnx

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// domain normalises the two spellings of the default operator domain.
func domain(d string) string {
	if d == "ai.onnx" {
		return ""
	}
	return d
}

func domainOf(n *onnxpb.NodeProto) string { return domain(n.GetDomain()) }

// Op returns a node's operator, with its domain and a dot unless that is the default one.
func Op(n *onnxpb.NodeProto) string {
	if d := domainOf(n); d != "" {
		return d + "." + n.GetOpType()
	}
	return n.GetOpType()
}

// label names a node in an error.
func label(n *onnxpb.NodeProto) string {
	if n.GetName() == "" && len(n.Output) > 0 {
		return fmt.Sprintf("%s making %q", n.GetOpType(), n.Output[0])
	}
	return fmt.Sprintf("%s %q", n.GetOpType(), n.GetName())
}

// input returns the name of the i-th input, or "" if the node has none.
func input(n *onnxpb.NodeProto, i int) string {
	if i < len(n.Input) {
		return n.Input[i]
	}
	return ""
}

// attr returns the attribute of the given name, or nil; the getters of a nil
// attribute return zero values.
func attr(n *onnxpb.NodeProto, name string) *onnxpb.AttributeProto {
	for _, a := range n.Attribute {
		if a.GetName() == name {
			return a
		}
	}
	return nil
}

// Bodies returns the subgraphs (If, Loop, Scan) of a node.
func Bodies(n *onnxpb.NodeProto) []*onnxpb.GraphProto {
	var gs []*onnxpb.GraphProto
	for _, a := range n.Attribute {
		if a.G != nil {
			gs = append(gs, a.G)
		}
		gs = append(gs, a.Graphs...)
	}
	return gs
}

// eachUse calls yield with every tensor that a node reads from the graph
// around it, itself or in a body; names may repeat.
func eachUse(n *onnxpb.NodeProto, yield func(name string)) {
	for _, in := range n.Input {
		if in != "" {
			yield(in)
		}
	}
	for _, g := range Bodies(n) {
		local := map[string]bool{}
		outer := func(name string) {
			if !local[name] {
				yield(name)
			}
		}
		for _, v := range g.Input {
			local[v.GetName()] = true
		}
		for _, t := range g.Initializer {
			local[t.GetName()] = true
		}
		for _, data := range sparseOf(g) {
			if t, err := sparseTensor(data); err == nil {
				local[t.GetName()] = true
			}
		}
		for _, inner := range g.Node {
			eachUse(inner, outer)
			for _, o := range inner.Output {
				local[o] = true
			}
		}
		for _, v := range g.Output {
			outer(v.GetName())
		}
	}
}

// usesOf returns the distinct tensors of eachUse in order of first use.
func usesOf(n *onnxpb.NodeProto) []string {
	var uses []string
	seen := map[string]bool{}
	eachUse(n, func(name string) {
		if !seen[name] {
			seen[name] = true
			uses = append(uses, name)
		}
	})
	return uses
}

// Walk visits a node and the nodes in its bodies, until visit fails.
func Walk(n *onnxpb.NodeProto, visit func(*onnxpb.NodeProto) error) error {
	if err := visit(n); err != nil {
		return err
	}
	for _, g := range Bodies(n) {
		for _, inner := range g.Node {
			if err := Walk(inner, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

// Constants returns the constants that lie in one node and, for its bodies,
// the initializers there; not those of the nodes inside.
func Constants(n *onnxpb.NodeProto) []*onnxpb.TensorProto {
	var ts []*onnxpb.TensorProto
	for _, a := range n.Attribute {
		if a.T != nil {
			ts = append(ts, a.T)
		}
		ts = append(ts, a.Tensors...)
	}
	for _, g := range Bodies(n) {
		ts = append(ts, g.Initializer...)
	}
	return ts
}
