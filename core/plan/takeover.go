package plan

import (
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/slice"
)

// Takeover is a fallback in a plan: Device runs the instance's actors of Peer on its
// unit Unit while it has been without Peer for longer than After.
type Takeover struct {
	Instance string        `json:"instance"`
	Device   int           `json:"device"` // index in Platform.Devices
	Unit     int           `json:"unit"`   // index in the device's units
	Peer     int           `json:"peer"`   // index in Platform.Devices
	After    time.Duration `json:"after_ns"`
}

// covers reports whether the takeover is of an actor's work.
func (t *Takeover) covers(w *Work) bool { return t.Instance == w.Instance && t.Peer == w.Device }

// UnitOn returns the processing unit on which a device (index in Platform.Devices)
// runs actor a: its own one, or that of a fallback. It is nil if the device never does.
func (p *Plan) UnitOn(device, a int) *Unit {
	if p.Work[a].Device == device {
		return p.UnitOf(a)
	}
	for i := range p.Fallbacks {
		if t := &p.Fallbacks[i]; t.Device == device && t.covers(&p.Work[a]) {
			return &p.Platform.Devices[device].Units[t.Unit]
		}
	}
	return nil
}

// Alone returns the plan as it runs while all devices do the work that their
// fallbacks let them take over. It is p itself if there is none, and shares the rest.
func (p *Plan) Alone() *Plan {
	if len(p.Fallbacks) == 0 {
		return p
	}
	q := *p
	q.Work, q.Routes = slices.Clone(p.Work), slices.Clone(p.Routes)
	for _, t := range p.Fallbacks {
		for a := range q.Work {
			if w := &q.Work[a]; t.covers(w) {
				w.Device, w.Unit = t.Device, t.Unit
				w.CostKey = q.CostKey(a, q.UnitOf(a))
			}
		}
	}
	for f, fifo := range q.Graph.FIFOs {
		if q.Work[fifo.From].Device == q.Work[fifo.To].Device {
			q.Routes[f] = -1
		}
	}
	return &q
}

// setAlone fills in the fallbacks of all slices, by device index.
func (p *Plan) setAlone(all []slice.Slice) {
	if len(p.Fallbacks) == 0 {
		return
	}
	byInstance := map[string]*Takeover{}
	for i := range p.Fallbacks {
		t := &p.Fallbacks[i]
		byInstance[t.Instance] = t
		all[t.Peer].Spare = true
		if all[t.Device].Alone == nil {
			all[t.Device].Alone = &slice.Alone{Peer: p.Platform.Devices[t.Peer].Name, AfterNs: int64(t.After)}
		}
	}
	taken := func(a int) *Takeover {
		if t := byInstance[p.Work[a].Instance]; t != nil && t.covers(&p.Work[a]) {
			return t
		}
		return nil
	}
	for a := range p.Work {
		if t := taken(a); t != nil {
			alone := all[t.Device].Alone
			alone.Actors = append(alone.Actors, slice.Actor{Actor: a, Unit: t.Unit})
		}
	}
	for f, q := range p.Graph.FIFOs { // both ends are of one instance
		if t := taken(q.From); t != nil && taken(q.To) != nil {
			all[t.Device].Alone.FIFOs = append(all[t.Device].Alone.FIFOs, f)
		}
	}
}
