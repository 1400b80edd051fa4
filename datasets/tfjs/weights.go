// Package tfjs reads TensorFlow.js models: their weight files, and graph models, which it turns into ONNX.
// It may not read files itself or run a model.
package tfjs

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// The errors of this package.
var (
	// ErrWeights: the weight file and its manifest don't fit together.
	ErrWeights = errors.New("tfjs: bad weights")
	// ErrGraph: the graph is malformed, or holds what Convert doesn't know.
	ErrGraph = errors.New("tfjs: bad graph")
)

// Tensor is an array, row-major in Shape: of float32 in Data, or of int32 in
// Ints.
type Tensor struct {
	Shape []int64
	Data  []float32
	Ints  []int32
}

type group struct{ Weights []manifestEntry }

type manifestEntry struct {
	Name         string
	Shape        []int64
	Dtype        string
	Quantization *struct {
		Dtype      string
		Scale, Min float64
	}
}

// Read returns the float32 and int32 tensors, by name, of a weight file and its
// manifest. Tensors quantised to 8 bits are q·scale + min, those of float16 are
// widened; other types are an error. Errors wrap ErrWeights.
func Read(manifest, weights []byte) (map[string]Tensor, error) {
	var groups []group
	if err := json.Unmarshal(manifest, &groups); err != nil {
		return nil, fmt.Errorf("%w: manifest: %w", ErrWeights, err)
	}
	return read(groups, weights)
}

func read(groups []group, weights []byte) (map[string]Tensor, error) {
	out := make(map[string]Tensor)
	for _, g := range groups {
		for _, e := range g.Weights {
			width, err := e.width()
			if err != nil {
				return nil, err
			}
			n := int64(1)
			for _, d := range e.Shape {
				if d < 0 || d > 0 && n > int64(len(weights))/d {
					return nil, fmt.Errorf("%w: %s of shape %v: %d bytes are left", ErrWeights, e.Name, e.Shape, len(weights))
				}
				n *= d
			}
			if n*width > int64(len(weights)) {
				return nil, fmt.Errorf("%w: %s needs %d bytes, %d are left", ErrWeights, e.Name, n*width, len(weights))
			}
			out[e.Name] = e.tensor(weights[:n*width], n)
			weights = weights[n*width:]
		}
	}
	if len(weights) != 0 {
		return nil, fmt.Errorf("%w: %d bytes too many", ErrWeights, len(weights))
	}
	return out, nil
}

// width returns the bytes of one stored element.
func (e manifestEntry) width() (int64, error) {
	stored := ""
	if e.Quantization != nil {
		stored = e.Quantization.Dtype
	}
	switch {
	case e.Dtype != "float32" && e.Dtype != "int32":
		return 0, fmt.Errorf("%w: %s is of type %q; only float32 and int32 are known", ErrWeights, e.Name, e.Dtype)
	case stored == "":
		return 4, nil
	case stored == "uint8":
		return 1, nil
	case stored == "float16" && e.Dtype == "float32":
		return 2, nil
	}
	return 0, fmt.Errorf("%w: %s is quantised as %s; only uint8 and float16 are known", ErrWeights, e.Name, stored)
}

func (e manifestEntry) tensor(raw []byte, n int64) Tensor {
	t := Tensor{Shape: e.Shape}
	if e.Dtype == "int32" {
		t.Ints = make([]int32, n)
		for i := range t.Ints {
			if e.Quantization != nil {
				t.Ints[i] = int32(math.Round(e.value(raw[i])))
			} else {
				t.Ints[i] = int32(binary.LittleEndian.Uint32(raw[4*i:]))
			}
		}
		return t
	}
	t.Data = make([]float32, n)
	for i := range t.Data {
		switch {
		case e.Quantization == nil:
			t.Data[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		case e.Quantization.Dtype == "float16":
			t.Data[i] = widen(binary.LittleEndian.Uint16(raw[2*i:]))
		default:
			t.Data[i] = float32(e.value(raw[i]))
		}
	}
	return t
}

// value restores a quantised number. The explicit conversion keeps the processor
// from fusing the two operations, so that all machines get the same bytes.
func (e manifestEntry) value(q byte) float64 {
	return float64(float64(q)*e.Quantization.Scale) + e.Quantization.Min
}

// widen returns the value of an IEEE 754 half-precision number.
func widen(h uint16) float32 {
	exponent, fraction := int(h>>10)&31, float64(h&1023)
	v := 0.0
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 31:
		v = math.Inf(1)
		if fraction != 0 {
			v = math.NaN()
		}
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if h>>15 != 0 {
		v = -v
	}
	return float32(v)
}
