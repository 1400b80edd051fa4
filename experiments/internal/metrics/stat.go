package metrics

import (
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// samples hold times in ns, or bytes, in memory that has a bound. Error says by how much of
// their value quantiles may be off.
type samples interface {
	Add(v int64)
	N() int
	Mean() float64
	Error() float64
	Ranked() quantile.Ranks
}

// exactly keeps samples as they are, as far as their memory allows.
func exactly() samples { return &quantile.Counts{} }

// describe sums up samples in ns, in seconds. No sample gives a Stat with N = 0.
func describe(of samples, stop string) result.Stat {
	n := of.N()
	if n == 0 {
		return result.Stat{Stop: stop}
	}
	r := of.Ranked()
	m := median(of)
	return result.Stat{
		Median: m.Value, Low: m.Low, High: m.High, N: m.N,
		Mean: seconds(of.Mean()), P95: seconds(r.Of(0.95)), P99: seconds(r.Of(0.99)),
		Min: seconds(r.At(0)), Max: seconds(r.At(n - 1)), Rounded: of.Error(), Stop: stop,
	}
}

// median returns that of samples in ns, in seconds.
func median(of samples) stat.Interval {
	r := of.Ranked()
	return stat.MedianOf(of.N(), func(rank int) float64 { return seconds(r.At(rank)) })
}

func seconds(ns float64) float64 { return ns / 1e9 }
