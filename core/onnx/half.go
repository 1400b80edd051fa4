package onnx

import "math"

// HalfBits returns the float16 next to v, of two as near the even one; what is too large for
// one is infinite.
func HalfBits(v float64) uint16 {
	sign := uint16(0)
	if math.Signbit(v) {
		sign = 1 << 15
	}
	v = math.Abs(v)
	switch {
	case math.IsNaN(v):
		return sign | 0x7e00
	case v >= 65520: // rounds to infinity
		return sign | 0x7c00
	case v < 0x1p-14:
		return sign | uint16(math.RoundToEven(v*0x1p24))
	}
	exponent := math.Ilogb(v)
	// A fraction that rounds up to 1024 carries into the exponent.
	return sign | (uint16(exponent+15)<<10 + uint16(math.RoundToEven(math.Ldexp(v, 10-exponent))-1024))
}

// HalfValue returns the number that a float16 is.
func HalfValue(bits uint16) float64 {
	exponent, fraction := int(bits>>10)&31, float64(bits&1023)
	v := math.Ldexp(1024+fraction, exponent-25)
	switch {
	case exponent == 0:
		v = math.Ldexp(fraction, -24)
	case exponent == 31 && fraction != 0:
		return math.NaN()
	case exponent == 31:
		v = math.Inf(1)
	}
	if bits>>15 != 0 {
		return -v
	}
	return v
}

// BFloat16Bits returns the bfloat16 next to v, of two as near the even one.
func BFloat16Bits(v float64) uint16 {
	bits := math.Float32bits(float32(v))
	if v == v {
		bits += 0x7fff + bits>>16&1
	}
	return uint16(bits >> 16)
}
