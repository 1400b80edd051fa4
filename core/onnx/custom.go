package onnx

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// custom names the operator that a node needs, itself, in a body or in a function of the
// model, and that neither ONNX Runtime nor a function of the model defines; "" if there is
// none. depth bounds calls of functions, which checkFunctions has proven not to be circular.
func (m *Model) custom(n *onnxpb.NodeProto) (op string) {
	_ = Walk(n, func(n *onnxpb.NodeProto) error {
		switch f := m.functions[calls(n)]; {
		case op != "":
		case f != nil:
			op = m.customIn(f)
		case !slices.Contains(builtIn, domainOf(n)):
			op = Op(n)
		}
		return nil
	})
	return op
}

// customIn is custom of a function, remembered.
func (m *Model) customIn(f *onnxpb.FunctionProto) string {
	op, known := m.lacking[f]
	for i := 0; i < len(f.Node) && !known && op == ""; i++ {
		op = m.custom(f.Node[i])
	}
	m.lacking[f] = op
	return op
}

// findCustom marks the nodes whose operator ONNX Runtime doesn't have, and those that need
// what such nodes make.
func (m *Model) findCustom() {
	stuck := map[string]bool{}
	for i := range m.nodes {
		n := &m.nodes[i]
		n.custom = m.custom(n.pb)
		n.stuck = n.custom != "" || slices.ContainsFunc(n.uses, func(u string) bool { return stuck[u] })
		if n.stuck {
			for _, o := range n.pb.Output {
				stuck[o] = true
			}
		}
	}
}

// Runs reports whether ONNX Runtime has all operators that a tensor is computed by.
func (m *Model) Runs(tensor string) bool {
	i, made := m.made[tensor]
	return !made || i < 0 || !m.nodes[i].stuck
}

// Runnable is ErrCustomOp if a graph output depends on an operator that neither ONNX Runtime
// nor a function of the model defines. Parts without it run.
func (m *Model) Runnable() error {
	for i := range m.nodes {
		if n := &m.nodes[i]; n.live && n.custom != "" {
			return fmt.Errorf("%w: node %s needs %s, which neither ONNX Runtime nor a function of the model defines",
				ErrCustomOp, n.Label(), n.custom)
		}
	}
	return nil
}

// running returns the nodes and the functions of the model without those that ONNX Runtime
// can't run.
func (m *Model) running() ([]*onnxpb.NodeProto, []*onnxpb.FunctionProto) {
	functions := slices.DeleteFunc(slices.Clone(m.pb.Functions),
		func(f *onnxpb.FunctionProto) bool { return m.customIn(f) != "" })
	if !slices.ContainsFunc(m.nodes, func(n Node) bool { return n.stuck }) {
		return m.pb.Graph.Node, functions
	}
	var nodes []*onnxpb.NodeProto
	for i := range m.nodes {
		if !m.nodes[i].stuck {
			nodes = append(nodes, m.nodes[i].pb)
		}
	}
	return nodes, functions
}
