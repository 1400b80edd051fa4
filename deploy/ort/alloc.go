package ort

import (
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/edgeprune/edgeprune/core/onnx"
	ortgo "github.com/yalue/onnxruntime_go"
)

// RunAlloc computes a model's outputs into new tensors, whose shapes need not
// be known before; the caller closes them. It is for checks and probes: Run is
// the one that allocates nothing. known holds what is known of outputs whose shape the
// model leaves open, by name; it may be nil. An output that is a sequence or a map is a
// Tensor whose Kind says so, without data. An output of open shape that comes out as a
// scalar, or of a type that the binding does not know, is an error.
func (s *Session) RunAlloc(in []*Tensor, known map[string][]int64) (out []*Tensor, err error) {
	out = make([]*Tensor, len(s.outputs))
	defer func() {
		if err == nil {
			return
		}
		for _, t := range out {
			if t != nil {
				t.Close()
			}
		}
		out = nil
	}()
	open := func(shape []int64) bool { return slices.ContainsFunc(shape, func(d int64) bool { return d < 0 }) }
	for i, o := range s.outputs {
		shape, rank := o.Shape, o.Known
		if !rank || open(shape) {
			shape, rank = known[o.Name]
		}
		if _, numbers := elemTypes[o.Elem]; !numbers || !rank || open(shape) {
			continue
		}
		n := o.Elem.Size()
		for _, d := range shape {
			n *= d
		}
		if out[i], err = NewTensor(o.Elem, shape, AlignedBytes(int(n))); err != nil {
			return nil, fmt.Errorf("ort: run: output %s: %w", o.Name, err)
		}
	}
	return out, s.runOpen(in, out, true)
}

// RunOpen is Run for outputs whose shapes are not all known: those that are nil
// become new tensors, which the caller closes, also after an error. One that is no
// tensor of numbers is an error.
func (s *Session) RunOpen(in, out []*Tensor) error { return s.runOpen(in, out, false) }

// runOpen is RunOpen; with any, outputs may be of other types.
func (s *Session) runOpen(in, out []*Tensor, any bool) error {
	if s.s == nil || len(in) != len(s.inputs) || len(out) != len(s.outputs) {
		return fmt.Errorf("ort: run: %d inputs and %d outputs given, the model has %d and %d, or is closed", len(in),
			len(out), len(s.inputs), len(s.outputs))
	}
	values := make([]ortgo.Value, len(out))
	for i, t := range out {
		switch {
		case t == nil:
		case t.value == nil:
			return fmt.Errorf("%w: output %s is closed", ErrTensor, s.outputs[i].Name)
		default:
			values[i] = t.value
		}
	}
	if err := s.run(in, values); err != nil {
		return err
	}
	var errs []error
	for i, v := range values {
		if out[i] != nil {
			if out[i].store != nil {
				out[i].store()
			}
			continue
		}
		var err error
		if out[i], err = wrap(v, any); err != nil {
			errs = append(errs, fmt.Errorf("ort: run: output %s: %w", s.outputs[i].Name, err))
		}
	}
	s.copied(in, out)
	return errors.Join(errs...)
}

// run runs the session on inputs and on outputs that may be nil.
func (s *Session) run(in []*Tensor, out []ortgo.Value) error {
	if len(in) == 0 {
		in = []*Tensor{s.unused}
	}
	values := make([]ortgo.Value, len(in))
	for i, t := range in {
		if t.load != nil {
			if err := t.reload(); err != nil {
				return fmt.Errorf("ort: run: input %s: %w", s.inputs[i].Name, err)
			}
		}
		if values[i] = t.value; t.value == nil {
			return fmt.Errorf("%w: input %s is closed", ErrTensor, s.inputs[i].Name)
		}
	}
	if err := s.work(func() error { return s.s.Run(values, out) }); err != nil {
		return fmt.Errorf("ort: run: %w", err)
	}
	return nil
}

// wrap takes over a value that the runtime has allocated; with any, also of strings, and
// sequences and maps.
func wrap(v ortgo.Value, any bool) (*Tensor, error) {
	if kind := kindOf(v); any && kind != "" {
		return &Tensor{shape: []int64(v.GetShape()), value: v, kind: kind}, nil
	}
	shape := []int64(v.GetShape())
	var data []byte
	switch t := v.(type) {
	case *ortgo.Tensor[float32]:
		data = raw(t.GetData())
	case *ortgo.Tensor[float64]:
		data = raw(t.GetData())
	case *ortgo.Tensor[uint8]:
		data = raw(t.GetData())
	case *ortgo.Tensor[int8]:
		data = raw(t.GetData())
	case *ortgo.Tensor[uint16]:
		data = raw(t.GetData())
	case *ortgo.Tensor[int16]:
		data = raw(t.GetData())
	case *ortgo.Tensor[uint32]:
		data = raw(t.GetData())
	case *ortgo.Tensor[int32]:
		data = raw(t.GetData())
	case *ortgo.Tensor[uint64]:
		data = raw(t.GetData())
	case *ortgo.Tensor[int64]:
		data = raw(t.GetData())
	case *ortgo.Tensor[bool]:
		data = raw(t.GetData())
	default:
		v.Destroy()
		return nil, fmt.Errorf("%w: a %T has no memory to give", ErrTensor, v)
	}
	return &Tensor{data: data, shape: shape, value: v}, nil
}

// raw returns the memory of a slice as bytes.
func raw[T any](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*int(unsafe.Sizeof(s[0])))
}

// Random returns data for a tensor drawn from a seed, the same each time:
// floats between -1 and 1, integers 0 or 1 and half of all conditions true.
func Random(e onnx.Elem, elements int64, seed uint64) ([]byte, error) {
	if _, ok := elemTypes[e]; !ok {
		return nil, fmt.Errorf("%w: element type %s is not supported", ErrTensor, e)
	}
	data := AlignedBytes(int(elements * e.Size()))
	fill(e, data, seed)
	return data, nil
}
