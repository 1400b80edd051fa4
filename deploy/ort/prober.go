package ort

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	ortgo "github.com/yalue/onnxruntime_go"
)

// maxProbeBytes bounds an input that a Prober makes up.
const maxProbeBytes = 1 << 30

// Prober tells what ONNX Runtime finds out about a model's tensors; it
// implements shape.Prober. Close it when done.
type Prober struct {
	Dir    string    // of the model, where its external data lies; may be empty if there is none
	Inputs []*Tensor // that models are run on; nil: made up
	// Others says that runs after the first are on inputs made up all the same, as far
	// as the model takes such: they show which shapes depend on the data.
	Others bool

	mu      sync.Mutex
	model   []byte
	session *Session
}

var _ shape.Prober = (*Prober)(nil)

// Types implements shape.Prober by the runtime's own inference.
func (p *Prober) Types(model []byte) ([]onnx.Elem, error) {
	if !loaded() {
		return nil, ErrNotLoaded
	}
	_, outputs, err := ortgo.GetInputOutputInfoWithONNXData(model)
	if err != nil {
		return nil, fmt.Errorf("ort: probe: %w", err)
	}
	types := make([]onnx.Elem, len(outputs))
	for i, o := range outputs {
		if o.OrtValueType == ortgo.ONNXTypeTensor {
			types[i] = onnx.Elem(o.DataType) // the numbers are those of the format
		}
	}
	return types, nil
}

// Vectors implements shape.Prober. Inputs that are made up are as Random makes
// them.
func (p *Prober) Vectors(model []byte, seed uint64) ([][]int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.open(model); err != nil {
		return nil, err
	}
	if p.Others && p.Inputs != nil && seed > 0 {
		if vectors, err := p.vectors(make([]*Tensor, len(p.session.inputs)), seed); err == nil {
			return vectors, nil
		}
	}
	in := make([]*Tensor, len(p.session.inputs))
	copy(in, p.Inputs)
	return p.vectors(in, seed)
}

// vectors runs the model on inputs, of which it makes up those that are nil.
func (p *Prober) vectors(in []*Tensor, seed uint64) ([][]int64, error) {
	for i, info := range p.session.inputs {
		if in[i] != nil {
			continue
		}
		t, err := made(info, seed*31+uint64(i))
		if err != nil {
			return nil, fmt.Errorf("ort: probe: input %s: %w", info.Name, err)
		}
		defer t.Close()
		in[i] = t
	}
	values := make([]ortgo.Value, len(p.session.outputs))
	if err := p.session.run(in, values); err != nil {
		return nil, err
	}
	vectors := make([][]int64, len(values))
	for i, v := range values {
		defer v.Destroy()
		t, ok := v.(*ortgo.Tensor[int64])
		if !ok {
			return nil, fmt.Errorf("ort: probe: output %s is a %T, no int64 tensor", p.session.outputs[i].Name, v)
		}
		vectors[i] = append([]int64{}, t.GetData()...)
	}
	return vectors, nil
}

// Close frees the kept session. The Prober may be used again.
func (p *Prober) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.close()
}

func (p *Prober) close() error {
	if p.session == nil {
		return nil
	}
	s := p.session
	p.session, p.model = nil, nil
	return s.Close()
}

// open keeps a session for the model.
func (p *Prober) open(model []byte) error {
	if p.session != nil && bytes.Equal(p.model, model) {
		return nil
	}
	s, err := NewSession(model, Options{Dir: p.Dir, Plain: true})
	if err != nil {
		return err
	}
	if err := p.close(); err != nil {
		return err
	}
	p.session, p.model = s, model
	return nil
}

// made makes up an input.
func made(info Info, seed uint64) (*Tensor, error) {
	n := int64(1)
	for _, d := range info.Shape {
		if d < 0 {
			return nil, fmt.Errorf("%w: shape %v is open; bind its dimensions", ErrTensor, info.Shape)
		}
		if n *= d; n > maxProbeBytes {
			return nil, fmt.Errorf("%w: shape %v is more than a probe makes up", ErrTensor, info.Shape)
		}
	}
	data, err := Random(info.Elem, n, seed)
	if err != nil {
		return nil, err
	}
	return NewTensor(info.Elem, info.Shape, data)
}

// fill draws elements; see Random.
func fill(e onnx.Elem, data []byte, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0))
	switch e {
	case onnx.Float32:
		for i := 0; i < len(data); i += 4 {
			binary.LittleEndian.PutUint32(data[i:], math.Float32bits(2*r.Float32()-1))
		}
	case onnx.Float64:
		for i := 0; i < len(data); i += 8 {
			binary.LittleEndian.PutUint64(data[i:], math.Float64bits(2*r.Float64()-1))
		}
	case onnx.Float16:
		for i := 0; i < len(data); i += 2 { // between 0.5 and 1, of either sign
			binary.LittleEndian.PutUint16(data[i:], 0x3800|uint16(r.Uint32())&0x83ff)
		}
	case onnx.BFloat16: // the upper half of a float32
		for i := 0; i < len(data); i += 2 {
			binary.LittleEndian.PutUint16(data[i:], uint16(math.Float32bits(2*r.Float32()-1)>>16))
		}
	case onnx.Uint8, onnx.Int8:
		for i := range data {
			data[i] = byte(r.Uint32())
		}
	default:
		size := int(e.Size())
		for i := 0; i < len(data); i += size {
			data[i] = byte(r.Uint32() & 1)
		}
	}
}
