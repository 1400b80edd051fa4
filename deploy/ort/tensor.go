package ort

import (
	"fmt"
	"slices"
	"unsafe"

	"github.com/edgeprune/edgeprune/core/onnx"
	ortgo "github.com/yalue/onnxruntime_go"
)

// Alignment in bytes of what AlignedBytes returns: a cache line, and the
// widest vector register.
const Alignment = 64

// AlignedBytes returns n zero bytes that start at a multiple of Alignment.
func AlignedBytes(n int) []byte {
	buf := make([]byte, n+Alignment-1)
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(buf))) & (Alignment - 1))
	return buf[skip : skip+n : skip+n]
}

// elemTypes are the element types that a Tensor may have.
var elemTypes = map[onnx.Elem]ortgo.TensorElementDataType{
	onnx.Float32:  ortgo.TensorElementDataTypeFloat,
	onnx.Float16:  ortgo.TensorElementDataTypeFloat16,
	onnx.BFloat16: ortgo.TensorElementDataTypeBFloat16,
	onnx.Uint8:    ortgo.TensorElementDataTypeUint8,
	onnx.Int8:     ortgo.TensorElementDataTypeInt8,
	onnx.Int32:    ortgo.TensorElementDataTypeInt32,
	onnx.Int64:    ortgo.TensorElementDataTypeInt64,
	onnx.Bool:     ortgo.TensorElementDataTypeBool,
	onnx.Float64:  ortgo.TensorElementDataTypeDouble,
	onnx.Uint16:   ortgo.TensorElementDataTypeUint16,
	onnx.Int16:    ortgo.TensorElementDataTypeInt16,
	onnx.Uint32:   ortgo.TensorElementDataTypeUint32,
	onnx.Uint64:   ortgo.TensorElementDataTypeUint64,
}

// Tensor gives ONNX Runtime access to memory of the caller. One Run at a time
// may use it.
type Tensor struct {
	data  []byte
	shape []int64
	value ortgo.Value
	kind  string // see Kind
	// Rank 0 only: the runtime's value lives in memory of its own.
	load  func() (ortgo.Value, error)
	store func()
}

// NewTensor wraps data, row-major and little-endian, without copying it. The
// caller keeps data for as long as the Tensor, and may read and write it
// between runs. data must hold exactly the shape's elements, maybe none, and
// be aligned to the element's size (best is AlignedBytes). A nil shape is a
// scalar, which Float16 can not be. Errors wrap ErrTensor.
func NewTensor(e onnx.Elem, shape []int64, data []byte) (*Tensor, error) {
	if !loaded() {
		return nil, ErrNotLoaded
	}
	t, ok := elemTypes[e]
	if !ok {
		return nil, fmt.Errorf("%w: element type %d is not supported", ErrTensor, e)
	}
	want := e.Size()
	for _, d := range shape {
		want *= d
	}
	if int64(len(data)) != want || slices.ContainsFunc(shape, func(d int64) bool { return d < 0 }) {
		return nil, fmt.Errorf("%w: %d bytes of data, shape %v of type %d has %d", ErrTensor, len(data), shape, e, want)
	}
	if uintptr(unsafe.Pointer(unsafe.SliceData(data)))%uintptr(e.Size()) != 0 {
		return nil, fmt.Errorf("%w: data is not aligned to its %d-byte elements", ErrTensor, e.Size())
	}
	out := &Tensor{data: data, shape: append([]int64(nil), shape...)}
	if len(shape) == 0 {
		return out, out.bindScalar(e)
	}
	if want == 0 {
		var err error
		out.value, err = emptyTensor(t, out.shape)
		return out, err
	}
	v, err := ortgo.NewCustomDataTensor(ortgo.Shape(out.shape), data, t)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTensor, err)
	}
	out.value = v
	return out, nil
}

// Data returns the wrapped memory.
func (t *Tensor) Data() []byte { return t.data }

// Shape returns the dimensions; the caller must not change them.
func (t *Tensor) Shape() []int64 { return t.shape }

// Close releases the runtime's handle, not the memory. A second Close does
// nothing.
func (t *Tensor) Close() error {
	if t.value == nil {
		return nil
	}
	v := t.value
	t.value = nil
	return v.Destroy()
}

func (t *Tensor) bindScalar(e onnx.Elem) error {
	switch e {
	case onnx.Float32:
		bindScalar[float32](t)
	case onnx.Uint8:
		bindScalar[uint8](t)
	case onnx.Int8:
		bindScalar[int8](t)
	case onnx.Int32:
		bindScalar[int32](t)
	case onnx.Int64:
		bindScalar[int64](t)
	case onnx.Bool:
		bindScalar[bool](t)
	case onnx.Float64:
		bindScalar[float64](t)
	case onnx.Uint16:
		bindScalar[uint16](t)
	case onnx.Int16:
		bindScalar[int16](t)
	case onnx.Uint32:
		bindScalar[uint32](t)
	case onnx.Uint64:
		bindScalar[uint64](t)
	default:
		return fmt.Errorf("%w: a scalar of element type %d is not supported", ErrTensor, e)
	}
	return t.reload()
}

func bindScalar[T ortgo.TensorData](t *Tensor) {
	p := (*T)(unsafe.Pointer(&t.data[0]))
	t.load = func() (ortgo.Value, error) { return ortgo.NewScalar(*p) }
	t.store = func() { *p = t.value.(*ortgo.Scalar[T]).GetData() }
}

// reload makes the runtime see a scalar's present value.
func (t *Tensor) reload() error {
	if err := t.Close(); err != nil {
		return err
	}
	v, err := t.load()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTensor, err)
	}
	t.value = v
	return nil
}
