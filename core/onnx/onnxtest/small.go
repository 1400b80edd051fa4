package onnxtest

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// Net builds a small network of square float32 feature maps for one test, which fails
// where a step does.
type Net struct {
	*build.Builder
	t testing.TB
}

// NewNet returns a network without nodes.
func NewNet(t testing.TB) Net { return Net{build.New("net"), t} }

// Conv adds a 3×3 convolution with as many input channels as in has; outputs
// are [1 cout size size].
func (n Net) Conv(name, in string, cin, cout, size int64) string {
	w := n.Floats(name+".w", make([]float32, cout*cin*9), cout, cin, 3, 3)
	n.Value(name, onnx.Float32, 1, cout, size, size)
	return n.Node("Conv", []string{in, w}, []string{name}, build.Attr{Name: "pads", Value: []int64{1, 1, 1, 1}})
}

// Op adds a node whose output is [1 c size size].
func (n Net) Op(op, name string, c, size int64, in ...string) string {
	n.Value(name, onnx.Float32, 1, c, size, size)
	return n.Node(op, in, []string{name})
}

// Encoded returns the wire format.
func (n Net) Encoded() []byte {
	n.t.Helper()
	data, err := n.Bytes()
	if err != nil {
		n.t.Fatal(err)
	}
	return data
}

// Model parses what was built.
func (n Net) Model() *onnx.Model {
	n.t.Helper()
	return MustParse(n.t, n.Encoded())
}

// MustParse reads a model that is without fault.
func MustParse(t testing.TB, data []byte) *onnx.Model {
	t.Helper()
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	return m
}

// Edit changes a built model in ways that the Builder has no words for.
func Edit(t testing.TB, data []byte, change func(*onnxpb.ModelProto)) []byte {
	t.Helper()
	pb := &onnxpb.ModelProto{}
	require.NoError(t, proto.Unmarshal(data, pb))
	change(pb)
	out, err := proto.Marshal(pb)
	require.NoError(t, err)
	return out
}

// Declaration declares a tensor as the Builder does.
func Declaration(name string, e onnx.Elem, shape ...int64) *onnxpb.ValueInfoProto {
	b := build.New("")
	b.Input(name, e, shape...)
	data, err := b.Bytes()
	if err != nil {
		panic(err)
	}
	pb := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(data, pb); err != nil {
		panic(err)
	}
	return pb.Graph.Input[0]
}

// ChainNet is x -> conv0 -> relu0 -> conv1 -> relu1.
func ChainNet(t testing.TB) Net {
	n := NewNet(t)
	n.Input("x", onnx.Float32, 1, 3, 8, 8)
	n.Conv("conv0", "x", 3, 4, 8)
	n.Op("Relu", "relu0", 4, 8, "conv0")
	n.Conv("conv1", "relu0", 4, 2, 8)
	n.Node("Relu", []string{"conv1"}, []string{"relu1"})
	n.Output("relu1", onnx.Float32, 1, 2, 8, 8)
	return n
}

// ResidualNet is relu0 -> conv1 -> relu1 -> conv2, then relu0 + conv2.
func ResidualNet(t testing.TB) Net {
	n := NewNet(t)
	n.Input("x", onnx.Float32, 1, 3, 8, 8)
	n.Conv("conv0", "x", 3, 4, 8)
	n.Op("Relu", "relu0", 4, 8, "conv0")
	n.Conv("conv1", "relu0", 4, 4, 8)
	n.Op("Relu", "relu1", 4, 8, "conv1")
	n.Conv("conv2", "relu1", 4, 4, 8)
	n.Op("Add", "sum", 4, 8, "conv2", "relu0")
	n.Conv("conv3", "sum", 4, 2, 8)
	n.Output("conv3", onnx.Float32, 1, 2, 8, 8)
	return n
}

// HeadsNet has two feature maps, each followed by its two heads.
func HeadsNet(t testing.TB) Net {
	n := NewNet(t)
	n.Input("x", onnx.Float32, 1, 3, 16, 16)
	n.Conv("conv0", "x", 3, 8, 16)
	n.Op("Relu", "relu0", 8, 16, "conv0")
	n.Conv("conv1", "relu0", 8, 8, 8)
	n.Op("Relu", "relu1", 8, 8, "conv1")
	n.Conv("box0", "relu1", 8, 2, 8)
	n.Conv("cls0", "relu1", 8, 3, 8)
	n.Conv("conv2", "relu1", 8, 8, 4)
	n.Op("Relu", "relu2", 8, 4, "conv2")
	n.Conv("box1", "relu2", 8, 2, 4)
	n.Conv("cls1", "relu2", 8, 3, 4)
	for _, o := range []string{"cls0", "cls1"} {
		n.Output(o, onnx.Float32, 1, 3, map[string]int64{"cls0": 8, "cls1": 4}[o], map[string]int64{"cls0": 8, "cls1": 4}[o])
	}
	for _, o := range []string{"box0", "box1"} {
		n.Output(o, onnx.Float32, 1, 2, map[string]int64{"box0": 8, "box1": 4}[o], map[string]int64{"box0": 8, "box1": 4}[o])
	}
	return n
}

// SkipInputNet uses its second input only at the end, has an early output and
// hands its third input out as it is.
func SkipInputNet(t testing.TB) Net {
	n := NewNet(t)
	n.Input("x", onnx.Float32, 1, 3, 8, 8)
	n.Input("scale", onnx.Float32, 1)
	n.Input("id", onnx.Int64, 1)
	n.Conv("early", "x", 3, 4, 8)
	n.Conv("mid", "early", 4, 4, 8)
	n.Op("Mul", "scaled", 4, 8, "mid", "scale")
	n.Output("scaled", onnx.Float32, 1, 4, 8, 8)
	n.Output("early", onnx.Float32, 1, 4, 8, 8)
	n.Output("id", onnx.Int64, 1)
	return n
}

// Names lists tensors by name.
func Names(ts []onnx.TensorInfo) []string {
	out := []string{}
	for _, t := range ts {
		out = append(out, t.Name)
	}
	return out
}
