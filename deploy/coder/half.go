package coder

import "math"

// toHalves rounds src, seen as bits, to half precision, to nearest, ties to even,
// into dst, which is as long. Nothing branches: the selections become conditional
// moves. The loop's body is too long for a function that would be inlined.
func toHalves(dst []uint16, src []uint32) {
	dst = dst[:len(src)]
	for i, w := range src {
		a := w & 0x7fffffff
		// The exponent is re-biased and the mantissa cut to 10 bits, rounding up or to even.
		h := (a + 0xc8000fff + a>>13&1) >> 13
		// As a subnormal: the last bit of one has the weight of that of a float32 near 0.5.
		subnormal := math.Float32bits(math.Float32frombits(a)+0.5) - 0x3f000000
		if a < 0x38800000 {
			h = subnormal
		}
		if a >= 0x47800000 { // 2^16; what lies between 65520 and this has carried
			h = 0x7c00
		}
		if a > infinite {
			h = 0x7e00
		}
		dst[i] = uint16(w>>16&0x8000 | h)
	}
}

// The tables of fromHalves (J. van der Zijp, Fast half float conversions, 2012): a
// value is its mantissa's entry plus its sign and exponent's. 8.7 kB stay in the
// first cache.
var (
	mantissas [2048]uint32
	exponents [64]struct{ bits, at uint32 }
)

func init() {
	for i := range uint32(1024) {
		mantissas[i] = math.Float32bits(float32(i) * 0x1p-24) // subnormal
		mantissas[1024+i] = 0x38000000 + i<<13
	}
	for i := range uint32(64) {
		e := &exponents[i]
		switch e.at = 1024; i & 31 {
		case 0:
			e.at = 0
		case 31: // infinities and NaNs
			e.bits = 0x47800000
		default:
			e.bits = i & 31 << 23
		}
		e.bits |= i >> 5 << 31
	}
}

// fromHalves converts src into the bits of float32, as many.
func fromHalves(dst []uint32, src []uint16) {
	dst = dst[:len(src)]
	for i, h := range src {
		e := &exponents[h>>10]
		dst[i] = mantissas[(e.at+uint32(h)&1023)&2047] + e.bits
	}
}

// FromHalves converts src, half precision, into dst, which has as many elements.
func FromHalves(dst []float32, src []uint16) {
	fromHalves(Elements[uint32](dst), src)
}
