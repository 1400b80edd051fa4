package onnxtest

import (
	"encoding/binary"
	"math"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// quantize adds the QuantizeLinear of a tensor to uint8, where zero stands for 0, and
// the DequantizeLinear of that.
func (n *net) quantize(x string, shape []int64, scale float32, zero byte) string {
	s, z := n.Floats(x+".q.scale", []float32{scale}), n.Raw(x+".q.zero", onnx.Uint8, []byte{zero})
	n.Value(x+".q", onnx.Uint8, shape...)
	q := n.Node("QuantizeLinear", []string{x, s, z}, []string{x + ".q"})
	return n.value("DequantizeLinear", x+".dq", shape, []string{q, s, z})
}

// int8s returns weights of 8 bits.
func (n *net) int8s(name string, shape ...int64) string {
	count := int64(1)
	for _, d := range shape {
		count *= d
	}
	data := make([]byte, count)
	for i, v := range n.numbers(count, 100) {
		data[i] = byte(int8(v))
	}
	return n.Raw(name, onnx.Int8, data, shape...)
}

// QDQ has convolutions between DequantizeLinear and QuantizeLinear, weights of 8
// bits, and a residual sum.
func QDQ() Model {
	n := newNet("qdq")
	shape := []int64{1, 4, 8, 8}
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	conv := func(out, in string, cin int64) string {
		w := n.int8s(out+".w", 4, cin, 3, 3)
		w = n.Node("DequantizeLinear",
			[]string{w, n.Floats(out+".w.scale", []float32{0.004}), n.Raw(out+".w.zero", onnx.Int8, []byte{0})},
			[]string{out + ".w.dq"})
		n.Value(w, onnx.Float32, 4, cin, 3, 3)
		c := n.value("Conv", out+".conv", shape, []string{in, w}, build.Attr{Name: "pads", Value: []int64{1, 1, 1, 1}})
		return n.value("Relu", out, shape, []string{c})
	}
	x := n.quantize("image", []int64{1, 3, 8, 8}, 0.01, 128)
	x = n.quantize(conv("conv0", x, 3), shape, 0.02, 0)
	y := n.quantize(conv("conv1", x, 4), shape, 0.02, 0)
	y = n.quantize(n.value("Add", "sum", shape, []string{x, y}), shape, 0.03, 0)
	n.Node("GlobalAveragePool", []string{y}, []string{"scores"})
	n.Output("scores", onnx.Float32, 1, 4, 1, 1)
	return n.done("qdq")
}

// QOperator is the same idea with QLinear operators.
func QOperator() Model {
	n := newNet("qoperator")
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	s, z := n.Floats("scale", []float32{0.02}), n.Raw("zero", onnx.Uint8, []byte{128})
	n.Value("q", onnx.Uint8, 1, 3, 8, 8)
	n.Node("QuantizeLinear", []string{"image", s, z}, []string{"q"})
	ws, wz := n.Floats("w.scale", []float32{0.004}), n.Raw("w.zero", onnx.Int8, []byte{0})
	x, channels := "q", int64(3)
	for _, out := range []string{"conv0", "conv1"} {
		n.Value(out, onnx.Uint8, 1, 4, 8, 8)
		x = n.Node("QLinearConv", []string{x, s, z, n.int8s(out+".w", 4, channels, 3, 3), ws, wz, s, z}, []string{out},
			build.Attr{Name: "pads", Value: []int64{1, 1, 1, 1}})
		channels = 4
	}
	n.Node("DequantizeLinear", []string{x, s, z}, []string{"features"})
	n.Output("features", onnx.Float32, 1, 4, 8, 8)
	return n.done("qoperator")
}

// External has weights in two other files, one of them in a directory, and
// one weight is shared.
func External() Model {
	n := newNet("external")
	n.Input("x", onnx.Float32, 1, 16)
	var data [2][]byte
	file := []string{"weights.bin", "more/weights.bin"}
	weight := func(name string, f int) string {
		at := int64(len(data[f]))
		for _, v := range n.numbers(256, 0.3) {
			data[f] = binary.LittleEndian.AppendUint32(data[f], math.Float32bits(v))
		}
		return n.External(name, onnx.Float32, file[f], at, 16, 16)
	}
	shared := weight("shared", 0)
	x := n.value("MatMul", "a", []int64{1, 16}, []string{"x", shared})
	x = n.value("Tanh", "b", []int64{1, 16}, []string{x})
	x = n.value("MatMul", "c", []int64{1, 16}, []string{x, weight("own", 1)})
	x = n.value("Add", "d", []int64{1, 16}, []string{x, n.weight("inside", 16)})
	n.Node("MatMul", []string{x, shared}, []string{"y"})
	n.Output("y", onnx.Float32, 1, 16)
	m := n.done("external")
	m.Files = Files{file[0]: data[0], file[1]: data[1]}
	return m
}

// Function has nodes of a function that the model defines.
func Function() Model {
	n := newNet("function")
	body := build.New("body")
	body.Node("Sigmoid", []string{"v"}, []string{"s"})
	body.Node("Mul", []string{"v", "s"}, []string{"w"})
	n.Function("local", "Swish", []string{"v"}, []string{"w"}, body)
	n.Input("x", onnx.Float32, 1, 6)
	x := "x"
	for _, out := range []string{"a", "b"} {
		p := n.value("MatMul", out+".product", []int64{1, 6}, []string{x, n.weight(out+".w", 6, 6)})
		x = n.value("Swish", out, []int64{1, 6}, []string{p})
		n.Domain("local")
	}
	n.Node("Neg", []string{x}, []string{"y"})
	n.Output("y", onnx.Float32, 1, 6)
	return n.done("function")
}
