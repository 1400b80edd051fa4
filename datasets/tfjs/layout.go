package tfjs

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

func (c *converter) maxPool(n *node, in value) (value, error) {
	size := n.ints("ksize")
	if len(size) != 4 {
		return in, fmt.Errorf("%w: window %v", ErrGraph, size)
	}
	v, pads, strides, grid, err := c.window(n, in, size[1:3])
	if err != nil {
		return in, err
	}
	return c.add("MaxPool", []string{v.name}, n.Name, []int64{v.shape[0], v.shape[1], grid[0], grid[1]}, channelsLast,
		build.Attr{Name: "kernel_shape", Value: size[1:3]}, build.Attr{Name: "pads", Value: pads},
		build.Attr{Name: "strides", Value: strides}), nil
}

// axis returns the axis of the stored tensor that a constant operand names.
func (c *converter) axis(operand string, in value) (int, error) {
	a, err := c.constant(operand)
	if err != nil {
		return 0, err
	}
	if len(a) == 1 && a[0] < 0 {
		a = []int32{a[0] + int32(len(in.perm))}
	}
	if len(a) != 1 || a[0] < 0 || int(a[0]) >= len(in.perm) || in.padded() {
		return 0, fmt.Errorf("%w: axis %v of rank %d, padded: %t", ErrGraph, a, len(in.perm), in.padded())
	}
	return in.perm[a[0]], nil
}

func (c *converter) concat(n *node, in value) (value, error) {
	axis, err := c.axis(n.Input[2], in)
	if err != nil {
		return in, err
	}
	other, ok := c.values[n.Input[1]]
	if !ok || other.padded() || len(other.perm) != len(in.perm) {
		return in, fmt.Errorf("%w: input %s", ErrGraph, n.Input[1])
	}
	other = c.transposed(other, in.perm)
	shape := slices.Clone(in.shape)
	shape[axis] += other.shape[axis]
	return c.add("Concat", []string{in.name, other.name}, n.Name, shape, in.perm, build.Attr{Name: "axis", Value: axis}),
		nil
}

func (c *converter) split(n *node, in value) (value, error) {
	axis, err := c.axis(n.Input[2], in)
	if err != nil {
		return in, err
	}
	sizes, err := c.constant(n.Input[1])
	if err != nil {
		return in, err
	}
	var outs []string
	var lengths []int64
	total := int64(0)
	for i, size := range sizes {
		outs, lengths = append(outs, fmt.Sprintf("%s:%d", n.Name, i)), append(lengths, int64(size))
		total += int64(size)
	}
	if total != in.shape[axis] || len(sizes) == 0 {
		return in, fmt.Errorf("%w: %v cut into %v", ErrGraph, in.shape, sizes)
	}
	c.Ints(n.Name+"/sizes", lengths, int64(len(lengths)))
	c.Node("Split", []string{in.name, n.Name + "/sizes"}, outs, build.Attr{Name: "axis", Value: axis})
	for i, out := range outs {
		shape := slices.Clone(in.shape)
		shape[axis] = lengths[i]
		c.Value(out, onnx.Float32, shape...)
		c.values[out] = value{name: out, shape: shape, perm: in.perm}
	}
	return c.values[outs[0]], nil
}

// resize is TensorFlow's bilinear one with half-pixel centres.
func (c *converter) resize(n *node, in value) (value, error) {
	size, err := c.constant(n.Input[1])
	if err != nil {
		return in, err
	}
	if len(size) != 2 || size[0] < 1 || size[1] < 1 || len(in.perm) != 4 || in.padded() ||
		!n.Attr["half_pixel_centers"].B || n.Attr["align_corners"].B {
		return in, fmt.Errorf("%w: to %v, half-pixel centres: %t", ErrGraph, size, n.Attr["half_pixel_centers"].B)
	}
	v := c.transposed(in, channelsLast)
	shape := []int64{v.shape[0], v.shape[1], int64(size[0]), int64(size[1])}
	c.Ints(n.Name+"/size", shape, 4)
	return c.add("Resize", []string{v.name, "", "", n.Name + "/size"}, n.Name, shape, channelsLast,
			build.Attr{Name: "mode", Value: "linear"}, build.Attr{Name: "coordinate_transformation_mode", Value: "half_pixel"}),
		nil
}

func (c *converter) reshape(n *node, in value) (value, error) {
	wanted, err := c.constant(n.Input[1])
	if err != nil {
		return in, err
	}
	v, err := c.plain(in, n.Op)
	if err != nil {
		return in, err
	}
	shape, open, rest := make([]int64, len(wanted)), -1, int64(1)
	for _, d := range v.shape {
		rest *= d
	}
	for i, d := range wanted {
		shape[i] = int64(d)
		switch {
		case d == -1 && open < 0:
			open = i
		case d < 1 || rest%int64(d) != 0:
			return in, fmt.Errorf("%w: %v as %v", ErrGraph, v.shape, wanted)
		default:
			rest /= int64(d)
		}
	}
	if open >= 0 {
		shape[open] = rest
	} else if rest != 1 {
		return in, fmt.Errorf("%w: %v as %v", ErrGraph, v.shape, wanted)
	}
	c.Ints(n.Name+"/shape", shape, int64(len(shape)))
	return c.add("Reshape", []string{v.name, n.Name + "/shape"}, n.Name, shape, identity(len(shape))), nil
}
