package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
)

// sizeZeros gives the dimensions of the inputs that the file states to be 0 the sizes of dims,
// or else those that given inputs have. Without either it is ErrDims, input by input: some programs write 0 for
// a size that they don't know, and a model of no elements shows nothing.
func (m *Model) sizeZeros(dims map[string]int64, given []Tensor) error {
	left := func() []shape.Dim {
		return slices.DeleteFunc(shape.ZeroDims(m.Model), func(d shape.Dim) bool {
			_, meant := dims[d.Name]
			return meant || !slices.ContainsFunc(m.declared, func(t onnx.TensorInfo) bool {
				return t.Name == d.Input && t.Shape[d.Axis] == 0 // and not by its symbol
			})
		})
	}
	declared := m.Inputs()
	shapes := map[string][]int64{} // of given inputs of stated size 0
	for _, d := range left() {
		if i := slices.IndexFunc(given, func(t Tensor) bool { return t.Name == d.Input }); i >= 0 {
			shapes[d.Input] = given[i].Shape
		}
	}
	if len(shapes) > 0 {
		bound, err := shape.BindInputs(m.Model, shapes)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDims, err)
		}
		m.Model = bound
	}
	open := slices.DeleteFunc(left(), func(d shape.Dim) bool { return shapes[d.Input] != nil })
	if len(open) > 0 {
		names, flags := dimHints(open)
		return fmt.Errorf("%w: the file states size 0, which may stand for one that is not known, of %s; say how large "+
			"it is, for example %s, or 0 if there is nothing in it", ErrDims, strings.Join(names, "; "),
			strings.Join(flags, " "))
	}
	for i, t := range m.Inputs() {
		for d, size := range declared[i].Shape {
			m.zeroed = m.zeroed || size == 0 && t.Shape[d] != 0
		}
	}
	return nil
}

// settle writes the model again where the runtime can't run the file as it is: where its other
// files have other names, where sizes of 0 stood for unknown ones, and where it states wrong
// shapes of outputs.
func (m *Model) settle() error {
	m.settled = true
	wrong := slices.ContainsFunc(m.Claims(), func(c onnx.Claim) bool {
		return slices.ContainsFunc(m.Outputs(), func(t onnx.TensorInfo) bool { return t.Name == c.Declared.Name })
	})
	if !m.moved && !m.zeroed && !wrong || m.Runnable() != nil {
		return nil
	}
	data, err := m.Extended(nil, nil, m.Outputs())
	if err != nil {
		return fmt.Errorf("%s: %w", m.Path, err)
	}
	m.Data = data
	return nil
}
