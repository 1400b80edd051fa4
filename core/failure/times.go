// Package failure says when something fails and when it is repaired, at times that a seed fixes
// ahead, so that simulation and deployment have the same ones. It knows no clock, and not what fails.
package failure

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/edgeprune/edgeprune/core/nearest"
)

// ErrTimes says that a distribution of times makes no sense.
var ErrTimes = errors.New("bad distribution of times")

// Kind is the name of a distribution.
type Kind string

// The kinds of distributions.
const (
	Constant    Kind = "constant"    // always Mean
	Exponential Kind = "exponential" // with the mean Mean: a constant rate of 1/Mean
	Weibull     Kind = "weibull"     // P(T > t) = exp(-(t/Scale)^Shape); its Scale, or its Mean
	Lognormal   Kind = "lognormal"   // with the mean Mean; Sigma is the standard deviation of the logarithm
)

// Times is a distribution of times.
type Times struct {
	Kind  Kind          `yaml:"kind" json:"kind"`
	Mean  time.Duration `yaml:"mean,omitempty" json:"mean_ns,omitempty"`
	Scale time.Duration `yaml:"scale,omitempty" json:"scale_ns,omitempty"`
	Shape float64       `yaml:"shape,omitempty" json:"shape,omitempty"`
	Sigma float64       `yaml:"sigma,omitempty" json:"sigma,omitempty"`
}

// MaxTime is the longest time of a failure, so that sums of some don't overflow: 100 years.
const MaxTime = 100 * 365 * 24 * time.Hour

// Bounds of what a distribution may say, so that draws of it are times.
const (
	least    = time.Microsecond
	minShape = 0.1
	maxShape = 100
	maxSigma = 5
)

// Check says what is wrong with a distribution; it wraps ErrTimes.
func (t Times) Check() error {
	errorf := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrTimes, fmt.Sprintf(format, args...))
	}
	name, value := "mean", t.Mean
	switch t.Kind {
	case Weibull:
		if !(t.Shape >= minShape && t.Shape <= maxShape) {
			return errorf("shape %g of weibull; expected %g to %d, where 1 is exponential", t.Shape, minShape, maxShape)
		}
		if (t.Mean == 0) == (t.Scale == 0) {
			return errorf("weibull has a scale or a mean; give one of both")
		}
		if t.Scale != 0 {
			name, value = "scale", t.Scale
		}
	case Lognormal:
		if !(t.Sigma > 0 && t.Sigma <= maxSigma) {
			return errorf("sigma %g of lognormal; expected more than 0, up to %d", t.Sigma, maxSigma)
		}
	case Constant, Exponential:
	default:
		return errorf("kind %q; expected constant, exponential, weibull or lognormal%s", t.Kind,
			nearest.Hint(t.Kind, []Kind{Constant, Exponential, Weibull, Lognormal}))
	}
	switch {
	case t.Kind != Weibull && (t.Scale != 0 || t.Shape != 0):
		return errorf("only weibull has a scale and a shape; %s has a mean", t.Kind)
	case t.Kind != Lognormal && t.Sigma != 0:
		return errorf("only lognormal has a sigma")
	case value < least || value > MaxTime:
		return errorf("%s %v of %s; expected %v to 100 years, such as %s: 90s", name, value, t.Kind, least, name)
	}
	return nil
}

// Expected returns the mean, in ns.
func (t Times) Expected() float64 {
	if t.Kind == Weibull && t.Scale > 0 {
		return float64(t.Scale) * math.Gamma(1+1/t.Shape)
	}
	return float64(t.Mean)
}

// Of returns the draw of a number of a seed, at least 1 ns: by the inverse of the distribution
// function. (L. Devroye, Non-Uniform Random Variate Generation, 1986, section II.2.)
func (t Times) Of(seed, number uint64) time.Duration {
	u := draw.Uniform(seed, number)
	ns := t.Expected()
	switch t.Kind {
	case Exponential:
		ns *= -math.Log(u)
	case Weibull:
		ns = ns / math.Gamma(1+1/t.Shape) * math.Pow(-math.Log(u), 1/t.Shape)
	case Lognormal:
		z := math.Sqrt2 * math.Erfinv(2*u-1)
		ns *= math.Exp(t.Sigma*z - t.Sigma*t.Sigma/2)
	case Constant:
	}
	return time.Duration(math.Round(min(max(ns, 1), float64(MaxTime)))) // infinite of a u that is 1
}
