package onnx

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// makesSequence are the operators whose outputs are no tensors.
var makesSequence = map[string]bool{
	"SequenceConstruct": true, "SequenceEmpty": true, "SequenceInsert": true, "SequenceErase": true,
	"SequenceMap": true, "SplitToSequence": true, "Optional": true,
	"ai.onnx.ml.ZipMap": true, "ai.onnx.ml.CastMap": true,
}

// findOpaque marks what never crosses a boundary: sequences, optionals, maps,
// sparse tensors and tensors of elements that can't be sent.
func (m *Model) findOpaque() {
	declared := map[string]bool{} // tensors with elements of a fixed size
	for _, list := range [][]*onnxpb.ValueInfoProto{m.pb.Graph.Input, m.pb.Graph.Output, m.pb.Graph.ValueInfo} {
		for _, v := range list {
			if opaqueType(v.GetType()) {
				m.opaque[v.GetName()] = true
			} else if v.GetType().GetTensorType() != nil {
				declared[v.GetName()] = true
			}
		}
	}
	for i := range m.nodes {
		for k, o := range m.nodes[i].pb.Output {
			if o != "" && !declared[o] && m.makesOpaque(m.nodes[i].pb, k) {
				m.opaque[o] = true
			}
		}
	}
}

func opaqueType(t *onnxpb.TypeProto) bool {
	if t.GetValue() == nil {
		return t != nil && len(t.ProtoReflect().GetUnknown()) > 0 // a map or a sparse tensor
	}
	elem := Elem(t.GetTensorType().GetElemType())
	return t.GetTensorType() == nil || elem != 0 && !elem.Sendable()
}

// makesOpaque says whether output k of a node is no tensor, as far as the node
// and what it reads tell.
func (m *Model) makesOpaque(n *onnxpb.NodeProto, k int) bool {
	op := Op(n)
	reads := func(i int) bool { return m.opaque[input(n, i)] }
	switch {
	case makesSequence[op]:
		return true
	case op == "Identity":
		return reads(0)
	case op == "OptionalGetElement":
		maker, made := m.made[input(n, 0)]
		if made && maker >= 0 && Op(m.nodes[maker].pb) == "Optional" && len(m.nodes[maker].pb.Input) == 1 {
			return m.opaque[m.nodes[maker].pb.Input[0]]
		}
		return reads(0)
	case op == "If":
		return slices.ContainsFunc(Bodies(n), func(g *onnxpb.GraphProto) bool { return bodyOpaque(g, k, m.opaque) })
	case op == "Loop": // after the trip count and the condition come the variables
		return reads(k + 2)
	case op == "Cast":
		return !Elem(attr(n, "to").GetI()).Sendable()
	}
	return op == "StringConcat" || op == "StringNormalizer" || op == "StringSplit" && k == 0
}

// bodyOpaque says whether output k of a body is no tensor.
func bodyOpaque(g *onnxpb.GraphProto, k int, outer map[string]bool) bool {
	if k >= len(g.Output) {
		return false
	}
	if opaqueType(g.Output[k].GetType()) {
		return true
	}
	name := g.Output[k].GetName()
	for i := len(g.Node) - 1; i >= 0; i-- {
		if at := slices.Index(g.Node[i].Output, name); at >= 0 {
			return makesSequence[Op(g.Node[i])]
		}
	}
	return outer[name]
}
