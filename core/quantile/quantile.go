// Package quantile defines medians and quantiles once for the whole program. It may
// not say how certain they are.
package quantile

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// kind is the one definition of a quantile: a sample, never a value between two.
const kind = stat.Empirical

// Of returns the smallest sample that at least the fraction p of the samples doesn't
// exceed, 0 <= p <= 1. It leaves the samples in their order. NaN of no sample.
func Of(p float64, samples []float64) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	return stat.Quantile(p, kind, slices.Sorted(slices.Values(samples)), nil)
}

// Median returns the sample in the middle. Of an even number of samples there are two,
// the quantile of one half from below and from above; it returns their mean. It leaves
// the samples in their order. 0 of no sample.
func Median[T ~int64 | ~float64](samples []T) T {
	n := len(samples)
	if n == 0 {
		return 0
	}
	below, above := make([]float64, n), make([]float64, n)
	for i, s := range samples {
		below[i], above[i] = float64(s), -float64(s)
	}
	return T((Of(0.5, below) - Of(0.5, above)) / 2)
}
