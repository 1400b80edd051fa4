// Package build writes ONNX models in Go, node by node. It checks only what the
// types of its arguments leave open: the reader of the model does the rest.
package build

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// Opset is the default operator set version that a Builder writes.
const Opset = 17

// irVersion 8 belongs to opset 17 and is read by every ONNX Runtime since 1.12.
const irVersion = 8

// Attr is one node attribute: int, int64, []int64, float32, []float32, string,
// or a Builder whose graph is a body.
type Attr struct {
	Name  string
	Value any
}

// Builder writes an ONNX model node by node. Nodes must be added in
// topological order, as the format demands. The zero Builder is not usable;
// call New.
type Builder struct {
	m *onnxpb.ModelProto
}

// New starts a model whose graph has the given name.
func New(graphName string) *Builder {
	return &Builder{m: &onnxpb.ModelProto{
		IrVersion:    proto.Int64(irVersion),
		ProducerName: proto.String("edgeprune"),
		OpsetImport:  []*onnxpb.OperatorSetIdProto{{Domain: proto.String(""), Version: proto.Int64(Opset)}},
		Graph:        &onnxpb.GraphProto{Name: proto.String(graphName)},
	}}
}

// Input declares a graph input. A dimension of -1 is symbolic and named "n".
func (b *Builder) Input(name string, e onnx.Elem, shape ...int64) {
	b.m.Graph.Input = append(b.m.Graph.Input, valueInfo(name, e, shape))
}

// Output declares a graph output. A dimension of -1 is symbolic and named "n".
func (b *Builder) Output(name string, e onnx.Elem, shape ...int64) {
	b.m.Graph.Output = append(b.m.Graph.Output, valueInfo(name, e, shape))
}

// Value records the type of an intermediate tensor, as shape inference would.
func (b *Builder) Value(name string, e onnx.Elem, shape ...int64) {
	b.m.Graph.ValueInfo = append(b.m.Graph.ValueInfo, valueInfo(name, e, shape))
}

// Node adds a node and returns the name of its first output. The node is
// named after that output.
func (b *Builder) Node(op string, inputs, outputs []string, attrs ...Attr) string {
	n := &onnxpb.NodeProto{OpType: proto.String(op), Name: proto.String(outputs[0]), Input: inputs, Output: outputs}
	for _, a := range attrs {
		n.Attribute = append(n.Attribute, attribute(a))
	}
	b.m.Graph.Node = append(b.m.Graph.Node, n)
	return outputs[0]
}

// Floats adds a float32 initializer of the given shape, row-major.
func (b *Builder) Floats(name string, data []float32, shape ...int64) string {
	raw := make([]byte, 4*len(data))
	for i, v := range data {
		binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(v))
	}
	return b.initializer(name, onnx.Float32, raw, len(data), shape)
}

// Ints adds an int64 initializer of the given shape, row-major.
func (b *Builder) Ints(name string, data []int64, shape ...int64) string {
	raw := make([]byte, 8*len(data))
	for i, v := range data {
		binary.LittleEndian.PutUint64(raw[8*i:], uint64(v))
	}
	return b.initializer(name, onnx.Int64, raw, len(data), shape)
}

// Raw adds an initializer of the given shape, row-major and little-endian.
func (b *Builder) Raw(name string, e onnx.Elem, data []byte, shape ...int64) string {
	return b.initializer(name, e, data, len(data)/max(int(e.Size()), 1), shape)
}

// External adds an initializer whose data lies in another file, from an offset
// in bytes on.
func (b *Builder) External(name string, e onnx.Elem, file string, offset int64, shape ...int64) string {
	length := onnx.TensorInfo{Elem: e, Shape: shape}.Bytes()
	t := &onnxpb.TensorProto{Name: proto.String(name), DataType: proto.Int32(int32(e)), Dims: shape}
	onnx.SetExternal(t, file, offset, length)
	b.m.Graph.Initializer = append(b.m.Graph.Initializer, t)
	return name
}

