package states

import (
	"errors"

	"github.com/edgeprune/edgeprune/core/energy"
)

// State is the energy of the times in which a device was in a state.
type State struct {
	Name    string         `json:"state"` // idle, units.NAME, send, receive
	Seconds float64        `json:"seconds"`
	Energy  *energy.Amount `json:"energy"` // nil: the meter covers none of it
}

// Energies is what a meter showed of a device during a run.
type Energies struct {
	Frames int64         `json:"frames"`
	Run    energy.Amount `json:"run"` // while the device was at work, idle times between included
	// PerFrame is that of the run divided by its frames, in joules; nil: the meter does not
	// cover all of the run, or no frame was fired for.
	PerFrame *float64 `json:"joules_per_frame"`
	// States are the energies of the whole device while a state lasted. States other than idle
	// may last at once: their energies overlap, and don't add up to the run's.
	States []State `json:"states"`
}

// Energies integrates what the rails of a meter showed over the run and over each state. Their
// times are on the device's clock, since the run's start. If they cover nothing of the run,
// the error wraps energy.ErrMissing.
func (d *Device) Energies(rails []*energy.Series) (*Energies, error) {
	run, err := energy.Total(rails, []energy.Interval{d.Active})
	if err != nil {
		return nil, err
	}
	e := &Energies{Frames: d.Frames, Run: run}
	if run.CoveredNs == run.WholeNs && d.Frames > 0 {
		j := run.Joules / float64(d.Frames)
		e.PerFrame = &j
	}
	var working []energy.Interval
	add := func(name string, times []energy.Interval) error {
		times = energy.Union(times)
		if len(times) == 0 {
			return nil
		}
		s := State{Name: name}
		for _, i := range times {
			s.Seconds += float64(i.ToNs-i.FromNs) * 1e-9
		}
		a, err := energy.Total(rails, times)
		if err != nil && !errors.Is(err, energy.ErrMissing) {
			return err
		}
		if err == nil {
			s.Energy = &a
		}
		e.States = append(e.States, s)
		return nil
	}
	for _, k := range d.kinds() {
		if err := add(k.name, k.times); err != nil {
			return nil, err
		}
		working = append(working, k.times...)
	}
	return e, add("idle", between(d.Active, working))
}

// between returns what of an interval lies outside of others.
func between(whole energy.Interval, others []energy.Interval) []energy.Interval {
	var all []energy.Interval
	from := whole.FromNs
	for _, i := range energy.Union(others) {
		if i.FromNs > from {
			all = append(all, energy.Interval{FromNs: from, ToNs: i.FromNs})
		}
		from = max(from, i.ToNs)
	}
	if whole.ToNs > from {
		all = append(all, energy.Interval{FromNs: from, ToNs: whole.ToNs})
	}
	return all
}
