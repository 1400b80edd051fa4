package measure

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// StaleAfter is how long a profile is trusted: shared machines drift.
const StaleAfter = 30 * time.Minute

// Stored is a profile as it lies in the cache, with what it is valid for.
type Stored struct {
	Created time.Time       `json:"created"`
	Runtime string          `json:"runtime"` // version of ONNX Runtime
	Effort  Effort          `json:"effort"`
	Profile profile.Profile `json:"profile"`
}

// LoadProfile reads a stored profile. It returns nil without an error if there
// is none, and why it can't be used if it is stale.
func LoadProfile(path, machine, runtime string, now time.Time) (*Stored, string, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "there is none yet", nil
	}
	if err != nil {
		return nil, "", err
	}
	var s Stored
	switch err := json.Unmarshal(b, &s); {
	case err != nil:
		return nil, "it can't be read: " + err.Error(), nil
	case s.Profile.Machine != machine:
		return nil, "it is of another machine, " + s.Profile.Machine, nil
	case s.Runtime != runtime:
		return nil, "it is of ONNX Runtime " + s.Runtime, nil
	case now.Sub(s.Created) > StaleAfter:
		return nil, fmt.Sprintf("it is %v old", now.Sub(s.Created).Round(time.Minute)), nil
	}
	return &s, "", nil
}

// SaveProfile writes a profile atomically.
func SaveProfile(path string, s *Stored) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return result.WriteFile(path, b)
}

// nominalSlowdown stands in for an endpoint's slowdown while it is not known: a
// profile's pauses depend on it, its costs don't.
const nominalSlowdown = 20

// ProfilePlans returns plans whose firings cover all of the experiment's, those
// with whole models and without codecs first. Where a parameter is swept, those whose
// dynamic part always runs come before the others.
func (s *Spec) ProfilePlans(models plan.Models) ([]*plan.Plan, error) {
	sp, err := newSpace(s, models)
	if err != nil {
		return nil, err
	}
	for _, e := range s.slowed() {
		if e.WholeModel > 0 {
			sp.slowdowns[e.Name] = nominalSlowdown
		}
	}
	var first, then []*plan.Plan
	for _, e := range s.Endpoints {
		for _, c := range sp.cases(e.Name, s.Links[0].Name) {
			p, err := plan.Compile(sp.file(c, sp.single(2)), models)
			if err != nil {
				return nil, err
			}
			if sw := s.Sweep; sw == nil && c.Codec == referenceCodec || sw != nil && c.Value == sw.Always {
				first = append(first, p)
			} else {
				then = append(then, p)
			}
		}
	}
	return append(first, then...), nil
}

// Share gives the swept actor one cost whatever its parameter's value, which
// changes what it decides and not what that costs: that measured of plan from, or
// without one all that was measured. plans are all of the experiment.
func (s *Spec) Share(entries map[string]profile.Entry, plans []*plan.Plan, from *plan.Plan) {
	if s.Sweep == nil {
		return
	}
	pools := map[string]map[string]bool{} // by the key without parameters: those with
	for _, p := range plans {
		if key, bare := s.sweptKeys(p); pools[bare] == nil {
			pools[bare] = map[string]bool{key: true}
		} else {
			pools[bare][key] = true
		}
	}
	if from != nil {
		key, bare := s.sweptKeys(from)
		for other := range pools[bare] {
			entries[other] = entries[key]
		}
		return
	}
	for _, keys := range pools {
		var pool profile.Entry
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			pool.Samples = append(pool.Samples, entries[key].Samples...)
			pool.OutBytes = entries[key].OutBytes
		}
		for key := range keys {
			entries[key] = pool
		}
	}
}

// sweptKeys returns the cost key of the swept actor, and what it would be without
// parameters.
func (s *Spec) sweptKeys(p *plan.Plan) (key, bare string) {
	a := slices.IndexFunc(p.Graph.Actors, func(a graph.Actor) bool { return a.Name == s.Sweep.Actor })
	q, g := *p, *p.Graph
	g.Actors = slices.Clone(g.Actors)
	g.Actors[a].Params = nil
	q.Graph = &g
	return p.Work[a].CostKey, q.CostKey(a, p.UnitOf(a))
}

// Covers returns an error wrapping profile.ErrMissing if a plan has a cost that
// the profile lacks.
func Covers(p *profile.Profile, plans []*plan.Plan) error {
	for _, pl := range plans {
		for _, w := range pl.Work {
			if _, err := p.Cost(w.CostKey); err != nil {
				return err
			}
		}
	}
	return nil
}

// WholeModel returns the profiled time of the whole model, or of all models
// together, on unit u, at slowdown 1.
func (s *Spec) WholeModel(p *profile.Profile, models plan.Models, u plan.Unit) (time.Duration, error) {
	sp, err := newSpace(s, models)
	if err != nil {
		return 0, err
	}
	for _, e := range s.Endpoints {
		if e.Unit != u {
			continue
		}
		whole := sp.cases(e.Name, s.Links[0].Name)[0]
		pl, err := plan.Compile(sp.file(whole, sp.single(2)), models)
		if err != nil {
			return 0, err
		}
		sum := time.Duration(0)
		for _, w := range pl.Work {
			if w.Model == "" {
				continue
			}
			c, err := p.Cost(w.CostKey)
			if err != nil {
				return 0, err
			}
			sum += c.Median()
		}
		return sum, nil
	}
	return 0, fmt.Errorf("unit %s: %w", u.Name, profile.ErrMissing)
}

// LoadModel parses the model file of a data set.
func LoadModel(path string) (*plan.Model, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m, err := onnx.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return plan.NewModel(m)
}
