package coordinator

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Supports returns an error wrapping ErrUnsupported if a plan can only be simulated. That of a link
// begins with its place in the plan's file, if it has one. read returns what a link's trace holds;
// nil: that is not looked into.
func Supports(p *plan.Plan, read func(*plan.Link) *profile.Link) error {
	for _, s := range p.Slices() {
		if err := wire.CheckName("device", s.Device); err != nil {
			return fmt.Errorf("%w: plan %s: %w; rename the device or use --driver sim", ErrUnsupported, p.Name, err)
		}
	}
	if err := supportsFaults(p); err != nil {
		return err
	}
	for f, r := range p.Routes {
		if r < 0 {
			continue
		}
		l := &p.Platform.Links[r]
		if only := simulatedOnly(l, read); only != "" {
			return fmt.Errorf("%s%w: link %s, which FIFO %s crosses: %s is simulated only; remove it from the link or use "+
				"--driver sim", place(l), ErrUnsupported, l.Name, p.Graph.FIFOName(f), only)
		}
	}
	return nil
}

// simulatedOnly names what of a link only the simulator can do; "" for nothing.
func simulatedOnly(l *plan.Link, read func(*plan.Link) *profile.Link) string {
	measured := l.Profile != "" // it is taken as it is
	switch {
	case l.Loss.Rate > 0:
		return "loss"
	case !l.Jitter.None() && !(measured && l.Jitter.Kind == plan.Empirical):
		return "jitter"
	case len(l.Outages) > 0 && measured:
		return "an outage of a link that has a profile"
	case len(l.Outages) > 0 && (l.Medium != "" || l.Duplex == plan.Half):
		return "an outage of a link that is half duplex or on a medium"
	}
	if !measured && l.Trace != "" && read != nil {
		if of := read(l); of != nil && of.Latencies != nil {
			return "a latency over time, as in its trace " + l.Trace + ","
		}
	}
	return ""
}

// place returns where a link stands in the plan's file, to begin an error with; "" if that is not known.
func place(l *plan.Link) string {
	if at := l.Pos.String(); at != "" {
		return at + ": "
	}
	return ""
}

// noteAsTheyAre says what of links that have profiles a deployment leaves out, as it takes these
// as they are.
func (d *Driver) noteAsTheyAre(p *plan.Plan) {
	for i := range p.Platform.Links {
		l := &p.Platform.Links[i]
		if d.Note == nil || l.Profile == "" || !slices.Contains(p.Routes, i) {
			continue
		}
		if l.Trace != "" {
			d.Note(fmt.Sprintf("link %s has a profile, so a deployment takes it as it is: its trace is not applied", l.Name))
		}
		if l.Medium != "" {
			d.Note(fmt.Sprintf("link %s has a profile, so a deployment takes it as it is: its medium %s is not emulated",
				l.Name, l.Medium))
		}
	}
}

// traces are the bandwidths over time of links, and the capacities of media, by their names.
type traces struct{ links, media map[string]*profile.Rates }

// traces returns those of the links of a plan that tokens cross and that are to be shaped.
func (d *Driver) traces(p *plan.Plan) (traces, error) {
	all := traces{map[string]*profile.Rates{}, map[string]*profile.Rates{}}
	for i := range p.Platform.Links {
		l := &p.Platform.Links[i]
		if l.Profile != "" || !slices.Contains(p.Routes, i) {
			continue
		}
		if l.Trace != "" {
			if d.Read != nil {
				if of := d.Read(l); of != nil {
					all.links[l.Name] = of.Rates
				}
			}
			if all.links[l.Name] == nil {
				return all, fmt.Errorf("%slink %s: its trace %s was not read: %w", place(l), l.Name, l.Trace, profile.ErrMissing)
			}
		}
		at := p.Platform.Medium(l)
		if at < 0 || p.Platform.Media[at].Trace == "" {
			continue
		}
		m := &p.Platform.Media[at]
		if d.Capacity != nil {
			all.media[m.Name] = d.Capacity(m)
		}
		if all.media[m.Name] == nil {
			return all, fmt.Errorf("%slink %s: the trace %s of its medium %s was not read: %w", place(l), l.Name, m.Trace,
				m.Name, profile.ErrMissing)
		}
	}
	return all, nil
}

// of returns those of a device's links.
func (t traces) of(p *plan.Platform, device string) traces {
	own := traces{map[string]*profile.Rates{}, map[string]*profile.Rates{}}
	for i := range p.Links {
		l := &p.Links[i]
		if !slices.Contains(l.Between, device) {
			continue
		}
		if rates := t.links[l.Name]; rates != nil {
			own.links[l.Name] = rates
		}
		if rates := t.media[l.Medium]; rates != nil {
			own.media[l.Medium] = rates
		}
	}
	return own
}
