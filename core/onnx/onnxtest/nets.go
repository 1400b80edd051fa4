package onnxtest

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// Residual is a stem and two blocks whose input is added to their output (He et
// al. 2016).
func Residual() Model {
	n := newNet("residual")
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	x := n.convRelu("stem", "image", 3, 4, 8, 3)
	for _, b := range []string{"block0", "block1"} {
		y := n.convRelu(b+".a", x, 4, 4, 8, 3)
		y = n.conv(b+".b", y, 4, 4, 8, 3)
		y = n.value("Add", b+".sum", []int64{1, 4, 8, 8}, []string{y, x})
		x = n.value("Relu", b, []int64{1, 4, 8, 8}, []string{y})
	}
	n.value("GlobalAveragePool", "pool", []int64{1, 4, 1, 1}, []string{x})
	n.value("Flatten", "flat", []int64{1, 4}, []string{"pool"})
	n.Node("Gemm", []string{"flat", n.weight("fc.w", 4, 5), n.weight("fc.b", 5)}, []string{"logits"})
	n.Output("logits", onnx.Float32, 1, 5)
	return n.done("residual")
}

// Dense has layers that each read all before it (Huang et al. 2017).
func Dense() Model {
	n := newNet("dense")
	n.Input("image", onnx.Float32, 1, 2, 6, 6)
	all, channels := []string{"image"}, int64(2)
	for i := range 4 {
		in := all[0]
		if i > 0 {
			in = n.value("Concat", fmt.Sprintf("all%d", i), []int64{1, channels, 6, 6}, all, build.Attr{Name: "axis", Value: 1})
		}
		all = append(all, n.convRelu(fmt.Sprintf("layer%d", i), in, channels, 2, 6, 3))
		channels += 2
	}
	n.Node("Concat", all, []string{"features"}, build.Attr{Name: "axis", Value: 1})
	n.Output("features", onnx.Float32, 1, channels, 6, 6)
	return n.done("dense")
}

// Inception has modules of four branches (Szegedy et al. 2015).
func Inception() Model {
	n := newNet("inception")
	conv := func(out, in string, cin, cout, size, kernel int64) string {
		return n.value("Relu", out, []int64{1, cout, size, size}, []string{n.conv(out+".conv", in, cin, cout, size, kernel)})
	}
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	x, channels := conv("stem", "image", 3, 4, 8, 3), int64(4)
	for _, m := range []string{"mixed0", "mixed1"} {
		a := conv(m+".1x1", x, channels, 2, 8, 1)
		b := conv(m+".3x3", conv(m+".3x3.reduce", x, channels, 2, 8, 1), 2, 2, 8, 3)
		c := conv(m+".5x5", conv(m+".5x5.reduce", x, channels, 1, 8, 1), 1, 2, 8, 5)
		p := n.value("MaxPool", m+".pool", []int64{1, channels, 8, 8}, []string{x},
			build.Attr{Name: "kernel_shape", Value: []int64{3, 3}}, build.Attr{Name: "pads", Value: []int64{1, 1, 1, 1}})
		d := conv(m+".proj", p, channels, 2, 8, 1)
		x, channels = n.value("Concat", m, []int64{1, 8, 8, 8}, []string{a, b, c, d}, build.Attr{Name: "axis", Value: 1}), 8
	}
	n.Node("GlobalAveragePool", []string{x}, []string{"scores"})
	n.Output("scores", onnx.Float32, 1, 8, 1, 1)
	return n.done("inception")
}

// Columns has two columns of layers that both read the image (Ciresan et al. 2012).
func Columns() Model {
	n := newNet("columns")
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	fine := n.convRelu("fine", n.convRelu("fine.a", "image", 3, 4, 8, 3), 4, 2, 8, 3)
	coarse := n.convRelu("coarse", "image", 3, 2, 8, 5)
	n.value("Concat", "both", []int64{1, 4, 8, 8}, []string{fine, coarse}, build.Attr{Name: "axis", Value: 1})
	n.Node("GlobalAveragePool", []string{"both"}, []string{"scores"})
	n.Output("scores", onnx.Float32, 1, 4, 1, 1)
	return n.done("columns")
}

// EncoderDecoder goes three resolutions down and up again, with a skip at each
// (Ronneberger et al. 2015).
func EncoderDecoder() Model {
	n := newNet("encoder-decoder")
	n.Input("image", onnx.Float32, 1, 1, 8, 8)
	x, channels, size := "image", int64(1), int64(8)
	var skips []string
	for i := range 2 {
		x = n.convRelu(fmt.Sprintf("down%d", i), x, channels, 2<<i, size, 3)
		channels, size = 2<<i, size/2
		skips = append(skips, x)
		x = n.value("MaxPool", fmt.Sprintf("pool%d", i), []int64{1, channels, size, size}, []string{x},
			build.Attr{Name: "kernel_shape", Value: []int64{2, 2}}, build.Attr{Name: "strides", Value: []int64{2, 2}})
	}
	x = n.convRelu("bottom", x, channels, 8, size, 3)
	channels = 8
	for i := 1; i >= 0; i-- {
		c := int64(2 << i)
		size *= 2
		w := n.weight(fmt.Sprintf("up%d.w", i), channels, c, 2, 2)
		x = n.value("ConvTranspose", fmt.Sprintf("up%d", i), []int64{1, c, size, size}, []string{x, w},
			build.Attr{Name: "strides", Value: []int64{2, 2}})
		x = n.value("Concat", fmt.Sprintf("skip%d", i), []int64{1, 2 * c, size, size}, []string{skips[i], x},
			build.Attr{Name: "axis", Value: 1})
		x = n.convRelu(fmt.Sprintf("join%d", i), x, 2*c, c, size, 3)
		channels = c
	}
	n.Node("Sigmoid", []string{n.conv("mask.logits", x, channels, 1, size, 1)}, []string{"mask"})
	n.Output("mask", onnx.Float32, 1, 1, 8, 8)
	return n.done("encoder-decoder")
}

