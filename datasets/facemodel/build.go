// Package facemodel turns the published weights of a face detector into an ONNX model; it may not
// read files or run the model.
package facemodel

import (
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/datasets/tfjs"
)

// epsilon of the depthwise layers' batch normalisation.
const epsilon = 0.0010000000474974513

// A layer's weights are [kernel, kernel, in, out] in the file and
// [out, in, kernel, kernel] in ONNX; a depthwise layer's are [kernel, kernel,
// channels, 1] and [channels, 1, kernel, kernel].
type layer struct {
	name, source     string
	kernel, stride   int64
	channels, anchor int64 // anchor: anchors per cell of the head that reads this layer, 0 if none
	depthwise        bool
}

// layers returns the network in execution order: the first convolution, 13
// pairs of depthwise and pointwise ones, 8 extra ones.
func layers() []layer {
	all := []layer{{name: "conv0", source: "MobilenetV1/Conv2d_0_pointwise", kernel: 3, stride: 2, channels: 32}}
	in := int64(32)
	for i, out := range []int64{64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024} {
		n := i + 1
		dw := layer{name: fmt.Sprintf("dw%d", n), source: fmt.Sprintf("MobilenetV1/Conv2d_%d_depthwise", n),
			kernel: 3, stride: 1, channels: in, depthwise: true}
		if slices.Contains([]int{2, 4, 6, 12}, n) {
			dw.stride = 2
		}
		pw := layer{name: fmt.Sprintf("pw%d", n), source: fmt.Sprintf("MobilenetV1/Conv2d_%d_pointwise", n),
			kernel: 1, stride: 1, channels: out}
		switch n {
		case 11:
			pw.anchor = 3
		case 13:
			pw.anchor = 6
		}
		all = append(all, dw, pw)
		in = out
	}
	for i, out := range []int64{256, 512, 128, 256, 128, 256, 64, 128} {
		l := layer{name: fmt.Sprintf("extra%d", i), source: fmt.Sprintf("Prediction/Conv2d_%d_pointwise", i),
			kernel: 1, stride: 1, channels: out}
		if i%2 == 1 {
			l.kernel, l.stride, l.anchor = 3, 2, 6
		}
		all = append(all, l)
	}
	return all
}

type builder struct {
	*build.Builder
	tensors map[string]tfjs.Tensor
	err     error

	x              string // the tensor that the next layer reads
	channels, grid int64  // of x
	boxes, classes []string
	anchors        int64
}

// Build writes the detector as an ONNX model for square inputs of inputSize
// pixels. Input "image" [1,3,S,S] is RGB in -1..1. Outputs are "boxes"
// [1,N,4] (dy, dx, dh, dw against the anchors) and "classes" [1,N,3] (logits;
// column 1 is the face). Each head stands directly after the layer it reads. The same
// arguments give the same bytes.
func Build(tensors map[string]tfjs.Tensor, inputSize int) ([]byte, error) {
	if inputSize < 1 {
		return nil, fmt.Errorf("facemodel: input size %d: must be at least 1", inputSize)
	}
	size := int64(inputSize)
	b := &builder{Builder: build.New(fmt.Sprintf("ssd-mobilenet-v1-%d", size)), tensors: tensors, x: "image", channels: 3,
		grid: size}
	b.Input("image", onnx.Float32, 1, 3, size, size)
	b.Floats("relu6/min", []float32{0})
	b.Floats("relu6/max", []float32{6})
	b.Ints("boxes/shape", []int64{1, -1, 4}, 3)
	b.Ints("classes/shape", []int64{1, -1, 3}, 3)
	for _, l := range layers() {
		b.layer(l)
		if l.anchor > 0 {
			b.heads(l.anchor)
		}
	}
	axis := build.Attr{Name: "axis", Value: 1}
	b.Node("Concat", b.boxes, []string{"boxes"}, axis)
	b.Node("Concat", b.classes, []string{"classes"}, axis)
	b.Output("boxes", onnx.Float32, 1, b.anchors, 4)
	b.Output("classes", onnx.Float32, 1, b.anchors, 3)
	if b.err != nil {
		return nil, b.err
	}
	return b.Bytes()
}

