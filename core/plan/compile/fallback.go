package compile

import (
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// fallback checks the fallback of instance i, whose actors were added from first
// on, and adds it to the plan.
func (b *builder) fallback(i, first int) error {
	fb := b.inst.Fallback
	if fb == nil {
		return nil
	}
	p, path := b.plan, fmt.Sprintf("$.instances[%d].fallback", i)
	at, err := b.places.unit(fb.Unit, path)
	if err != nil {
		return err
	}
	if fb.After <= 0 {
		return b.file.Errorf(path+".after", "%w: a fallback after %v; expected more than 0, such as 2s",
			planfile.ErrMapping, fb.After)
	}
	var others []string
	t := plan.Takeover{Instance: b.inst.Name, Device: at.device, Unit: at.unit, Peer: -1, After: fb.After}
	for a := first; a < len(p.Work); a++ {
		if d := p.Work[a].Device; d != at.device && !slices.Contains(others, p.DeviceOf(a).Name) {
			t.Peer = d
			others = append(others, p.DeviceOf(a).Name)
		}
	}
	home := p.Platform.Devices[at.device].Name
	if len(others) != 1 {
		return b.file.Errorf(path, "%w: a fallback on %s needs one other device to fall back from; the instance has "+
			"actors on %s; map them to %s and one more, or remove the fallback",
			planfile.ErrMapping, home, list(others), home)
	}
	for _, o := range p.Fallbacks {
		if o.Device == t.Device && (o.Peer != t.Peer || o.After != t.After) {
			return b.file.Errorf(path, "%w: device %s falls back from %s after %v in another instance; a device has one "+
				"peer and one time, make them equal",
				planfile.ErrMapping, home, p.Platform.Devices[o.Peer].Name, o.After)
		}
		if o.Device == t.Peer && o.Peer == t.Device {
			return b.file.Errorf(path, "%w: device %s falls back from %s in another instance; leave one of both directions",
				planfile.ErrMapping, others[0], home)
		}
	}
	p.Fallbacks = append(p.Fallbacks, t)
	return b.checkTakeover(t, first, path)
}

// checkTakeover reports the actors that can't be taken over: two devices would
// have what only one may have.
func (b *builder) checkTakeover(t plan.Takeover, first int, path string) error {
	p := b.plan
	delays := map[int]bool{}
	for f := len(p.Graph.FIFOs) - 1; f >= 0 && p.Graph.FIFOs[f].From >= first; f-- {
		if q := p.Graph.FIFOs[f]; q.Delay > 0 {
			delays[q.From] = true
		}
	}
	home := p.Platform.Devices[t.Device].Name
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
		errs = append(errs, b.file.Errorf(path, "%w: actor %s on %s %s, so %s can't take it over; map it to %s",
			planfile.ErrMapping, p.Graph.Actors[a].Name, p.DeviceOf(a).Name, what, home, home))
	}
	return errors.Join(errs...)
}
