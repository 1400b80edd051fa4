package plantest

import (
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan/compile"
)

// Net builds small models of 3 x 3 convolutions on 8 x 8 feature maps.
type Net struct{ *build.Builder }

// NewNet returns a model of that name without nodes.
func NewNet(name string) Net { return Net{build.New(name)} }

// Conv adds a convolution of unit stride with padding.
func (n Net) Conv(name, from string, in, out int64) {
	n.Floats("w "+name, make([]float32, out*in*9), out, in, 3, 3)
	n.Value(name, onnx.Float32, 1, out, 8, 8)
	n.Node("Conv", []string{from, "w " + name}, []string{name}, build.Attr{Name: "pads", Value: []int64{1, 1, 1, 1}})
}

// Block adds a convolution and an activation, which are one actor.
func (n Net) Block(name, from string, in, out int64) {
	n.Conv(name+".conv", from, in, out)
	n.Value(name, onnx.Float32, 1, out, 8, 8)
	n.Node("Relu", []string{name + ".conv"}, []string{name})
}

// Op adds a node that gives so many channels.
func (n Net) Op(op, name string, channels int64, from ...string) {
	n.Value(name, onnx.Float32, 1, channels, 8, 8)
	n.Node(op, from, []string{name})
}

// Model parses what was built.
func (n Net) Model() (*compile.Model, error) {
	data, err := n.Bytes()
	if err != nil {
		return nil, err
	}
	m, err := onnx.Parse(data)
	if err != nil {
		return nil, err
	}
	return compile.NewModel(m)
}

// Classifier is a chain of three actors: relu0, relu1, relu2.
func Classifier() (*compile.Model, error) {
	n := NewNet("classifier")
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	n.Block("relu0", "image", 3, 4)
	n.Block("relu1", "relu0", 4, 4)
	n.Block("relu2", "relu1", 4, 2)
	n.Output("relu2", onnx.Float32, 1, 2, 8, 8)
	return n.Model()
}

// Detector has two heads at each of two scales: behind relu1 its cuts send
// three tensors.
func Detector() (*compile.Model, error) {
	n := NewNet("detector")
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	n.Block("relu0", "image", 3, 4)
	n.Block("relu1", "relu0", 4, 4)
	n.Conv("box0", "relu1", 4, 1)
	n.Conv("class0", "relu1", 4, 1)
	n.Block("relu2", "relu1", 4, 4)
	n.Conv("box1", "relu2", 4, 1)
	n.Conv("class1", "relu2", 4, 1)
	n.Node("Concat", []string{"box0", "box1"}, []string{"boxes"}, build.Attr{Name: "axis", Value: 1})
	n.Node("Concat", []string{"class0", "class1"}, []string{"classes"}, build.Attr{Name: "axis", Value: 1})
	n.Output("boxes", onnx.Float32, 1, 2, 8, 8)
	n.Output("classes", onnx.Float32, 1, 2, 8, 8)
	return n.Model()
}

// Stereo makes a tensor, left, that two later actors read.
func Stereo() (*compile.Model, error) {
	n := NewNet("stereo")
	n.Input("l", onnx.Float32, 1, 3, 8, 8)
	n.Input("r", onnx.Float32, 1, 3, 8, 8)
	n.Block("left", "l", 3, 4)
	n.Block("right", "r", 3, 4)
	n.Op("Add", "sum", 4, "left", "right")
	n.Block("depth", "sum", 4, 4)
	n.Op("Mul", "product", 4, "left", "depth")
	n.Block("scores", "product", 4, 2)
	n.Output("scores", onnx.Float32, 1, 2, 8, 8)
	return n.Model()
}
