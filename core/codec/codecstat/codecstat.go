// Package codecstat gathers what codecs do to the tensors of a run: sizes, times, errors
// and the ranges that int8-static is calibrated from. It is fed with what was sent and
// what came back, and may not code anything itself.
package codecstat

import (
	"math"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/graph"
)

// Coding is what a codec did to one tensor that crosses between devices, over the
// frames of a run. Of a token that no codec took, only its sizes and range are known.
type Coding struct {
	Tensor    string          `json:"tensor"` // as plan.Work.Tensor
	Type      graph.TokenType `json:"type"`   // before coding
	Frames    int             `json:"frames"`
	SentBytes int64           `json:"sent_bytes"` // by all frames

	Encode []time.Duration `json:"encode_ns,omitempty"` // by frame
	Decode []time.Duration `json:"decode_ns,omitempty"`

	// MaxError is the largest difference of an element that came back; elements that
	// were, or became, infinite or NaN are counted in NotFinite instead.
	MaxError  float64 `json:"max_error"`
	NotFinite int     `json:"not_finite,omitempty"`
	squares   float64
	compared  int

	// Low and High are the smallest and largest finite element of every channel, or
	// of the tensor if it has none, and 0 if that is beyond.
	Low, High []float32 `json:"-"`
}

// Observe takes the elements of a frame before coding into the range.
func (c *Coding) Observe(values []float32) {
	batch, channels := 1, 1
	if s := c.Type.Shape; len(s) >= 3 {
		batch, channels = int(s[0]), int(s[1])
	}
	if c.Low == nil {
		c.Low, c.High = make([]float32, channels), make([]float32, channels)
	}
	plane := max(len(values)/channels/batch, 1)
	for i, x := range values {
		if k := i / plane % channels; x-x == 0 { // finite
			c.Low[k], c.High[k] = min(c.Low[k], x), max(c.High[k], x)
		}
	}
}

// Compare takes what a frame's elements came back as into the errors.
func (c *Coding) Compare(before, after []float32) {
	for i, x := range before {
		d := float64(x) - float64(after[i])
		if d-d != 0 { // infinite or NaN
			if x != after[i] {
				c.NotFinite++
			}
			continue
		}
		c.MaxError = max(c.MaxError, math.Abs(d))
		c.squares += d * d
	}
	c.compared += len(before)
}

// RMS returns the root of the mean squared error, 0 if nothing was compared.
func (c *Coding) RMS() float64 {
	if c.compared == 0 {
		return 0
	}
	return math.Sqrt(c.squares / float64(c.compared))
}

// RawBytes returns the bytes of a token before coding.
func (c *Coding) RawBytes() int64 { return c.Type.Bytes() }

// WireBytes returns the mean bytes of a token on the link.
func (c *Coding) WireBytes() float64 { return float64(c.SentBytes) / float64(max(c.Frames, 1)) }

// Affine returns scales and zero points for the observed range: of every channel, or
// one for the tensor.
func (c *Coding) Affine(perChannel bool) codec.Affine {
	low, high := c.Low, c.High
	if !perChannel && len(low) > 0 {
		low, high = []float32{slices.Min(low)}, []float32{slices.Max(high)}
	}
	var a codec.Affine
	for i := range low {
		scale, zero := codec.Calibrated(low[i], high[i])
		a.Scale, a.ZeroPoint = append(a.Scale, scale), append(a.ZeroPoint, zero)
	}
	return a
}
