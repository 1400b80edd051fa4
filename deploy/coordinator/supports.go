package coordinator

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// Supports returns an error wrapping ErrUnsupported if a plan can only be simulated. It begins
// with the place in the plan's file, if there is one.
func Supports(p *plan.Plan) error {
	for _, s := range p.Slices() {
		if err := wire.CheckName("device", s.Device); err != nil {
			return fmt.Errorf("%w: plan %s: %w; rename the device or use --driver sim", ErrUnsupported, p.Name, err)
		}
	}
	if len(p.Faults) > 0 {
		return fmt.Errorf(
			"%w: plan %s has %d faults, which are simulated only; remove faults from the plan or use --driver sim",
			ErrUnsupported, p.Name, len(p.Faults))
	}
	for f, r := range p.Routes {
		if r < 0 {
			continue
		}
		l := &p.Platform.Links[r]
		if only := simulatedOnly(l); only != "" {
			return fmt.Errorf("%s%w: link %s, which FIFO %s crosses: %s is simulated only; remove it from the link or use "+
				"--driver sim", place(l), ErrUnsupported, l.Name, p.Graph.FIFOName(f), only)
		}
	}
	return nil
}

// simulatedOnly names what of a link only the simulator can do; "" for nothing.
func simulatedOnly(l *plan.Link) string {
	switch {
	case l.Loss.Rate > 0:
		return "loss"
	case len(l.Outages) > 0:
		return "an outage"
	case l.Medium != "":
		return "a medium that links share"
	case l.Duplex == plan.Half && l.Shaped():
		return "an emulated link that is half duplex"
	case l.Jitter.Kind == plan.Empirical && l.Profile != "": // it is taken as it is
	case !l.Jitter.None():
		return "jitter"
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
		if d.Note != nil && l.Profile != "" && l.Trace != "" && slices.Contains(p.Routes, i) {
			d.Note(fmt.Sprintf("link %s has a profile, so a deployment takes it as it is: its trace is not applied", l.Name))
		}
	}
}

// traces returns the bandwidths over time of the links of a plan that tokens cross and that are to be
// shaped by a trace, by the links' names.
func (d *Driver) traces(p *plan.Plan) (map[string]*profile.Rates, error) {
	all := map[string]*profile.Rates{}
	for i := range p.Platform.Links {
		l := &p.Platform.Links[i]
		if l.Trace == "" || l.Profile != "" || !slices.Contains(p.Routes, i) {
			continue
		}
		if d.Bandwidth != nil {
			var err error
			if all[l.Name], err = d.Bandwidth(l); err != nil {
				return nil, fmt.Errorf("%s%w", place(l), err)
			}
		}
		if all[l.Name] == nil {
			return nil, fmt.Errorf("%slink %s: its trace %s was not read: %w", place(l), l.Name, l.Trace, profile.ErrMissing)
		}
	}
	return all, nil
}

// bandwidths returns those of a device's links.
func (r *run) bandwidths(device int) map[string]*profile.Rates {
	of := map[string]*profile.Rates{}
	for i := range r.plan.Platform.Links {
		l := &r.plan.Platform.Links[i]
		if rates := r.traces[l.Name]; rates != nil && slices.Contains(l.Between, r.name(device)) {
			of[l.Name] = rates
		}
	}
	return of
}
