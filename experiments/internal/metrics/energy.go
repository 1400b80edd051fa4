package metrics

import (
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// energy returns the energy per frame of the counted frames, of which rate leave per second;
// nil if no device has power figures. A firing occupies a lane of its unit. A token occupies
// its sender for as long as the sender's side of the link, and its receiver for as long again.
// A device whose meters were read has what they counted instead, from its first firing for a
// counted frame to its last.
// perFrame is the time of a part per frame, by index in parts.
func (t *tally) energy(rate float64, of *trace.Trace, perFrame func(part int) float64) *result.Energy {
	in := t.in
	busy, shares := in.shares()
	known := false
	for d := range busy {
		known = known || in.plan.Platform.Devices[d].Power != nil || metered(of, in.plan.Platform.Devices[d].Name) != nil
	}
	if !known {
		return nil
	}
	frames := float64(t.endpoint.N())
	for i, a := range in.actors {
		w := &in.plan.Work[a]
		u := &in.plan.Platform.Devices[w.Device].Units[w.Unit]
		busy[w.Device].UnitsNs[u.Name] += perFrame(i) / float64(max(u.Lanes, 1))
	}
	for i, q := range in.boundaries {
		ns := perFrame(len(in.actors) + 2*i)
		f := in.plan.Graph.FIFOs[q]
		busy[in.plan.Work[f.From].Device].SendNs += ns
		if to := busy[in.plan.Work[f.To].Device]; to != nil {
			to.ReceiveNs += ns
		}
	}
	e := &result.Energy{Means: result.ByModel}
	if of.Driver == "sim" {
		e.Means = result.BySimulation
	}
	for _, d := range slices.Sorted(maps.Keys(busy)) {
		if m := metered(of, in.plan.Platform.Devices[d].Name); m != nil {
			e.Devices = append(e.Devices, t.meteredEnergy(d, m, frames*float64(shares[d])))
			continue
		}
		busy[d].WholeNs = 1e9 / rate / float64(shares[d])
		e.Devices = append(e.Devices, in.deviceEnergy(d, *busy[d]))
	}
	e.Means = result.MeansOf(e.Means, e.Devices)
	return e
}

// perFrame returns the time per frame of a part, by index in parts.
func (t *tally) perFrame(part int) float64 {
	return t.parts[part].middle.Mean() * float64(t.parts[part].middle.N()) / float64(t.endpoint.N())
}

// active widens a device's window.
func (t *tally) active(device int, start, end int64) {
	w := t.windows[device]
	if w == nil {
		w = &energy.Interval{FromNs: start, ToNs: end}
		t.windows[device] = w
	}
	w.FromNs, w.ToNs = min(w.FromNs, start), max(w.ToNs, end)
}

// metered returns what the meters of a device counted; nil if none was read.
func metered(of *trace.Trace, device string) *energy.Metered {
	i := slices.IndexFunc(of.Metered, func(m energy.Metered) bool { return m.Device == device })
	if i < 0 {
		return nil
	}
	return &of.Metered[i]
}

// meteredEnergy is the energy of a device by its meters, divided by frames.
func (t *tally) meteredEnergy(d int, m *energy.Metered, frames float64) result.DeviceEnergy {
	dev := &t.in.plan.Platform.Devices[d]
	e := result.DeviceEnergy{Device: dev.Name, Endpoint: dev.Name == t.in.endpoint, Meter: m.Of, IdleWatts: m.IdleWatts}
	w := t.windows[d]
	if w == nil {
		e.Missing = "it fired for no frame that counts"
		return e
	}
	a, err := m.Between(w.FromNs, w.ToNs)
	if err != nil {
		e.Missing = err.Error()
		return e
	}
	joules := a.Joules / frames
	e.Joules, e.Bound = &joules, a.BoundJoules/frames
	return e
}

// shares returns the devices that an instance's actors are on, with how many instances have
// actors on each.
func (in *instance) shares() (busy map[int]*energy.Busy, shares map[int]int) {
	busy, shares = map[int]*energy.Busy{}, map[int]int{}
	for _, a := range in.actors {
		d := in.plan.Work[a].Device
		busy[d], shares[d] = &energy.Busy{UnitsNs: map[string]float64{}}, in.on[d]
	}
	return busy, shares
}

// deviceEnergy is the energy of a device by its power figures.
func (in *instance) deviceEnergy(d int, busy energy.Busy) result.DeviceEnergy {
	dev := &in.plan.Platform.Devices[d]
	e := result.DeviceEnergy{Device: dev.Name, Endpoint: dev.Name == in.endpoint}
	if dev.Power == nil {
		e.Missing = "it has no power figures; add power: {idle: 2W, units: {" + dev.Units[0].Name + ": 8W}} to it"
		return e
	}
	states, err := dev.Power.Energy(busy)
	if err != nil {
		e.Missing = err.Error()
		return e
	}
	joules := states.Total()
	e.Joules, e.States, e.Basis = &joules, &states, dev.Power.Origin()
	return e
}
