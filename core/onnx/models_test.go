package onnx

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// net builds small networks of square float32 feature maps.
type net struct {
	*Builder
	t testing.TB
}

func newNet(t testing.TB) net { return net{NewBuilder("net"), t} }

// conv adds a 3×3 convolution with as many input channels as in has; outputs
// are [1 cout size size].
func (n net) conv(name, in string, cin, cout, size int64) string {
	w := n.Floats(name+".w", make([]float32, cout*cin*9), cout, cin, 3, 3)
	n.Value(name, Float32, 1, cout, size, size)
	return n.Node("Conv", []string{in, w}, []string{name}, Attr{"pads", []int64{1, 1, 1, 1}})
}

// op adds a node whose output is [1 c size size].
func (n net) op(op, name string, c, size int64, in ...string) string {
	n.Value(name, Float32, 1, c, size, size)
	return n.Node(op, in, []string{name})
}

// bytes returns the wire format.
func (n net) bytes() []byte {
	n.t.Helper()
	data, err := n.Bytes()
	if err != nil {
		n.t.Fatal(err)
	}
	return data
}

// model parses what was built.
func (n net) model() *Model {
	n.t.Helper()
	return mustParse(n.t, n.bytes())
}

func mustParse(t testing.TB, data []byte) *Model {
	t.Helper()
	m, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// edit changes a built model in ways that the Builder has no words for.
func edit(t testing.TB, data []byte, change func(*onnxpb.ModelProto)) []byte {
	t.Helper()
	pb := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(data, pb); err != nil {
		t.Fatal(err)
	}
	change(pb)
	out, err := proto.Marshal(pb)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// chainNet: x -> conv0 -> relu0 -> conv1 -> relu1.
func chainNet(t testing.TB) net {
	n := newNet(t)
	n.Input("x", Float32, 1, 3, 8, 8)
	n.conv("conv0", "x", 3, 4, 8)
	n.op("Relu", "relu0", 4, 8, "conv0")
	n.conv("conv1", "relu0", 4, 2, 8)
	n.Node("Relu", []string{"conv1"}, []string{"relu1"})
	n.Output("relu1", Float32, 1, 2, 8, 8)
	return n
}

// residualNet: relu0 -> conv1 -> relu1 -> conv2, then relu0 + conv2.
func residualNet(t testing.TB) net {
	n := newNet(t)
	n.Input("x", Float32, 1, 3, 8, 8)
	n.conv("conv0", "x", 3, 4, 8)
	n.op("Relu", "relu0", 4, 8, "conv0")
	n.conv("conv1", "relu0", 4, 4, 8)
	n.op("Relu", "relu1", 4, 8, "conv1")
	n.conv("conv2", "relu1", 4, 4, 8)
	n.op("Add", "sum", 4, 8, "conv2", "relu0")
	n.conv("conv3", "sum", 4, 2, 8)
	n.Output("conv3", Float32, 1, 2, 8, 8)
	return n
}

// ssdNet has two feature maps, each followed by its two heads.
func ssdNet(t testing.TB) net {
	n := newNet(t)
	n.Input("x", Float32, 1, 3, 16, 16)
	n.conv("conv0", "x", 3, 8, 16)
	n.op("Relu", "relu0", 8, 16, "conv0")
	n.conv("conv1", "relu0", 8, 8, 8)
	n.op("Relu", "relu1", 8, 8, "conv1")
	n.conv("box0", "relu1", 8, 2, 8)
	n.conv("cls0", "relu1", 8, 3, 8)
	n.conv("conv2", "relu1", 8, 8, 4)
	n.op("Relu", "relu2", 8, 4, "conv2")
	n.conv("box1", "relu2", 8, 2, 4)
	n.conv("cls1", "relu2", 8, 3, 4)
	for _, o := range []string{"cls0", "cls1"} {
		n.Output(o, Float32, 1, 3, map[string]int64{"cls0": 8, "cls1": 4}[o], map[string]int64{"cls0": 8, "cls1": 4}[o])
	}
	for _, o := range []string{"box0", "box1"} {
		n.Output(o, Float32, 1, 2, map[string]int64{"box0": 8, "box1": 4}[o], map[string]int64{"box0": 8, "box1": 4}[o])
	}
	return n
}

// skipInputNet uses its second input only at the end, has an early output and
// hands its third input out as it is.
func skipInputNet(t testing.TB) net {
	n := newNet(t)
	n.Input("x", Float32, 1, 3, 8, 8)
	n.Input("scale", Float32, 1)
	n.Input("id", Int64, 1)
	n.conv("early", "x", 3, 4, 8)
	n.conv("mid", "early", 4, 4, 8)
	n.op("Mul", "scaled", 4, 8, "mid", "scale")
	n.Output("scaled", Float32, 1, 4, 8, 8)
	n.Output("early", Float32, 1, 4, 8, 8)
	n.Output("id", Int64, 1)
	return n
}

// names lists tensors by name.
func names(ts []TensorInfo) []string {
	out := []string{}
	for _, t := range ts {
		out = append(out, t.Name)
	}
	return out
}
