package explorecmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/cli/input"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/answer"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/decide"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/edgeprune/edgeprune/experiments/internal/sweep"
)

// Simulator simulates plans, and says what their parts take.
type Simulator interface {
	driver.Summarizer
	space.Costs
}

const (
	// slack is how much wider limits are in the analytic search than in the simulation, which decides.
	slack = 0.1
	// keep is how many mappings the search keeps beyond the best, of each codec.
	keep = 12
)

// mapped is a platform with the mappings that were found for it.
type mapped struct {
	*platform
	answer answer.Answer
	files  map[string]func(w plan.Workload) *planfile.File // of candidates, by name
	extra  *extras
	left   []string // what is left out, and why
}

// profiled is what costs come from.
type profiled struct {
	prof *profile.Profile
	how  string
}

// profile returns the costs of all platforms: of an experiment those of its own profile, and of what
// it lacks, as mappings are searched that it doesn't compare.
func (x *exploration) profile(ctx context.Context) (*profiled, error) {
	p := &profiled{prof: &profile.Profile{}}
	var err error
	if x.src.x != nil {
		if p.prof, p.how, err = x.s.ExperimentProfile(ctx, x.src.x); err != nil {
			return nil, err
		}
		if err := x.src.slow(x.s, p.prof); err != nil {
			return nil, err
		}
	}
	for _, on := range x.src.platforms {
		sim, err := x.s.Simulator(p.prof)
		if err != nil {
			return nil, err
		}
		sp, err := x.space(on, sim, &extras{})
		if err != nil {
			return nil, err
		}
		plans, err := sp.Plans()
		if err != nil {
			return nil, err
		}
		if sweep.Covers(measuredOnly(p.prof), plans) != nil {
			if p, err = x.added(ctx, p, plans); err != nil {
				return nil, err
			}
		}
		if p.prof, err = x.s.Linked(ctx, p.prof, plans); err != nil {
			return nil, err
		}
		x.unlinked(on, p.prof)
	}
	return p, nil
}

// space returns the mappings of a platform, by costs.
func (x *exploration) space(on *platform, costs space.Costs, e *extras) (*space.Space, error) {
	sp, err := space.New(on.file, x.src.models, costs, space.Options{
		Codecs: x.src.codecs, Divisions: x.src.divisions, Leakage: e.leakage, Loss: e.loss,
		EachDevice: x.testbed != nil,
	})
	if errors.Is(err, space.ErrSpace) {
		return nil, input.Error(err)
	}
	return sp, err
}

// search finds mappings of a platform, simulates them and ranks them. Where the best rest on costs
// that no profile has, these are measured, and it is searched anew.
func (x *exploration) search(ctx context.Context, on *platform, p *profiled) (*mapped, error) {
	e, err := x.extras(ctx, on)
	if err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		m, missing, err := x.decided(ctx, on, p, e)
		switch {
		case err != nil || !x.s.Measures():
			return m, err
		case len(missing) == 0 || n == mostAdded:
			return m, x.profiledOnly(ctx, m, p)
		}
		if p, err = x.added(ctx, p, missing); err != nil {
			return nil, err
		}
	}
}

const (
	// mostAdded is how often costs are added to a profile.
	mostAdded = 2
	// bestOf is how many of the best have costs that were profiled as they are.
	bestOf = 4
)

// profiledOnly leaves out mappings whose costs are still made up: among many of these the best is the
// one that is most wrong.
func (x *exploration) profiledOnly(ctx context.Context, m *mapped, p *profiled) error {
	all, first := m.answer.Candidates, m.answer.Chosen
	m.answer.Candidates = slices.DeleteFunc(slices.Clone(all), func(c answer.Candidate) bool {
		return len(c.Interpolated) > 0
	})
	left := len(all) - len(m.answer.Candidates)
	if left == 0 {
		return nil
	}
	m.answer.Rank(x.goal)
	if m.answer.Chosen == "" && first != "" { // better than none
		m.answer.Candidates = all
		m.answer.Rank(x.goal)
		return nil
	}
	m.answer.Proven = m.answer.Proven && m.answer.Chosen == first
	m.left = append(m.left, fmt.Sprintf("%d mappings whose costs no profile has", left))
	sim, err := x.s.Simulator(p.prof)
	if err != nil {
		return err
	}
	return x.detail(ctx, sim, m)
}

// added returns a profile with the costs of plans that it lacks.
func (x *exploration) added(ctx context.Context, p *profiled, plans []*plan.Plan) (*profiled, error) {
	known := measuredOnly(p.prof)
	lacking := slices.DeleteFunc(slices.Clone(plans), func(q *plan.Plan) bool {
		return sweep.Covers(known, []*plan.Plan{q}) == nil
	})
	more, how, err := x.s.PlansProfile(ctx, x.src.name, x.src.models, lacking)
	if err != nil {
		return nil, err
	}
	if len(p.prof.Entries) == 0 {
		return &profiled{more, how}, nil
	}
	return &profiled{join(p.prof, more), p.how}, nil
}

