package tfjs

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// channelsLast is how TensorFlow sees a feature map that ONNX stores with
// channels first.
var channelsLast = []int{0, 2, 3, 1}

// node adds what one node computes.
func (c *converter) node(n *node) error {
	switch n.Op {
	case "Const", "Placeholder", "SparseToDense", "AddV2":
		return nil // read where they are used
	}
	ops := map[string]struct {
		inputs int
		make   func(n *node, in value) (value, error)
	}{
		"Identity": {1, c.identity}, "Transpose": {2, c.transpose}, "Pad": {2, c.pad}, "PadV2": {3, c.pad},
		"Conv2D": {2, c.conv}, "Add": {2, c.sum}, "LeakyRelu": {1, c.elementwise}, "Sigmoid": {1, c.elementwise},
		"MaxPool": {1, c.maxPool}, "ConcatV2": {3, c.concat}, "SplitV": {3, c.split},
		"ResizeBilinear": {2, c.resize}, "Reshape": {2, c.reshape},
	}
	op, ok := ops[n.Op]
	if !ok {
		return fmt.Errorf("%w: the operator is not known", ErrGraph)
	}
	if len(n.Input) != op.inputs {
		return fmt.Errorf("%w: %d inputs, expected %d", ErrGraph, len(n.Input), op.inputs)
	}
	in, ok := c.values[n.Input[0]]
	if !ok {
		return fmt.Errorf("%w: input %s is nothing that was computed", ErrGraph, n.Input[0])
	}
	v, err := op.make(n, in)
	if err == nil {
		c.values[n.Name] = v
	}
	return err
}

// identity is where a graph ends: the tensor gets its name in the model.
func (c *converter) identity(n *node, in value) (value, error) {
	name, ok := c.rename[n.Name]
	if !ok {
		return in, nil
	}
	v, err := c.plain(in, n.Op)
	if err != nil {
		return v, err
	}
	c.Node("Identity", []string{v.name}, []string{name})
	return whole(name, v.shape), nil
}

func (c *converter) transpose(n *node, in value) (value, error) {
	perm, err := c.constant(n.Input[1])
	if err != nil {
		return in, err
	}
	out := in
	out.perm = nil
	for _, p := range perm {
		if p < 0 || int(p) >= len(in.perm) {
			return in, fmt.Errorf("%w: permutation %v of rank %d", ErrGraph, perm, len(in.perm))
		}
		out.perm = append(out.perm, in.perm[p])
	}
	sorted := slices.Sorted(slices.Values(out.perm))
	if !slices.Equal(sorted, identity(len(in.perm))) {
		return in, fmt.Errorf("%w: %v is no permutation of %d axes", ErrGraph, perm, len(in.perm))
	}
	return out, nil
}

// pad keeps the padding for the convolution or pooling that follows. Other
// than zeros, only what no maximum picks is known.
func (c *converter) pad(n *node, in value) (value, error) {
	pads, err := c.constant(n.Input[1])
	if err != nil {
		return in, err
	}
	if len(pads) != 2*len(in.perm) || in.padded() {
		return in, fmt.Errorf("%w: %d numbers of padding for rank %d, padded before: %t", ErrGraph, len(pads), len(in.perm),
			in.padded())
	}
	if n.Op == "PadV2" {
		const lowest = -60000 // of float16, about
		if t := c.g.tensors[n.Input[2]]; len(t.Data) != 1 || t.Data[0] > lowest {
			return in, fmt.Errorf("%w: padding with %v; only with the lowest number, for a maximum", ErrGraph, t.Data)
		}
	}
	out := in
	out.before, out.after = make([]int64, len(in.perm)), make([]int64, len(in.perm))
	for i, p := range in.perm {
		out.before[p], out.after[p] = int64(pads[2*i]), int64(pads[2*i+1])
	}
	return out, nil
}

