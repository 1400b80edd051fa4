// Package onnxtest makes small ONNX models that ONNX Runtime can run: one of
// every common build, and random ones. It is for tests and for the check of all
// models only, and may not be imported by anything else.
package onnxtest

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// Model is a generated model.
type Model struct {
	Name  string
	Data  []byte
	Files Files // external data by file name; nil if there is none
}

// Parse reads the model.
func (m Model) Parse() (*onnx.Model, error) {
	if m.Files == nil {
		return onnx.Parse(m.Data)
	}
	return onnx.ParseFiles(m.Data, m.Files)
}

// All returns one model of every kind. The same call gives the same bytes.
func All() []Model {
	return []Model{
		Residual(), Dense(), Inception(), Columns(), EncoderDecoder(), Transformer(), LSTM(), Loop(), If(),
		QDQ(), QOperator(), External(), Function(), Variable(), Sequence(), Filtered(), Separable(),
		Unsorted(), Repeated(), Learned(), Sparse(), Constants(), OddNames(), WrongShapes(), Narrow(),
	}
}

// Files are files in memory; they implement onnx.Files.
type Files map[string][]byte

// Size implements onnx.Files.
func (f Files) Size(name string) (int64, error) {
	data, ok := f[name]
	if !ok {
		return 0, fmt.Errorf("no file %q", name)
	}
	return int64(len(data)), nil
}

// ReadAt implements onnx.Files.
func (f Files) ReadAt(name string, p []byte, offset int64) error {
	data := f[name]
	if offset < 0 || offset+int64(len(p)) > int64(len(data)) {
		return fmt.Errorf("file %q has no bytes %d to %d", name, offset, offset+int64(len(p)))
	}
	copy(p, data[offset:])
	return nil
}

// net builds a model with weights that only depend on their order.
type net struct {
	*build.Builder
	seed uint32
}

func newNet(name string) *net { return &net{Builder: build.New(name), seed: 1} }

// numbers returns values between -scale and scale (Numerical Recipes' linear
// congruential generator).
func (n *net) numbers(count int64, scale float32) []float32 {
	list := make([]float32, count)
	for i := range list {
		n.seed = n.seed*1664525 + 1013904223
		list[i] = scale * (float32(n.seed>>8)/(1<<23) - 1)
	}
	return list
}

func (n *net) weight(name string, shape ...int64) string {
	count := int64(1)
	for _, d := range shape {
		count *= d
	}
	return n.Floats(name, n.numbers(count, 0.4), shape...)
}

// value adds a node with one output of a known shape.
func (n *net) value(op, out string, shape []int64, in []string, attrs ...build.Attr) string {
	n.Value(out, onnx.Float32, shape...)
	return n.Node(op, in, []string{out}, attrs...)
}

// conv adds a convolution that keeps height and width.
func (n *net) conv(out, in string, cin, cout, size, kernel int64) string {
	w, pad := n.weight(out+".w", cout, cin, kernel, kernel), kernel/2
	return n.value("Conv", out, []int64{1, cout, size, size}, []string{in, w},
		build.Attr{Name: "pads", Value: []int64{pad, pad, pad, pad}})
}

// convRelu adds a convolution, batch normalization and activation.
func (n *net) convRelu(out, in string, cin, cout, size, kernel int64) string {
	c := n.conv(out+".conv", in, cin, cout, size, kernel)
	shape := []int64{1, cout, size, size}
	one := n.Floats(out+".var", constant(cout, 1), cout)
	b := n.value("BatchNormalization", out+".bn", shape,
		[]string{c, n.weight(out+".scale", cout), n.weight(out+".shift", cout), n.weight(out+".mean", cout), one})
	return n.value("Relu", out, shape, []string{b})
}

func constant(n int64, v float32) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// done writes the model.
func (n *net) done(name string) Model {
	data, err := n.Bytes()
	if err != nil {
		panic(err) // the generators are at fault
	}
	return Model{Name: name, Data: data}
}
