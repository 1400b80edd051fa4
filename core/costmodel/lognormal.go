package costmodel

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/quantile"
)

// LeastSamples is how many samples a log-normal distribution is fitted to.
const LeastSamples = 10

// LogNormal is the distribution of Shift + exp(Mu + Sigma·Z) ns, where Z is a standard normal.
type LogNormal struct {
	Mu, Sigma float64 // of the logarithms of ns
	Shift     time.Duration
	Quality
}

// FitLognormal fits a log-normal distribution to samples by maximum likelihood: Mu and Sigma are
// the mean and the standard deviation (divided by n) of their logarithms. Samples below 1 ns count
// as 1 ns.
//
// With shifted, Shift is the time that leaves logarithms without skewness, as the likelihood of
// three parameters has no maximum (B. M. Hill, JASA 58, 1963); it is at least 0, and less than the
// smallest sample. Quality.Critical is too mild then, as a parameter more is fitted.
//
// Fewer samples than LeastSamples are an error that wraps ErrFit, unless all are equal.
func FitLognormal(samples []time.Duration, shifted bool) (LogNormal, error) {
	if len(samples) == 0 || len(samples) < LeastSamples && slices.Min(samples) != slices.Max(samples) {
		return LogNormal{}, fmt.Errorf("%w: there are %d, and a log-normal distribution takes %d; profile more, or choose "+
			"empirical", ErrFit, len(samples), LeastSamples)
	}
	var l LogNormal
	if shifted {
		l.Shift = shift(samples)
	}
	logs := logarithms(samples, float64(l.Shift))
	l.Mu, l.Sigma, _ = moments(logs)
	l.Quality = Quality{N: len(samples), Distance: Distance(samples, l.CDF)}
	return l, nil
}

// CDF returns the probability of at most so many ns.
func (l LogNormal) CDF(ns float64) float64 {
	x := ns - float64(l.Shift)
	switch {
	case x <= 0:
		return 0
	case l.Sigma == 0: // as At rounds
		if ns >= float64(l.At(0)) {
			return 1
		}
		return 0
	}
	return math.Erfc((l.Mu-math.Log(x))/l.Sigma/math.Sqrt2) / 2
}

// At returns the time at a value z of a standard normal.
func (l LogNormal) At(z float64) time.Duration {
	return l.Shift + time.Duration(math.Exp(l.Mu+l.Sigma*z)+0.5)
}

// String says it for people.
func (l LogNormal) String() string {
	text := fmt.Sprintf("log-normal with median %v and sigma %.3f", short(l.At(0)-l.Shift), l.Sigma)
	if l.Shift > 0 {
		text += fmt.Sprintf(", shifted by %v", short(l.Shift))
	}
	return text + ": " + l.Quality.String()
}

// short rounds a time to four digits.
func short(d time.Duration) time.Duration {
	to := time.Duration(1)
	for d/to >= 10_000 {
		to *= 10
	}
	return d.Round(to)
}

func logarithms(samples []time.Duration, shift float64) []float64 {
	logs := make([]float64, len(samples))
	for i, s := range samples {
		logs[i] = math.Log(max(float64(s)-shift, 1))
	}
	return logs
}

// moments returns the mean, the standard deviation and the skewness.
func moments(x []float64) (mean, sd, skew float64) {
	n := float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	var second, third float64
	for _, v := range x {
		d := v - mean
		second += d * d / n
		third += d * d * d / n
	}
	sd = math.Sqrt(second)
	if sd < 1e-12 { // equal but for rounding
		return mean, 0, 0
	}
	return mean, sd, third / (sd * second)
}

// shift finds the Shift of no skewness by bisection: the logarithms' skewness falls as it rises.
func shift(samples []time.Duration) time.Duration {
	skewness := func(at float64) float64 {
		_, _, skew := moments(logarithms(samples, at))
		return skew
	}
	if skewness(0) <= 0 {
		return 0
	}
	low, high := 0.0, float64(slices.Min(samples))-1
	for high-low > 1 {
		if mid := (low + high) / 2; skewness(mid) > 0 {
			low = mid
		} else {
			high = mid
		}
	}
	return time.Duration(low)
}

func median(samples []time.Duration) time.Duration { return quantile.Median(samples) }
