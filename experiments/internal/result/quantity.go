package result

import "math"

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

// Of returns the value of the quantity that stands for all frames, and half its 95 %
// interval: of times the median, or the mean where frames come in modes.
func (q Quantity) Of(o *Outcome) (value, spread float64) {
	switch q {
	case Latency:
		return o.typicalLatency(), o.Latency.Spread()
	case Throughput:
		return o.ThroughputFPS, o.ThroughputSpread
	}
	return o.Typical()
}

// Typical returns the endpoint time that stands for all frames and its spread, in
// s: the mean where frames come in modes, else the median.
func (o *Outcome) Typical() (s, spread float64) {
	if len(o.Modes) > 0 {
		return o.MeanEndpointTime, o.MeanSpread
	}
	return o.EndpointTime.Median, o.EndpointTime.Spread()
}

// typicalLatency returns the mean where frames come in modes, else the median.
func (o *Outcome) typicalLatency() float64 {
	if len(o.Modes) > 0 {
		return o.Latency.Mean
	}
	return o.Latency.Median
}

// ErrorOf returns (simulated - measured) / measured of a quantity, and whether that is
// below the spread of its measurements. ok is false if one of them is missing.
func (r *Row) ErrorOf(q Quantity) (e float64, withinNoise, ok bool) {
	if r.Stored == nil || r.Measured == nil {
		return 0, false, false
	}
	sim, _ := q.Of(r.Stored)
	measured, spread := q.Of(r.Measured)
	if measured <= 0 || sim <= 0 && q == Throughput {
		return 0, false, false
	}
	return (sim - measured) / measured, math.Abs(sim-measured) < spread, true
}
