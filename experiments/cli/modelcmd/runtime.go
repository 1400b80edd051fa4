package modelcmd

import (
	"errors"
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
)

// Runtime is ONNX Runtime for experiments/model. Each session has memory of its own,
// which it gives back: models are loaded once here.
type Runtime struct{}

// Load implements model.Runtime.
func (Runtime) Load(data []byte, dir string, plain bool) (model.Session, error) {
	s, err := ort.NewSession(data, ort.Options{Dir: dir, Plain: plain})
	if err != nil {
		return nil, err
	}
	return modelSession{s}, nil
}

type modelSession struct{ s *ort.Session }

// Run implements model.Session.
func (m modelSession) Run(in []model.Tensor, known map[string][]int64) (out []model.Tensor, err error) {
	tensors, done, err := tensorsOf(in)
	if err != nil {
		return nil, err
	}
	defer done()
	made, err := m.s.RunAlloc(tensors, known)
	if err != nil {
		return nil, err
	}
	for i, t := range made {
		var o model.Tensor
		if err == nil {
			o, err = tensorOf(m.s.Outputs()[i], t)
		}
		err = errors.Join(err, t.Close()) // of all, also behind an error
		out = append(out, o)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// tensorOf copies what the runtime has made.
func tensorOf(info ort.Info, t *ort.Tensor) (out model.Tensor, err error) {
	out.TensorInfo = onnx.TensorInfo{Name: info.Name, Elem: info.Elem, Shape: append([]int64{}, t.Shape()...)}
	switch t.Kind() {
	case "":
		out.Data = append([]byte{}, t.Data()...)
	case ort.Strings:
		out.Elem = onnx.String
		out.Strings, err = t.Contents()
	default:
		out.Elem, out.Shape, out.Other = 0, nil, t.Kind()
	}
	return out, err
}

// Close implements model.Session.
func (m modelSession) Close() error { return m.s.Close() }

// tensorsOf gives the runtime access to copies of tensors.
func tensorsOf(in []model.Tensor) (tensors []*ort.Tensor, done func(), err error) {
	done = func() {
		for _, t := range tensors {
			t.Close()
		}
	}
	for _, t := range in {
		var x *ort.Tensor
		if t.Elem == onnx.String {
			x, err = ort.NewStrings(t.Shape, t.Strings)
		} else {
			data := ort.AlignedBytes(len(t.Data))
			copy(data, t.Data)
			x, err = ort.NewTensor(t.Elem, t.Shape, data)
		}
		if err != nil {
			done()
			return nil, nil, fmt.Errorf("tensor %s: %w", t.TensorInfo, err)
		}
		tensors = append(tensors, x)
	}
	return tensors, done, nil
}

// Draw implements model.Runtime.
func (Runtime) Draw(t onnx.TensorInfo, seed uint64) ([]byte, error) {
	return ort.Random(t.Elem, t.Elements(), seed)
}

// Probe implements model.Runtime.
func (Runtime) Probe(m *onnx.Model, dir string, in []model.Tensor) (known *onnx.Model, err error) {
	tensors, done, err := tensorsOf(in)
	if err != nil {
		return nil, err
	}
	defer done()
	p := &ort.Prober{Dir: dir, Inputs: tensors, Others: shape.DataDependent(m)}
	defer func() { err = errors.Join(err, p.Close()) }()
	if m, err = shape.Check(m, p); err != nil {
		return nil, err
	}
	return shape.Probe(m, p, 0)
}

// Optimise implements model.Optimiser.
func (Runtime) Optimise(data []byte) ([]byte, error) { return ort.Optimise(data) }
