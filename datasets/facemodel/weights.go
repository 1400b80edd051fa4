// Package facemodel turns the published weights of a face detector into an ONNX model; it may not read files or run the model.
package facemodel

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// ErrWeights: the weight file or its manifest is not what the model needs.
var ErrWeights = errors.New("facemodel: bad weights")

// Tensor is a float32 array, row-major in Shape.
type Tensor struct {
	Shape []int64
	Data  []float32
}

type manifestEntry struct {
	Name         string
	Shape        []int64
	Dtype        string
	Quantization *struct {
		Dtype      string
		Scale, Min float64
	}
}

// Read returns the float32 tensors, by name, of a TensorFlow.js weight file
// and its manifest. 8-bit tensors are q·scale + min. Others are left out.
func Read(manifest, weights []byte) (map[string]Tensor, error) {
	var groups []struct{ Weights []manifestEntry }
	if err := json.Unmarshal(manifest, &groups); err != nil {
		return nil, fmt.Errorf("%w: manifest: %w", ErrWeights, err)
	}
	out := make(map[string]Tensor)
	for _, g := range groups {
		for _, e := range g.Weights {
			n := 1
			for _, d := range e.Shape {
				n *= int(d)
			}
			size := 4 * n
			if e.Quantization != nil {
				if e.Quantization.Dtype != "uint8" {
					return nil, fmt.Errorf("%w: %s is quantised as %s, only uint8 is known", ErrWeights, e.Name, e.Quantization.Dtype)
				}
				size = n
			}
			if n < 0 || size > len(weights) {
				return nil, fmt.Errorf("%w: %s needs %d bytes, %d are left", ErrWeights, e.Name, size, len(weights))
			}
			if e.Dtype == "float32" {
				out[e.Name] = Tensor{e.Shape, e.floats(weights[:size])}
			}
			weights = weights[size:]
		}
	}
	if len(weights) != 0 {
		return nil, fmt.Errorf("%w: %d bytes too many", ErrWeights, len(weights))
	}
	return out, nil
}

func (e manifestEntry) floats(raw []byte) []float32 {
	if e.Quantization == nil {
		out := make([]float32, len(raw)/4)
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
		return out
	}
	out := make([]float32, len(raw))
	for i, q := range raw {
		// The explicit conversion keeps the processor from fusing the two
		// operations, so that all machines get the same bytes.
		out[i] = float32(float64(float64(q)*e.Quantization.Scale) + e.Quantization.Min)
	}
	return out
}
