package vehicle

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

func TestModelStructure(t *testing.T) {
	w := NewWeights()
	if n := w.Parameters(); n != 1881868 {
		t.Errorf("%d parameters, want 1881868", n)
	}
	data, err := Model(w, 1)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := Model(w, 1); !bytes.Equal(data, again) {
		t.Error("the same weights gave other bytes")
	}
	var m onnxpb.ModelProto
	if err := proto.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	g := m.GetGraph()
	shapes, parameters := map[string]string{}, 0
	for _, list := range [][]*onnxpb.ValueInfoProto{g.GetInput(), g.GetValueInfo(), g.GetOutput()} {
		for _, v := range list {
			var dims []int64
			for _, d := range v.GetType().GetTensorType().GetShape().GetDim() {
				dims = append(dims, d.GetDimValue())
			}
			shapes[v.GetName()] = fmt.Sprint(dims)
		}
	}
	for _, in := range g.GetInitializer() {
		parameters += len(in.GetRawData()) / 4
	}
	if parameters != 1881868 {
		t.Errorf("the model holds %d parameters", parameters)
	}
	for name, want := range map[string]string{
		"image": "[1 3 96 96]", "conv1": "[1 32 96 96]", "pool1": "[1 32 48 48]", "l1": "[1 32 48 48]",
		"conv2": "[1 32 48 48]", "pool2": "[1 32 24 24]", "l2": "[1 32 24 24]", "flat": "[1 18432]",
		"dense3": "[1 100]", "l3": "[1 100]", "dense4": "[1 100]", "l4": "[1 100]", "logits": "[1 4]",
	} {
		if shapes[name] != want {
			t.Errorf("tensor %s is %q, want %q", name, shapes[name], want)
		}
	}
	var ops []string
	for _, n := range g.GetNode() {
		ops = append(ops, n.GetOpType())
		if _, known := shapes[n.GetOutput()[0]]; !known {
			t.Errorf("tensor %s has no type", n.GetOutput()[0])
		}
	}
	if got := fmt.Sprint(ops); got != "[Conv MaxPool Relu Conv MaxPool Relu Flatten Gemm Relu Gemm Relu Gemm]" {
		t.Errorf("operators %s", got)
	}
}

func TestModelErrors(t *testing.T) {
	short := NewWeights()
	short.Dense4.B = short.Dense4.B[1:]
	for _, c := range []struct {
		name  string
		w     *Weights
		batch int
		want  error
	}{
		{"none", &Weights{}, 1, ErrWeights},
		{"short bias", short, 1, ErrWeights},
		{"no batch", NewWeights(), 0, ErrConfig},
	} {
		if _, err := Model(c.w, c.batch); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
}

func TestFilters(t *testing.T) {
	const size = 3 * kernel * kernel
	w := NewWeights().Conv1
	gaborFilters(w)
	seen := map[string]int{}
	for m := range maps {
		filter := w.W[m*size : (m+1)*size]
		mean, square := 0.0, 0.0
		for _, v := range filter {
			mean += float64(v)
			square += float64(v) * float64(v)
		}
		if math.Abs(mean) > 1e-5 {
			t.Errorf("filter %d answers %g to grey, want 0", m, mean)
		}
		if square < 0.01 || square > 1.001 {
			t.Errorf("filter %d has length %g", m, math.Sqrt(square))
		}
		if other, ok := seen[fmt.Sprint(filter)]; ok {
			t.Errorf("filters %d and %d are the same", other, m)
		}
		seen[fmt.Sprint(filter)] = m
	}
}
