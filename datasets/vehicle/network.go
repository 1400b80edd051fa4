package vehicle

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// The network's dimensions.
const (
	maps   = 32 // feature maps of either convolution
	kernel = 5  // height and width of a convolution's filter
	hidden = 100
	half   = Side / 2
	fourth = Side / 4
	flat   = maps * fourth * fourth // 18432
)

// Layer is one layer's parameters, row-major: W is [out, in, 5, 5] for a
// convolution and [in, out] for a dense layer; B is [out].
type Layer struct{ W, B []float32 }

// Weights are the network's parameters.
type Weights struct{ Conv1, Conv2, Dense3, Dense4, Dense5 Layer }

// NewWeights returns weights of the network's shape, all 0.
func NewWeights() *Weights {
	layer := func(in, out int) Layer { return Layer{make([]float32, in*out), make([]float32, out)} }
	return &Weights{
		Conv1:  layer(3*kernel*kernel, maps),
		Conv2:  layer(maps*kernel*kernel, maps),
		Dense3: layer(flat, hidden),
		Dense4: layer(hidden, hidden),
		Dense5: layer(hidden, Classes),
	}
}

// Parameters returns the number of parameters, 1.88 million.
func (w *Weights) Parameters() int {
	n := 0
	for _, l := range w.layers() {
		n += len(l.W) + len(l.B)
	}
	return n
}

func (w *Weights) layers() [5]Layer {
	return [5]Layer{w.Conv1, w.Conv2, w.Dense3, w.Dense4, w.Dense5}
}

// Model returns the classifier as an ONNX model: input "image", float32
// [batch, 3, 96, 96] with values pixel/127.5 − 1; output "logits", float32
// [batch, 4], to which the caller applies softmax. The tensors "l1" to "l4"
// are the outputs of the first four layers. The same weights give the same
// bytes. The error wraps ErrWeights or ErrConfig.
func Model(w *Weights, batch int) ([]byte, error) {
	if err := checkModel(w, batch); err != nil {
		return nil, err
	}
	g := newNet("vehicle_classifier", batch)
	g.image()
	g.conv("1", "image", "l1", w.Conv1, 3, Side)
	g.afterFirst("l1", w)
	g.b.Output("logits", onnx.Float32, g.n, Classes)
	return g.b.Bytes()
}

// checkModel reports weights or a batch that make no model.
func checkModel(w *Weights, batch int) error {
	zero := NewWeights().layers()
	for i, l := range w.layers() {
		if len(l.W) != len(zero[i].W) || len(l.B) != len(zero[i].B) {
			return fmt.Errorf("%w: layer %d has %d weights and %d biases, want %d and %d; start from NewWeights",
				ErrWeights, i+1, len(l.W), len(l.B), len(zero[i].W), len(zero[i].B))
		}
	}
	if batch < 1 {
		return fmt.Errorf("%w: a model for a batch of %d; use 1 or more", ErrConfig, batch)
	}
	return nil
}

// afterFirst adds all layers but the first; in is the first one's output.
func (g net) afterFirst(in string, w *Weights) {
	g.conv("2", in, "l2", w.Conv2, maps, half)
	g.b.Node("Flatten", []string{"l2"}, []string{"flat"}, build.Attr{Name: "axis", Value: 1})
	g.b.Value("flat", onnx.Float32, g.n, flat)
	g.dense("3", "flat", "dense3", w.Dense3, flat, hidden)
	g.relu("dense3", "l3", hidden)
	g.dense("4", "l3", "dense4", w.Dense4, hidden, hidden)
	g.relu("dense4", "l4", hidden)
	g.dense("5", "l4", "logits", w.Dense5, hidden, Classes)
}

// net adds layers to a model for n pictures at once.
type net struct {
	b *build.Builder
	n int64
}

func newNet(name string, batch int) net {
	return net{build.New(name), int64(batch)}
}

// image adds the input of pictures.
func (g net) image() { g.b.Input("image", onnx.Float32, g.n, 3, Side, Side) }

// conv adds a convolution that keeps the size, a max-pool of 2 and a ReLU. The
// input has the given depth and height and width of side pixels.
func (g net) conv(number, in, out string, l Layer, depth, side int64) {
	g.pooledConv(number, in, l, depth, side)
	g.relu("pool"+number, out, maps, side/2, side/2)
}

// pooledConv adds the convolution and the max-pool, tensor "pool"+number.
func (g net) pooledConv(number, in string, l Layer, depth, side int64) {
	w := g.b.Floats("conv"+number+".weight", l.W, maps, depth, kernel, kernel)
	b := g.b.Floats("conv"+number+".bias", l.B, maps)
	conv := g.b.Node("Conv", []string{in, w, b}, []string{"conv" + number},
		build.Attr{Name: "kernel_shape", Value: []int64{kernel, kernel}},
		build.Attr{Name: "pads", Value: []int64{2, 2, 2, 2}},
		build.Attr{Name: "strides", Value: []int64{1, 1}})
	g.b.Value(conv, onnx.Float32, g.n, maps, side, side)
	pool := g.b.Node("MaxPool", []string{conv}, []string{"pool" + number},
		build.Attr{Name: "kernel_shape", Value: []int64{2, 2}},
		build.Attr{Name: "strides", Value: []int64{2, 2}})
	g.b.Value(pool, onnx.Float32, g.n, maps, side/2, side/2)
}

// dense adds a Gemm; the tensors "logits" and "early" are outputs and need no value
// info.
func (g net) dense(number, in, out string, l Layer, from, to int64) {
	w := g.b.Floats("dense"+number+".weight", l.W, from, to)
	b := g.b.Floats("dense"+number+".bias", l.B, to)
	g.b.Node("Gemm", []string{in, w, b}, []string{out})
	if out != "logits" && out != "early" {
		g.b.Value(out, onnx.Float32, g.n, to)
	}
}

// relu adds a ReLU whose tensor has the given shape after the batch.
func (g net) relu(in, out string, shape ...int64) {
	g.b.Node("Relu", []string{in}, []string{out})
	g.b.Value(out, onnx.Float32, append([]int64{g.n}, shape...)...)
}
