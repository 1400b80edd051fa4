package compare

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// Metric is a quantity of a case.
type Metric struct {
	Name string `json:"name"`
	Unit string `json:"unit,omitempty"` // s, frames/s, bytes, J, tokens; "" of a share
	More bool   `json:"more_is_better,omitempty"`
	// Points says that values are shares whose differences count, in percentage points, and not
	// their ratios: they may be 0 or below.
	Points bool `json:"points,omitempty"`
}

// Value is that of a metric in a run.
type Value struct {
	Metric Metric `json:"-"`
	stat.Interval
	// Exact says that nothing of it is left to chance: it is the same again from the same inputs,
	// or it was counted.
	Exact bool `json:"exact,omitempty"`
	// Settled is false of a value whose interval is too wide for a headline, or that has none.
	Settled bool `json:"settled"`
}

// tested reports whether a value says how certain it is.
func (v *Value) tested() bool { return v.Exact || v.N >= stat.MinSamples }

// Verdict says whether a value changed.
type Verdict string

// The verdicts.
const (
	Changed   Verdict = "changed"   // by more than the intervals leave open
	Unchanged Verdict = "unchanged" // as far as the intervals say
	Untested  Verdict = "untested"  // one of the values has no interval
)

// Alpha is the chance at which an unchanged value is called changed, all else being equal.
const Alpha = 1 - stat.Confidence

// Change is that of a value against the first run's.
type Change struct {
	Verdict Verdict `json:"verdict"`
	// Ratio is of the two values, and of metrics in points their difference, with the bounds of
	// its 95 % interval; both bounds are the value where there is none. N is 0 where there is no ratio.
	Ratio stat.Interval `json:"ratio"`
	// P is the probability of a change as large as this, or larger, between equal values. It is
	// found from the interval of the ratio's logarithm, taken as that of a normal distribution (Altman
	// and Bland, How to obtain the P value from a confidence interval, BMJ 343:d2304, 2011): below
	// 0.05 where the interval does not hold 1. It is 0 or 1 of exact values, and NaN, null in JSON,
	// without a test.
	P Probability `json:"p"`
	// Settled is false where one of the values is not.
	Settled bool `json:"settled"`
}

// changeOf compares a value with the first one.
func changeOf(m Metric, from, to Value) Change {
	c := Change{Settled: from.Settled && to.Settled, P: Probability(math.NaN()), Verdict: Untested}
	var away, margin float64 // from no change, and to the bound on its side, on one scale
	if m.Points {
		c.Ratio = difference(to.Interval, from.Interval)
		away, margin = c.Ratio.Value, c.Ratio.Value-c.Ratio.Low
		if away < 0 {
			margin = c.Ratio.High - c.Ratio.Value
		}
	} else {
		c.Ratio = ratio(to.Interval, from.Interval)
		if c.Ratio.N == 0 {
			return c
		}
		away = math.Log(c.Ratio.Value)
		margin = away - math.Log(c.Ratio.Low)
		if away < 0 {
			margin = math.Log(c.Ratio.High) - away
		}
	}
	if !from.tested() || !to.tested() {
		return c
	}
	c.P = probability(away, margin)
	c.Verdict = Unchanged
	if c.P < Alpha {
		c.Verdict = Changed
	}
	return c
}

// probability returns the two-sided one of a normal distribution whose 95 % interval goes so
// far on the side of no change.
func probability(away, margin float64) Probability {
	switch {
	case away == 0:
		return 1
	case margin <= 0:
		return 0
	}
	normal := distuv.UnitNormal
	z := math.Abs(away) / margin * normal.Quantile(1-Alpha/2)
	return Probability(2 * normal.Survival(z))
}

// ratio returns a/b; of values that are 0 both, or have a bound that is not above 0, as far as
// there is one.
func ratio(a, b stat.Interval) stat.Interval {
	if a.Value == b.Value && a.Spread() == 0 && b.Spread() == 0 {
		return stat.Interval{Value: 1, Low: 1, High: 1, N: max(1, min(a.N, b.N))}
	}
	r := stat.Ratio(a, b)
	switch {
	case math.IsInf(r.High, 0) || math.IsInf(r.Value, 0): // more than a number can be
		return stat.Interval{}
	case r.Value > 0:
		r.N = max(1, r.N)
	}
	return r
}

// difference returns a - b of two independent values by the distances to their bounds (MOVER:
// see stat.Ratio).
func difference(a, b stat.Interval) stat.Interval {
	d := a.Value - b.Value
	down, up := math.Hypot(a.Value-a.Low, b.High-b.Value), math.Hypot(a.High-a.Value, b.Value-b.Low)
	return stat.Interval{Value: d, Low: d - down, High: d + up, N: max(1, min(a.N, b.N))}
}

// geomean returns the geometric mean of the ratios of a run, nil where no line counts.
func geomean(lines []Line, run int) *Geomean {
	sum, n := 0.0, 0
	for _, l := range lines {
		if c := &l.Change[run]; c.Settled && c.Ratio.N > 0 {
			sum += math.Log(c.Ratio.Value)
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return &Geomean{Ratio: math.Exp(sum / float64(n)), Of: n}
}

// Probability is a number from 0 to 1, or NaN, which is null in JSON.
type Probability float64

// MarshalJSON implements json.Marshaler.
func (p Probability) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(p)) {
		return []byte("null"), nil
	}
	return []byte(number(float64(p))), nil
}