// window returns in with channels first, its ONNX padding, and the grid that a
// window of the given size leaves.
func (c *converter) window(n *node, in value, size []int64) (v value, pads, strides, grid []int64, err error) {
	strides = n.ints("strides")
	if len(in.perm) != 4 || len(strides) != 4 || n.text("padding") != "VALID" || n.text("data_format") != "NHWC" ||
		slices.ContainsFunc(n.ints("dilations"), func(d int64) bool { return d != 1 }) {
		return in, nil, nil, nil, fmt.Errorf("%w: padding %q, layout %q, strides %v, dilations %v", ErrGraph,
			n.text("padding"), n.text("data_format"), strides, n.ints("dilations"))
	}
	pads, strides = make([]int64, 4), strides[1:3]
	if in.padded() {
		h, w := in.perm[1], in.perm[2]
		if in.before[in.perm[0]]+in.after[in.perm[0]]+in.before[in.perm[3]]+in.after[in.perm[3]] != 0 {
			return in, nil, nil, nil, fmt.Errorf("%w: padding of batch or channels", ErrGraph)
		}
		pads = []int64{in.before[h], in.before[w], in.after[h], in.after[w]}
	}
	v = c.transposed(in, channelsLast)
	for i := range 2 {
		d := v.shape[2+i] + pads[i] + pads[2+i] - size[i]
		if d < 0 || strides[i] < 1 {
			return in, nil, nil, nil, fmt.Errorf("%w: a window of %v on %v", ErrGraph, size, v.shape)
		}
		grid = append(grid, d/strides[i]+1)
	}
	return v, pads, strides, grid, nil
}

// conv keeps the weights back until the bias is known, which always follows.
func (c *converter) conv(n *node, in value) (value, error) {
	w, ok := c.g.tensors[n.Input[1]]
	if !ok || len(w.Shape) != 4 || len(w.Data) == 0 {
		return in, fmt.Errorf("%w: the weights %s are no constant of rank 4", ErrGraph, n.Input[1])
	}
	v, pads, strides, grid, err := c.window(n, in, w.Shape[:2])
	if err != nil {
		return in, err
	}
	bias, out, err := c.biasOf(n, w.Shape[3])
	if err != nil {
		return in, err
	}
	if v.shape[1] != w.Shape[2] {
		return in, fmt.Errorf("%w: weights of shape %v on %v", ErrGraph, w.Shape, v.shape)
	}
	kernel, inner, channels := w.Shape[0]*w.Shape[1], w.Shape[2], w.Shape[3]
	first := make([]float32, len(w.Data)) // channels first
	for p := range kernel {
		for i := range inner {
			for o := range channels {
				first[(o*inner+i)*kernel+p] = w.Data[(p*inner+i)*channels+o]
			}
		}
	}
	c.Floats(out+"/weights", first, channels, inner, w.Shape[0], w.Shape[1])
	c.Floats(out+"/bias", bias, channels)
	return c.add("Conv", []string{v.name, out + "/weights", out + "/bias"}, out,
		[]int64{v.shape[0], channels, grid[0], grid[1]}, channelsLast,
		build.Attr{Name: "kernel_shape", Value: w.Shape[:2]}, build.Attr{Name: "pads", Value: pads},
		build.Attr{Name: "strides", Value: strides}), nil
}

// biasOf returns the bias that is added to a convolution, and the name of the
// sum.
func (c *converter) biasOf(conv *node, channels int64) ([]float32, string, error) {
	for _, n := range c.g.nodes {
		if n.Op == "Add" && len(n.Input) == 2 && n.Input[0] == conv.Name {
			if b := c.g.tensors[n.Input[1]]; int64(len(b.Data)) == channels {
				return b.Data, n.Name, nil
			}
		}
	}
	return nil, "", fmt.Errorf("%w: no bias is added to the convolution", ErrGraph)
}

func (c *converter) sum(n *node, in value) (value, error) {
	if in.name == n.Name {
		return in, nil // the bias, which is in the convolution
	}
	other, ok := c.values[n.Input[1]]
	if !ok || in.padded() || other.padded() || !slices.Equal(in.view(), other.view()) {
		return in, fmt.Errorf("%w: a sum of %v and %v", ErrGraph, in.view(), other.view())
	}
	return c.add("Add", []string{in.name, c.transposed(other, in.perm).name}, n.Name, in.shape, in.perm), nil
}

func (c *converter) elementwise(n *node, in value) (value, error) {
	if in.padded() {
		return in, fmt.Errorf("%w: padding before %s", ErrGraph, n.Op)
	}
	var attrs []build.Attr
	if n.Op == "LeakyRelu" {
		attrs = append(attrs, build.Attr{Name: "alpha", Value: float32(n.Attr["alpha"].F)})
	}
	return c.add(n.Op, []string{in.name}, n.Name, in.shape, in.perm, attrs...), nil
}
