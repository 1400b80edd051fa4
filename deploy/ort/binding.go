package ort

import (
	"errors"
	"fmt"

	ortgo "github.com/yalue/onnxruntime_go"
)

// Binding runs a session on the same tensors every time, without allocating.
type Binding struct {
	session *Session
	b       *ortgo.IoBinding
}

// Bind prepares runs that compute out from in, in the order of Inputs and Outputs.
// The tensors must stay open for as long as the Binding; none may be a scalar. It is
// closed before its session.
func (s *Session) Bind(in, out []*Tensor) (*Binding, error) {
	if len(in) != len(s.inputs) || len(out) != len(s.outputs) {
		return nil, fmt.Errorf("ort: bind: %d inputs and %d outputs given, the model has %d and %d",
			len(in), len(out), len(s.inputs), len(s.outputs))
	}
	if s.s == nil {
		return nil, errors.New("ort: bind: the session is closed")
	}
	b, err := s.s.CreateIoBinding()
	if err != nil {
		return nil, fmt.Errorf("ort: bind: %w", err)
	}
	bind := func(t *Tensor, name string, how func(string, ortgo.Value) error) {
		switch {
		case err != nil:
		case t.value == nil || t.load != nil:
			err = fmt.Errorf("%w: %s is closed or a scalar", ErrTensor, name)
		default:
			err = how(name, t.value)
		}
	}
	for i, t := range in {
		bind(t, s.inputs[i].Name, b.BindInput)
	}
	for i, t := range out {
		bind(t, s.outputs[i].Name, b.BindOutput)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("ort: bind: %w", err), b.Destroy())
	}
	return &Binding{s, b}, nil
}

// Run computes the outputs' memory from the inputs'.
func (b *Binding) Run() error {
	if b.b == nil || b.session.s == nil {
		return errors.New("ort: run: the binding or its session is closed")
	}
	if err := b.session.work(func() error { return b.session.s.RunWithBinding(b.b) }); err != nil {
		return fmt.Errorf("ort: run: %w", err)
	}
	return nil
}

// Close frees the binding, not the tensors. A second Close does nothing.
func (b *Binding) Close() error {
	if b.b == nil {
		return nil
	}
	inner := b.b
	b.b = nil
	return inner.Destroy()
}
