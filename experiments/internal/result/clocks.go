package result

import (
	"fmt"
	"slices"
)

// measuredText is a measured quantity, half its interval, and what its clocks leave open.
func measuredText(o *Outcome, q Quantity, write func(float64) string) string {
	v := o.Interval(q)
	return write(v.Value) + " ± " + write(v.Spread()) + clockText(o.Clock(q), write)
}

// clockText is what clocks leave open, as it stands behind a value; "" on one clock.
func clockText(clock float64, write func(float64) string) string {
	if clock == 0 {
		return ""
	}
	return " ± " + write(clock) + " clocks"
}

// overClocks reports whether a quantity of one of the rows was measured by several clocks.
func overClocks(rows []*Row, q Quantity) bool {
	return slices.ContainsFunc(rows, func(r *Row) bool { return r.Measured != nil && r.Measured.Clock(q) > 0 })
}

// returning reports whether one of the rows has a round trip.
func returning(rows []*Row) bool {
	return slices.ContainsFunc(rows, func(r *Row) bool { return r.Measured != nil && r.Measured.RoundTrip != nil })
}

// Clocks says what the sweep's clocks leave open at most; "" if no figure lies on several.
func (s *Sweep) Clocks() string {
	var latency, rate float64
	for _, r := range s.All() {
		if r.Measured != nil {
			latency, rate = max(latency, r.Measured.Clock(Latency)), max(rate, r.Measured.Clock(Throughput))
		}
	}
	if latency == 0 && rate == 0 {
		return ""
	}
	text := fmt.Sprintf("The devices have clocks of their own, which leave a latency open by up to ± %s ms",
		milliseconds(latency))
	if rate > 0 {
		text += fmt.Sprintf(", and a throughput by ± %.2g frames/s", rate)
	}
	return text + ", beside its interval. Endpoint times lie on one clock."
}
