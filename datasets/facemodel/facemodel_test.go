package facemodel

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/datasets/tfjs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// someTensors returns weights of the right shapes, small and distinct.
func someTensors() map[string]tfjs.Tensor {
	all := map[string]tfjs.Tensor{}
	add := func(name string, shape ...int64) {
		n := int64(1)
		for _, d := range shape {
			n *= d
		}
		data := make([]float32, n)
		for i := range data {
			data[i] = float32(i%7) / 16
		}
		all[name] = tfjs.Tensor{Shape: shape, Data: data}
	}
	in, head := int64(3), 0
	for _, l := range layers() {
		if l.depthwise {
			add(l.source+"/depthwise_weights", 3, 3, in, 1)
			for _, part := range []string{"gamma", "beta", "moving_mean", "moving_variance"} {
				add(l.source+"/BatchNorm/"+part, in)
			}
		} else {
			add(l.source+"/weights", l.kernel, l.kernel, in, l.channels)
			add(l.source+"/convolution_bn_offset", l.channels)
		}
		in = l.channels
		if l.anchor > 0 {
			for part, columns := range map[string]int64{"BoxEncodingPredictor": 4, "ClassPredictor": 3} {
				name := fmt.Sprintf("Prediction/BoxPredictor_%d/%s", head, part)
				add(name+"/weights", 1, 1, in, columns*l.anchor)
				add(name+"/biases", columns*l.anchor)
			}
			head++
		}
	}
	return all
}

func TestBuild(t *testing.T) {
	tensors := someTensors()
	for _, tc := range []struct {
		size    int
		anchors int64
		pw11    string
	}{{300, 1917, "[1 512 19 19]"}, {512, 5118, "[1 512 32 32]"}} {
		model, err := Build(tensors, tc.size)
		require.NoError(t, err)
		again, err := Build(tensors, tc.size)
		require.NoError(t, err, "%d: two builds differ", tc.size)
		assert.Equal(t, again, model, "%d: two builds differ", tc.size)
		var m onnxpb.ModelProto
		require.NoError(t, proto.Unmarshal(model, &m))
		ops, shapes, known := map[string]int{}, map[string]string{}, map[string]bool{"image": true}
		for _, list := range [][]*onnxpb.ValueInfoProto{m.Graph.ValueInfo, m.Graph.Output} {
			for _, v := range list {
				var dims []int64
				for _, d := range v.Type.GetTensorType().Shape.Dim {
					dims = append(dims, d.GetDimValue())
				}
				shapes[v.GetName()] = fmt.Sprint(dims)
			}
		}
		for _, init := range m.Graph.Initializer {
			known[init.GetName()] = true
		}
		var order []string
		for _, n := range m.Graph.Node {
			ops[n.GetOpType()]++
			for _, in := range n.Input {
				assert.True(t, known[in], "%d: node %s reads %s before it is made", tc.size, n.GetName(), in)
			}
			known[n.Output[0]] = true
			order = append(order, n.Output[0])
			assert.NotEmpty(t, shapes[n.Output[0]], "%d: the type of %s is not recorded", tc.size, n.Output[0])
		}
		got, want := fmt.Sprint(ops), "map[Clip:35 Concat:2 Conv:47 Reshape:12 Transpose:12]"
		assert.Equal(t, want, got, "%d: operators", tc.size)
		assert.Equal(t, tc.pw11, shapes["pw11"], "%d: pw11 %s, boxes %s, classes", tc.size, shapes["pw11"], shapes["boxes"])
		assert.Equal(t, fmt.Sprint([]int64{1, tc.anchors, 4}), shapes["boxes"], "%d: pw11 %s, boxes %s, classes", tc.size,
			shapes["pw11"], shapes["boxes"])
		assert.Equal(t, fmt.Sprint([]int64{1, tc.anchors, 3}), shapes["classes"], "%d: pw11 %s, boxes %s, classes", tc.size,
			shapes["pw11"], shapes["boxes"])
		const heads = " pw11/conv pw11 box0/conv box0/nhwc box0 cls0/conv cls0/nhwc cls0 dw12/conv dw12 "
		assert.Contains(t, " "+strings.Join(order, " ")+" ", heads, "%d: the first heads do not follow the layer they read",
			tc.size)
	}
}

func TestBuildErrors(t *testing.T) {
	_, err := Build(someTensors(), 0)
	assert.Error(t, err, "input size 0 was accepted")
	tensors := someTensors()
	delete(tensors, "MobilenetV1/Conv2d_5_pointwise/weights")
	_, err = Build(tensors, 300)
	require.ErrorIs(t, err, tfjs.ErrWeights, "missing weights: %v, want ErrWeights that names them", err)
	assert.Contains(t, err.Error(), "Conv2d_5_pointwise", "missing weights: %v, want ErrWeights that names them", err)
	tensors = someTensors()
	tensors["MobilenetV1/Conv2d_5_depthwise/BatchNorm/gamma"] = tfjs.Tensor{Shape: []int64{1}, Data: []float32{1}}
	_, err = Build(tensors, 300)
	assert.ErrorIs(t, err, tfjs.ErrWeights, "weights of another shape: %v, want ErrWeights", err)
}

func TestLayoutAndFold(t *testing.T) {
	// A pointwise layer shows the order of channels, a depthwise one that of
	// kernel positions.
	got, want := fmt.Sprint(toONNX([]float32{1, 2, 3, 4, 5, 6}, 1, 2, 3)), "[1 4 2 5 3 6]"
	assert.Equal(t, want, got, "pointwise")
	depthwise := make([]float32, 18)
	for i := range depthwise {
		depthwise[i] = float32(i)
	}
	got, want = fmt.Sprint(toONNX(depthwise, 3, 1, 2)), "[0 2 4 6 8 10 12 14 16 1 3 5 7 9 11 13 15 17]"
	assert.Equal(t, want, got, "depthwise")
	v := float32(4 - epsilon)
	b := &builder{tensors: map[string]tfjs.Tensor{
		"n/gamma": {Shape: []int64{2}, Data: []float32{6, 2}}, "n/beta": {Shape: []int64{2}, Data: []float32{10, 20}},
		"n/moving_mean":     {Shape: []int64{2}, Data: []float32{1, 5}},
		"n/moving_variance": {Shape: []int64{2}, Data: []float32{v, v}}}}
	w, bias := b.foldNorm("n/", []float32{1, 1, 2, 2}, 2)
	for i, want := range []float32{3, 1, 6, 2} {
		assert.LessOrEqual(t, math.Abs(float64(w[i]-want)), 1e-6, "folded weights")
	}
	for i, want := range []float32{7, 15} {
		assert.LessOrEqual(t, math.Abs(float64(bias[i]-want)), 1e-5, "folded bias")
	}
}
