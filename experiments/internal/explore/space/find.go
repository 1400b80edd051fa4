package space

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/explore"
)

// moreWork bounds the search for mappings beside the best: see explore.Options.Work.
const moreWork = 30_000_000

// near is by how much of itself a single objective may be worse than the best for a mapping to be
// kept for its latency.
const near = 0.01

var (
	latency = explore.Objective{Metric: explore.Latency, Device: -1}
	period  = explore.Objective{Metric: explore.Period, Device: -1}
)

// finding is what the search of one problem gave.
type finding struct {
	*explore.Answer
	more   []explore.Candidate // that a simulation may find to be better
	spread []explore.Candidate // those that trade latency for throughput
}

// find returns the best mappings of a problem, as proven as they can be, and others that a
// simulation may find to be better: the next best ones; of a single objective by which many are
// equal, those near the best with the least latency; and where throughput matters, of which the
// model knows a bound only, those that trade latency for it. Mappings that don't keep up with
// frames that come at times of their own are left out, unless none does.
func find(ctx context.Context, p *problem, g explore.Goal, o SearchOptions) (*finding, error) {
	of := explore.Options{Work: o.Work, Seed: o.Seed, Gap: o.Gap}
	run := func(g explore.Goal) (*explore.Answer, error) { return explore.Find(ctx, &p.Problem, g, of) }
	var h finding
	var err error
	if p.FrameInterval > 0 {
		up := explore.Goal{Objectives: g.Objectives, Limits: with(g.Limits, period, p.FrameInterval)}
		if h.Answer, err = run(up); err != nil {
			return nil, err
		}
		if len(h.Front) > 0 {
			g = up
		}
	}
	if h.Answer == nil || len(h.Front) == 0 {
		h.Answer, err = run(g)
	}
	if err != nil || o.Keep <= 1 || len(h.Front) == 0 {
		return &h, err
	}
	if of.Work == 0 || of.Work > moreWork {
		of.Work = moreWork
	}
	first := g.Objectives[0]
	best := h.Front[0].Values.Of(first)
	add := func(list *[]explore.Candidate, objectives []explore.Objective, limits []explore.Limit) error {
		a, err := run(explore.Goal{Objectives: objectives, Limits: limits})
		if err == nil {
			*list = append(*list, a.Front...)
		}
		return err
	}
	if about(&g, explore.Period) || p.FrameInterval > 0 {
		if err := add(&h.spread, []explore.Objective{latency, period}, g.Limits); err != nil {
			return nil, err
		}
		h.spread = evenly(h.spread, mostTrades*o.Keep)
	}
	of.Keep = o.Keep
	if err := add(&h.more, g.Objectives, g.Limits); err != nil {
		return nil, err
	}
	if len(g.Objectives) == 1 && first != latency {
		limits := with(g.Limits, first, best+near*math.Abs(best))
		if err := add(&h.more, []explore.Objective{latency}, limits); err != nil {
			return nil, err
		}
	}
	return &h, nil
}

// mostTrades times as many mappings of a problem as are kept are kept because they trade latency for
// throughput.
const mostTrades = 2

// evenly returns n of a list, spread over it.
func evenly(list []explore.Candidate, n int) []explore.Candidate {
	if len(list) <= n {
		return list
	}
	some := make([]explore.Candidate, n)
	for i := range some {
		some[i] = list[i*(len(list)-1)/max(n-1, 1)]
	}
	return some
}

func with(limits []explore.Limit, o explore.Objective, most float64) []explore.Limit {
	return append(slices.Clone(limits), explore.Limit{Objective: o, Max: most})
}

// about reports whether a goal has an objective or a limit of a metric.
func about(g *explore.Goal, m explore.Metric) bool {
	return slices.ContainsFunc(g.Objectives, func(o explore.Objective) bool { return o.Metric == m }) ||
		slices.ContainsFunc(g.Limits, func(l explore.Limit) bool { return l.Metric == m })
}

// best keeps the candidates that fewer than keep others are at least as good as, of a single
// objective of equal ones those with the least latency, and those that trade latency for throughput.
func (f *Found) best(g *explore.Goal, keep int) {
	if len(f.Candidates) > 0 {
		f.Clashes = nil
	}
	all := f.Candidates
	slices.SortStableFunc(all, func(x, y Candidate) int {
		for _, o := range g.Objectives {
			if d := cmp.Compare(x.Values.Of(o), y.Values.Of(o)); d != 0 {
				return d
			}
		}
		return cmp.Or(cmp.Compare(x.Values.Latency, y.Values.Latency), len(x.Interpolated)-len(y.Interpolated))
	})
	all = slices.CompactFunc(all, func(x, y Candidate) bool {
		return x.view == y.view && x.Codec == y.Codec && slices.Equal(x.units, y.units)
	})
	wanted := keep
	if keep > 1 && g.Objectives[0] != latency {
		wanted *= 2
	}
	f.Candidates = nil
	n := 0
	for i := range all {
		take := all[i].spread
		switch {
		case len(g.Objectives) == 1 && n < wanted, len(g.Objectives) > 1 && better(all, i, g.Objectives) < keep:
			take = true
			n++
		}
		if take {
			f.Candidates = append(f.Candidates, all[i])
		}
	}
}

// better counts the candidates that are at least as good as candidate i by objectives, of equal ones
// those before it.
func better(all []Candidate, i int, by []explore.Objective) (n int) {
	for k := range all {
		noWorse, equal := true, true
		for _, o := range by {
			x, y := all[k].Values.Of(o), all[i].Values.Of(o)
			noWorse, equal = noWorse && x <= y, equal && x == y
		}
		if k != i && noWorse && (!equal || k < i) {
			n++
		}
	}
	return n
}
