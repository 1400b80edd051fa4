package coder

import (
	"math"

	"github.com/edgeprune/edgeprune/core/codec"
)

// span returns the smallest and the largest finite value of src, and 0 if that is
// smaller or larger. It compares bit patterns, as integers: those of floats ascend
// with their magnitude, and those of NaNs lie beyond infinity.
func span(src []float32) (lo, hi float32) {
	var h0, h1, h2, h3 int32  // the greatest positive
	var l0, l1, l2, l3 uint32 // the greatest negative magnitude
	rest := src
	for len(rest) >= 4 {
		v := (*[4]float32)(rest)
		b0, b1, b2, b3 := math.Float32bits(v[0]), math.Float32bits(v[1]), math.Float32bits(v[2]), math.Float32bits(v[3])
		h0, h1, h2, h3 = max(h0, int32(b0)), max(h1, int32(b1)), max(h2, int32(b2)), max(h3, int32(b3))
		l0, l1, l2, l3 = max(l0, b0), max(l1, b1), max(l2, b2), max(l3, b3)
		rest = rest[4:]
	}
	for _, x := range rest {
		h0, l0 = max(h0, int32(math.Float32bits(x))), max(l0, math.Float32bits(x))
	}
	high, low := max(h0, h1, h2, h3), max(l0, l1, l2, l3)
	if high >= infinite || low >= infinite|sign {
		return finiteSpan(src)
	}
	if low >= sign {
		lo = math.Float32frombits(low)
	}
	return lo, math.Float32frombits(uint32(high))
}

const infinite, sign = 0x7f800000, 0x80000000

// finiteSpan is span, of values some of which are infinite or NaN.
func finiteSpan(src []float32) (lo, hi float32) {
	for _, x := range src {
		if math.Float32bits(x)&infinite != infinite {
			lo, hi = min(lo, x), max(hi, x)
		}
	}
	return lo, hi
}

// quantise codes src into dst, which is as long.
func quantise(dst []byte, src []float32, scale float32, zero byte) {
	dst = dst[:len(src)]
	// Adding 1.5 · 2^23 rounds to a whole number, ties to even, and leaves it in the
	// low bits. What is below -2^22 has negative bits, which are clamped as well.
	const round, bits = 0x1.8p23, 0x4b400000
	lowest := bits - int32(zero)
	for i, x := range src {
		q := min(max(int32(math.Float32bits(x/scale+round)), lowest), lowest+255)
		if x != x {
			q = bits
		}
		dst[i] = byte(q - lowest)
	}
}

// dequantise decodes src into dst, which is as long. table is scratch memory.
func dequantise(dst []float32, src []byte, scale float32, zero byte, table *[256]float32) {
	dst = dst[:len(src)]
	if len(src) < 2*len(table) && scale <= math.MaxFloat32/256 { // the table would cost more than it saves
		for i, q := range src {
			dst[i] = float32(int32(q)-int32(zero)) * scale
		}
		return
	}
	for q := range table { // a float64 holds every product exactly
		v := float64(q-int(zero)) * float64(scale)
		table[q] = float32(min(max(v, -math.MaxFloat32), math.MaxFloat32))
	}
	for len(src) >= 4 && len(dst) >= 4 {
		q, v := (*[4]byte)(src), (*[4]float32)(dst)
		v[0], v[1], v[2], v[3] = table[q[0]], table[q[1]], table[q[2]], table[q[3]]
		src, dst = src[4:], dst[4:]
	}
	for i, q := range src {
		dst[i] = table[q]
	}
}

// calibrated returns the scale and zero point of a tensor.
func calibrated(src []float32) (scale float32, zero byte) {
	return codec.Calibrated(span(src))
}
