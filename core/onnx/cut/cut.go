// Package cut says where a model can be divided and what each place sends and costs, and
// extracts the sub-models on both sides. It knows nothing of devices, and may not change
// a model.
package cut

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
)

// Cut parts a model's nodes into a head and a tail such that every edge
// between them goes from head to tail.
type Cut struct {
	Index int    // position in the list that it was returned in
	Name  string // the tensor sent, or the one produced last and "+N" for N others
	// Tensors are what the head sends to the tail, graph inputs and early
	// graph outputs included, in order of production; graph inputs and outputs
	// in declared order for the first and the last cut.
	Tensors []onnx.TensorInfo
	Nodes   int // nodes of the file's order that lie before the cut

	// Work and parameters on both sides. A parameter that both need counts on
	// both, as both get a copy.
	HeadMACs, TailMACs, HeadParams, TailParams int64

	// BreaksFusion says that it parts nodes that ONNX Runtime would compute as
	// one; Broken names them, such as "Conv+Relu", and Instead the neighbouring
	// cut that parts none, if there is one inside the model.
	BreaksFusion bool
	Broken       []string
	Instead      string

	Least bool                 // sends the fewest bytes at one depth; only All and Least say so
	Spans map[string]onnx.Span // of the tensors whose shape depends on the data

	sums bool // all it breaks is sums; only InOrder says so
}

// Variable says that the shape of a tensor sent depends on the data.
func (c Cut) Variable() bool { return len(c.Spans) > 0 }

// Quantized says that all that is sent is 8-bit integers, as at the right
// places of a quantized model.
func (c Cut) Quantized() bool {
	return len(c.Tensors) > 0 && !slices.ContainsFunc(
		c.Tensors, func(t onnx.TensorInfo) bool { return t.Elem != onnx.Int8 && t.Elem != onnx.Uint8 },
	)
}

// Greatest returns Tensors with the greatest shape that was observed of those that
// are variable.
func (c Cut) Greatest() []onnx.TensorInfo {
	list := slices.Clone(c.Tensors)
	for i, t := range list {
		if s, ok := c.Spans[t.Name]; ok {
			list[i].Shape = s.Max
		}
	}
	return list
}

// Bytes returns the size of what the cut sends, uncompressed; of variable
// tensors the greatest that was observed. It is -1 if it is not known.
func (c Cut) Bytes() int64 {
	n := int64(0)
	for _, t := range c.Greatest() {
		n = count.Add(n, t.Bytes())
	}
	return n
}
