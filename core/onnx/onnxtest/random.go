package onnxtest

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"pgregory.net/rapid"
)

// Random draws a model of up to the given number of drawn steps, each of one to
// four nodes: several inputs, shared initializers, nodes of several outputs,
// If and Loop with captured tensors, 8-bit tensors, constant and dead nodes,
// early outputs. All types are stated; what is not computed from initializers
// alone depends on an input.
func Random(t *rapid.T, steps int) Model {
	r := &random{net: newNet("random"), t: t, used: map[string]bool{}}
	for i := range rapid.IntRange(1, 3).Draw(t, "inputs") {
		name := fmt.Sprintf("in%d", i)
		r.Input(name, onnx.Float32, full...)
		r.full, r.moving = append(r.full, name), append(r.moving, name)
	}
	r.weights = []string{r.weight("w0", full...), r.weight("w1", full...)}
	r.square = r.weight("square", 4, 4)
	for i := range rapid.IntRange(1, steps).Draw(t, "steps") {
		r.step(fmt.Sprintf("t%d", i))
	}
	outputs := 0
	for _, name := range r.made {
		if !r.used[name] && rapid.IntRange(0, 4).Draw(t, "dead") > 0 || rapid.IntRange(0, 9).Draw(t, "early") == 0 {
			r.Output(name, onnx.Float32, full...)
			outputs++
		}
	}
	if outputs == 0 {
		r.Output(r.made[len(r.made)-1], onnx.Float32, full...)
	}
	return r.done("random")
}

// full and half are the shapes of all tensors.
var full, half = []int64{2, 4}, []int64{2, 2}

type random struct {
	*net
	t                         *rapid.T
	full, half, made, weights []string
	moving                    []string // of full, those that depend on an input
	used                      map[string]bool
	square                    string
}

// from draws one of the newest tensors mostly, so that models get deep.
func (r *random) from(list []string) string {
	back := min(len(list), 1<<rapid.IntRange(0, 5).Draw(r.t, "back"))
	name := list[len(list)-rapid.IntRange(1, back).Draw(r.t, "from")]
	r.used[name] = true
	return name
}

// in draws a tensor of the full shape, sometimes an initializer.
func (r *random) in() string {
	if rapid.IntRange(0, 7).Draw(r.t, "initializer") == 0 {
		return rapid.SampledFrom(r.weights).Draw(r.t, "weight")
	}
	return r.from(r.full)
}

func (r *random) step(out string) {
	x := r.in()
	kinds := []string{"Relu", "Tanh", "Sigmoid", "Neg", "Add", "Add", "Sub", "MatMul", "Mul", "Split", "Split", "join",
		"quantize", "If", "Loop"}
	switch kind := rapid.SampledFrom(kinds).Draw(r.t, "kind"); kind {
	case "Add", "Sub":
		r.value(kind, out, full, []string{x, r.in()})
	case "Mul":
		r.value(kind, out, full, []string{x, rapid.SampledFrom(r.weights).Draw(r.t, "weight")})
	case "MatMul":
		r.value(kind, out, full, []string{x, r.square})
	case "Split":
		a, b := out+".left", out+".right"
		r.Value(a, onnx.Float32, half...)
		r.Value(b, onnx.Float32, half...)
		r.Node("Split", []string{x}, []string{a, b}, build.Attr{Name: "axis", Value: 1})
		r.half = append(r.half, a, b)
		r.value("Concat", out, full, []string{b, r.from(r.half)}, build.Attr{Name: "axis", Value: 1})
	case "join":
		if len(r.half) == 0 {
			r.value("Abs", out, full, []string{x})
			break
		}
		a := r.value("Add", out+".half", half, []string{r.from(r.half), r.from(r.half)})
		r.half = append(r.half, a)
		r.value("Concat", out, full, []string{r.from(r.half), a}, build.Attr{Name: "axis", Value: 1})
	case "quantize":
		q := []string{out + ".q", out + ".scale", out + ".zero"}
		r.Value(q[0], onnx.Uint8, full...)
		r.Value(q[1], onnx.Float32)
		r.Value(q[2], onnx.Uint8)
		r.Node("DynamicQuantizeLinear", []string{x}, q)
		r.value("DequantizeLinear", out, full, q)
	case "If":
		x = r.from(r.moving)
		r.branch(out, x, r.in(), r.in(), full)
	case "Loop":
		x = r.from(r.moving)
		r.loop(out, x, r.in(), full)
	default:
		r.value(kind, out, full, []string{x})
	}
	r.full, r.made = append(r.full, out), append(r.made, out)
	if slices.Contains(r.moving, x) {
		r.moving = append(r.moving, out)
	}
}
