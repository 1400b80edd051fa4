package power

import (
	"strings"

	"github.com/edgeprune/edgeprune/core/energy"
)

// mostSamples is how many times of a run's energy a device reports: some 45 bytes each, so that
// they fit a message.
const mostSamples = 1000

// Metered returns what a recording of meters holds of a device's energy.
func (r *Recorded) Metered(device string, meters []Meter) *energy.Metered {
	m := &energy.Metered{Device: device}
	var of []string
	for _, x := range meters {
		about := x.About()
		of = append(of, about.Name+": "+about.Of)
		m.MeterPeriodNs = max(m.MeterPeriodNs, int64(about.Period))
	}
	m.Of = strings.Join(of, "; ")
	var rails []*energy.Series
	for _, i := range r.Total {
		rails = append(rails, &r.Series[i])
	}
	var err error
	if m.Samples, m.Bound, err = energy.Cumulate(rails, mostSamples); err != nil {
		m.Missing = err.Error()
		for _, x := range r.Missing {
			m.Missing += "; " + x.Name + ": " + x.Why
		}
	}
	return m
}
