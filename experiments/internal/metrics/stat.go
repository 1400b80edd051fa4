package metrics

import (
	"slices"

	gonum "gonum.org/v1/gonum/stat"

	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// Describe sums up samples, in seconds. No sample gives a
// Stat with N = 0.
func Describe(samples []float64, stop string) result.Stat {
	if len(samples) == 0 {
		return result.Stat{Stop: stop}
	}
	samples = slices.Sorted(slices.Values(samples)) // their order doesn't matter, not even to rounding
	median := stat.Median(samples)
	return result.Stat{
		Median: median.Value, Low: median.Low, High: median.High, N: median.N,
		Mean: gonum.Mean(samples, nil), P95: quantile.Of(0.95, samples), P99: quantile.Of(0.99, samples),
		Min: samples[0], Max: samples[len(samples)-1], Stop: stop,
	}
}
