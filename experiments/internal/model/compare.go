package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/experiments/internal/tensorfile"
)

// Comparison is what came of comparing a tensor's elements.
type Comparison struct {
	Compared int64 // elements but those that are NaN or the same infinity in both
	NaN      int64 // that are NaN in both
	Infinite int64 // that are the same infinity in both
	// Difference is 0 where all that was compared is equal, else the largest difference of
	// two elements, divided by the largest magnitude of the whole's finite elements.
	Difference float64
}

// Difference is a relative difference, see Comparison. In JSON, which has no infinity, an
// infinite one is the largest number, 1.8e308.
type Difference float64

// MarshalJSON implements json.Marshaler.
func (d Difference) MarshalJSON() ([]byte, error) {
	return json.Marshal(min(float64(d), math.MaxFloat64))
}

// Compare compares what parts computed with what the whole did, but for the elements of
// which skip, if it isn't nil, is true. Where only one of two elements is finite, or strings
// or elements of which no numbers are read differ, the difference is infinite. Other types
// or shapes are an error.
func Compare(parts, whole Tensor, skip []bool) (Comparison, error) {
	var c Comparison
	if parts.Elem != whole.Elem || !slices.Equal(parts.Shape, whole.Shape) || parts.Other != whole.Other {
		return c, fmt.Errorf("the parts make %s, the whole %s", parts.TensorInfo, whole.TensorInfo)
	}
	if whole.Elem == onnx.String {
		for i, s := range whole.Strings {
			if c.Compared++; parts.Strings[i] != s {
				c.Difference = math.Inf(1)
			}
		}
		return c, nil
	}
	number, width := tensorfile.Number(whole.Elem), int(whole.Elem.Size())
	if number == nil {
		c.Compared = max(whole.Elements(), 0)
		if !slices.Equal(parts.Data, whole.Data) {
			c.Difference = math.Inf(1)
		}
		return c, nil
	}
	worst, largest := 0.0, 0.0
	for i := 0; i*width < len(whole.Data); i++ {
		if skip != nil && skip[i] {
			continue
		}
		a, b := number(parts.Data[i*width:]), number(whole.Data[i*width:])
		switch {
		case math.IsNaN(a) && math.IsNaN(b):
			c.NaN++
			continue
		case a == b && math.IsInf(a, 0):
			c.Infinite++
			continue
		}
		c.Compared++
		d := math.Abs(a - b)
		if a == b && whole64(whole.Elem) && !bytes.Equal(parts.Data[i*width:(i+1)*width], whole.Data[i*width:(i+1)*width]) {
			d = 1 // at least; a float64 doesn't tell them apart
		}
		if math.IsNaN(d) { // of NaN and a number, or of two infinities
			d = math.Inf(1)
		}
		worst = max(worst, d)
		if !math.IsNaN(b) && !math.IsInf(b, 0) {
			largest = max(largest, math.Abs(b))
		}
	}
	switch {
	case worst == 0:
	case largest == 0 || math.IsInf(worst, 0):
		c.Difference = math.Inf(1)
	default:
		c.Difference = worst / largest
	}
	return c, nil
}

func whole64(e onnx.Elem) bool { return e == onnx.Int64 || e == onnx.Uint64 }

// add counts another tensor.
func (c *Comparison) add(o Comparison) {
	c.Compared += o.Compared
	c.NaN += o.NaN
	c.Infinite += o.Infinite
	c.Difference = max(c.Difference, o.Difference)
}

// unsteady marks the elements that are finite in only one of two runs of the whole, nil if
// there are none, and counts those that are finite in the first.
func unsteady(whole, other Tensor) (skip []bool, n int64) {
	number, width := tensorfile.Number(whole.Elem), int(whole.Elem.Size())
	if number == nil || len(other.Data) != len(whole.Data) {
		return nil, 0
	}
	finite := func(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
	for i := 0; i*width < len(whole.Data); i++ {
		if finite(number(whole.Data[i*width:])) == finite(number(other.Data[i*width:])) {
			continue
		}
		if skip == nil {
			skip = make([]bool, len(whole.Data)/width)
		}
		if skip[i] = true; finite(number(whole.Data[i*width:])) {
			n++
		}
	}
	return skip, n
}
