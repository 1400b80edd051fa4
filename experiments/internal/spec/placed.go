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
// is slowed, the links are those that are there, and the power figures of other devices are
// left out.
func (s *Spec) Placed(on map[string]string) *Spec {
	p := *s
	p.placed, p.Factors = on, nil
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
