package sweep

import (
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
)

// StandIns returns plans with the dynamic part always on, and never. A case that is
// always on needs none.
func (k *parameter) StandIns(c result.Case) []*planfile.File {
	sw := k.x.Spec.Sweep
	if c.Value == sw.Always {
		return nil
	}
	var files []*planfile.File
	for _, v := range []float64{sw.Always, sw.Never} {
		c.Value = v
		files = append(files, k.x.File(c, k.x.Single(2)))
	}
	return files
}

// Share gives the swept actor one cost whatever its parameter's value, which changes
// what it decides and not what that costs.
func (k *parameter) Share(entries map[string]profile.Entry, plans []*plan.Plan, from *plan.Plan) {
	pools := map[string]map[string]bool{} // by the key without parameters: those with
	for _, p := range plans {
		if key, bare := k.keys(p); pools[bare] == nil {
			pools[bare] = map[string]bool{key: true}
		} else {
			pools[bare][key] = true
		}
	}
	if from != nil {
		key, bare := k.keys(from)
		for other := range pools[bare] {
			entries[other] = entries[key]
		}
		return
	}
	for _, keys := range pools {
		var pool profile.Entry
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			pool.Add(entries[key])
		}
		for key := range keys {
			entries[key] = pool
		}
	}
}

// keys returns the cost key of the swept actor, and what it would be without parameters.
func (k *parameter) keys(p *plan.Plan) (key, bare string) {
	sw := k.x.Spec.Sweep
	a := slices.IndexFunc(p.Graph.Actors, func(a graph.Actor) bool { return a.Name == sw.Actor })
	q, g := *p, *p.Graph
	g.Actors = slices.Clone(g.Actors)
	g.Actors[a].Params = nil
	q.Graph = &g
	return p.Work[a].CostKey, q.CostKey(a, p.UnitOf(a))
}
