package metrics

import (
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// describe sums up samples in ns, in seconds. No sample gives a Stat with N = 0.
func describe(samples *quantile.Counts, stop string) result.Stat {
	n := samples.N()
	if n == 0 {
		return result.Stat{Stop: stop}
	}
	r := samples.Ranked()
	m := median(samples)
	return result.Stat{
		Median: m.Value, Low: m.Low, High: m.High, N: m.N,
		Mean: seconds(samples.Mean()), P95: seconds(r.Of(0.95)), P99: seconds(r.Of(0.99)),
		Min: seconds(r.At(0)), Max: seconds(r.At(n - 1)), Rounded: samples.Error(), Stop: stop,
	}
}

// median returns that of samples in ns, in seconds.
func median(samples *quantile.Counts) stat.Interval {
	r := samples.Ranked()
	return stat.MedianOf(samples.N(), func(rank int) float64 { return seconds(r.At(rank)) })
}

func seconds(ns float64) float64 { return ns / 1e9 }
