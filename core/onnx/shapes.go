package onnx

import (
	"maps"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// Bind returns the model with sizes, at least 0, for dimensions named as Dims
// has them, or by input and axis, in inputs, outputs and intermediate tensors. A
// name that is none of them, or two sizes for one, is ErrNoDim. Weights are shared.
func (m *Model) Bind(sizes map[string]int64) (*Model, error) {
	sizes, err := m.bySymbol(sizes)
	if err != nil {
		return nil, err
	}
	bind := func(list []*onnxpb.ValueInfoProto) []*onnxpb.ValueInfoProto {
		bound := make([]*onnxpb.ValueInfoProto, len(list))
		for i, v := range list {
			bound[i] = proto.Clone(v).(*onnxpb.ValueInfoProto)
			for axis, d := range bound[i].GetType().GetTensorType().GetShape().GetDim() {
				if size, ok := sizes[openDim(v.GetName(), axis, d)]; ok {
					d.Value = &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: size}
				}
			}
		}
		return bound
	}
	g := m.around(m.pb.Graph.Node, bind(m.pb.Graph.ValueInfo))
	g.Initializer, g.Input, g.Output = m.pb.Graph.Initializer, bind(m.pb.Graph.Input), bind(m.pb.Graph.Output)
	return m.again(g)
}

// again builds the model anew around another graph of the same nodes.
func (m *Model) again(g *onnxpb.GraphProto) (*Model, error) {
	pb := m.with(g)
	pb.IrVersion = m.pb.IrVersion
	changed, err := build(pb, m.packed, m.sum, m.files)
	if err != nil {
		return nil, err
	}
	maps.Copy(changed.spans, m.spans)
	maps.Copy(changed.opaque, m.opaque)
	return changed, nil
}

// around starts a graph that has the names and the unknown fields of the
// model's.
func (m *Model) around(nodes []*onnxpb.NodeProto, infos []*onnxpb.ValueInfoProto) *onnxpb.GraphProto {
	g := &onnxpb.GraphProto{Name: m.pb.Graph.Name, DocString: m.pb.Graph.DocString, Node: nodes, ValueInfo: infos}
	g.ProtoReflect().SetUnknown(m.pb.Graph.ProtoReflect().GetUnknown())
	return g
}

// infoProto declares a type; what is not known is left out.
func infoProto(t TensorInfo) *onnxpb.ValueInfoProto {
	v := &onnxpb.ValueInfoProto{Name: proto.String(t.Name)}
	if t.Elem == 0 {
		return v
	}
	tensor := &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(t.Elem))}
	if t.Shape != nil {
		tensor.Shape = &onnxpb.TensorShapeProto{}
		for _, d := range t.Shape {
			dim := &onnxpb.TensorShapeProto_Dimension{}
			if d >= 0 {
				dim.Value = &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: d}
			}
			tensor.Shape.Dim = append(tensor.Shape.Dim, dim)
		}
	}
	v.Type = &onnxpb.TypeProto{Value: &onnxpb.TypeProto_TensorType{TensorType: tensor}}
	return v
}