// Function adds a function of a domain, which it imports, made of the nodes
// of body, whose inputs and outputs are named.
func (b *Builder) Function(domain, name string, inputs, outputs []string, body *Builder) {
	b.Import(domain, 1)
	b.m.Functions = append(b.m.Functions, &onnxpb.FunctionProto{
		Name: proto.String(name), Domain: proto.String(domain), Input: inputs, Output: outputs,
		Node: body.m.Graph.Node, OpsetImport: body.m.OpsetImport,
	})
}

// Import states the version of a domain's operator set; "" is the default
// domain, with Opset unless stated.
func (b *Builder) Import(domain string, version int64) {
	for _, o := range b.m.OpsetImport {
		if o.GetDomain() == domain {
			o.Version = proto.Int64(version)
			return
		}
	}
	b.m.OpsetImport = append(b.m.OpsetImport,
		&onnxpb.OperatorSetIdProto{Domain: proto.String(domain), Version: proto.Int64(version)})
}

// Domain sets the domain of the latest node.
func (b *Builder) Domain(domain string) {
	b.m.Graph.Node[len(b.m.Graph.Node)-1].Domain = proto.String(domain)
}

func (b *Builder) initializer(name string, e onnx.Elem, raw []byte, n int, shape []int64) string {
	want := int64(1)
	for _, d := range shape {
		want *= d
	}
	if want != int64(n) {
		panic(fmt.Sprintf("build: initializer %s has %d elements, shape %v wants %d", name, n, shape, want))
	}
	b.m.Graph.Initializer = append(b.m.Graph.Initializer, &onnxpb.TensorProto{
		Name: proto.String(name), DataType: proto.Int32(int32(e)), Dims: shape, RawData: raw,
	})
	return name
}

// Metadata records a key and value in the model's metadata.
func (b *Builder) Metadata(key, value string) {
	b.m.MetadataProps = append(b.m.MetadataProps,
		&onnxpb.StringStringEntryProto{Key: proto.String(key), Value: proto.String(value)})
}

// Bytes returns the model in the ONNX wire format. The same calls give the
// same bytes.
func (b *Builder) Bytes() ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(b.m)
}

func valueInfo(name string, e onnx.Elem, shape []int64) *onnxpb.ValueInfoProto {
	s := &onnxpb.TensorShapeProto{}
	for _, d := range shape {
		dim := &onnxpb.TensorShapeProto_Dimension{Value: &onnxpb.TensorShapeProto_Dimension_DimValue{DimValue: d}}
		if d < 0 {
			dim.Value = &onnxpb.TensorShapeProto_Dimension_DimParam{DimParam: "n"}
		}
		s.Dim = append(s.Dim, dim)
	}
	return &onnxpb.ValueInfoProto{Name: proto.String(name), Type: &onnxpb.TypeProto{
		Value: &onnxpb.TypeProto_TensorType{TensorType: &onnxpb.TypeProto_Tensor{ElemType: proto.Int32(int32(e)), Shape: s}},
	}}
}

func attribute(a Attr) *onnxpb.AttributeProto {
	p := &onnxpb.AttributeProto{Name: proto.String(a.Name)}
	switch v := a.Value.(type) {
	case int:
		p.Type, p.I = onnxpb.AttributeProto_INT.Enum(), proto.Int64(int64(v))
	case int64:
		p.Type, p.I = onnxpb.AttributeProto_INT.Enum(), proto.Int64(v)
	case []int64:
		p.Type, p.Ints = onnxpb.AttributeProto_INTS.Enum(), v
	case float32:
		p.Type, p.F = onnxpb.AttributeProto_FLOAT.Enum(), proto.Float32(v)
	case []float32:
		p.Type, p.Floats = onnxpb.AttributeProto_FLOATS.Enum(), v
	case string:
		p.Type, p.S = onnxpb.AttributeProto_STRING.Enum(), []byte(v)
	case *Builder:
		p.Type, p.G = onnxpb.AttributeProto_GRAPH.Enum(), v.m.Graph
	default:
		panic(fmt.Sprintf("build: attribute %s has unsupported type %T", a.Name, a.Value))
	}
	return p
}
