package tensorfile

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// Fit returns a tensor as one of the name and type of want, and says what was converted;
// note is empty if nothing was. The shapes must be equal, dimension by dimension, but for
// those of want that are open; with reshape, the same number of elements is enough.
// Numbers go into another type where each of them stays what it is; floats are also rounded
// to narrower floats, which is said. All else is ErrFit. The data may be t's own.
func Fit(t Tensor, want onnx.TensorInfo, reshape bool) (fitted Tensor, note string, err error) {
	shape := t.Shape
	if !fits(t.Shape, want.Shape) {
		same := t.Elements() >= 0 && t.Elements() == want.Elements()
		switch {
		case !same:
			return Tensor{}, "", fmt.Errorf("%w: it holds %s, the input takes %s", ErrFit, t.Type(), want.Type())
		case !reshape:
			return Tensor{}, "", fmt.Errorf("%w: it holds %s, the input takes %s; turn its axes round, or, if only the shape "+
				"is written otherwise, take the elements as they come by --reshape", ErrFit, t.Type(), want.Type())
		}
		shape, note = want.Shape, fmt.Sprintf("reshaped from %v", t.Shape)
	}
	fitted = Tensor{
		TensorInfo: onnx.TensorInfo{Name: want.Name, Elem: want.Elem, Shape: slices.Clone(shape)}, Data: t.Data,
		Strings: t.Strings,
	}
	if t.Elem == want.Elem {
		return fitted, note, nil
	}
	data, rounded, err := convert(t.Data, t.Elem, want.Elem)
	if err != nil {
		return Tensor{}, "", err
	}
	fitted.Data = data
	how := fmt.Sprintf("converted from %s", t.Elem)
	if rounded {
		how = fmt.Sprintf("rounded from %s", t.Elem)
	}
	if note != "" {
		how = note + ", " + how
	}
	return fitted, how, nil
}

// fits says whether a shape is one that want allows; a nil want allows any.
func fits(shape, want []int64) bool {
	if want != nil && len(shape) != len(want) {
		return false
	}
	for i, d := range want {
		if d >= 0 && shape[i] != d {
			return false
		}
	}
	return true
}

// convert writes elements in another type; rounded says that some are others now.
func convert(data []byte, from, to onnx.Elem) (out []byte, rounded bool, err error) {
	read, write := numbers[from], writers[to]
	if read == nil || write == nil {
		return nil, false, fmt.Errorf("%w: it holds elements of type %s, the input takes %s, and neither becomes the other",
			ErrFit, from, to)
	}
	width, wide := int(from.Size()), int(to.Size())
	out = make([]byte, len(data)/width*wide)
	for i := 0; i*width < len(data); i++ {
		old, now := data[i*width:(i+1)*width], out[i*wide:(i+1)*wide]
		v := read(old)
		whole := from == onnx.Int64 || from == onnx.Uint64
		if whole && (to == onnx.Int64 || to == onnx.Uint64) { // beyond 2^53 a float64 isn't exact
			copy(now, old)
			if int64(binary.LittleEndian.Uint64(old)) < 0 {
				return nil, false, refused(i, v, to)
			}
			continue
		}
		write(now, v)
		again := numbers[to](now)
		exact := again == v || math.IsNaN(again) && math.IsNaN(v)
		if whole && math.Abs(v) >= 1<<53 {
			exact = exact && sameWhole(old, v, from)
		}
		if exact {
			continue
		}
		if !isFloat(from) || !isFloat(to) || math.IsInf(again, 0) {
			return nil, false, refused(i, v, to)
		}
		rounded = true
	}
	return out, rounded, nil
}

func refused(i int, v float64, to onnx.Elem) error {
	return fmt.Errorf("%w: element %d is %v, which no %s is", ErrFit, i, v, to)
}

// sameWhole says whether a whole number is the float that it was read as.
func sameWhole(b []byte, v float64, e onnx.Elem) bool {
	if e == onnx.Uint64 {
		return v < 1<<64 && uint64(v) == binary.LittleEndian.Uint64(b)
	}
	return v < 1<<63 && int64(v) == int64(binary.LittleEndian.Uint64(b))
}

func isFloat(e onnx.Elem) bool {
	return e == onnx.Float16 || e == onnx.BFloat16 || e == onnx.Float32 || e == onnx.Float64
}

// writers write one element each, as near to the number as the type has one.
var writers = map[onnx.Elem]func([]byte, float64){
	onnx.Float16:  func(b []byte, v float64) { binary.LittleEndian.PutUint16(b, onnx.HalfBits(v)) },
	onnx.BFloat16: func(b []byte, v float64) { binary.LittleEndian.PutUint16(b, onnx.BFloat16Bits(v)) },
	onnx.Float32:  func(b []byte, v float64) { binary.LittleEndian.PutUint32(b, math.Float32bits(float32(v))) },
	onnx.Float64:  func(b []byte, v float64) { binary.LittleEndian.PutUint64(b, math.Float64bits(v)) },
	onnx.Bool: func(b []byte, v float64) {
		if v != 0 {
			b[0] = 1
		}
	},
	onnx.Uint8: putInt(0, math.MaxUint8), onnx.Uint16: putInt(0, math.MaxUint16), onnx.Uint32: putInt(0, math.MaxUint32),
	onnx.Uint64: func(b []byte, v float64) {
		if v >= 0 && v < 1<<64 {
			binary.LittleEndian.PutUint64(b, uint64(v))
		}
	},
	onnx.Int8: putInt(math.MinInt8, math.MaxInt8), onnx.Int16: putInt(math.MinInt16, math.MaxInt16),
	onnx.Int32: putInt(math.MinInt32, math.MaxInt32),
	onnx.Int64: putInt(math.MinInt64, 1<<63-1024), // the largest float64 that is an int64
}

// putInt writes whole numbers from least to most in as many bytes as there are.
func putInt(least, most float64) func([]byte, float64) {
	return func(b []byte, v float64) {
		var word [8]byte
		if v == v { // NaN is none
			binary.LittleEndian.PutUint64(word[:], uint64(int64(min(max(v, least), most))))
		}
		copy(b, word[:])
	}
}

// Fill returns n elements of type e, the i-th as near to value(i) as the type has one; nil
// for types that aren't numbers.
func Fill(e onnx.Elem, n int64, value func(i int64) float64) []byte {
	write, width := writers[e], e.Size()
	if write == nil {
		return nil
	}
	data := make([]byte, n*width)
	for i := range n {
		write(data[i*width:(i+1)*width], value(i))
	}
	return data
}
