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
	for _, q := range p.Graph.FIFOs {
		if q.Delay > 0 {
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

// alone returns the fallback of device d, or nil.
func (p *Plan) alone(d int) *graph.Alone {
	var alone *graph.Alone
	taken := map[int]bool{}
	for _, t := range p.Fallbacks {
		if t.Device != d {
			continue
		}
		if alone == nil {
			alone = &graph.Alone{Peer: p.Platform.Devices[t.Peer].Name, After: int64(t.After)}
		}
		for a, w := range p.Work {
			if w.Device == t.Peer && w.Instance == t.Instance {
				alone.Actors = append(alone.Actors, graph.SliceActor{Actor: a, Unit: t.Unit})
				taken[a] = true
			}
		}
	}
	for f, q := range p.Graph.FIFOs {
		if taken[q.From] && taken[q.To] {
			alone.FIFOs = append(alone.FIFOs, f)
		}
	}
	return alone
}
