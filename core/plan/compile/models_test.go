package compile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// net builds small models of 3 x 3 convolutions on 8 x 8 feature maps.
type net struct{ *build.Builder }

// conv adds a convolution of unit stride with padding.
func (n net) conv(name, from string, in, out int64) {
	n.Floats("w "+name, make([]float32, out*in*9), out, in, 3, 3)
	n.Value(name, onnx.Float32, 1, out, 8, 8)
	n.Node("Conv", []string{from, "w " + name}, []string{name}, build.Attr{Name: "pads", Value: []int64{1, 1, 1, 1}})
}

// block adds a convolution and an activation, which are one actor.
func (n net) block(name, from string, in, out int64) {
	n.conv(name+".conv", from, in, out)
	n.Value(name, onnx.Float32, 1, out, 8, 8)
	n.Node("Relu", []string{name + ".conv"}, []string{name})
}

func (n net) op(op, name string, channels int64, from ...string) {
	n.Value(name, onnx.Float32, 1, channels, 8, 8)
	n.Node(op, from, []string{name})
}

func (n net) model() (*compile.Model, error) {
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

// classifier is a chain of three actors: relu0, relu1, relu2.
func classifier() (*compile.Model, error) {
	n := net{build.New("classifier")}
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	n.block("relu0", "image", 3, 4)
	n.block("relu1", "relu0", 4, 4)
	n.block("relu2", "relu1", 4, 2)
	n.Output("relu2", onnx.Float32, 1, 2, 8, 8)
	return n.model()
}

// detector has two heads at each of two scales: behind relu1 its cuts send
// three tensors.
func detector() (*compile.Model, error) {
	n := net{build.New("detector")}
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	n.block("relu0", "image", 3, 4)
	n.block("relu1", "relu0", 4, 4)
	n.conv("box0", "relu1", 4, 1)
	n.conv("class0", "relu1", 4, 1)
	n.block("relu2", "relu1", 4, 4)
	n.conv("box1", "relu2", 4, 1)
	n.conv("class1", "relu2", 4, 1)
	n.Node("Concat", []string{"box0", "box1"}, []string{"boxes"}, build.Attr{Name: "axis", Value: 1})
	n.Node("Concat", []string{"class0", "class1"}, []string{"classes"}, build.Attr{Name: "axis", Value: 1})
	n.Output("boxes", onnx.Float32, 1, 2, 8, 8)
	n.Output("classes", onnx.Float32, 1, 2, 8, 8)
	return n.model()
}

// stereo makes a tensor, left, that two later actors read.
func stereo() (*compile.Model, error) {
	n := net{build.New("stereo")}
	n.Input("l", onnx.Float32, 1, 3, 8, 8)
	n.Input("r", onnx.Float32, 1, 3, 8, 8)
	n.block("left", "l", 3, 4)
	n.block("right", "r", 3, 4)
	n.op("Add", "sum", 4, "left", "right")
	n.block("depth", "sum", 4, 4)
	n.op("Mul", "product", 4, "left", "depth")
	n.block("scores", "product", 4, 2)
	n.Output("scores", onnx.Float32, 1, 2, 8, 8)
	return n.model()
}

// allModels returns the models above by name.
func allModels(tb testing.TB) compile.Models {
	tb.Helper()
	models := compile.Models{}
	for name, build := range map[string]func() (*compile.Model, error){"classifier": classifier, "detector": detector, "stereo": stereo} {
		m, err := build()
		if err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		models[name] = m
	}
	return models
}

// good returns testdata/good.yaml for a test to change.
func good(tb testing.TB) *planfile.File {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "good.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	f, err := planfile.Parse("good.yaml", data)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func compiled(tb testing.TB, f *planfile.File) *plan.Plan {
	tb.Helper()
	p, err := compile.Compile(f, allModels(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// through maps the actors up to and including one to the endpoint, the rest to
// the server.
func through(actor string) []planfile.Assign {
	return []planfile.Assign{{Unit: "camera-box.cpu", Through: actor}, {Unit: "server.cpu"}}
}

// actors lists a plan's actors as name@device, in order.
func actors(p *plan.Plan) []string {
	var list []string
	for a, actor := range p.Graph.Actors {
		list = append(list, actor.Name+"@"+p.DeviceOf(a).Name)
	}
	return list
}

// fifos lists a plan's FIFOs, in order.
func fifos(p *plan.Plan) []string {
	var list []string
	for f := range p.Graph.FIFOs {
		list = append(list, p.Graph.FIFOName(f))
	}
	return list
}
