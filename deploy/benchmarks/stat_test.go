package benchmarks

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/stretchr/testify/assert"
)

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
		assert.Equal(t, tt.want, quantile.Median(ratios(tt.ours, tt.theirs)), "%v against %v", tt.ours, tt.theirs)
	}
}
