package builtin

import (
	"encoding/binary"
	"errors"
	"math"
	"unsafe"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/deploy/coder"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// denseFrom is the number of elements from which ONNX Runtime's vector code is
// faster than a plain loop in spite of the price of calling it (BenchmarkDense).
const denseFrom = 2048

// dense is a coder's stage that runs the model of fp16 or int8 on the CPU: that is
// where tokens lie.
type dense struct {
	own     coder.Stage // does the same, for values that the model can't code
	session *ort.Session
	name    string
	encode  bool
	n       int64
	bound   map[[2]*byte]*denseRun // by where the tokens lie

	scale, zero, energy []byte        // of int8: the model's small tensors
	shared              []*ort.Tensor // those of scale, zero and energy
}

// denseRun is a binding with the tensors that are its own.
type denseRun struct {
	*ort.Binding
	tensors [2]*ort.Tensor
}

// newDense returns a faster stage than own if there is one.
func newDense(s kernel.Spec, name string, n int64, own coder.Stage, encode bool) (coder.Stage, error) {
	if n < denseFrom || name != codec.FP16 && name != codec.Int8 {
		return own, nil
	}
	model, err := decodeModel(name)
	if encode {
		model, err = encodeModel(name)
	}
	if err != nil {
		return nil, err
	}
	session, err := ort.NewSession(model, ort.Options{Threads: s.Unit.Threads, Spin: s.Unit.Spin, Shared: true})
	if err != nil {
		return nil, err
	}
	d := &dense{own: own, session: session, name: name, encode: encode, n: n, bound: map[[2]*byte]*denseRun{}}
	if name == codec.Int8 {
		d.scale, d.zero, d.energy = ort.AlignedBytes(4), ort.AlignedBytes(1), ort.AlignedBytes(4)
		err = errors.Join(d.share(onnx.Float32, d.scale), d.share(onnx.Uint8, d.zero))
		if encode {
			err = errors.Join(err, d.share(onnx.Float32, d.energy))
		}
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// share makes a tensor of one element for all bindings.
func (d *dense) share(elem onnx.Elem, data []byte) error {
	t, err := ort.NewTensor(elem, []int64{1}, data)
	if err == nil {
		d.shared = append(d.shared, t)
	}
	return err
}

// Run codes or decodes one tensor.
func (d *dense) Run(dst, src []byte) (int, error) {
	if d.name == codec.Int8 && !d.encode {
		scale, zero, err := coder.Header(src)
		if err != nil {
			return 0, err
		}
		if scale > math.MaxFloat32/256 { // a product could overflow
			return d.own.Run(dst, src)
		}
		binary.LittleEndian.PutUint32(d.scale, math.Float32bits(scale))
		d.zero[0] = zero
	}
	run, err := d.at(dst, src)
	if err != nil {
		return 0, err
	}
	if err := run.Run(); err != nil {
		return 0, err
	}
	switch {
	case !d.encode:
		return int(4 * d.n), nil
	case d.name == codec.FP16:
		return int(2 * d.n), nil
	}
	scale, energy := readFloat(d.scale), readFloat(d.energy)
	if !(scale >= codec.MinScale && scale <= math.MaxFloat32 && energy <= math.MaxFloat32) {
		return d.own.Run(dst, src)
	}
	coder.PutHeader(dst, scale, d.zero[0])
	return codec.Int8HeaderBytes + int(d.n), nil
}

func readFloat(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }

// at returns the binding of two tokens' memory. Slots don't move, so the steady
// state makes none.
func (d *dense) at(dst, src []byte) (*denseRun, error) {
	key := [2]*byte{unsafe.SliceData(dst), unsafe.SliceData(src)}
	if run := d.bound[key]; run != nil {
		return run, nil
	}
	values, coded := src, dst
	if !d.encode {
		values, coded = dst, src
	}
	v, err := ort.NewTensor(onnx.Float32, []int64{d.n}, values[:4*d.n])
	if err != nil {
		return nil, err
	}
	elem, from, to := onnx.Float16, int64(0), 2*d.n
	if d.name == codec.Int8 {
		elem, from, to = onnx.Uint8, codec.Int8HeaderBytes, codec.Int8HeaderBytes+d.n
	}
	c, err := ort.NewTensor(elem, []int64{d.n}, coded[from:to])
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	one, all := []*ort.Tensor{v}, append([]*ort.Tensor{c}, d.shared...)
	if !d.encode {
		one, all = all, one
	}
	b, err := d.session.Bind(one, all)
	if err != nil {
		return nil, errors.Join(err, v.Close(), c.Close())
	}
	d.bound[key] = &denseRun{b, [2]*ort.Tensor{v, c}}
	return d.bound[key], nil
}

// Close frees the session and the tensors, not the tokens.
func (d *dense) Close() error {
	var errs []error
	for _, run := range d.bound {
		errs = append(errs, run.Close(), run.tensors[0].Close(), run.tensors[1].Close())
	}
	for _, t := range d.shared {
		errs = append(errs, t.Close())
	}
	return errors.Join(append(errs, d.session.Close())...)
}
