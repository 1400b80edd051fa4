package coder

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"math"
	"math/rand/v2"
	"testing"
)

// value is what IEEE 754 says that a half is.
func value(h uint16) float64 {
	sign, e, m := 1.0, int(h>>10&31), float64(h&1023)
	if h>>15 == 1 {
		sign = -1
	}
	switch {
	case e == 0:
		return sign * m * 0x1p-24
	case e < 31:
		return sign * math.Ldexp(1024+m, e-25)
	case m == 0:
		return sign * math.Inf(1)
	}
	return math.NaN()
}

func TestHalvesAll(t *testing.T) {
	halves, back := make([]uint16, 1<<16), make([]uint16, 1<<16)
	for i := range halves {
		halves[i] = uint16(i)
	}
	floats := make([]uint32, len(halves))
	fromHalves(floats, halves)
	toHalves(back, floats)
	for i, h := range halves {
		x, want := float64(math.Float32frombits(floats[i])), value(h)
		if math.IsNaN(want) {
			require.True(t, math.IsNaN(x), "half %04x: %v and back %04x; want NaN", h, x, back[i])
			require.EqualValues(t, 0x7e00, back[i]&0x7fff, "half %04x: %v and back %04x; want NaN", h, x, back[i])
			continue
		}
		require.Equal(t, want, x, "half %04x: %v and back", h, x)
		require.Equal(t, math.Signbit(want), math.Signbit(x), "half %04x: %v and back", h, x)
		require.Equal(t, h, back[i], "half %04x: %v and back", h, x)
	}
}

// Between two halves, the nearer one is taken, the even one of equally near.
func TestHalvesRound(t *testing.T) {
	to := func(x float32) uint16 {
		var h [1]uint16
		toHalves(h[:], []uint32{math.Float32bits(x)})
		return h[0]
	}
	for h := uint16(0); h < 0x7c00; h++ {
		lower, upper := float32(value(h)), float32(value(h+1))
		if h == 0x7bff {
			upper = 65536 // where the next half would be
		}
		middle := lower + (upper-lower)/2
		even := h + h&1
		for _, c := range []struct {
			x    float32
			want uint16
		}{
			{lower, h}, {math.Nextafter32(middle, 0), h}, {middle, even},
			{math.Nextafter32(middle, upper), h + 1}, {math.Nextafter32(upper, 0), h + 1},
		} {
			require.Equal(t, c.want, to(c.x), "%v becomes %04x and its negative", c.x, to(c.x))
			require.Equal(t, c.want|0x8000, to(-c.x), "%v becomes %04x and its negative", c.x, to(c.x))
		}
	}
	for _, x := range []float32{65536, 1e9, math.MaxFloat32, float32(math.Inf(1))} {
		assert.EqualValues(t, 0x7c00, to(x), "%v becomes", x)
		assert.EqualValues(t, 0xfc00, to(-x), "%v becomes", x)
	}
	for _, nan := range []uint32{0x7f800001, 0x7fc00000, 0xffffffff} {
		assert.EqualValues(t, 0x7e00, to(math.Float32frombits(nan))&0x7fff, "NaN %08x becomes", nan)
	}
}

// span is the same whatever the place of an extreme value, and whatever the length.
func TestSpan(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for n := range 70 {
		v := make([]float32, n)
		for _, special := range [][]float32{
			nil, {inf}, {-inf}, {nan}, {-nan, inf, -inf}, {math.MaxFloat32}, {-math.MaxFloat32}, {1e-44},
		} {
			var lo, hi float32
			for i := range v {
				v[i] = float32(r.NormFloat64())
				if len(special) > 0 && r.IntN(4) == 0 {
					v[i] = special[r.IntN(len(special))]
				}
				if x := float64(v[i]); !math.IsNaN(x) && !math.IsInf(x, 0) {
					lo, hi = min(lo, v[i]), max(hi, v[i])
				}
			}
			l, h := span(v)
			require.Equal(t, lo, l, "span of %v", v)
			require.Equal(t, hi, h, "span of %v", v)
		}
	}
}
