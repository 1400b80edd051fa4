package energy

import (
	"fmt"
)

// Metered is what the meters of a device counted during a run, on the device's own clock.
type Metered struct {
	Device string `json:"device"`
	Of     string `json:"of"` // what the total is of, in words
	// MeterPeriodNs is how often the slowest of the meters has a new value.
	MeterPeriodNs int64 `json:"meter_period_ns"`
	// IdleWatts is the power before any run; nil: it was not measured.
	IdleWatts *float64 `json:"idle_watts,omitempty"`
	// Samples count joules from the first one on; times are ns since the run's start.
	Samples []Sample `json:"samples,omitempty"`
	// Bound is how far off the whole can be as readings are apart, as a fraction of it.
	Bound float64 `json:"bound,omitempty"`
	// Missing says why there are no samples.
	Missing string `json:"missing,omitempty"`
}

// Between returns the energy from one time to another. What is not covered by samples is an
// error that wraps ErrMissing, as is a meter that could not be read.
func (m *Metered) Between(fromNs, toNs int64) (Amount, error) {
	if m.Missing != "" {
		return Amount{}, fmt.Errorf("%w: %s", ErrMissing, m.Missing)
	}
	s := Series{Meter: m.Device, Rail: m.Of, Counter: true, Samples: m.Samples}
	a, err := s.Between(fromNs, toNs)
	if err == nil && a.CoveredNs < a.WholeNs {
		err = fmt.Errorf("%w: the meters of device %s were read for %.0f %% of the time only", ErrMissing, m.Device,
			100*a.Coverage())
	}
	a.BoundJoules += m.Bound * a.Joules
	return a, err
}

// Cumulate sums the energy of rails up at most times, at least two, from the first time that all
// of them were read to the last one. bound is how far off the whole can be, as a fraction. A
// gap in any rail is an error that wraps ErrMissing.
func Cumulate(rails []*Series, most int) (samples []Sample, bound float64, err error) {
	if len(rails) == 0 {
		return nil, 0, fmt.Errorf("%w: there is no rail", ErrMissing)
	}
	var from, to int64
	for i, r := range rails {
		if len(r.Samples) < 2 {
			return nil, 0, fmt.Errorf("%w: %s, rail %s was read %d times", ErrMissing, r.Meter, r.Rail, len(r.Samples))
		}
		first, last := r.Samples[0].AtNs, r.Samples[len(r.Samples)-1].AtNs
		if i == 0 {
			from, to = first, last
		}
		from, to = max(from, first), min(to, last)
	}
	whole, err := Total(rails, []Interval{{from, to}})
	if err != nil {
		return nil, 0, err
	}
	if whole.CoveredNs < whole.WholeNs {
		return nil, 0, fmt.Errorf("%w: there are gaps in what was read, %.1f %% of the time", ErrMissing,
			100*(1-whole.Coverage()))
	}
	grid := rails[0].Samples
	step := (len(grid) + most - 2) / (most - 1)
	samples = []Sample{{AtNs: from}}
	for i := 0; i < len(grid); i += step {
		at, last := grid[i].AtNs, samples[len(samples)-1]
		if at <= last.AtNs || at >= to {
			continue
		}
		a, err := Total(rails, []Interval{{last.AtNs, at}})
		if err != nil {
			return nil, 0, err
		}
		samples = append(samples, Sample{AtNs: at, Value: last.Value + a.Joules})
	}
	if samples = append(samples, Sample{AtNs: to, Value: whole.Joules}); whole.Joules > 0 {
		bound = whole.BoundJoules / whole.Joules
	}
	return samples, bound, nil
}
