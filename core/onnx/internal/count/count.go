// Package count computes with numbers of elements, bytes and operations that may be
// unknown, which is -1, or too large, which is the largest int64.
package count

import (
	"math"
	"math/bits"
	"slices"
)

// Mul multiplies counts: -1 if either is negative, and the largest int64 on overflow.
func Mul(a, b int64) int64 {
	if a < 0 || b < 0 {
		return -1
	}
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}

// Add adds counts with the rules of Mul.
func Add(a, b int64) int64 {
	if a < 0 || b < 0 {
		return -1
	}
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// Product multiplies dimensions; -1 if one is unknown.
func Product(dims []int64) int64 {
	if slices.ContainsFunc(dims, func(d int64) bool { return d < 0 }) {
		return -1
	}
	if slices.Contains(dims, 0) {
		return 0
	}
	n := int64(1)
	for _, d := range dims {
		n = Mul(n, d)
	}
	return n
}
