package tfjs

import (
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// Names gives inputs and outputs of the graph their names in the ONNX model,
// in order; all of the graph's signature must be there.
type Names struct{ From, To string }

// value is what a tensor of the graph is in the ONNX model: the tensor name of
// shape, transposed by perm and then padded by pads. Transpositions and padding
// are only carried out where nothing absorbs them: TensorFlow's convolutions
// want channels last, those of ONNX channels first, and both pad on their own.
type value struct {
	name   string
	shape  []int64 // of name
	perm   []int   // axis i of the tensor is axis perm[i] of name
	before []int64 // padding, by axis of name
	after  []int64
}

// view returns the shape of the tensor that v stands for, padding left out.
func (v value) view() []int64 {
	out := make([]int64, len(v.perm))
	for i, p := range v.perm {
		out[i] = v.shape[p]
	}
	return out
}

func (v value) padded() bool { return v.before != nil }

// converter writes the ONNX model.
type converter struct {
	*build.Builder
	g      *Graph
	values map[string]value
	rename map[string]string // output node -> name in the model
	made   map[string]string // transposed copies by tensor and permutation
}

// Convert writes the graph as an ONNX model. The operators that are known are
// those of convolutional networks: Conv2D, Add of a bias or of another tensor,
// LeakyRelu, Sigmoid, Pad, PadV2 before MaxPool, ConcatV2, SplitV,
// ResizeBilinear, Reshape, Transpose and Identity. Anything else is ErrGraph.
func (g *Graph) Convert(name string, inputs, outputs []Names) ([]byte, error) {
	c := &converter{Builder: build.New(name), g: g, values: map[string]value{}, rename: map[string]string{},
		made: map[string]string{}}
	if len(inputs) != len(g.inputs) || len(outputs) != len(g.outputs) {
		return nil, fmt.Errorf("%w: %d inputs and %d outputs are named, the graph has %v and %v", ErrGraph,
			len(inputs), len(outputs), slices.Sorted(maps.Keys(g.inputs)), slices.Sorted(maps.Keys(g.outputs)))
	}
	for _, in := range inputs {
		shape, ok := g.inputs[in.From]
		if !ok {
			return nil, fmt.Errorf("%w: there is no input %q", ErrGraph, in.From)
		}
		c.Input(in.To, onnx.Float32, shape...)
		c.values[in.From] = whole(in.To, shape)
	}
	for _, out := range outputs {
		c.rename[out.From] = out.To
	}
	for _, n := range g.nodes {
		if err := c.node(n); err != nil {
			return nil, fmt.Errorf("%w (node %s, %s)", err, n.Name, n.Op)
		}
	}
	for _, out := range outputs {
		v, ok := c.values[out.From]
		if !ok || !slices.Equal(v.shape, g.outputs[out.From]) {
			return nil, fmt.Errorf("%w: output %q has shape %v, the signature says %v", ErrGraph, out.From, v.shape,
				g.outputs[out.From])
		}
		c.Output(out.To, onnx.Float32, v.shape...)
	}
	return c.Bytes()
}

// whole is a tensor that is in the model as it is in the graph.
func whole(name string, shape []int64) value {
	return value{name: name, shape: shape, perm: identity(len(shape))}
}

// add adds a node with one output that is seen through perm, and records its type.
func (c *converter) add(op string, in []string, out string, shape []int64, perm []int, attrs ...build.Attr) value {
	c.Node(op, in, []string{out}, attrs...)
	c.Value(out, onnx.Float32, shape...)
	return value{name: out, shape: shape, perm: perm}
}

// plain returns the tensor of the model that is v without perm and padding.
func (c *converter) plain(v value, why string) (value, error) {
	if v.padded() {
		return value{}, fmt.Errorf("%w: padding before %s is not known", ErrGraph, why)
	}
	return c.transposed(v, identity(len(v.perm))), nil
}

// transposed returns what v stands for as a tensor seen through perm.
func (c *converter) transposed(v value, perm []int) value {
	// As seen, axis i is v.shape[v.perm[i]]; stored, axis perm[i] must be it.
	move := make([]int64, len(perm))
	shape := make([]int64, len(perm))
	for i, p := range perm {
		move[p], shape[p] = int64(v.perm[i]), v.shape[v.perm[i]]
	}
	if slices.IsSorted(move) {
		return value{name: v.name, shape: v.shape, perm: perm}
	}
	key := fmt.Sprintf("%s %v", v.name, move)
	out, ok := c.made[key]
	if !ok {
		out = fmt.Sprintf("%s/transposed%d", v.name, len(c.made))
		c.made[key] = out
		c.add("Transpose", []string{v.name}, out, shape, perm, build.Attr{Name: "perm", Value: move})
	}
	return value{name: out, shape: shape, perm: perm}
}

func identity(n int) []int {
	perm := make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	return perm
}

// constant returns the ints of a constant operand, or of the sum of one and an
// empty sparse tensor, which is how the exporter writes some of them.
func (c *converter) constant(name string) ([]int32, error) {
	n := c.g.byName[nodeOf(name)]
	switch {
	case n == nil:
	case n.Op == "Const":
		if t, ok := c.g.tensors[n.Name]; ok && t.Data == nil {
			return t.Ints, nil
		}
	case n.Op == "AddV2" && len(n.Input) == 2:
		sparse := c.g.byName[nodeOf(n.Input[1])]
		if sparse == nil || sparse.Op != "SparseToDense" || len(sparse.Input) != 4 {
			break
		}
		at, errAt := c.constant(sparse.Input[0])
		rest, errRest := c.constant(sparse.Input[3])
		if errAt == nil && errRest == nil && len(at) == 0 && len(rest) == 1 && rest[0] == 0 {
			return c.constant(n.Input[0])
		}
	}
	return nil, fmt.Errorf("%w: %s is no constant of integers", ErrGraph, name)
}
