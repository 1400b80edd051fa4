package ort

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	ortgo "github.com/yalue/onnxruntime_go"
)

// What a value is that has no elements of a fixed size; see Kind.
const (
	Strings  = "strings"
	Sequence = "a sequence"
	Map      = "a map"
)

// NewStrings makes a tensor of strings, row-major. The runtime copies them. Shape has at
// least one dimension and one string per element. Errors wrap ErrTensor.
func NewStrings(shape []int64, values []string) (*Tensor, error) {
	if !loaded() {
		return nil, ErrNotLoaded
	}
	info := onnx.TensorInfo{Elem: onnx.String, Shape: shape}
	if len(shape) == 0 || info.Elements() != int64(len(values)) || len(values) == 0 {
		return nil, fmt.Errorf("%w: %d strings for %s; expected one per element, at least one dimension, none of size 0",
			ErrTensor, len(values), info.Type())
	}
	v, err := ortgo.NewStringTensor(ortgo.Shape(shape))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTensor, err)
	}
	if err := v.SetContents(values); err != nil {
		v.Destroy()
		return nil, fmt.Errorf("%w: %w", ErrTensor, err)
	}
	return &Tensor{shape: append([]int64(nil), shape...), value: v, kind: Strings}, nil
}

// Kind says what a value is that has no memory to give: Strings, Sequence or Map; it is
// empty for a tensor of numbers.
func (t *Tensor) Kind() string { return t.kind }

// Contents returns the elements of a tensor of strings, row-major. Anything else, and a
// closed tensor, is ErrTensor.
func (t *Tensor) Contents() ([]string, error) {
	v, ok := t.value.(*ortgo.StringTensor)
	if !ok {
		return nil, fmt.Errorf("%w: it holds no strings, or is closed", ErrTensor)
	}
	return v.GetContents()
}

func kindOf(v ortgo.Value) string {
	switch v.(type) {
	case *ortgo.StringTensor:
		return Strings
	case *ortgo.Sequence:
		return Sequence
	case *ortgo.Map:
		return Map
	}
	return ""
}