// layer adds a convolution and its activation.
func (b *builder) layer(l layer) {
	in := b.channels
	shape, biasName := []int64{l.kernel, l.kernel, in, l.channels}, "/convolution_bn_offset"
	weightName := "/weights"
	if l.depthwise {
		shape, weightName = []int64{l.kernel, l.kernel, in, 1}, "/depthwise_weights"
	}
	weights := b.tensor(l.source+weightName, shape...)
	var bias []float32
	group := int64(1)
	if l.depthwise {
		group = in
		weights, bias = b.foldNorm(l.source+"/BatchNorm/", weights, in)
	} else {
		bias = b.tensor(l.source+biasName, l.channels)
	}
	b.grid = (b.grid + l.stride - 1) / l.stride
	b.channels = l.channels
	b.conv(l.name, l.name+"/conv", weights, bias, l.kernel, l.stride, in, group, l.channels)
	b.Node("Clip", []string{l.name + "/conv", "relu6/min", "relu6/max"}, []string{l.name})
	b.Value(l.name, onnx.Float32, 1, l.channels, b.grid, b.grid)
	b.x = l.name
}

// heads adds the box and class predictions that read the present layer.
func (b *builder) heads(anchors int64) {
	k := len(b.boxes)
	source := fmt.Sprintf("Prediction/BoxPredictor_%d/", k)
	for _, h := range []struct {
		prefix, source, shape string
		columns               int64
		list                  *[]string
	}{
		{"box", source + "BoxEncodingPredictor", "boxes/shape", 4, &b.boxes},
		{"cls", source + "ClassPredictor", "classes/shape", 3, &b.classes},
	} {
		name, out := fmt.Sprintf("%s%d", h.prefix, k), anchors*h.columns
		weights := b.tensor(h.source+"/weights", 1, 1, b.channels, out)
		bias := b.tensor(h.source+"/biases", out)
		b.conv(name, name+"/conv", weights, bias, 1, 1, b.channels, 1, out)
		b.Node("Transpose", []string{name + "/conv"}, []string{name + "/nhwc"},
			build.Attr{Name: "perm", Value: []int64{0, 2, 3, 1}})
		b.Value(name+"/nhwc", onnx.Float32, 1, b.grid, b.grid, out)
		b.Node("Reshape", []string{name + "/nhwc", h.shape}, []string{name})
		b.Value(name, onnx.Float32, 1, b.grid*b.grid*anchors, h.columns)
		*h.list = append(*h.list, name)
	}
	b.anchors += b.grid * b.grid * anchors
}

// conv adds a convolution of b.x; its output lies on the present grid.
func (b *builder) conv(name, out string, weights, bias []float32, kernel, stride, in, group, channels int64) {
	perGroup := in / group
	b.Floats(name+"/weights", toONNX(weights, kernel, perGroup, channels), channels, perGroup, kernel, kernel)
	b.Floats(name+"/bias", bias, channels)
	b.Node("Conv", []string{b.x, name + "/weights", name + "/bias"}, []string{out},
		build.Attr{Name: "auto_pad", Value: "SAME_UPPER"},
		build.Attr{Name: "group", Value: group},
		build.Attr{Name: "kernel_shape", Value: []int64{kernel, kernel}},
		build.Attr{Name: "strides", Value: []int64{stride, stride}})
	b.Value(out, onnx.Float32, 1, channels, b.grid, b.grid)
}

// toONNX reorders [kernel·kernel][in][out] to [out][in][kernel·kernel]. A
// depthwise layer has in = 1.
func toONNX(w []float32, kernel, in, out int64) []float32 {
	kk := kernel * kernel
	t := make([]float32, len(w))
	for p := range kk {
		for i := range in {
			for o := range out {
				t[(o*in+i)*kk+p] = w[(p*in+i)*out+o]
			}
		}
	}
	return t
}

// foldNorm multiplies a depthwise layer's batch normalisation into its weights
// and returns the bias that is left.
func (b *builder) foldNorm(source string, w []float32, channels int64) (weights, bias []float32) {
	gamma, beta := b.tensor(source+"gamma", channels), b.tensor(source+"beta", channels)
	mean, variance := b.tensor(source+"moving_mean", channels), b.tensor(source+"moving_variance", channels)
	weights, bias = make([]float32, len(w)), make([]float32, channels)
	for c := range channels {
		scale := float64(gamma[c]) / math.Sqrt(float64(variance[c])+epsilon)
		bias[c] = float32(float64(beta[c]) - float64(float64(mean[c])*scale))
		for i := c; i < int64(len(w)); i += channels {
			weights[i] = float32(float64(w[i]) * scale)
		}
	}
	return weights, bias
}

// tensor returns the named weights. If they are absent or of another shape it
// keeps the error and returns zeros.
func (b *builder) tensor(name string, shape ...int64) []float32 {
	t, ok := b.tensors[name]
	if ok && slices.Equal(t.Shape, shape) {
		return t.Data
	}
	if b.err == nil {
		b.err = fmt.Errorf("%w: %s of shape %v: found %v (present: %t)", tfjs.ErrWeights, name, shape, t.Shape, ok)
	}
	n := int64(1)
	for _, d := range shape {
		n *= d
	}
	return make([]float32, n)
}
