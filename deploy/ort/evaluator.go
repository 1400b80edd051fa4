package ort

import (
	"bytes"
	"fmt"
	"sync"
	"unsafe"

	"github.com/edgeprune/edgeprune/core/onnx"
	ortgo "github.com/yalue/onnxruntime_go"
)

// Evaluator runs models of one float32 input on behalf of code that builds
// them. It keeps the session of the last model, so repeated runs of the same
// bytes load it once. Close it when done.
type Evaluator struct {
	Threads int // intra-op threads; 0 means 1

	mu      sync.Mutex
	model   []byte
	session *Session
}

// Run gives input, of shape inShape, to the model and returns all its outputs,
// which must be float32, flattened and owned by the caller.
func (e *Evaluator) Run(model []byte, input []float32, inShape []int64) ([][]float32, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.session == nil || !bytes.Equal(e.model, model) {
		s, err := NewSession(model, Options{Threads: e.Threads})
		if err != nil {
			return nil, err
		}
		e.close()
		e.session, e.model = s, bytes.Clone(model)
	}
	if in := e.session.inputs; len(in) != 1 || in[0].Elem != onnx.Float32 {
		return nil, fmt.Errorf("ort: evaluate: the model must have one float32 input, it has %+v", in)
	}
	raw := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(input))), 4*len(input))
	in, err := NewTensor(onnx.Float32, inShape, raw)
	if err != nil {
		return nil, fmt.Errorf("ort: evaluate: %w", err)
	}
	defer in.Close()
	values := make([]ortgo.Value, len(e.session.outputs))
	if err := e.session.run([]*Tensor{in}, values); err != nil {
		return nil, fmt.Errorf("ort: evaluate: %w", err)
	}
	for _, v := range values {
		defer v.Destroy()
	}
	out := make([][]float32, len(values))
	for i, v := range values {
		t, ok := v.(*ortgo.Tensor[float32])
		if !ok {
			return nil, fmt.Errorf("ort: evaluate: output %s is a %T, not a float32 tensor", e.session.outputs[i].Name, v)
		}
		out[i] = t.GetData()
	}
	return out, nil
}

// Close frees the kept session. The Evaluator may be used again.
func (e *Evaluator) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.close()
}

func (e *Evaluator) close() error {
	if e.session == nil {
		return nil
	}
	s := e.session
	e.session, e.model = nil, nil
	return s.Close()
}
