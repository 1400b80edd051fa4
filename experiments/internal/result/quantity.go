package result

import (
	"math"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// Quantity is what a case is judged by.
type Quantity string

// The quantities of a case: three objectives, which are not to be mixed up.
const (
	EndpointTime Quantity = "endpoint time" // in s
	Latency      Quantity = "latency"       // in s
	Throughput   Quantity = "throughput"    // in frames/s
)

// Quantities lists all of them.
func Quantities() []Quantity { return []Quantity{EndpointTime, Latency, Throughput} }

// Interval returns the value of a quantity that stands for all frames, with its 95 %
// interval: of times the median, or the mean where frames come in modes.
func (o *Outcome) Interval(q Quantity) stat.Interval {
	switch {
	case q == Throughput:
		return o.Throughput.Interval
	case q == Latency && len(o.Modes) > 0:
		return o.MeanLatency
	case q == Latency:
		return o.Latency.Interval()
	case len(o.Modes) > 0:
		return o.MeanEndpointTime
	}
	return o.EndpointTime.Interval()
}

// Clock returns how far off the value of a quantity can be as it was measured by several
// clocks, in its unit; 0: by one.
func (o *Outcome) Clock(q Quantity) float64 {
	switch q {
	case Latency:
		return o.Latency.Clock
	case Throughput:
		return o.Throughput.Clock
	}
	return o.EndpointTime.Clock
}

// ErrorOf returns (simulated - measured) / measured of a quantity by a prediction, and
// whether that is below the spread of the measurements and what their clocks leave open. ok is false if one of them is
// missing.
func (r *Row) ErrorOf(q Quantity, p Prediction) (e float64, withinNoise, ok bool) {
	sim := r.Predicted(p)
	if sim == nil || r.Measured == nil {
		return 0, false, false
	}
	predicted, measured := sim.Interval(q).Value, r.Measured.Interval(q)
	if measured.Value <= 0 || predicted <= 0 && q == Throughput {
		return 0, false, false
	}
	off := predicted - measured.Value
	return off / measured.Value, math.Abs(off) < measured.Spread()+r.Measured.Clock(q), true
}

// Settled reports whether the measured interval of a quantity, and what its clocks leave
// open, is no wider than a tenth of it. A row that isn't settled in a quantity stays in the
// table and leaves its headline.
func (r *Row) Settled(q Quantity) bool {
	if r.Measured == nil {
		return false
	}
	i, clock := r.Measured.Interval(q), r.Measured.Clock(q)
	i.Low, i.High = i.Low-clock, i.High+clock
	return i.Settled()
}