// decided finds mappings by costs, simulates and ranks them. missing are plans of the best that have
// costs which the profile lacks.
func (x *exploration) decided(ctx context.Context, on *platform, p *profiled, e *extras) (
	m *mapped, missing []*plan.Plan, err error,
) {
	sim, err := x.s.Simulator(p.prof)
	if err != nil {
		return nil, nil, err
	}
	sp, err := x.space(on, sim, e)
	if err != nil {
		return nil, nil, err
	}
	found, err := sp.Search(ctx, x.goal.Search(sp.Devices(), slack), space.SearchOptions{
		Keep: keep, Seed: x.src.seed, Progress: func(n, of int, about string) {
			x.s.Log.Step("search "+on.file.Plan+", "+about, n, of, 0)
		},
	})
	if err != nil {
		return nil, nil, err
	}
	cuts, err := sp.Cuts()
	if err != nil {
		return nil, nil, err
	}
	simulated, err := decide.Run(ctx, func(costs profile.Costs) driver.Summarizer {
		with, err := x.s.Simulator(p.prof.With(costs))
		if err != nil {
			return sim // which was just made the same way
		}
		return with
	}, sp, slices.Concat(found.Candidates, cuts), x.goal, decide.Options{
		Workload: on.single, Frames: on.single.Frames - on.single.Warmup, Progress: func(done, of int) {
			x.s.Log.Step("simulate "+on.file.Plan, done, of, 0)
		},
	})
	if err != nil {
		return nil, nil, err
	}
	m = &mapped{platform: on, files: map[string]func(plan.Workload) *planfile.File{}, extra: e, answer: answer.Answer{
		Name: on.name, Method: found.Method, Proven: found.Proven, Profiled: p.how, Emulated: emulated(&on.file.Platform),
	}}
	of := m.take(sp, simulated)
	m.answer.Rank(x.goal)
	if m.answer.Chosen == "" {
		return m, nil, x.clashes(ctx, sp, m)
	}
	if missing, err = sp.Missing(m.best(of)); err != nil {
		return nil, nil, err
	}
	return m, missing, x.detail(ctx, sim, m)
}

// take takes over what was simulated; it returns the mappings by name.
func (m *mapped) take(sp *space.Space, simulated []decide.Simulated) map[string]space.Candidate {
	of := map[string]space.Candidate{}
	for i := range simulated {
		c := &simulated[i]
		name := cmp.Or(c.Label, c.Name)
		if c.Err != nil {
			m.left = append(m.left, fmt.Sprintf("%s: %v", name, c.Err))
			m.answer.Proven = m.answer.Proven && c.Label != "" // it may be the best that the search found
			continue
		}
		if units := assigned(&c.Candidate); c.Label == "" && len(units) == 1 && m.has(units) {
			continue // of which no codec codes anything
		}
		of[name] = c.Candidate
		m.files[name] = func(w plan.Workload) *planfile.File { return sp.File(&c.Candidate, w) }
		m.answer.Candidates = append(m.answer.Candidates, answer.Candidate{
			Name: name, Baseline: baselineOf(c.Label), Codec: c.Codec, Units: assigned(&c.Candidate), RawFrame: c.Raw,
			Values: c.Values, Interpolated: c.Interpolated,
		})
	}
	return of
}

// has reports whether a mapping is there.
func (m *mapped) has(units []answer.Assigned) bool {
	return slices.ContainsFunc(m.answer.Candidates, func(c answer.Candidate) bool { return slices.Equal(c.Units, units) })
}

// best returns the best mappings, as many as shall rest on costs that were profiled.
func (m *mapped) best(of map[string]space.Candidate) (list []space.Candidate) {
	for i := range m.answer.Candidates {
		if c := &m.answer.Candidates[i]; len(list) < bestOf && len(c.Broken) == 0 {
			list = append(list, of[c.Name])
		}
	}
	return list
}

// detail simulates what tables show once more, for where a frame's time goes.
func (x *exploration) detail(ctx context.Context, sim driver.Driver, m *mapped) error {
	rows, _ := m.answer.Listed(most)
	for _, c := range rows {
		if len(c.Interpolated) > 0 {
			continue
		}
		r, err := x.once(ctx, sim, m, c.Name, m.single)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Name, err)
		}
		c.Parts = r.parts
		m.assume(r.assumed)
	}
	return nil
}

// clashes says which limits can't be kept together: by the analytic search, or where that finds
// mappings, by those that were simulated, which proves nothing of others.
func (x *exploration) clashes(ctx context.Context, sp *space.Space, m *mapped) error {
	found, err := sp.Search(ctx, x.goal.Search(sp.Devices(), 0), space.SearchOptions{Seed: x.src.seed})
	if err != nil {
		return err
	}
	m.answer.Clashes, m.answer.Proven = x.goal.Clashes(sp.Devices(), found.Clashes), found.Proven
	if len(m.answer.Clashes) == 0 {
		m.answer.Clashes, m.answer.Proven = m.answer.Clashing(x.goal), false
	}
	return nil
}

// assigned says what runs where, neighbours together.
func assigned(c *space.Candidate) (all []answer.Assigned) {
	for k, unit := range c.Units {
		if n := len(all); n > 0 && all[n-1].Unit == unit {
			all[n-1].Through = c.Actors[k]
			continue
		}
		all = append(all, answer.Assigned{Unit: unit, From: c.Actors[k], Through: c.Actors[k]})
	}
	return all
}

// baselineOf returns the baseline of a label; see result.BaselineCases.
func baselineOf(label string) string {
	for _, b := range baselineLabels {
		if b.Label == label {
			return string(b.Baseline)
		}
	}
	return ""
}

// assume notes what a simulation took for want of a measurement, each once.
func (m *mapped) assume(all []string) {
	for _, text := range all {
		if !slices.Contains(m.answer.Assumed, text) {
			m.answer.Assumed = append(m.answer.Assumed, text)
		}
	}
}
