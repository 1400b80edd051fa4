package runner

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/yamlfile"
	"github.com/edgeprune/edgeprune/experiments/internal/driver"
	"github.com/edgeprune/edgeprune/experiments/internal/profiles"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
)

// skeleton is what is compiled once for all cases that differ in values only. It is
// read-only.
type skeleton struct {
	plan    *plan.Plan
	digest  string
	drivers map[string]driver.Summarizer // by profile
}

// mostSkeletons bounds the memory of those that are kept. Beyond, the oldest goes.
const mostSkeletons = 512

// skeletons are those that were made, by the levels that compilation depends on.
type skeletons struct {
	mu    sync.Mutex
	made  map[string]*making
	order []string
}

// making is a skeleton that is made once.
type making struct {
	once sync.Once
	sk   *skeleton
	err  error
}

// of returns the skeleton of a case.
func (s *skeletons) of(r *Runner, p design.Point) (*skeleton, error) {
	var key strings.Builder
	for i, f := range r.factors {
		if !f.Valued {
			fmt.Fprintf(&key, "%q ", p[i].Text)
		}
	}
	s.mu.Lock()
	m := s.made[key.String()]
	if m == nil {
		if s.made == nil {
			s.made = map[string]*making{}
		}
		m = &making{}
		s.made[key.String()] = m
		if s.order = append(s.order, key.String()); len(s.order) > mostSkeletons {
			delete(s.made, s.order[0])
			s.order = s.order[1:]
		}
	}
	s.mu.Unlock()
	m.once.Do(func() { m.sk, m.err = r.skeleton(p) })
	return m.sk, m.err
}

// skeleton compiles that of a case.
func (r *Runner) skeleton(p design.Point) (*skeleton, error) {
	file, err := r.base.Plan()
	if err != nil {
		return nil, err
	}
	t := factor.ToFile(file)
	for i, f := range r.factors {
		if !f.Valued {
			if err := f.Apply(t, p[i]); err != nil {
				return nil, err
			}
		}
	}
	sk := &skeleton{drivers: map[string]driver.Summarizer{}}
	if sk.plan, err = compile.Compile(file, r.base.Models); err != nil {
		return nil, err
	}
	shape := *sk.plan
	shape.Platform, shape.Workload, shape.Seed = plan.Platform{}, plan.Workload{}, 0
	text, err := json.Marshal(&shape)
	if err != nil {
		return nil, err
	}
	if err := r.base.checkWithin(&file.Platform); err != nil {
		return nil, err
	}
	named, err := profiles.Named(&file.Platform, r.base.File)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", yamlfile.ErrInput, err)
	}
	named = named.Of(&sk.plan.Platform)
	assumed := r.assumed(sk.plan)
	costs, err := costsOf(named, assumed)
	if err != nil {
		return nil, err
	}
	sk.digest = digest(text, costs)
	for name, prof := range r.base.Profiles {
		sk.drivers[name] = r.base.Simulator(summed(named.Profile(with(prof, assumed)), r.base.Cost, sk.plan))
	}
	return sk, nil
}

// costsOf is all that the costs of a skeleton rest on beside its profile, to be digested.
func costsOf(named *profiles.Set, assumed map[string]time.Duration) ([]byte, error) {
	p := named.Profile(&profile.Profile{})
	rates := map[string]*profile.Rates{}
	for name, l := range p.Links {
		rates[name] = l.Rates
	}
	return json.Marshal([]any{p.Devices, p.Links, p.Media, rates, assumed})
}

// assumed returns the assumed costs of a plan's firings, by cost key.
func (r *Runner) assumed(p *plan.Plan) map[string]time.Duration {
	costs := map[string]time.Duration{}
	for a := range p.Work {
		w := &p.Work[a]
		name := w.Actor
		if w.Tensor != "" {
			name = p.Graph.Actors[a].Kernel
		}
		if d, ok := r.base.Assumed[name]; ok && w.Model == "" {
			costs[w.CostKey] = d
		}
	}
	return costs
}

// summed returns a profile in which the samples of a plan's firings are one each where the
// cost model takes one value of them, so that it isn't computed anew for every simulation.
func summed(p *profile.Profile, cost string, of *plan.Plan) *profile.Profile {
	var value func(profile.Entry) time.Duration
	switch cost {
	case "", "median":
		value = profile.Entry.Median
	case "mean":
		value = profile.Entry.Mean
	default:
		return p
	}
	modelled := map[string]bool{} // keys of firings whose unit has a model of its own
	for i := range of.Work {
		if !of.CostModel(i).IsZero() {
			modelled[of.Work[i].CostKey] = true
		}
	}
	sum := func(entries map[string]profile.Entry) map[string]profile.Entry {
		entries = maps.Clone(entries)
		for i := range of.Work {
			if modelled[of.Work[i].CostKey] {
				continue
			}
			for _, key := range []string{of.Work[i].CostKey, profile.Skipped(of.Work[i].CostKey)} {
				if e, ok := entries[key]; ok && len(e.Samples) > 1 {
					e.Samples, e.References = []time.Duration{value(e)}, nil
					entries[key] = e
				}
			}
		}
		return entries
	}
	c := *p
	c.Entries = sum(p.Entries)
	c.Devices = maps.Clone(p.Devices)
	for name, d := range c.Devices {
		own := *d
		own.Entries = sum(d.Entries)
		c.Devices[name] = &own
	}
	return &c
}

// with returns a profile with assumed costs of what it lacks.
func with(p *profile.Profile, assumed map[string]time.Duration) *profile.Profile {
	if len(assumed) == 0 {
		return p
	}
	c := *p
	c.Entries = maps.Clone(p.Entries)
	if c.Entries == nil {
		c.Entries = map[string]profile.Entry{}
	}
	for key, d := range assumed {
		if _, err := p.Cost(key); err != nil {
			c.Entries[key] = profile.Entry{Samples: []time.Duration{d}}
		}
	}
	return &c
}
