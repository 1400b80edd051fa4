package onnx

import "fmt"

// BindInputs is Bind with the sizes that the shapes of inputs have, by their
// names. A shape that doesn't fit the input's, or gives one symbol two sizes, is
// ErrNoShape.
func (m *Model) BindInputs(shapes map[string][]int64) (*Model, error) {
	sizes := map[string]int64{}
	for _, v := range m.pb.Graph.Input {
		shape, given := shapes[v.GetName()]
		if !given {
			continue
		}
		dims := v.GetType().GetTensorType().GetShape().GetDim()
		if len(dims) != len(shape) {
			return nil, fmt.Errorf("%w: input %q has %d dimensions, shape %v", ErrNoShape, v.GetName(), len(dims), shape)
		}
		for axis, d := range dims {
			name, size := openDim(v.GetName(), axis, d), shape[axis]
			if name == "" {
				if d.GetDimValue() != size {
					return nil, fmt.Errorf("%w: dimension %d of input %q is %d, not %d", ErrNoShape, axis, v.GetName(), d.GetDimValue(), size)
				}
				continue
			}
			if old, bound := sizes[name]; bound && old != size {
				return nil, fmt.Errorf("%w: dimension %q would be %d and %d", ErrNoShape, name, old, size)
			}
			sizes[name] = size
		}
	}
	return m.Bind(sizes)
}
