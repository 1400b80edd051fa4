package onnx

import (
	"bytes"
	"slices"
	"testing"
)

func TestBuilderAttributes(t *testing.T) {
	n := newNet(t)
	n.Input("x", Float32, 1)
	n.Node("Relu", []string{"x"}, []string{"y"},
		Attr{"i", 3}, Attr{"l", int64(4)}, Attr{"is", []int64{5, 6}},
		Attr{"f", float32(0.5)}, Attr{"fs", []float32{1, 2}}, Attr{"s", "text"})
	n.Output("y", Float32, 1)
	p := n.model().nodes[0].pb
	if attr(p, "i").GetI() != 3 || attr(p, "l").GetI() != 4 || !slices.Equal(attr(p, "is").GetInts(), []int64{5, 6}) ||
		attr(p, "f").GetF() != 0.5 || !slices.Equal(attr(p, "fs").GetFloats(), []float32{1, 2}) || string(attr(p, "s").GetS()) != "text" {
		t.Errorf("attributes came back as %v", p.Attribute)
	}
	if attr(p, "none") != nil {
		t.Error("an attribute that was not set is there")
	}
}

func TestBuilderData(t *testing.T) {
	n := chainNet(t)
	n.Ints("shape", []int64{1, -1}, 2)
	n.Floats("half", []float32{0.5}, 1)
	m := n.model()
	if got := m.weights["shape"].RawData; !bytes.Equal(got, []byte{1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255}) {
		t.Errorf("int64 data is %v", got)
	}
	if got := m.weights["half"].RawData; !bytes.Equal(got, []byte{0, 0, 0, 0x3f}) {
		t.Errorf("float32 data is %v", got)
	}
	if !bytes.Equal(chainNet(t).bytes(), chainNet(t).bytes()) {
		t.Error("the same calls gave different bytes")
	}
}

func TestBuilderPanicsOnProgrammingErrors(t *testing.T) {
	for name, call := range map[string]func(b *Builder){
		"shape":     func(b *Builder) { b.Floats("w", []float32{1}, 2) },
		"attribute": func(b *Builder) { b.Node("Relu", nil, []string{"y"}, Attr{"a", struct{}{}}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call(NewBuilder("net"))
		})
	}
}
