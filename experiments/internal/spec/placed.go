package spec

import (
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// RealLink names the link of an experiment on a testbed: the one that is there.
const RealLink = "real"

// DeviceNames returns the names of all devices: endpoints, gateways, server.
func (s *Spec) DeviceNames() []string {
	var names []string
	for _, e := range s.Slowed() {
		names = append(names, e.Name)
	}
	return append(names, s.Server.Name)
}

// Placed returns the experiment on the devices of a testbed that stand for its own, by its
// own's names; endpoints that are not in it are left out. Nothing is emulated there: no device
// is slowed, the links are those that are there, without traces and media, and the power figures of
// other devices are left out.
func (s *Spec) Placed(on map[string]string) *Spec {
	p := *s
	p.placed, p.Factors, p.Media = on, nil, nil
	p.Endpoints, p.Gateways = placedEndpoints(s.Endpoints, on), placedEndpoints(s.Gateways, on)
	p.Server.Name, p.Server.Power = on[s.Server.Name], nil
	p.Server.Units = slices.Clone(s.Server.Units)
	for i := range p.Server.Units {
		p.Server.Units[i].Slowdown = 1
	}
	if len(s.Mappings) == 0 {
		p.Links = []plan.Link{{Name: RealLink}}
		p.Together.Link = RealLink
		return &p
	}
	p.Links = nil
	for _, l := range s.Links {
		p.Links = append(p.Links, plan.Link{Name: l.Name, Between: []string{on[l.Between[0]], on[l.Between[1]]}, Pos: l.Pos})
	}
	p.Mappings = slices.Clone(s.Mappings)
	for i := range p.Mappings {
		g := &p.Mappings[i]
		g.Cases = slices.Clone(g.Cases)
		for j := range g.Cases {
			g.Cases[j].Mapping = placedMapping(g.Cases[j].Mapping, on)
		}
	}
	return &p
}

func placedEndpoints(all []Endpoint, on map[string]string) []Endpoint {
	var placed []Endpoint
	for _, e := range all {
		if on[e.Name] == "" {
			continue
		}
		e.Name, e.Unit.Slowdown, e.WholeModel, e.Power = on[e.Name], 1, 0, nil
		placed = append(placed, e)
	}
	return placed
}

// placedMapping renames the devices of units; a unit of an unknown one stays for compiling to refuse.
func placedMapping(mapping []planfile.Assign, on map[string]string) []planfile.Assign {
	mapping = slices.Clone(mapping)
	for i := range mapping {
		if device, unit, ok := strings.Cut(mapping[i].Unit, "."); ok && on[device] != "" {
			mapping[i].Unit = on[device] + "." + unit
		}
	}
	return mapping
}

// Real returns, by its own devices, the devices of a testbed that the experiment is placed on;
// nil: it is emulated on one machine.
func (s *Spec) Real() map[string]string { return s.placed }

// Platform returns all devices and links with the profiles and traces that they name: endpoints,
// gateways, server, and the links of plans.
func (s *Spec) Platform() plan.Platform {
	var p plan.Platform
	for _, e := range s.Slowed() {
		p.Devices = append(p.Devices, plan.Device{Name: e.Name, Profile: e.Profile})
	}
	p.Devices = append(p.Devices, plan.Device{Name: s.Server.Name, Profile: s.Server.Profile})
	for i := range s.Links {
		p.Links = append(p.Links, s.linksOf(i)...)
	}
	p.Media = slices.Clone(s.Media)
	return p
}

// linksOf returns the links of plans that a link of the experiment stands for: one to every
// endpoint, unless it says itself what it joins.
func (s *Spec) linksOf(i int) []plan.Link {
	if len(s.Links[i].Between) > 0 {
		return []plan.Link{s.Links[i]}
	}
	var all []plan.Link
	for j := range s.Endpoints {
		all = append(all, s.LinkTo(i, s.Endpoints[j].Name))
	}
	return all
}

// LinkTo returns what a link of the experiment, given by its index, is in a plan between an
// endpoint and the server.
func (s *Spec) LinkTo(i int, endpoint string) plan.Link {
	l := s.Links[i]
	l.Name, l.Between = l.Name+" "+endpoint, []string{endpoint, s.Server.Name}
	return l
}

// Named has the devices, links and media name the files that those of Platform do, in its order.
func (s *Spec) Named(p *plan.Platform) {
	n := len(s.Endpoints)
	for i := range s.Endpoints {
		s.Endpoints[i].Profile = p.Devices[i].Profile
	}
	for i := range s.Gateways {
		s.Gateways[i].Profile = p.Devices[n+i].Profile
	}
	s.Server.Profile = p.Devices[len(p.Devices)-1].Profile
	at := 0
	for i := range s.Links {
		s.Links[i].Trace = p.Links[at].Trace
		at += len(s.linksOf(i))
	}
	for i := range s.Media {
		s.Media[i].Trace = p.Media[i].Trace
	}
}
