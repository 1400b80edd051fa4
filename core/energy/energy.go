// Package energy turns what power meters show into joules, and times in which devices were
// busy into joules by their power figures. It may not read a meter or a clock.
package energy

import (
	"fmt"
	"math"
	"slices"
)

// Sample is what a rail showed at a time of the clock that its series is on.
type Sample struct {
	AtNs  int64   `json:"at_ns"`
	Value float64 `json:"value"` // watts, or joules of a counter
}

// Series is what one rail of a meter showed, in the order of time. A sample that could not
// be read is left out, never 0.
type Series struct {
	Meter string `json:"meter"`
	Rail  string `json:"rail"`
	// Counter says that the values are joules since some time, else they are watts.
	Counter bool `json:"counter,omitempty"`
	// WrapJoules is where a counter begins again at 0; 0: it does not.
	WrapJoules float64 `json:"wrap_joules,omitempty"`
	// MeterPeriodNs is how often the meter has a new value, SamplePeriodNs how often it was read.
	MeterPeriodNs  int64 `json:"meter_period_ns"`
	SamplePeriodNs int64 `json:"sample_period_ns"`
	// GapNs is how far apart two samples may be. What lies between two that are further
	// apart is not known. 0: any distance.
	GapNs   int64    `json:"gap_ns,omitempty"`
	Samples []Sample `json:"samples"`
}

// Interval is a time on the clock of a series, from FromNs to ToNs.
type Interval struct {
	FromNs int64 `json:"from_ns"`
	ToNs   int64 `json:"to_ns"`
}

// Amount is the energy of a time, as far as samples cover it.
type Amount struct {
	Joules float64 `json:"joules"` // of the time that is covered; the rest is not made up
	// BoundJoules is how far off Joules can be as samples are apart; see Series.Over.
	BoundJoules float64 `json:"bound_joules"`
	CoveredNs   int64   `json:"covered_ns"`
	WholeNs     int64   `json:"whole_ns"`
}

// Coverage is the share of the time that samples cover, at most 1.
func (a Amount) Coverage() float64 {
	if a.WholeNs <= 0 {
		return 0
	}
	return float64(a.CoveredNs) / float64(a.WholeNs)
}

// Watts is the mean power of the time that is covered.
func (a Amount) Watts() float64 { return a.Joules / (float64(a.CoveredNs) * 1e-9) }

// Plus returns the energy of two rails over the same time, which is covered where both are.
func (a Amount) Plus(b Amount) Amount {
	return Amount{
		Joules: a.Joules + b.Joules, BoundJoules: a.BoundJoules + b.BoundJoules,
		CoveredNs: min(a.CoveredNs, b.CoveredNs), WholeNs: max(a.WholeNs, b.WholeNs),
	}
}

// Check says whether the samples can be what a meter showed: in the order of time, finite,
// a counter without a wrap never going back, nor beyond its wrap.
func (s *Series) Check() error {
	for i, v := range s.Samples {
		switch {
		case math.IsNaN(v.Value) || math.IsInf(v.Value, 0):
			return s.errorf("sample %d is %g", i, v.Value)
		case s.Counter && (v.Value < 0 || s.WrapJoules > 0 && v.Value > s.WrapJoules):
			return s.errorf("sample %d is %g J, the counter goes from 0 to %g J", i, v.Value, s.WrapJoules)
		case i == 0:
		case v.AtNs <= s.Samples[i-1].AtNs:
			return s.errorf("sample %d at %d ns comes after one at %d ns", i, v.AtNs, s.Samples[i-1].AtNs)
		case s.Counter && s.WrapJoules == 0 && v.Value < s.Samples[i-1].Value:
			return s.errorf("sample %d is %g J after %g J, and the counter has no end at which it begins again", i, v.Value,
				s.Samples[i-1].Value)
		}
	}
	return nil
}

func (s *Series) errorf(format string, args ...any) error {
	return fmt.Errorf("%w: %s, rail %s: %s", ErrSamples, s.Meter, s.Rail, fmt.Sprintf(format, args...))
}

// Union sorts intervals and joins those that overlap or touch; empty ones are left out.
func Union(all []Interval) []Interval {
	all = slices.DeleteFunc(slices.Clone(all), func(i Interval) bool { return i.ToNs <= i.FromNs })
	slices.SortFunc(all, func(a, b Interval) int {
		if a.FromNs != b.FromNs {
			return int(min(max(a.FromNs-b.FromNs, -1), 1))
		}
		return int(min(max(a.ToNs-b.ToNs, -1), 1))
	})
	var joined []Interval
	for _, i := range all {
		if n := len(joined); n > 0 && i.FromNs <= joined[n-1].ToNs {
			joined[n-1].ToNs = max(joined[n-1].ToNs, i.ToNs)
			continue
		}
		joined = append(joined, i)
	}
	return joined
}
