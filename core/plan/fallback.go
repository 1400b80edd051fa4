package plan

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
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

// fallback checks the fallback of instance i, whose actors were added from first
// on, and adds it to the plan.
func (b *builder) fallback(i, first int) error {
	fb := b.inst.Fallback
	if fb == nil {
		return nil
	}
	p, path := b.plan, fmt.Sprintf("$.instances[%d].fallback", i)
	at, err := b.file.unit(fb.Unit, path)
	if err != nil {
		return err
	}
	if fb.After <= 0 {
		return b.file.errorf(path+".after", "%w: a fallback after %v; expected more than 0, such as 2s", ErrMapping, fb.After)
	}
	var others []string
	t := Takeover{Instance: b.inst.Name, Device: at.device, Unit: at.unit, Peer: -1, After: fb.After}
	for a := first; a < len(p.Work); a++ {
		if d := p.Work[a].Device; d != at.device && !slices.Contains(others, p.DeviceOf(a).Name) {
			t.Peer = d
			others = append(others, p.DeviceOf(a).Name)
		}
	}
	home := p.Platform.Devices[at.device].Name
	if len(others) != 1 {
		return b.file.errorf(path, "%w: a fallback on %s needs one other device to fall back from; the instance has actors on %s; map them to %s and one more, or remove the fallback",
			ErrMapping, home, list(others), home)
	}
	for _, o := range p.Fallbacks {
		if o.Device == t.Device && (o.Peer != t.Peer || o.After != t.After) {
			return b.file.errorf(path, "%w: device %s falls back from %s after %v in another instance; a device has one peer and one time, make them equal",
				ErrMapping, home, p.Platform.Devices[o.Peer].Name, o.After)
		}
		if o.Device == t.Peer && o.Peer == t.Device {
			return b.file.errorf(path, "%w: device %s falls back from %s in another instance; leave one of both directions", ErrMapping, others[0], home)
		}
	}
	p.Fallbacks = append(p.Fallbacks, t)
	return b.checkTakeover(t, first, path)
}

// checkTakeover reports the actors that can't be taken over: two devices would
// have what only one may have.
func (b *builder) checkTakeover(t Takeover, first int, path string) error {
	p := b.plan
	delays := map[int]bool{}
	for f := len(p.Graph.FIFOs) - 1; f >= 0 && p.Graph.FIFOs[f].From >= first; f-- {
		if q := p.Graph.FIFOs[f]; q.Delay > 0 {
			delays[q.From] = true
		}
	}
	var errs []error
	for a := first; a < len(p.Work); a++ {
		if p.Work[a].Device != t.Peer {
			continue
		}
		what := ""
		switch {
		case p.Work[a].Source:
			what = "is the source"
		case p.Work[a].Sink:
			what = "is the sink"
		case p.Graph.Actors[a].Stateful:
			what = "keeps state"
		case delays[a]:
			what = "feeds a FIFO with delay tokens"
		default:
			continue
		}
		errs = append(errs, b.file.errorf(path, "%w: actor %s on %s %s, so %s can't take it over; map it to %s",
			ErrMapping, p.Graph.Actors[a].Name, p.DeviceOf(a).Name, what, p.Platform.Devices[t.Device].Name, p.Platform.Devices[t.Device].Name))
	}
	return errors.Join(errs...)
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
func (p *Plan) setAlone(all []graph.Slice) {
	if len(p.Fallbacks) == 0 {
		return
	}
	byInstance := map[string]*Takeover{}
	for i := range p.Fallbacks {
		t := &p.Fallbacks[i]
		byInstance[t.Instance] = t
		all[t.Peer].Spare = true
		if all[t.Device].Alone == nil {
			all[t.Device].Alone = &graph.Alone{Peer: p.Platform.Devices[t.Peer].Name, After: int64(t.After)}
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
			alone.Actors = append(alone.Actors, graph.SliceActor{Actor: a, Unit: t.Unit})
		}
	}
	for f, q := range p.Graph.FIFOs { // both ends are of one instance
		if t := taken(q.From); t != nil && taken(q.To) != nil {
			all[t.Device].Alone.FIFOs = append(all[t.Device].Alone.FIFOs, f)
		}
	}
}
