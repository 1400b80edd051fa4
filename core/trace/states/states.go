// Package states says what a device did in a run, and when: computing by unit, sending,
// receiving; and what of its measured energy went where. It may not read a file or a clock.
package states

import (
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/trace"
)

// Unit holds the times of a processing unit's firings, in the trace's order.
type Unit struct {
	Lanes   int
	Firings []energy.Interval
}

// Device is what a device did, in ns of its clock since the run's start.
type Device struct {
	Name  string
	Units map[string]*Unit // by name, of those that fired
	Send  []energy.Interval
	// Receive are the times for which the other side of a link was sending a token, ended by
	// the token's arrival: the clocks of both need not agree.
	Receive []energy.Interval
	Frames  int64           // iterations of the graph that a firing was part of, each counted once
	Active  energy.Interval // from the first of all these times to the last
}

// token tells a token's Send and Recv from those of others.
type token struct {
	fifo  int
	frame int64
}

// Of returns what a device did in a run. lanes are those of its units by name; a unit that
// fired and is not among them is an error that wraps ErrDevice, as is a device that did
// nothing.
func Of(t *trace.Trace, device string, lanes map[string]int) (*Device, error) {
	d := &Device{Name: device, Units: map[string]*Unit{}}
	frames := map[int64]bool{}
	took := map[token][]int64{} // of the tokens' sends; a FIFO has one sender
	senders := trace.Senders{}
	for i := range t.Events {
		if e := &t.Events[i]; e.Kind == trace.Send && e.Device != device {
			k := token{e.FIFO, e.Frame}
			took[k] = append(took[k], e.End-senders.Began(e))
		}
	}
	for i := range t.Events {
		e := &t.Events[i]
		if e.Device != device {
			continue
		}
		at := energy.Interval{FromNs: e.Start, ToNs: e.End}
		switch e.Kind {
		case trace.Firing:
			u := d.Units[e.Unit]
			if u == nil {
				if lanes[e.Unit] < 1 {
					return nil, fmt.Errorf("%w: %s has no unit %s in the plan, which fired in the run; the units are %q",
						ErrDevice, device, e.Unit, slices.Sorted(maps.Keys(lanes)))
				}
				u = &Unit{Lanes: lanes[e.Unit]}
				d.Units[e.Unit] = u
			}
			u.Firings = append(u.Firings, at)
			frames[e.Frame] = true
		case trace.Send:
			d.Send = append(d.Send, at)
		case trace.Recv:
			k := token{e.FIFO, e.Frame}
			if len(took[k]) == 0 { // sent before the records began, or lost with a device
				continue
			}
			at.FromNs = e.End - took[k][0]
			took[k] = took[k][1:]
			d.Receive = append(d.Receive, at)
		default:
			continue
		}
		d.widen(at)
	}
	if d.Active.ToNs <= d.Active.FromNs {
		return nil, fmt.Errorf("%w: %s did nothing in the run; the devices that did are %q", ErrDevice, device, devices(t))
	}
	d.Frames = int64(len(frames))
	return d, nil
}

func (d *Device) widen(at energy.Interval) {
	if d.Active == (energy.Interval{}) {
		d.Active = at
		return
	}
	d.Active.FromNs, d.Active.ToNs = min(d.Active.FromNs, at.FromNs), max(d.Active.ToNs, at.ToNs)
}

func devices(t *trace.Trace) []string {
	names := map[string]bool{}
	for i := range t.Events {
		names[t.Events[i].Device] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// kind is a state with the times that count towards it, which may overlap.
type kind struct {
	name  string
	times []energy.Interval
}

// kinds lists the states by name: a unit's is units.NAME, as in energy.Figures.
func (d *Device) kinds() []kind {
	var all []kind
	for _, name := range slices.Sorted(maps.Keys(d.Units)) {
		all = append(all, kind{"units." + name, d.Units[name].Firings})
	}
	return append(all, kind{"send", d.Send}, kind{"receive", d.Receive})
}
