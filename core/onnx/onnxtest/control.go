package onnxtest

import (
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// LSTM is a recurrent layer that has optional inputs and outputs left out, and
// whose last state is a second output.
func LSTM() Model {
	n := newNet("lstm")
	const steps, in, hidden = 4, 3, 5
	n.Input("sequence", onnx.Float32, steps, 1, in)
	n.value("Tanh", "squashed", []int64{steps, 1, in}, []string{"sequence"})
	n.Value("states", onnx.Float32, steps, 1, 1, hidden)
	n.Value("cell", onnx.Float32, 1, 1, hidden)
	n.Node("LSTM", []string{"squashed", n.weight("w", 1, 4*hidden, in), n.weight("r", 1, 4*hidden, hidden),
		n.weight("b", 1, 8*hidden)},
		[]string{"states", "", "cell"}, build.Attr{Name: "hidden_size", Value: hidden})
	n.Node("Relu", []string{"states"}, []string{"features"})
	n.Output("features", onnx.Float32, steps, 1, 1, hidden)
	n.Node("Neg", []string{"cell"}, []string{"last"})
	n.Output("last", onnx.Float32, 1, 1, hidden)
	return n.done("lstm")
}

// loop adds a Loop of three steps that adds captured, a tensor outside of it,
// to a state; the body also reads a weight outside.
func (n *net) loop(out, state, captured string, shape []int64) string {
	body := build.New(out + ".body")
	body.Input("i", onnx.Int64)
	body.Input("go", onnx.Bool)
	body.Input("state", onnx.Float32, shape...)
	body.Node("Identity", []string{"go"}, []string{"go.on"})
	body.Node("Add", []string{"state", captured}, []string{"sum"})
	body.Node("Mul", []string{"sum", out + ".decay"}, []string{"next"})
	body.Output("go.on", onnx.Bool)
	body.Output("next", onnx.Float32, shape...)
	n.Floats(out+".decay", []float32{0.5})
	trips := n.Ints(out+".trips", []int64{3})
	on := n.Raw(out+".on", onnx.Bool, []byte{1})
	return n.value("Loop", out, shape, []string{trips, on, state}, build.Attr{Name: "body", Value: body})
}

// Loop has a body that captures a tensor that is made before another one.
func Loop() Model {
	n := newNet("loop")
	shape := []int64{1, 6}
	n.Input("x", onnx.Float32, shape...)
	n.value("Sigmoid", "captured", shape, []string{"x"})
	n.value("MatMul", "start", shape, []string{"x", n.weight("w", 6, 6)})
	n.value("Relu", "active", shape, []string{"start"})
	n.Node("Neg", []string{n.loop("looped", "active", "captured", shape)}, []string{"y"})
	n.Output("y", onnx.Float32, shape...)
	return n.done("loop")
}

// branch adds an If on whether the greatest element is positive; the branches
// capture two tensors outside of it.
func (n *net) branch(out, of, a, b string, shape []int64) string {
	then, other := build.New(out+".then"), build.New(out+".else")
	then.Node("Add", []string{a, b}, []string{out + ".sum"})
	then.Output(out+".sum", onnx.Float32, shape...)
	other.Node("Sub", []string{a, b}, []string{out + ".difference"})
	other.Output(out+".difference", onnx.Float32, shape...)
	greatest := n.value("ReduceMax", out+".greatest", nil, []string{of}, build.Attr{Name: "keepdims", Value: 0})
	n.Value(out+".positive", onnx.Bool)
	positive := n.Node("Greater", []string{greatest, n.Floats(out+".zero", []float32{0})}, []string{out + ".positive"})
	return n.value("If", out, shape, []string{positive}, build.Attr{Name: "then_branch", Value: then},
		build.Attr{Name: "else_branch", Value: other})
}

// If has branches that capture tensors that are made before the condition.
func If() Model {
	n := newNet("if")
	shape := []int64{1, 6}
	n.Input("x", onnx.Float32, shape...)
	n.value("Tanh", "a", shape, []string{"x"})
	n.value("MatMul", "b", shape, []string{"a", n.weight("w", 6, 6)})
	n.value("Relu", "c", shape, []string{"b"})
	n.Node("Sigmoid", []string{n.branch("chosen", "c", "a", "b", shape)}, []string{"y"})
	n.Output("y", onnx.Float32, shape...)
	return n.done("if")
}

// Sequence has a tensor that goes through a sequence and an optional, which can not be
// sent.
func Sequence() Model {
	n := newNet("sequence")
	shape := []int64{1, 6}
	n.Input("x", onnx.Float32, shape...)
	n.value("Relu", "a", shape, []string{"x"})
	n.value("Neg", "b", shape, []string{"a"})
	n.Node("SequenceConstruct", []string{"a", "b"}, []string{"pair"})
	n.value("SequenceAt", "second", shape, []string{"pair", n.Ints("one", []int64{1})})
	n.value("Tanh", "c", shape, []string{"second"})
	n.Node("Optional", []string{"c"}, []string{"maybe"})
	n.value("OptionalGetElement", "surely", shape, []string{"maybe"})
	n.Node("Neg", []string{"surely"}, []string{"y"})
	n.Output("y", onnx.Float32, shape...)
	return n.done("sequence")
}

// Variable keeps as many elements as the data say; a dimension of the
// input is symbolic, and no types of intermediate tensors are stated.
func Variable() Model {
	n := newNet("variable")
	n.Input("x", onnx.Float32, -1, 4)
	n.Node("Tanh", []string{"x"}, []string{"a"})
	n.Node("Greater", []string{"a", n.Floats("zero", []float32{0})}, []string{"positive"})
	n.Node("Compress", []string{"a",
		n.Node("Reshape", []string{"positive", n.Ints("flat", []int64{-1}, 1)}, []string{"mask"})}, []string{"kept"})
	n.Node("Exp", []string{"kept"}, []string{"b"})
	n.Node("ReduceSum", []string{"b"}, []string{"y"}, build.Attr{Name: "keepdims", Value: 1})
	n.Output("y", onnx.Float32, 1)
	return n.done("variable")
}

// Filtered is the end of a detector: the boxes that non-maximum suppression leaves, none
// to 12, are refined. The shapes of both outputs depend on the data, and so do those of
// four tensors before them, which are not stated.
func Filtered() Model {
	n := newNet("filtered")
	const boxes = 12
	n.Input("x", onnx.Float32, boxes, 4)
	n.value("Relu", "h", []int64{boxes, 4},
		[]string{n.value("MatMul", "h.sum", []int64{boxes, 4}, []string{"x", n.weight("h.w", 4, 4)})})
	corners := n.value("MatMul", "corners", []int64{boxes, 4}, []string{"h", n.weight("corners.w", 4, 4)})
	best := n.value("ReduceMax", "best", []int64{boxes}, []string{"x"}, build.Attr{Name: "axes", Value: []int64{1}},
		build.Attr{Name: "keepdims", Value: 0})
	n.value("Reshape", "boxes", []int64{1, boxes, 4}, []string{corners, n.Ints("boxes.shape", []int64{1, boxes, 4}, 3)})
	n.value("Reshape", "scores", []int64{1, 1, boxes}, []string{best, n.Ints("scores.shape", []int64{1, 1, boxes}, 3)})
	n.Node("NonMaxSuppression", []string{
		"boxes", "scores", n.Ints("most", []int64{boxes}, 1), n.Floats("iou", []float32{0.5}, 1),
		n.Floats("least", []float32{0.9}, 1),
	}, []string{"selected"})
	n.Node("Gather", []string{"selected", n.Ints("two", []int64{2})}, []string{"index"},
		build.Attr{Name: "axis", Value: 1})
	n.Node("Gather", []string{"h", "index"}, []string{"picked"}, build.Attr{Name: "axis", Value: 0})
	n.Node("MatMul", []string{"picked", n.weight("refine.w", 4, 3)}, []string{"turned"})
	n.Node("Tanh", []string{"turned"}, []string{"refined"})
	n.Node("NonZero", []string{"refined"}, []string{"places"})
	n.Output("refined", onnx.Float32, -1, 3)
	n.Output("places", onnx.Int64, 2, -1)
	return n.done("filtered")
}
