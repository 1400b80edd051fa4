package space

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
)

// view is the space under one division of the models.
type view struct {
	s     *Space
	file  *planfile.File // with that division
	parts bool           // it is one by branches

	expansions map[string]*compile.Expansion // by codec
	firings    *firings
	problems   map[string]*problem // by codec
}

// expansion returns the file's expansion under a codec.
func (v *view) expansion(name string) (*compile.Expansion, error) {
	if x := v.expansions[name]; x != nil {
		return x, nil
	}
	f := *v.file
	f.Instances = slices.Clone(f.Instances)
	f.Instances[v.s.o.Instance].Codec = name
	x, err := compile.Expand(&f, v.s.models, v.s.o.Instance)
	if err != nil {
		return nil, err
	}
	if v.expansions == nil {
		v.expansions = map[string]*compile.Expansion{}
	}
	v.expansions[name] = x
	return x, nil
}

// allowed reports whether an actor of the chain may run on a unit.
func (v *view) allowed(x *compile.Expansion, k, u int) bool {
	name := x.Chain[k].Name
	if at, ok := v.s.o.Pinned[name]; ok {
		return v.s.units[u].name == at
	}
	return name != v.s.source || u == v.s.home
}

// joins reports whether an actor of the chain is one firing with the one before it where both run
// on one unit.
func joins(x *compile.Expansion, k int) bool {
	return k > 0 && x.Chain[k].Segment > 0 && x.Chain[k].Spec == x.Chain[k-1].Spec
}

// on returns what an actor's firing would take on a unit, in ns.
func (v *view) on(a *graph.Actor, w plan.Work, u int) (float64, error) {
	w.Device, w.Unit = v.s.units[u].device, v.s.units[u].unit
	p := plan.Plan{Graph: &graph.Graph{Actors: []graph.Actor{*a}}, Work: []plan.Work{w}, Platform: v.s.platform}
	p.Work[0].CostKey = p.CostKey(0, p.UnitOf(0))
	took, err := v.s.costs.Typical(&p, 0)
	return float64(took), err
}

// key returns the cost key of an actor on a unit.
func (v *view) key(p *plan.Plan, a, u int) string {
	at := v.s.units[u]
	return p.CostKey(a, &v.s.platform.Devices[at.device].Units[at.unit])
}

// problem is a problem of core/explore with what its parts stand for.
type problem struct {
	explore.Problem
	x     *compile.Expansion
	codec string
	loss  float64  // of quality, where the codec codes
	coded []bool   // by net: the codec applies
	names []string // of the tensor, by net
}

// problem returns the problem under a codec.
func (v *view) problem(name string) (*problem, error) {
	if p := v.problems[name]; p != nil {
		return p, nil
	}
	x, err := v.expansion(name)
	if err != nil {
		return nil, fmt.Errorf("codec %s: %w", name, err)
	}
	if v.firings == nil {
		none, err := v.expansion(codec.None)
		if err != nil {
			return nil, err
		}
		found, err := v.newFirings(none)
		if err != nil {
			return nil, err
		}
		v.firings = found
	}
	p := &problem{x: x, codec: name}
	if p.loss, err = v.s.loss(name); err != nil {
		return nil, err
	}
	v.platform(p)
	if err := v.tasks(p); err != nil {
		return nil, err
	}
	if err := v.nets(p); err != nil {
		return nil, err
	}
	if v.problems == nil {
		v.problems = map[string]*problem{}
	}
	v.problems[name] = p
	return p, nil
}
