package build_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
)

func TestBuilderAttributes(t *testing.T) {
	n := onnxtest.NewNet(t)
	n.Input("x", onnx.Float32, 1)
	n.Node("Relu", []string{"x"}, []string{"y"},
		build.Attr{Name: "i", Value: 3}, build.Attr{Name: "l", Value: int64(4)}, build.Attr{Name: "is", Value: []int64{5, 6}},
		build.Attr{Name: "f", Value: float32(0.5)}, build.Attr{Name: "fs", Value: []float32{1, 2}},
		build.Attr{Name: "s", Value: "text"})
	n.Output("y", onnx.Float32, 1)
	p := &n.Model().Nodes()[0]
	assert.EqualValues(t, 3, p.Attr("i").GetI(), "attributes came back as %v", p.Proto().Attribute)
	assert.EqualValues(t, 4, p.Attr("l").GetI(), "attributes came back as %v", p.Proto().Attribute)
	assert.Equal(t, []int64{5, 6}, p.Attr("is").GetInts(), "attributes came back as %v", p.Proto().Attribute)
	assert.Equal(t, float32(0.5), p.Attr("f").GetF(), "attributes came back as %v", p.Proto().Attribute)
	assert.Equal(t, []float32{1, 2}, p.Attr("fs").GetFloats(), "attributes came back as %v", p.Proto().Attribute)
	assert.Equal(t, "text", string(p.Attr("s").GetS()), "attributes came back as %v", p.Proto().Attribute)
	assert.Nil(t, p.Attr("none"), "an attribute that was not set is there")
}

func TestBuilderData(t *testing.T) {
	n := onnxtest.ChainNet(t)
	n.Ints("shape", []int64{1, -1}, 2)
	n.Floats("half", []float32{0.5}, 1)
	m := n.Model()
	assert.Equal(t, []byte{1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255}, m.Initializer("shape").RawData,
		"int64 data")
	assert.Equal(t, []byte{0, 0, 0, 0x3f}, m.Initializer("half").RawData, "float32 data")
	once, again := onnxtest.ChainNet(t).Encoded(), onnxtest.ChainNet(t).Encoded()
	assert.Equal(t, once, again, "the same calls gave different bytes")
}

func TestBuilderPanicsOnProgrammingErrors(t *testing.T) {
	for name, call := range map[string]func(b *build.Builder){
		"shape":     func(b *build.Builder) { b.Floats("w", []float32{1}, 2) },
		"attribute": func(b *build.Builder) { b.Node("Relu", nil, []string{"y"}, build.Attr{Name: "a", Value: struct{}{}}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				assert.NotNil(t, recover(), "no panic")
			}()
			call(build.New("net"))
		})
	}
}
