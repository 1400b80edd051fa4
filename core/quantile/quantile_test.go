package quantile_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/edgeprune/edgeprune/core/quantile"
)

func TestOfIsASample(t *testing.T) {
	samples := []float64{5, 1, 4, 2, 3}
	assert.Equal(t, 1.0, quantile.Of(0, samples))
	assert.Equal(t, 1.0, quantile.Of(0.2, samples))
	assert.Equal(t, 2.0, quantile.Of(0.21, samples))
	assert.Equal(t, 5.0, quantile.Of(0.95, samples))
	assert.Equal(t, 5.0, quantile.Of(1, samples))
	assert.Equal(t, []float64{5, 1, 4, 2, 3}, samples, "the order changed")
	assert.True(t, math.IsNaN(quantile.Of(0.5, nil)))
}

func TestMedian(t *testing.T) {
	assert.Equal(t, 3.0, quantile.Median([]float64{9, 1, 3}))
	assert.Equal(t, 2.5, quantile.Median([]float64{9, 1, 3, 2}))
	assert.Equal(t, 7*time.Second, quantile.Median([]time.Duration{7 * time.Second}))
	assert.Equal(t, time.Duration(3), quantile.Median([]time.Duration{100, 2, 4, 1}))
	assert.Zero(t, quantile.Median([]time.Duration(nil)))
}

// The median of negated samples is the negated median: no side is preferred.
func TestMedianPrefersNoSide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		samples := rapid.SliceOfN(rapid.Int64Range(-1e6, 1e6), 1, 30).Draw(t, "samples")
		negated := slices.Clone(samples)
		for i := range negated {
			negated[i] = -negated[i]
		}
		assert.Equal(t, -quantile.Median(samples), quantile.Median(negated))
	})
}
