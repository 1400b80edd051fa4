package shape

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// Bind returns the model with sizes, at least 0, for dimensions named as Dims
// has them, or by input and axis, in inputs, outputs and intermediate tensors, and for those of
// ZeroDims. A
// name that is none of them, or two sizes for one, is ErrNoDim. Weights are shared.
func Bind(m *onnx.Model, sizes map[string]int64) (*onnx.Model, error) {
	bySymbol, err := bySymbol(m, sizes)
	if err != nil {
		return nil, err
	}
	return m.WithDims(func(tensor string, axis int, d *onnxpb.TensorShapeProto_Dimension) (int64, bool) {
		name := openDim(tensor, axis, d)
		if isZero(d) {
			name = place(tensor, axis)
		}
		size, ok := bySymbol[name]
		return size, ok
	})
}

// BindInputs is Bind with the sizes that the shapes of inputs have, by their
// names. A shape that doesn't fit the input's, or gives one symbol two sizes, is
// onnx.ErrNoShape.
func BindInputs(m *onnx.Model, shapes map[string][]int64) (*onnx.Model, error) {
	sizes := map[string]int64{}
	for _, v := range m.DeclaredInputs() {
		shape, given := shapes[v.GetName()]
		if !given {
			continue
		}
		dims := v.GetType().GetTensorType().GetShape().GetDim()
		if len(dims) != len(shape) {
			return nil, fmt.Errorf("%w: input %q has %d dimensions, shape %v", onnx.ErrNoShape, v.GetName(), len(dims), shape)
		}
		for axis, d := range dims {
			name, size := openDim(v.GetName(), axis, d), shape[axis]
			if isZero(d) && size != 0 {
				name = place(v.GetName(), axis)
			}
			if name == "" {
				if d.GetDimValue() != size {
					return nil, fmt.Errorf("%w: dimension %d of input %q is %d, not %d", onnx.ErrNoShape, axis, v.GetName(),
						d.GetDimValue(), size)
				}
				continue
			}
			if old, bound := sizes[name]; bound && old != size {
				return nil, fmt.Errorf("%w: dimension %q would be %d and %d", onnx.ErrNoShape, name, old, size)
			}
			sizes[name] = size
		}
	}
	return Bind(m, sizes)
}
