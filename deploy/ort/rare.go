package ort

import (
	"fmt"

	ortgo "github.com/yalue/onnxruntime_go"
)

// emptyTensor makes the runtime's value of a shape without elements. The runtime's Go
// interface wants memory all the same, which is not read.
func emptyTensor(t ortgo.TensorElementDataType, shape []int64) (ortgo.Value, error) {
	v, err := ortgo.NewCustomDataTensor(ortgo.Shape(shape), AlignedBytes(Alignment), t)
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
