package sweep

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
)

// nominalSlowdown stands in for an endpoint's slowdown while it is not known: a
// profile's pauses depend on it, its costs don't.
const nominalSlowdown = 20

// ProfilePlans returns plans whose firings cover all of an experiment's, those that are
// profiled first at the front.
func ProfilePlans(s *spec.Spec, models compile.Models) ([]*plan.Plan, error) {
	x, err := New(s, models)
	if err != nil {
		return nil, err
	}
	for _, e := range s.Slowed() {
		if e.WholeModel > 0 {
			x.Slow(e.Name, nominalSlowdown)
		}
	}
	var first, then []*plan.Plan
	for _, e := range s.Endpoints {
		for _, c := range x.Cases(e.Name, s.Links[0].Name) {
			p, err := x.Plan(c, x.Single(2))
			if err != nil {
				return nil, err
			}
			if x.ProfiledFirst(c) {
				first = append(first, p)
			} else {
				then = append(then, p)
			}
		}
	}
	return append(first, then...), nil
}

// WholeModel returns the profiled time of the whole model, or of all models
// together, on unit u, at slowdown 1.
func (x *Experiment) WholeModel(p *profile.Profile, u plan.Unit) (time.Duration, error) {
	for _, e := range x.Spec.Endpoints {
		if e.Unit.Key() != u.Key() {
			continue
		}
		whole := x.Cases(e.Name, x.Spec.Links[0].Name)[0]
		pl, err := x.Plan(whole, x.Single(2))
		if err != nil {
			return 0, err
		}
		sum := time.Duration(0)
		for _, w := range pl.Work {
			if w.Model == "" {
				continue
			}
			c, err := p.CostOn(e.Name, w.CostKey)
			if err != nil {
				return 0, err
			}
			sum += c.Median()
		}
		return sum, nil
	}
	return 0, fmt.Errorf("unit %s: %w", u.Name, profile.ErrMissing)
}

// Shown returns the plan that stands for an experiment, and says which it is: all
// endpoints at once on one server, frames entering as fast as FIFOs allow, or the first
// case that is no baseline. All plans of the experiment compile. Endpoints are slowed to
// what the specification says as far as the profile, which may be nil, has the whole
// model's time.
func Shown(s *spec.Spec, models compile.Models, prof *profile.Profile) (*plan.Plan, string, error) {
	all, err := ProfilePlans(s, models)
	if err != nil {
		return nil, "", err
	}
	x, err := New(s, models)
	if err != nil {
		return nil, "", err
	}
	for _, e := range s.Slowed() {
		if e.WholeModel == 0 || prof == nil {
			continue
		}
		if t, err := x.WholeModel(prof, e.Unit); err == nil && t > 0 {
			x.SlowTo(e.Name, e.WholeModel, t)
		}
	}
	f, which, err := x.shown()
	if err != nil {
		return nil, "", err
	}
	p, err := compile.Compile(f, models)
	return p, fmt.Sprintf("all %d plans of the sweep compile; shown is the one %s", len(all), which), err
}

// firstCase is the plan file of the first case that is no baseline.
func (x *Experiment) firstCase() (*planfile.File, result.Case) {
	cases := x.Cases(x.Spec.Endpoints[0].Name, x.Spec.Links[0].Name)
	c := cases[slices.IndexFunc(cases, func(c result.Case) bool { return c.Baseline == "" })]
	return x.File(c, plan.Workload{Kind: plan.Offline, Frames: x.Spec.Workload.MaxFrames}), c
}

// firings names all firings of a case's plan, with what they cost.
func (x *Experiment) firings(c result.Case) (string, error) {
	p, err := x.Plan(c, x.Single(2))
	if err != nil {
		return "", err
	}
	var keys []string
	for a, w := range p.Work {
		if p.Graph.Actors[a].Kernel != plan.KernelRelay {
			keys = append(keys, w.CostKey)
		}
	}
	return strings.Join(keys, "\n"), nil
}

// Covers returns an error wrapping profile.ErrMissing if a plan has a cost that
// the profile lacks.
func Covers(p *profile.Profile, plans []*plan.Plan) error {
	for _, pl := range plans {
		for a, w := range pl.Work {
			if _, err := p.CostOn(pl.DeviceOf(a).Name, w.CostKey); err != nil {
				return err
			}
		}
	}
	return nil
}
