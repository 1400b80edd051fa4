package onnx_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/assert"
)

// What draws numbers is found by its operator, also in a body or a function, and what
// lies behind it is random too.
func TestRandom(t *testing.T) {
	seed := build.Attr{Name: "seed", Value: float32(7)}
	training := func(b *build.Builder, on byte) {
		b.Raw("train", onnx.Bool, []byte{on})
		b.Floats("ratio", []float32{0.5})
		b.Node("Dropout", []string{"a", "ratio", "train"}, []string{"r"})
	}
	body := func() *build.Builder {
		g := build.New("body")
		g.Node("RandomUniformLike", []string{"a"}, []string{"inner"})
		g.Output("inner", onnx.Float32, 1, 4)
		return g
	}
	for _, tc := range []struct {
		name, says string
		add        func(b *build.Builder)
	}{
		{"RandomNormalLike", `RandomNormalLike "r"`, func(b *build.Builder) {
			b.Node("RandomNormalLike", []string{"a"}, []string{"r"})
		}},
		{"with a seed", `Bernoulli "r"`, func(b *build.Builder) {
			b.Node("Bernoulli", []string{"a"}, []string{"r"}, seed)
		}},
		{"Multinomial", `Multinomial "draw"`, func(b *build.Builder) {
			b.Node("Multinomial", []string{"a"}, []string{"draw"})
			b.Node("Cast", []string{"draw"}, []string{"r"}, build.Attr{Name: "to", Value: int(onnx.Float32)})
		}},
		{"no input", `RandomUniform "r"`, func(b *build.Builder) {
			b.Node("RandomUniform", nil, []string{"r"}, build.Attr{Name: "shape", Value: []int64{1, 4}})
		}},
		{"Dropout that trains", `Dropout "r"`, func(b *build.Builder) { training(b, 1) }},
		{"Dropout that is told at run time", `Dropout "r"`, func(b *build.Builder) {
			b.Floats("ratio", []float32{0.5})
			b.Input("train", onnx.Bool)
			b.Node("Dropout", []string{"a", "ratio", "train"}, []string{"r"})
		}},
		{"Dropout that doesn't train", "", func(b *build.Builder) { training(b, 0) }},
		{"Dropout as it is", "", func(b *build.Builder) { b.Node("Dropout", []string{"a"}, []string{"r"}) }},
		{"in a body", `RandomUniformLike "inner" in If "r"`, func(b *build.Builder) {
			b.Raw("yes", onnx.Bool, []byte{1})
			b.Node("If", []string{"yes"}, []string{"r"}, build.Attr{Name: "then_branch", Value: body()},
				build.Attr{Name: "else_branch", Value: body()})
		}},
		{"in a function", `Noisy "r"`, func(b *build.Builder) {
			f := build.New("noisy")
			f.Node("RandomNormalLike", []string{"in"}, []string{"out"})
			b.Function("mine", "Noisy", []string{"in"}, []string{"out"}, f)
			b.Node("Noisy", []string{"a"}, []string{"r"})
			b.Domain("mine")
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := onnxtest.NewNet(t)
			n.Input("x", onnx.Float32, 1, 4)
			n.Node("Relu", []string{"x"}, []string{"a"})
			tc.add(n.Builder)
			n.Node("Add", []string{"a", "r"}, []string{"y"})
			n.Output("y", onnx.Float32, 1, 4)
			n.Output("a", onnx.Float32, 1, 4)
			found := n.Model().Random()
			assert.Equal(t, tc.says, found["r"])
			assert.Equal(t, tc.says, found["y"], "what lies behind it")
			assert.Empty(t, found["a"], "what lies before it")
		})
	}
}
