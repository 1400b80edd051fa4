package facemodel

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/datasets/tfjs"
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
		if err != nil {
			t.Fatal(err)
		}
		again, err := Build(tensors, tc.size)
		if err != nil || !bytes.Equal(model, again) {
			t.Errorf("%d: two builds differ (%v)", tc.size, err)
		}
		var m onnxpb.ModelProto
		if err := proto.Unmarshal(model, &m); err != nil {
			t.Fatal(err)
		}
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
				if !known[in] {
					t.Errorf("%d: node %s reads %s before it is made", tc.size, n.GetName(), in)
				}
			}
			known[n.Output[0]] = true
			order = append(order, n.Output[0])
			if shapes[n.Output[0]] == "" {
				t.Errorf("%d: the type of %s is not recorded", tc.size, n.Output[0])
			}
		}
		if got, want := fmt.Sprint(ops), "map[Clip:35 Concat:2 Conv:47 Reshape:12 Transpose:12]"; got != want {
			t.Errorf("%d: operators %s, want %s", tc.size, got, want)
		}
		if shapes["pw11"] != tc.pw11 || shapes["boxes"] != fmt.Sprint([]int64{1, tc.anchors, 4}) ||
			shapes["classes"] != fmt.Sprint([]int64{1, tc.anchors, 3}) {
			t.Errorf("%d: pw11 %s, boxes %s, classes %s", tc.size, shapes["pw11"], shapes["boxes"], shapes["classes"])
		}
		const heads = " pw11/conv pw11 box0/conv box0/nhwc box0 cls0/conv cls0/nhwc cls0 dw12/conv dw12 "
		if !strings.Contains(" "+strings.Join(order, " ")+" ", heads) {
			t.Errorf("%d: the first heads do not follow the layer they read: %v", tc.size, order)
		}
	}
}

func TestBuildErrors(t *testing.T) {
	if _, err := Build(someTensors(), 0); err == nil {
		t.Error("input size 0 was accepted")
	}
	tensors := someTensors()
	delete(tensors, "MobilenetV1/Conv2d_5_pointwise/weights")
	if _, err := Build(tensors, 300); !errors.Is(err, tfjs.ErrWeights) || !strings.Contains(err.Error(), "Conv2d_5_pointwise") {
		t.Errorf("missing weights: %v, want ErrWeights that names them", err)
	}
	tensors = someTensors()
	tensors["MobilenetV1/Conv2d_5_depthwise/BatchNorm/gamma"] = tfjs.Tensor{Shape: []int64{1}, Data: []float32{1}}
	if _, err := Build(tensors, 300); !errors.Is(err, tfjs.ErrWeights) {
		t.Errorf("weights of another shape: %v, want ErrWeights", err)
	}
}

func TestLayoutAndFold(t *testing.T) {
	// A pointwise layer shows the order of channels, a depthwise one that of
	// kernel positions.
	if got, want := fmt.Sprint(toONNX([]float32{1, 2, 3, 4, 5, 6}, 1, 2, 3)), "[1 4 2 5 3 6]"; got != want {
		t.Errorf("pointwise %s, want %s", got, want)
	}
	depthwise := make([]float32, 18)
	for i := range depthwise {
		depthwise[i] = float32(i)
	}
	if got, want := fmt.Sprint(toONNX(depthwise, 3, 1, 2)), "[0 2 4 6 8 10 12 14 16 1 3 5 7 9 11 13 15 17]"; got != want {
		t.Errorf("depthwise %s, want %s", got, want)
	}
	v := float32(4 - epsilon)
	b := &builder{tensors: map[string]tfjs.Tensor{
		"n/gamma": {Shape: []int64{2}, Data: []float32{6, 2}}, "n/beta": {Shape: []int64{2}, Data: []float32{10, 20}},
		"n/moving_mean": {Shape: []int64{2}, Data: []float32{1, 5}}, "n/moving_variance": {Shape: []int64{2}, Data: []float32{v, v}}}}
	w, bias := b.foldNorm("n/", []float32{1, 1, 2, 2}, 2)
	for i, want := range []float32{3, 1, 6, 2} {
		if math.Abs(float64(w[i]-want)) > 1e-6 {
			t.Errorf("folded weights %v", w)
		}
	}
	for i, want := range []float32{7, 15} {
		if math.Abs(float64(bias[i]-want)) > 1e-5 {
			t.Errorf("folded bias %v", bias)
		}
	}
}
