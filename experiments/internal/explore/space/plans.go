package space

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
)

// profiled is the workload of plans that are to be profiled.
var profiled = plan.Workload{Kind: plan.SingleStream, Frames: 2}

// Plans returns plans whose firings, once they are profiled, suffice for a search: of every two units,
// every chain position between them, for every codec and division, less those that have no
// firing of their own. Which firings cost the same is as in profile.Profile.CostOn: devices
// without a profile of their own have those of this machine, unless Options.EachDevice is set.
func (s *Space) Plans() ([]*plan.Plan, error) {
	var plans []*plan.Plan
	known := map[[2]string]bool{}
	for view, v := range s.views {
		for _, name := range s.o.Codecs {
			x, err := v.expansion(name)
			if err != nil {
				return nil, err
			}
			for _, pair := range s.pairs() {
				for pp := range len(x.Chain) + 1 {
					units := s.between(v, x, pair, pp)
					c, _ := s.candidate(view, &problem{x: x, codec: name}, units, explore.Values{})
					p, err := compile.Compile(s.File(&c, profiled), s.models)
					if err != nil {
						return nil, err
					}
					if s.brings(p, known) {
						plans = append(plans, p)
					}
				}
			}
		}
	}
	baselines, err := s.Baselines()
	if err != nil {
		return nil, err
	}
	for i := range baselines {
		p, err := compile.Compile(s.File(&baselines[i].Candidate, profiled), s.models)
		if err != nil {
			return nil, err
		}
		if s.brings(p, known) {
			plans = append(plans, p)
		}
	}
	return plans, nil
}

// pairs returns every two units of which tokens can get from one to the other, that of the source
// first.
func (s *Space) pairs() (list [][2]int) {
	pf := &s.platform
	joined := func(a, b int) bool {
		return a == b || pf.Link(pf.Devices[a].Name, pf.Devices[b].Name) >= 0
	}
	home := s.units[s.home].device
	for a, from := range s.units {
		for b, to := range s.units {
			if (a != b || len(s.units) == 1) && joined(from.device, to.device) && joined(home, from.device) {
				list = append(list, [2]int{a, b})
			}
		}
	}
	slices.SortStableFunc(list, func(x, y [2]int) int {
		return cmp.Compare(max(x[0]-s.home, s.home-x[0]), max(y[0]-s.home, s.home-y[0]))
	})
	return list
}

// between maps the actors before a chain position to the first unit of a pair, the others to the
// second one, as far as they may run there.
func (s *Space) between(v *view, x *compile.Expansion, pair [2]int, pp int) []int {
	units := make([]int, len(x.Chain))
	for k := range units {
		units[k] = pair[1]
		if k < pp {
			units[k] = pair[0]
		}
		if !v.allowed(x, k, units[k]) {
			units[k] = slices.IndexFunc(s.units, func(u unit) bool { return v.allowed(x, k, s.unit(u.name)) })
		}
	}
	return units
}

// brings reports whether a plan has a firing that is not known, and makes its firings known.
func (s *Space) brings(p *plan.Plan, known map[[2]string]bool) bool {
	more := false
	for a := range p.Work {
		of := [2]string{s.owner(p.DeviceOf(a)), p.Work[a].CostKey}
		more = more || !known[of]
		known[of] = true
	}
	return more
}

// MadeUp returns the costs of firings of mappings that were not measured as they are, for
// profile.Profile.With: those that the analytic values rest on. Their Basis says how they were made
// up.
func (s *Space) MadeUp(list []Candidate) (profile.Costs, error) {
	costs := profile.Costs{}
	for i := range list {
		c := &list[i]
		v := s.views[c.view]
		x, err := v.expansion(codec.None)
		if err != nil {
			return nil, err
		}
		s.madeUp(c.view, c.units, func(first, last int, how made) {
			u := c.units[first]
			at := s.units[u]
			device := &s.platform.Devices[at.device]
			w, bad := x.Joined(first, last)
			actor := x.Plan.Graph.Actors[x.Actors[first]]
			p := plan.Plan{Graph: &graph.Graph{Actors: []graph.Actor{actor}}, Work: []plan.Work{w}}
			dispatch, worse := v.dispatch(&p.Graph.Actors[0], w, u)
			if err = errors.Join(err, bad, worse); err != nil {
				return
			}
			span := v.firings.spans[first]
			took := (span.took[u][first-span.first][last-first] - dispatch) / device.Units[at.unit].Slowdown
			owner, key := s.owner(device), p.CostKey(0, &device.Units[at.unit])
			if costs[owner] == nil {
				costs[owner] = map[string]profile.Entry{}
			}
			costs[owner][key] = profile.Entry{
				Samples: []time.Duration{time.Duration(math.Round(max(took, 0)))}, Basis: "made up " + how.String(),
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return costs, nil
}

// owner names whose costs firings on a device have: its own, or those of this machine.
func (s *Space) owner(d *plan.Device) string {
	if d.Profile == "" && !s.o.EachDevice {
		return ""
	}
	return d.Class()
}

// Missing returns the plans of those mappings whose analytic values rest on firings that were not
// measured as they are.
func (s *Space) Missing(list []Candidate) ([]*plan.Plan, error) {
	var plans []*plan.Plan
	for i := range list {
		if len(list[i].Interpolated) == 0 {
			continue
		}
		p, err := compile.Compile(s.File(&list[i], profiled), s.models)
		if err != nil {
			return nil, err
		}
		plans = append(plans, p)
	}
	return plans, nil
}
