package costmodel

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Quality says how well a distribution fits the samples that it was fitted to.
type Quality struct {
	N int // samples
	// Distance is that of Kolmogorov and Smirnov, from 0 to 1: the largest difference between the
	// share of the samples up to a time and the probability of that.
	Distance float64
}

// Critical is the Distance that samples of a log-normal distribution which is fitted to them
// exceed once in a hundred times: M. A. Stephens, EDF Statistics for Goodness of Fit and Some
// Comparisons, JASA 69 (1974), table 1A, case 3 (both parameters estimated). It is 0 of no sample.
func (q Quality) Critical() float64 {
	if q.N == 0 {
		return 0
	}
	root := math.Sqrt(float64(q.N))
	return 1.035 / (root - 0.01 + 0.85/root)
}

// Bad reports whether the samples contradict the distribution at a level of 1 %.
func (q Quality) Bad() bool { return q.Distance > q.Critical() }

// String says it for people.
func (q Quality) String() string {
	text := fmt.Sprintf("Kolmogorov-Smirnov distance %.3f, %d samples", q.Distance, q.N)
	if q.Bad() {
		text += fmt.Sprintf("; A BAD FIT: samples of such a distribution have more than %.3f once in a hundred times; "+
			"choose empirical", q.Critical())
	}
	return text
}

// Distance returns the Kolmogorov-Smirnov distance of samples from a distribution function, which
// may have steps between whole nanoseconds. NaN of no sample.
func Distance(samples []time.Duration, cdf func(ns float64) float64) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(samples))
	most, n := 0.0, float64(len(sorted))
	for i, s := range sorted {
		if i == 0 || sorted[i-1] < s {
			most = max(most, math.Abs(cdf(float64(s)-1)-float64(i)/n))
		}
		if i == len(sorted)-1 || sorted[i+1] > s {
			most = max(most, math.Abs(cdf(float64(s))-float64(i+1)/n))
		}
	}
	return most
}

// CDF returns the distribution function of what firings take under the model, of measured
// samples: of phases, in the long run. Errors wrap ErrFit or ErrNoPhases.
func (m Model) CDF(samples []time.Duration) (func(ns float64) float64, error) {
	step := func(at time.Duration) func(float64) float64 {
		return func(ns float64) float64 {
			if ns >= float64(at) {
				return 1
			}
			return 0
		}
	}
	switch m.Kind {
	case Constant:
		return step(m.Time), nil
	case Lognormal, Shifted:
		l, err := FitLognormal(samples, m.Kind == Shifted)
		return l.CDF, err
	case Phases:
		p, err := FitPhases(samples)
		return p.CDF, err
	case Median, Mean, Empirical, "":
	}
	if len(samples) == 0 {
		return nil, fmt.Errorf("%w: there are none", ErrFit)
	}
	switch m.Kind {
	case Empirical:
		sorted := slices.Sorted(slices.Values(samples))
		return func(ns float64) float64 {
			at, _ := slices.BinarySearchFunc(sorted, ns, func(s time.Duration, ns float64) int {
				if float64(s) <= ns {
					return -1
				}
				return 1
			})
			return float64(at) / float64(len(sorted))
		}, nil
	case Mean:
		sum := 0.0
		for _, s := range samples {
			sum += float64(s)
		}
		return step(time.Duration(sum / float64(len(samples)))), nil
	case Constant, Lognormal, Shifted, Phases, Median, "":
	}
	return step(median(samples)), nil
}
