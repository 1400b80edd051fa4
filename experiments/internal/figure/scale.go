package figure

import (
	"math"

	"gonum.org/v1/plot"
)

// span is the range of the values seen.
type span struct{ lo, hi float64 }

func newSpan() span { return span{math.Inf(1), math.Inf(-1)} }

// add extends the span to the values that have a place on an axis: NaN and infinite ones
// have none.
func (s *span) add(vs ...float64) {
	for _, v := range vs {
		if finite(v) {
			s.lo, s.hi = math.Min(s.lo, v), math.Max(s.hi, v)
		}
	}
}

func (s *span) empty() bool { return s.lo > s.hi }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// logAxis makes the axis logarithmic over the values min to max with some room, and with
// labels at 1, 2 and 5 times the powers of ten, or at the powers alone where those would
// be too many. Where nothing is above 0, it stays linear; what is not above 0 is beyond
// the end of a logarithmic axis.
func logAxis(a *plot.Axis, lo, hi float64) {
	if !(hi > 0 && finite(hi)) {
		a.Scale, a.Tick.Marker = linearScale{}, linearTicks{}
		a.Min, a.Max = lo, max(hi, 1)
		return
	}
	if !(lo > 0) {
		lo = hi / 1e3
	}
	a.Scale, a.Tick.Marker = logScale{}, logTicks{}
	a.Min, a.Max = lo/1.3, hi*1.3
}

// extreme bounds the ends of an axis, so that differences and ratios of values stay finite.
const extreme = 1e300

// closest is the least difference of an axis's ends, as a fraction of the larger one.
const closest = 1e-12

// fit gives an axis ends that a panel can be drawn between: finite, in order and apart.
// The values on it may lie anywhere.
func fit(a *plot.Axis) {
	lo, hi := a.Min, a.Max
	if lo > hi {
		lo, hi = hi, lo
	}
	if math.IsNaN(lo) || math.IsInf(lo, 0) && math.IsInf(hi, 0) {
		lo, hi = 0, 1
	}
	if math.IsNaN(hi) {
		hi = lo
	}
	if _, log := a.Scale.(logScale); log {
		hi = min(max(hi, 1/extreme), extreme)
		lo = min(max(lo, 1/extreme), hi)
		if hi/lo < 1+closest {
			lo, hi = lo/1.3, hi*1.3
		}
		a.Min, a.Max = lo, hi
		return
	}
	lo, hi = min(max(lo, -extreme), extreme), min(max(hi, -extreme), extreme)
	if size := max(math.Abs(lo), math.Abs(hi)); size < 1/extreme {
		lo, hi = lo-1, hi+1
	} else if hi-lo < closest*size {
		lo, hi = lo-size/2, hi+size/2
	}
	a.Min, a.Max = lo, hi
}

// beyond bounds where values outside an axis are drawn, in lengths of the axis: outside,
// and finite.
const beyond = 10

func place(at float64) float64 {
	if math.IsNaN(at) {
		return -beyond
	}
	return min(max(at, -beyond), 1+beyond)
}

// linearScale is a plot.Normalizer of any value between any ends.
type linearScale struct{}

// Normalize implements plot.Normalizer.
func (linearScale) Normalize(lo, hi, x float64) float64 {
	return place((x/2 - lo/2) / (hi/2 - lo/2)) // halves, as differences may overflow
}

// logScale is a logarithmic plot.Normalizer of any value; what has no logarithm lies
// before the axis.
type logScale struct{}

// Normalize implements plot.Normalizer.
func (logScale) Normalize(lo, hi, x float64) float64 {
	if !(x > 0) {
		return -beyond
	}
	return place((math.Log(x) - math.Log(lo)) / (math.Log(hi) - math.Log(lo)))
}
