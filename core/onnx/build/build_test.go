package build_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

func TestBuilderAttributes(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 1)
	n.Node("Relu", []string{"x"}, []string{"y"},
		build.Attr{Name: "i", Value: 3}, build.Attr{Name: "l", Value: int64(4)}, build.Attr{Name: "is", Value: []int64{5, 6}},
		build.Attr{Name: "f", Value: float32(0.5)}, build.Attr{Name: "fs", Value: []float32{1, 2}}, build.Attr{Name: "s", Value: "text"})
	n.Output("y", onnx.Float32, 1)
	p := &n.Model().Nodes()[0]
	if p.Attr("i").GetI() != 3 || p.Attr("l").GetI() != 4 || !slices.Equal(p.Attr("is").GetInts(), []int64{5, 6}) ||
		p.Attr("f").GetF() != 0.5 || !slices.Equal(p.Attr("fs").GetFloats(), []float32{1, 2}) || string(p.Attr("s").GetS()) != "text" {
		t.Errorf("attributes came back as %v", p.Proto().Attribute)
	}
	if p.Attr("none") != nil {
		t.Error("an attribute that was not set is there")
	}
}

func TestBuilderData(t *testing.T) {
	n := onnxtest.ChainNet(t)
	n.Ints("shape", []int64{1, -1}, 2)
	n.Floats("half", []float32{0.5}, 1)
	m := n.Model()
	if got := m.Initializer("shape").RawData; !bytes.Equal(got, []byte{1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255}) {
		t.Errorf("int64 data is %v", got)
	}
	if got := m.Initializer("half").RawData; !bytes.Equal(got, []byte{0, 0, 0, 0x3f}) {
		t.Errorf("float32 data is %v", got)
	}
	if !bytes.Equal(onnxtest.ChainNet(t).Encoded(), onnxtest.ChainNet(t).Encoded()) {
		t.Error("the same calls gave different bytes")
	}
}

func TestBuilderPanicsOnProgrammingErrors(t *testing.T) {
	for name, call := range map[string]func(b *build.Builder){
		"shape":     func(b *build.Builder) { b.Floats("w", []float32{1}, 2) },
		"attribute": func(b *build.Builder) { b.Node("Relu", nil, []string{"y"}, build.Attr{Name: "a", Value: struct{}{}}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call(build.New("net"))
		})
	}
}
