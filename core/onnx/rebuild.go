package onnx

import (
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// WithDims returns the model with sizes for dimensions of inputs, outputs and
// intermediate tensors: size says which, by tensor, axis from 0 and what is declared.
// Weights are shared.
func (m *Model) WithDims(
	size func(tensor string, axis int, d *onnxpb.TensorShapeProto_Dimension) (int64, bool),
) (*Model, error) {
	bind := func(list []*onnxpb.ValueInfoProto) []*onnxpb.ValueInfoProto {
		bound := make([]*onnxpb.ValueInfoProto, len(list))
		for i, v := range list {
			bound[i] = proto.Clone(v).(*onnxpb.ValueInfoProto)
			for axis, d := range bound[i].GetType().GetTensorType().GetShape().GetDim() {
				if n, ok := size(v.GetName(), axis, d); ok {
					d.Value = &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: n}
				}
			}
		}
		return bound
	}
	g := m.around(m.pb.Graph.Node, bind(m.pb.Graph.ValueInfo))
	g.Initializer, g.Input, g.Output = m.pb.Graph.Initializer, bind(m.pb.Graph.Input), bind(m.pb.Graph.Output)
	return m.again(g)
}

// again indexes the model with another graph of the same nodes.
func (m *Model) again(g *onnxpb.GraphProto) (*Model, error) {
	pb := m.with(g)
	pb.IrVersion = m.pb.IrVersion
	changed, err := index(pb, m.packed, m.sum, m.files)
	if err != nil {
		return nil, err
	}
	maps.Copy(changed.spans, m.spans)
	maps.Copy(changed.opaque, m.opaque)
	changed.claims = slices.Clone(m.claims)
	return changed, nil
}

// around starts a graph that has the names and the unknown fields of the
// model's.
func (m *Model) around(nodes []*onnxpb.NodeProto, infos []*onnxpb.ValueInfoProto) *onnxpb.GraphProto {
	g := &onnxpb.GraphProto{Name: m.pb.Graph.Name, DocString: m.pb.Graph.DocString, Node: nodes, ValueInfo: infos}
	g.ProtoReflect().SetUnknown(m.pb.Graph.ProtoReflect().GetUnknown())
	return g
}

// WithTypes returns the model with more known of its tensors: types, and the spans of
// those whose shape varies. One of element type 0 is no tensor that can be sent. claims are
// those of the file's declarations that were wrong. Weights are shared.
func (m *Model) WithTypes(types map[string]TensorInfo, spans map[string]Span, claims ...Claim) (*Model, error) {
	refresh := func(list []*onnxpb.ValueInfoProto) []*onnxpb.ValueInfoProto {
		var out []*onnxpb.ValueInfoProto
		for _, v := range list {
			if t, ok := types[v.GetName()]; ok && t.Elem != 0 {
				v = infoProto(t)
			}
			out = append(out, v)
		}
		return out
	}
	g := m.around(m.pb.Graph.Node, refresh(m.pb.Graph.ValueInfo))
	g.Initializer, g.Input, g.Output = m.pb.Graph.Initializer, m.pb.Graph.Input, refresh(m.pb.Graph.Output)
	listed := map[string]bool{}
	for _, v := range slices.Concat(g.ValueInfo, g.Output) {
		listed[v.GetName()] = true
	}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		if t := types[name]; !listed[name] && t.Elem != 0 {
			g.ValueInfo = append(g.ValueInfo, infoProto(t))
		}
	}
	known, err := m.again(g)
	if err != nil {
		return nil, err
	}
	for name, t := range types {
		known.opaque[name] = known.opaque[name] || !t.Elem.Sendable()
	}
	maps.Copy(known.spans, spans)
	known.claims = append(known.claims, claims...)
	return known, nil
}

// WithoutWeights writes the model with the named tensors as outputs, and with large
// initializers made inputs, which leaves the types of tensors as they are. Nodes that ONNX
// Runtime can't run are left out, and so are shapes that are only declared.
func (m *Model) WithoutWeights(outputs []string) ([]byte, error) {
	nodes, functions := m.running()
	g := m.around(nodes, m.shapeless())
	for _, t := range m.inputs {
		g.Input = append(g.Input, m.declared(t))
	}
	for _, t := range m.pb.Graph.Initializer {
		r, outside := m.ranges[t]
		_, packed := m.packed[t]
		switch {
		case outside && r.Length >= minAlias || packed || len(t.RawData) >= minAlias:
			g.Input = append(g.Input, infoProto(weightInfo(t.GetName(), t)))
		case outside:
			data, err := m.read(r)
			if err != nil {
				return nil, err
			}
			t = &onnxpb.TensorProto{Name: t.Name, DataType: t.DataType, Dims: t.Dims, RawData: data}
			g.Initializer = append(g.Initializer, t)
		default:
			g.Initializer = append(g.Initializer, t)
		}
	}
	for _, name := range outputs {
		g.Output = append(g.Output, m.declared(m.Tensor(name)))
	}
	pb := m.with(g)
	pb.Functions = functions
	return proto.Marshal(pb)
}

// shapeless returns the declarations of inner tensors without their shapes, which may be wrong.
func (m *Model) shapeless() []*onnxpb.ValueInfoProto {
	var list []*onnxpb.ValueInfoProto
	for _, v := range m.pb.Graph.ValueInfo {
		if t := infoOf(v); t.Elem != 0 {
			t.Shape = nil
			v = infoProto(t)
		}
		list = append(list, v)
	}
	return list
}

// Extended writes the model with nodes and initializers added, and with other outputs. Nodes
// that ONNX Runtime can't run are left out, and so are shapes that are only declared. External
// data stays where it is.
func (m *Model) Extended(nodes []*onnxpb.NodeProto, weights []*onnxpb.TensorProto, outputs []TensorInfo) (
	[]byte, error,
) {
	own, functions := m.running()
	g := m.around(slices.Concat(own, nodes), m.shapeless())
	g.Input, g.Initializer = m.pb.Graph.Input, slices.Clone(weights)
	for _, t := range m.pb.Graph.Initializer {
		if p := m.packed[t]; p.field == fieldSparse {
			g.ProtoReflect().SetUnknown(appendSparse(slices.Clone(g.ProtoReflect().GetUnknown()), p.data))
			continue
		}
		g.Initializer = append(g.Initializer, m.unpacked(t))
	}
	for _, t := range outputs {
		g.Output = append(g.Output, infoProto(t))
	}
	pb := m.with(g)
	pb.Functions = functions
	return proto.Marshal(pb)
}
