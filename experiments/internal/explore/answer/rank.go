package answer

import (
	"cmp"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/explore/goal"
)

// Rank puts the candidates into the order in which they serve a goal, and notes which limits each
// breaks and which are on the front. It chooses the first if it keeps the limits.
//
// With one objective the best comes first, and of those that are as good the one of the least
// latency. With several it is the one of the front whose values lie least far behind the best of
// each objective: the largest ratio to it is least (the compromise of Zeleny, Multiple Criteria
// Decision Making, 1982, for the largest deviation).
func (a *Answer) Rank(g *goal.Goal) {
	all := a.Candidates
	for i := range all {
		c := &all[i]
		c.Broken, c.Front = nil, false
		if g.NoRaw && c.RawFrame {
			c.Broken = append(c.Broken, "no raw frames")
		}
		for _, l := range g.Broken(c.Values) {
			c.Broken = append(c.Broken, l.String())
		}
	}
	for i := range all {
		all[i].Front = len(all[i].Broken) == 0 && !slices.ContainsFunc(all, func(o Candidate) bool {
			return len(o.Broken) == 0 && dominates(g, o.Values, all[i].Values)
		})
	}
	far := behind(g, all)
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, k int) int {
		return cmp.Or(
			cmp.Compare(len(all[i].Broken), len(all[k].Broken)),
			-boolCompare(all[i].Front, all[k].Front),
			cmp.Compare(far[i], far[k]),
			cmp.Compare(value(latency, all[i].Values), value(latency, all[k].Values)),
		)
	})
	ranked := make([]Candidate, 0, len(all))
	for _, i := range order {
		ranked = append(ranked, all[i])
	}
	a.Candidates, a.Chosen = ranked, ""
	if len(ranked) > 0 && len(ranked[0].Broken) == 0 {
		a.Chosen = ranked[0].Name
	}
}

// latency tells apart what is as good by the objectives.
var latency = goal.Metric{Name: goal.Latency}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// dominates reports whether values are better than others by one objective and no worse by all.
func dominates(g *goal.Goal, a, b goal.Values) bool {
	better := false
	for _, m := range g.Objectives {
		x, y := value(m, a), value(m, b)
		if m.Better(y, x) {
			return false
		}
		better = better || m.Better(x, y)
	}
	return better
}

// value is that of a metric, the worst there is where it is not known.
func value(m goal.Metric, v goal.Values) float64 {
	x, known := v[m]
	switch {
	case known && !math.IsNaN(x):
		return x
	case m.More():
		return math.Inf(-1)
	}
	return math.Inf(1)
}

// behind says of each candidate how far its values lie behind the best that keep the limits, as the
// largest ratio over the objectives.
func behind(g *goal.Goal, all []Candidate) []float64 {
	far := make([]float64, len(all))
	for _, m := range g.Objectives {
		best, any := math.Inf(1), false
		if m.More() {
			best = math.Inf(-1)
		}
		for i := range all {
			if v := value(m, all[i].Values); len(all[i].Broken) == 0 && !math.IsInf(v, 0) && (!any || m.Better(v, best)) {
				best, any = v, true
			}
		}
		for i := range all {
			far[i] = max(far[i], ratio(m, value(m, all[i].Values), best))
		}
	}
	return far
}

// noRatio is above any ratio of values, and leaves values that are multiplied by it in their order.
const noRatio = 1e100

// ratio is how many times a value is worse than the best, 1 if it is as good.
func ratio(m goal.Metric, v, best float64) float64 {
	switch {
	case v == best:
		return 1
	case math.IsInf(best, 0):
		return v // of none that keeps the limits: in the order of the values
	case m.More():
		return best / v
	case best == 0: // no ratio to it is finite
		return noRatio * (1 + v)
	}
	return v / best
}

// Clashing finds, where no candidate keeps the limits, which of them can't be kept together by the
// candidates that were simulated: it leaves out, one after the other, every limit without which
// there is still none.
func (a *Answer) Clashing(g *goal.Goal) []goal.Clash {
	left := slices.Clone(g.Limits)
	noRaw := g.NoRaw
	kept := func(limits []goal.Limit, noRaw bool) (all []goal.Values) {
		some := goal.Goal{Limits: limits}
		for i := range a.Candidates {
			c := &a.Candidates[i]
			if !(noRaw && c.RawFrame) && len(some.Broken(c.Values)) == 0 {
				all = append(all, c.Values)
			}
		}
		return all
	}
	if len(kept(left, false)) == 0 {
		noRaw = false
	}
	for i := 0; i < len(left); {
		without := slices.Delete(slices.Clone(left), i, i+1)
		if len(kept(without, noRaw)) == 0 {
			left = without
			continue
		}
		i++
	}
	var clashes []goal.Clash
	if noRaw {
		clashes = append(clashes, goal.Clash{})
	}
	for i := range left {
		c := goal.Clash{Limit: &left[i]}
		for _, v := range kept(slices.Delete(slices.Clone(left), i, i+1), noRaw) {
			x, known := v[left[i].Metric]
			if known && (c.Nearest == nil || left[i].Metric.Better(x, *c.Nearest)) {
				c.Nearest = &x
			}
		}
		clashes = append(clashes, c)
	}
	return clashes
}