// Transformer is one block with a single head, layer norms and Gelu written out
// in basic operators, as exporters for operator sets below 17 do.
func Transformer() Model {
	n := newNet("transformer")
	const length, width = 5, 8
	shape := []int64{1, length, width}
	n.Input("tokens", onnx.Float32, shape...)
	linear := func(out, in string, from, to int64) string {
		s := []int64{1, length, to}
		p := n.value("MatMul", out+".product", s, []string{in, n.weight(out+".w", from, to)})
		return n.value("Add", out, s, []string{p, n.weight(out+".b", to)})
	}
	x := n.layerNorm("norm0", "tokens", shape)
	q, k, v := linear("query", x, width, width), linear("key", x, width, width), linear("value", x, width, width)
	kt := n.value("Transpose", "key.t", []int64{1, width, length}, []string{k},
		build.Attr{Name: "perm", Value: []int64{0, 2, 1}})
	square := []int64{1, length, length}
	s := n.value("MatMul", "scores", square, []string{q, kt})
	s = n.value("Mul", "scaled", square, []string{s, n.Floats("scale", []float32{0.35355338})})
	s = n.value("Softmax", "attention", square, []string{s}, build.Attr{Name: "axis", Value: -1})
	c := linear("projection", n.value("MatMul", "context", shape, []string{s, v}), width, width)
	x = n.value("Add", "residual0", shape, []string{"tokens", c})
	y := n.gelu("gelu", linear("hidden", n.layerNorm("norm1", x, shape), width, 2*width), []int64{1, length, 2 * width})
	n.Node("Add", []string{x, linear("out", y, 2*width, width)}, []string{"encoded"})
	n.Output("encoded", onnx.Float32, shape...)
	return n.done("transformer")
}

func (n *net) layerNorm(name, x string, shape []int64) string {
	width := shape[len(shape)-1]
	small := append(append([]int64{}, shape[:len(shape)-1]...), 1)
	axes := build.Attr{Name: "axes", Value: []int64{-1}}
	mean := n.value("ReduceMean", name+".mean", small, []string{x}, axes)
	d := n.value("Sub", name+".centred", shape, []string{x, mean})
	sq := n.value("Pow", name+".square", shape, []string{d, n.Floats(name+".two", []float32{2})})
	v := n.value("ReduceMean", name+".variance", small, []string{sq}, axes)
	v = n.value("Add", name+".shifted", small, []string{v, n.Floats(name+".epsilon", []float32{1e-5})})
	v = n.value("Sqrt", name+".deviation", small, []string{v})
	y := n.value("Div", name+".normal", shape, []string{d, v})
	y = n.value("Mul", name+".scaled", shape, []string{y, n.weight(name+".gamma", width)})
	return n.value("Add", name, shape, []string{y, n.weight(name+".beta", width)})
}

func (n *net) gelu(name, x string, shape []int64) string {
	y := n.value("Div", name+".div", shape, []string{x, n.Floats(name+".sqrt2", []float32{1.4142135})})
	y = n.value("Erf", name+".erf", shape, []string{y})
	y = n.value("Add", name+".plus", shape, []string{y, n.Floats(name+".one", []float32{1})})
	y = n.value("Mul", name+".product", shape, []string{x, y})
	return n.value("Mul", name, shape, []string{y, n.Floats(name+".half", []float32{0.5})})
}

// Separable has depthwise and pointwise convolutions (Howard et al. 2017) of as many
// channels as ONNX Runtime computes in blocks, some of which don't fill their block.
func Separable() Model {
	n := newNet("separable")
	n.Input("image", onnx.Float32, 1, 3, 8, 8)
	shape := []int64{1, 20, 8, 8}
	x := n.convRelu("stem", "image", 3, 20, 8, 3)
	for i, channels := range []int64{20, 32} {
		d := n.value("Conv", fmt.Sprintf("depth%d.conv", i), shape,
			[]string{x, n.weight(fmt.Sprintf("depth%d.w", i), 20, 1, 3, 3)},
			build.Attr{Name: "pads", Value: []int64{1, 1, 1, 1}}, build.Attr{Name: "group", Value: 20})
		d = n.value("Relu", fmt.Sprintf("depth%d", i), shape, []string{d})
		x = n.convRelu(fmt.Sprintf("point%d", i), d, 20, channels, 8, 1)
	}
	n.Node("GlobalAveragePool", []string{x}, []string{"scores"})
	n.Output("scores", onnx.Float32, 1, 32, 1, 1)
	return n.done("separable")
}
