// Package stat says how certain a median, a mean, a rate and a ratio of measured
// samples are, each by one formula for the whole program. It may not measure anything.
package stat

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

const (
	// Confidence is the coverage of every interval.
	Confidence = 0.95
	// MinSamples is the smallest number of samples with an interval: of five, not even
	// the smallest and the largest hold the median with 95 %.
	MinSamples = 6
	// Wide is the largest width of a settled interval, as a fraction of its value.
	Wide = 0.10
)

// Interval is a value with the bounds of its 95 % interval, all in one unit. With fewer
// than MinSamples samples the bounds are those of the samples, and nothing is settled.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	N     int     `json:"n"` // samples
}

// Spread returns half the width.
func (i Interval) Spread() float64 { return (i.High - i.Low) / 2 }

// Settled reports whether the interval is no wider than Wide of its value.
func (i Interval) Settled() bool { return i.Within(Wide / 2) }

// Within reports whether half the width is at most a fraction of the value.
func (i Interval) Within(fraction float64) bool {
	return i.N >= MinSamples && i.Spread() <= fraction*math.Abs(i.Value)
}

// String returns the value and half the width, without unit.
func (i Interval) String() string { return fmt.Sprintf("%g ± %.2g", i.Value, i.Spread()) }

// Median returns the median and the narrowest pair of symmetric order statistics that
// holds the median of the distribution with at least 95 %, whatever the distribution
// (exact, binomial: Conover, Practical Nonparametric Statistics, 1999, section 3.2).
func Median(samples []float64) Interval {
	s := slices.Sorted(slices.Values(samples))
	return MedianOf(len(s), func(rank int) float64 { return s[rank] })
}

// MedianOf does what Median does of n samples, of which at returns the one of a rank, from
// 0 on.
func MedianOf(n int, at func(rank int) float64) Interval {
	if n == 0 {
		return Interval{}
	}
	below := distuv.Binomial{N: float64(n), P: 0.5} // samples below the median
	k := sort.Search(n/2, func(k int) bool { return below.CDF(float64(k)) > (1-Confidence)/2 })
	k = max(k, 1)
	return Interval{Value: (at((n-1)/2) + at(n/2)) / 2, Low: at(k - 1), High: at(n - k), N: n}
}

// Mean returns the mean of independent samples and its interval by Student's t.
func Mean(samples []float64) Interval { return MeanWith(samples, Confidence) }

// MeanWith does what Mean does, with an interval of another coverage.
func MeanWith(samples []float64, coverage float64) Interval {
	n := len(samples)
	if n < MinSamples {
		return bounds(samples)
	}
	mean, deviation := stat.MeanStdDev(samples, nil)
	half := studentAt(n-1, coverage) * deviation / math.Sqrt(float64(n))
	return Interval{Value: mean, Low: mean - half, High: mean + half, N: n}
}

// bounds is the mean within the smallest and the largest sample.
func bounds(samples []float64) Interval {
	if len(samples) == 0 {
		return Interval{}
	}
	return Interval{
		Value: stat.Mean(samples, nil), Low: slices.Min(samples), High: slices.Max(samples), N: len(samples),
	}
}

// student is the 97.5 % point of Student's distribution.
func student(freedom int) float64 { return studentAt(freedom, Confidence) }

// studentAt is how far Student's distribution goes on both sides to have a coverage.
func studentAt(freedom int, coverage float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(freedom)}.Quantile(1 - (1-coverage)/2)
}
