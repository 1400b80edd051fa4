package states

import (
	"fmt"
	"sort"
	"time"

	"github.com/edgeprune/edgeprune/core/energy"
)

// Observe parts the time of a run that a meter covers into windows of at least a length, which
// end where the meter was read, and returns the energy of each with how long the device was in
// which state; for energy.Fit. Where the power before any run was measured, one more says so,
// of as long a time as a window.
func (d *Device) Observe(m *energy.Metered, length time.Duration) ([]energy.Observation, error) {
	if m.Missing != "" {
		return nil, fmt.Errorf("%w: device %s: %s", energy.ErrMissing, m.Device, m.Missing)
	}
	var ends []int64
	var all []energy.Observation
	for i := range m.Samples {
		at := m.Samples[i].AtNs
		if at < d.Active.FromNs || at > d.Active.ToNs || len(ends) > 0 && at < ends[len(ends)-1]+int64(length) {
			continue
		}
		ends = append(ends, at)
	}
	if len(ends) < 2 {
		return nil, fmt.Errorf("%w: device %s worked for %.3g s, in which its meter shows no window of %v; measure longer, "+
			"or give a shorter window", ErrShort, d.Name, float64(d.Active.ToNs-d.Active.FromNs)*1e-9, length)
	}
	for i := range ends[1:] {
		a, err := m.Between(ends[i], ends[i+1])
		if err != nil {
			return nil, err
		}
		all = append(all, energy.Observation{
			Busy:   energy.Busy{WholeNs: float64(ends[i+1] - ends[i]), UnitsNs: map[string]float64{}},
			Joules: a.Joules,
		})
	}
	for name, u := range d.Units {
		share(u.Firings, ends, func(window int, ns float64) { all[window].Busy.UnitsNs[name] += ns / float64(u.Lanes) })
	}
	share(d.Send, ends, func(window int, ns float64) { all[window].Busy.SendNs += ns })
	share(d.Receive, ends, func(window int, ns float64) { all[window].Busy.ReceiveNs += ns })
	if m.IdleWatts != nil {
		ns := float64(ends[len(ends)-1]-ends[0]) / float64(len(ends)-1)
		all = append(all, energy.Observation{
			Busy: energy.Busy{WholeNs: ns, UnitsNs: map[string]float64{}}, Joules: *m.IdleWatts * ns * 1e-9,
		})
	}
	return all, nil
}

// share gives each window, from one end to the next, what it holds of times.
func share(times []energy.Interval, ends []int64, add func(window int, ns float64)) {
	for _, t := range times {
		for w := max(sort.Search(len(ends), func(i int) bool { return ends[i] > t.FromNs })-1, 0); w+1 < len(ends); w++ {
			from, to := max(t.FromNs, ends[w]), min(t.ToNs, ends[w+1])
			if ends[w] >= t.ToNs {
				break
			}
			if to > from {
				add(w, float64(to-from))
			}
		}
	}
}
