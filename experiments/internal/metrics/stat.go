package metrics

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// confidence is the coverage that an interval of a median has at least.
const confidence = 0.95

// MedianInterval returns the narrowest pair of symmetric order statistics that
// holds the median of the distribution with at least 95 % probability, whatever
// the distribution (exact, binomial). It returns false for fewer than six
// samples: then no pair does. sorted must be in ascending order.
func MedianInterval(sorted []float64) (lo, hi float64, ok bool) {
	n := len(sorted)
	if n == 0 {
		return 0, 0, false
	}
	below := distuv.Binomial{N: float64(n), P: 0.5} // samples below the median
	k := 0
	for k < n/2 && below.CDF(float64(k)) <= (1-confidence)/2 {
		k++
	}
	if k == 0 {
		return 0, 0, false
	}
	return sorted[k-1], sorted[n-k], true
}

// Describe sums up samples, in seconds. It keeps its hands off the slice. No
// sample gives a Stat with N = 0.
func Describe(samples []float64, stop string) result.Stat {
	n := len(samples)
	if n == 0 {
		return result.Stat{Stop: stop}
	}
	s := slices.Clone(samples)
	slices.Sort(s)
	sum := 0.0
	for _, v := range s {
		sum += v
	}
	rank := func(q float64) float64 { return s[int(math.Ceil(q*float64(n)))-1] }
	st := result.Stat{
		Median: (s[(n-1)/2] + s[n/2]) / 2, Mean: sum / float64(n), P95: rank(0.95), P99: rank(0.99),
		Min: s[0], Max: s[n-1], N: n, Stop: stop,
	}
	var ok bool
	if st.Low, st.High, ok = MedianInterval(s); !ok {
		st.Low, st.High = st.Min, st.Max
	}
	return st
}

// precise reports whether the median's 95 % interval is narrow enough: its
// half-width within precision, a fraction, of the median.
func precise(samples []float64, precision float64) bool {
	st := Describe(samples, "")
	return st.N >= 6 && st.Spread() <= precision*st.Median
}
