package benchmarks

import (
	"slices"
	"testing"
)

// median returns the middle value of x, which has at least one, or the mean of the
// middle two.
func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// ratios divides pair by pair.
func ratios(ours, theirs []float64) []float64 {
	r := make([]float64, len(ours))
	for i := range r {
		r[i] = ours[i] / theirs[i]
	}
	return r
}

// micros converts ns.
func micros(ns int64) float64 { return float64(ns) / 1e3 }

func TestMedianOfPairs(t *testing.T) {
	for _, tt := range []struct {
		ours, theirs []float64
		want         float64
	}{
		{[]float64{3}, []float64{2}, 1.5},
		{[]float64{2, 30, 3}, []float64{1, 10, 2}, 2},
		{[]float64{4, 1, 9, 2}, []float64{1, 1, 3, 1}, 2.5},
	} {
		if got := median(ratios(tt.ours, tt.theirs)); got != tt.want {
			t.Errorf("%v against %v: %v, want %v", tt.ours, tt.theirs, got, tt.want)
		}
	}
}
