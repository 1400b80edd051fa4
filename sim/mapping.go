package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/graph/analysis"
	"github.com/edgeprune/edgeprune/core/medium"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// Mapping returns what the analysis of a plan's graph has to know of where it
// runs, with the times that Run would take. Costs that were not measured are left
// unknown; without them, opaque tokens take the time of their bound. Errors wrap
// ErrPlan or ErrModel.
func (d *Driver) Mapping(p *plan.Plan) (*analysis.Mapping, error) {
	prof, link := d.profile(), d.link()
	m := &analysis.Mapping{Cost: make([]analysis.Cost, len(p.Work))}
	var first []int // unit of every device
	for i := range p.Platform.Devices {
		dev := &p.Platform.Devices[i]
		m.Devices = append(m.Devices, dev.Name)
		first = append(first, len(m.Units))
		for _, u := range dev.Units {
			m.Units = append(m.Units, analysis.Unit{Device: i, Name: u.Name, Lanes: u.Lanes})
		}
	}
	for _, l := range p.Platform.Links {
		m.Links = append(m.Links, l.Name)
	}
	for i := range p.Platform.Media {
		m.Media = append(m.Media, p.Platform.Media[i].Name)
	}
	for a, w := range p.Work {
		m.UnitOf = append(m.UnitOf, first[w.Device]+w.Unit)
		c, err := d.bounds(prof, p, a)
		if err != nil {
			continue // not measured
		}
		stretch := stretching(prof, p, a)
		m.Cost[a] = analysis.Cost{Known: true, Best: stretch(c.Best), Worst: stretch(c.Worst)}
	}
	for f := range p.Graph.FIFOs {
		c, err := crossing(p, f, link, prof)
		if err != nil {
			return nil, err
		}
		m.Cross = append(m.Cross, c)
	}
	return m, nil
}

// stretching returns what a firing of an actor occupies its lane for, of what it costs at slowdown
// 1, both in ns.
func stretching(prof *profile.Profile, p *plan.Plan, a int) func(ns int64) int64 {
	k, dispatch := p.UnitOf(a).Slowdown, int64(prof.DispatchOn(p.DeviceOf(a).Name))
	return func(ns int64) int64 { return dispatch + int64(float64(ns)*k+0.5) }
}

// Typical returns what a firing of an actor occupies its lane for: exactly under a model of one
// cost, else by the median of its samples. What was not measured wraps profile.ErrMissing.
func (d *Driver) Typical(p *plan.Plan, a int) (time.Duration, error) {
	prof := d.profile()
	device, key := p.DeviceOf(a).Name, p.Work[a].CostKey
	c, err := d.modelOf(p, a).Cost(prof, device, key)
	if err != nil {
		return 0, err
	}
	of, constant := c.(Constant)
	if !constant {
		e, err := prof.CostOn(device, key)
		if err != nil {
			return 0, err
		}
		of = Constant(e.Median())
	}
	return time.Duration(stretching(prof, p, a)(int64(of))), nil
}

// profile returns the driver's; an empty one if it has none.
func (d *Driver) profile() *profile.Profile {
	if d.Profile == nil {
		return &profile.Profile{}
	}
	return d.Profile
}

// link returns the driver's link model.
func (d *Driver) link() LinkModel {
	if d.Link == nil {
		return Measured{}
	}
	return d.Link
}

// bounds returns the least and the most that a firing of an actor can cost at slowdown 1: of what
// is fitted to samples, which has no bounds, those of the samples.
func (d *Driver) bounds(prof *profile.Profile, p *plan.Plan, a int) (analysis.Cost, error) {
	device, key := p.DeviceOf(a).Name, p.Work[a].CostKey
	c, err := d.modelOf(p, a).Cost(prof, device, key)
	if err != nil {
		return analysis.Cost{}, err
	}
	if of, constant := c.(Constant); constant {
		return analysis.Cost{Best: int64(of), Worst: int64(of)}, nil
	}
	switch c.(type) {
	case samples, logNormal, unphased, *phased:
	default:
		return analysis.Cost{}, fmt.Errorf("%w: a cost of type %T has no bounds", ErrModel, c)
	}
	e, err := prof.CostOn(device, key)
	if err != nil {
		return analysis.Cost{}, err
	}
	return analysis.Cost{Best: int64(slices.Min(e.Samples)), Worst: int64(slices.Max(e.Samples))}, nil
}

// crossing says how tokens of FIFO f cross. Directions of a full-duplex link are
// channels of their own. What a measured link takes less for a token after a pause than for one
// that follows another is not told.
func crossing(p *plan.Plan, f int, model LinkModel, prof *profile.Profile) (analysis.Crossing, error) {
	q := p.Graph.FIFOs[f]
	from, to := p.DeviceOf(q.From).Name, p.DeviceOf(q.To).Name
	if from == to {
		return analysis.Crossing{Link: -1}, nil
	}
	route := p.Routes[f]
	if route < 0 || route >= len(p.Platform.Links) {
		return analysis.Crossing{}, fmt.Errorf("%w: FIFO %s crosses from device %s to %s without a link",
			ErrPlan, p.Graph.FIFOName(f), from, to)
	}
	n, err := (&run{plan: p, graph: p.Graph}).tokenBytes(f, prof)
	if err != nil { // not measured
		n = p.Graph.Type(f).Bytes()
	}
	c, _, err := cross(&p.Platform, route, model, prof, from, n)
	return c, err
}

// Cross returns what tokens of n bytes take over a link of a platform, by its index, from a device
// on. sending is how long one occupies its sender that is sent after a pause. Without a profile,
// a link that needs one is an error.
func (d *Driver) Cross(pf *plan.Platform, link int, from string, n int64) (
	c analysis.Crossing, sending time.Duration, err error,
) {
	return cross(pf, link, d.link(), d.profile(), from, n)
}

func cross(pf *plan.Platform, link int, model LinkModel, prof *profile.Profile, from string, n int64) (
	c analysis.Crossing, sending time.Duration, err error,
) {
	l := &pf.Links[link]
	channel := 2 * link
	if l.Duplex == plan.Full && from == l.Between[1] {
		channel++
	}
	if err := loaded(model, l, prof); err != nil {
		return c, 0, err
	}
	cross, err := crossingOf(pf, model, l, prof, from, n)
	if err != nil {
		return c, 0, err
	}
	occupancy := max(cross.Occupancy, cross.Work)
	// From handing one over after a pause to its arrival: it may be there before it would let the next one in.
	alone := max(cross.Occupancy-cross.Burst, 0) + cross.Flight
	c = analysis.Crossing{
		Link: link, Channel: channel, Occupancy: int64(occupancy), Flight: int64(max(alone-occupancy, 0)),
		Ack: int64(model.Ack(l, prof)),
	}
	if at := pf.Medium(l); at >= 0 {
		rates, err := ratesOf(&pf.Media[at], prof)
		if err != nil {
			return analysis.Crossing{}, 0, err
		}
		m := medium.New(&pf.Media[at], rates, 1)
		c.Medium, c.Takes = at+1, int64(nanoseconds(m.Work(n)/m.Most()))
	}
	return c, max(cross.Occupancy-cross.Burst+cross.Handover, cross.Work, cross.Sending, 0), nil
}
