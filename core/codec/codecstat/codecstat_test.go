package codecstat_test

import (
	"math"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec/codecstat"
	"github.com/edgeprune/edgeprune/core/graph"
)

func TestCodingErrors(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	c := codecstat.Coding{Type: graph.TokenType{Elem: "float32", Shape: []int64{4}}, Frames: 2, SentBytes: 20}
	if c.RMS() != 0 || c.RawBytes() != 16 || c.WireBytes() != 10 {
		t.Errorf("before: %v, %d, %v", c.RMS(), c.RawBytes(), c.WireBytes())
	}
	c.Compare([]float32{1, 2, 3, 4}, []float32{1, 2.5, 3, 4})
	c.Compare([]float32{0, -1, 70000, nan}, []float32{0, 0.5, inf, 0})
	if want := math.Sqrt((.25 + 2.25) / 8); c.MaxError != 1.5 || math.Abs(c.RMS()-want) > 1e-12 || c.NotFinite != 2 {
		t.Errorf("max %v, RMS %v, %d not finite; want 1.5, %v, 2", c.MaxError, c.RMS(), c.NotFinite, want)
	}
	c.Compare([]float32{inf}, []float32{inf})
	if c.NotFinite != 2 {
		t.Error("an infinity that came back is counted")
	}
}

func TestCodingRanges(t *testing.T) {
	inf := float32(math.Inf(1))
	c := codecstat.Coding{Type: graph.TokenType{Elem: "float32", Shape: []int64{2, 2, 2}}}
	c.Observe([]float32{1, 2, -3, 0, 255, inf, 4, 5})
	c.Observe([]float32{0, 0, 507, 0, 0, 0, 0, -inf})
	if !slices.Equal(c.Low, []float32{0, -3}) || !slices.Equal(c.High, []float32{255, 507}) {
		t.Errorf("from %v to %v", c.Low, c.High)
	}
	if a := c.Affine(true); !slices.Equal(a.Scale, []float32{1, 2}) || !slices.Equal(a.ZeroPoint, []uint8{0, 2}) {
		t.Errorf("by channel %v", a)
	}
	if a := c.Affine(false); !slices.Equal(a.Scale, []float32{2}) || !slices.Equal(a.ZeroPoint, []uint8{2}) {
		t.Errorf("of all %v", a)
	}
	flat := codecstat.Coding{Type: graph.TokenType{Elem: "float32", Shape: []int64{1, 2}}}
	flat.Observe([]float32{-255, 0})
	if a := flat.Affine(true); !slices.Equal(a.Scale, []float32{1}) || !slices.Equal(a.ZeroPoint, []uint8{255}) {
		t.Errorf("without channels %v", a)
	}
	if a := (&codecstat.Coding{}).Affine(true); len(a.Scale) != 0 {
		t.Errorf("of nothing %v", a)
	}
}
