package codecstat_test

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/codec/codecstat"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/stretchr/testify/assert"
)

func TestCodingErrors(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	c := codecstat.Coding{Type: graph.TokenType{Elem: "float32", Shape: []int64{4}}, Frames: 2, SentBytes: 20}
	assert.Equal(t, 0.0, c.RMS(), "before")
	assert.EqualValues(t, 16, c.RawBytes(), "before")
	assert.Equal(t, 10.0, c.WireBytes(), "before")
	c.Compare([]float32{1, 2, 3, 4}, []float32{1, 2.5, 3, 4})
	c.Compare([]float32{0, -1, 70000, nan}, []float32{0, 0.5, inf, 0})
	want := math.Sqrt((.25 + 2.25) / 8)
	assert.Equal(t, 1.5, c.MaxError, "max %v, RMS %v, %d not finite; want 1.5, %v, 2", c.MaxError, c.RMS(), c.NotFinite,
		want)
	assert.LessOrEqual(t, math.Abs(c.RMS()-want), 1e-12, "max %v, RMS %v, %d not finite; want 1.5, %v, 2", c.MaxError,
		c.RMS(), c.NotFinite, want)
	assert.Equal(t, 2, c.NotFinite, "max %v, RMS %v, %d not finite; want 1.5, %v, 2", c.MaxError, c.RMS(), c.NotFinite,
		want)
	c.Compare([]float32{inf}, []float32{inf})
	assert.Equal(t, 2, c.NotFinite, "an infinity that came back is counted")
}

func TestCodingRanges(t *testing.T) {
	inf := float32(math.Inf(1))
	c := codecstat.Coding{Type: graph.TokenType{Elem: "float32", Shape: []int64{2, 2, 2}}}
	c.Observe([]float32{1, 2, -3, 0, 255, inf, 4, 5})
	c.Observe([]float32{0, 0, 507, 0, 0, 0, 0, -inf})
	assert.Equal(t, []float32{0, -3}, c.Low, "from %v", c.Low)
	assert.Equal(t, []float32{255, 507}, c.High, "from %v", c.Low)
	a := c.Affine(true)
	assert.Equal(t, []float32{1, 2}, a.Scale, "by channel")
	assert.Equal(t, []uint8{0, 2}, a.ZeroPoint, "by channel")
	a = c.Affine(false)
	assert.Equal(t, []float32{2}, a.Scale, "of all")
	assert.Equal(t, []uint8{2}, a.ZeroPoint, "of all")
	flat := codecstat.Coding{Type: graph.TokenType{Elem: "float32", Shape: []int64{1, 2}}}
	flat.Observe([]float32{-255, 0})
	a = flat.Affine(true)
	assert.Equal(t, []float32{1}, a.Scale, "without channels")
	assert.Equal(t, []uint8{255}, a.ZeroPoint, "without channels")
	assert.Empty(t, (&codecstat.Coding{}).Affine(true).Scale, "of nothing")
}
