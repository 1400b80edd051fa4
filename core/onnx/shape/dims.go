package shape

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// Dim is a dimension of a graph input that the model leaves open.
type Dim struct {
	Name  string // its symbol, which others may share; else as Place
	Input string
	Axis  int // from 0
	Rank  int // of the input
}

// Place names the dimension by input and axis, as in "x[0]".
func (d Dim) Place() string { return place(d.Input, d.Axis) }

func place(input string, axis int) string { return fmt.Sprintf("%s[%d]", input, axis) }

// openDim names a dimension of a graph input for Dims and Bind: by its symbol,
// or by its place, if it has none; "" if it is known.
func openDim(input string, axis int, d *onnxpb.TensorShapeProto_Dimension) string {
	if _, known := d.GetValue().(*onnxpb.TensorShapeProto_Dimension_DimValue); known && d.GetDimValue() >= 0 {
		return ""
	}
	if d.GetDimParam() != "" {
		return d.GetDimParam()
	}
	return place(input, axis)
}

// OpenDims returns the dimensions of the graph inputs that the model leaves
// open, in the order of inputs and axes. Inputs whose shape depends on the data,
// as those of a sub-model may, have none to bind.
func OpenDims(m *onnx.Model) []Dim {
	var open []Dim
	for _, v := range m.DeclaredInputs() {
		if _, varies := m.Span(v.GetName()); varies || m.Initializer(v.GetName()) != nil {
			continue
		}
		dims := v.GetType().GetTensorType().GetShape().GetDim()
		for axis, d := range dims {
			if name := openDim(v.GetName(), axis, d); name != "" {
				open = append(open, Dim{Name: name, Input: v.GetName(), Axis: axis, Rank: len(dims)})
			}
		}
	}
	return open
}

// ZeroDims returns the dimensions of the graph inputs that the model states to be 0. Some
// programs write so what they don't know; Bind takes sizes for them by their places.
func ZeroDims(m *onnx.Model) []Dim {
	var zero []Dim
	for _, v := range m.DeclaredInputs() {
		if _, varies := m.Span(v.GetName()); varies || m.Initializer(v.GetName()) != nil {
			continue
		}
		dims := v.GetType().GetTensorType().GetShape().GetDim()
		for axis, d := range dims {
			if isZero(d) {
				zero = append(zero, Dim{Name: place(v.GetName(), axis), Input: v.GetName(), Axis: axis, Rank: len(dims)})
			}
		}
	}
	return zero
}

// isZero reports whether a dimension is stated to be 0.
func isZero(d *onnxpb.TensorShapeProto_Dimension) bool {
	_, known := d.GetValue().(*onnxpb.TensorShapeProto_Dimension_DimValue)
	return known && d.GetDimValue() == 0
}

// Dims returns the names of the dimensions of the graph inputs that the model
// leaves open, sorted.
func Dims(m *onnx.Model) []string {
	open := map[string]bool{}
	for _, d := range OpenDims(m) {
		open[d.Name] = true
	}
	return slices.Sorted(maps.Keys(open))
}

// bySymbol returns the sizes for Bind by the names that Dims has.
func bySymbol(m *onnx.Model, sizes map[string]int64) (map[string]int64, error) {
	names := map[string]string{}
	for _, d := range OpenDims(m) {
		names[d.Name], names[d.Place()] = d.Name, d.Name
	}
	for _, d := range ZeroDims(m) {
		names[d.Name] = d.Name
	}
	named := map[string]int64{}
	for _, given := range slices.Sorted(maps.Keys(sizes)) {
		name, ok := names[given]
		if !ok {
			return nil, fmt.Errorf("%w: %q; the model leaves open: %s", ErrNoDim, given, strings.Join(Dims(m), ", "))
		}
		if sizes[given] < 0 {
			return nil, fmt.Errorf("%w: %q can not be %d", ErrNoDim, given, sizes[given])
		}
		if old, twice := named[name]; twice && old != sizes[given] {
			return nil, fmt.Errorf("%w: %q, which is %q too, can not be %d and %d", ErrNoDim, given, name, old, sizes[given])
		}
		named[name] = sizes[given]
	}
	return named, nil
}
