package onnx_test

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		v := onnx.HalfValue(uint16(h))
		if math.IsNaN(v) {
			assert.True(t, math.IsNaN(onnx.HalfValue(onnx.HalfBits(v))))
			continue
		}
		require.Equal(t, uint16(h), onnx.HalfBits(v), "%g", v)
	}
	for v, want := range map[float64]float64{ // to the nearest, of two to the even one
		1 + 0x1p-11: 1, 1 + 3*0x1p-11: 1 + 0x1p-9, 65519: 65504, 65520: math.Inf(1), 0x1p-25: 0, 0x1.8p-25: 0x1p-24,
		2047.9: 2048, 0x1.fffp-15: 0x1p-14, -0.1: -0x1.998p-4,
	} {
		assert.Equal(t, want, onnx.HalfValue(onnx.HalfBits(v)), "%g", v)
	}
}

func TestBFloat16(t *testing.T) {
	for v, want := range map[float64]uint16{
		1: 0x3f80, 1 + 0x1p-8: 0x3f80, 1 + 3*0x1p-8: 0x3f82, -2: 0xc000, math.Inf(1): 0x7f80, 0: 0,
	} {
		assert.Equal(t, want, onnx.BFloat16Bits(v), "%g", v)
	}
	assert.Equal(t, uint16(0x7fc0), onnx.BFloat16Bits(math.NaN())&0x7fc0)
}
