package ort

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	ortgo "github.com/yalue/onnxruntime_go"
)

// emptyTensor makes the runtime's value of a shape without elements, which has no
// memory to point to.
func emptyTensor(e onnx.Elem, shape []int64) (ortgo.Value, error) {
	var v ortgo.Value
	var err error
	switch e {
	case onnx.Float32:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []float32{})
	case onnx.Float64:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []float64{})
	case onnx.Uint8:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []uint8{})
	case onnx.Int8:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []int8{})
	case onnx.Int32:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []int32{})
	case onnx.Int64:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []int64{})
	case onnx.Uint16:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []uint16{})
	case onnx.Int16:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []int16{})
	case onnx.Uint32:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []uint32{})
	case onnx.Uint64:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []uint64{})
	case onnx.Bool:
		v, err = ortgo.NewTensor(ortgo.Shape(shape), []bool{})
	default:
		err = fmt.Errorf("no elements of type %s are not supported", e)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTensor, err)
	}
	return v, nil
}

// runBound runs a model without inputs, which the runtime's Go interface can only
// do with outputs of known shape.
func (s *Session) runBound(out []ortgo.Value) error {
	b, err := s.s.CreateIoBinding()
	if err != nil {
		return fmt.Errorf("ort: run: %w", err)
	}
	defer b.Destroy()
	for i, v := range out {
		if v == nil {
			return fmt.Errorf("%w: output %s of a model without inputs has an open shape", ErrTensor, s.outputs[i].Name)
		}
		if err := b.BindOutput(s.outputs[i].Name, v); err != nil {
			return fmt.Errorf("ort: run: output %s: %w", s.outputs[i].Name, err)
		}
	}
	if err := s.s.RunWithBinding(b); err != nil {
		return fmt.Errorf("ort: run: %w", err)
	}
	return nil
}
