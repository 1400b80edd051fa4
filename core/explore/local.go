package explore

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/draw"
)

// below draws a number from 0 to n-1.
func below(from *draw.Source, n int) int { return int(from.Uint64() % uint64(n)) }

// Bounds of a local search: changes in a row without an improvement, random mappings that it
// begins with, and the part of Options.Work that placing a task counts as.
const (
	localIdle   = 400
	localStarts = 4
	localPrice  = 128
)

// local returns the best mappings that a search by small changes finds: of each objective, from
// mappings of a prefix of the tasks to one unit and the rest to another, on two units from least cuts
// of sums that are near it, and from random mappings that the seed fixes. Misses of limits weigh
// more than the objective.
func (s *search) local(ctx context.Context, o Options) ([]Candidate, error) {
	found := &front{goal: s.goal, keep: o.Keep}
	var rng draw.Source
	rng.Reset(o.Seed)
	for k := range s.goal.Objectives {
		starts := append(s.cuts(k), s.starts(k)...)
		for range localStarts {
			starts = append(starts, s.random(&rng))
		}
		changes := int(o.Work/localPrice) / len(s.p.Tasks) / len(starts) / len(s.goal.Objectives)
		for _, units := range starts {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			s.improve(units, k, changes, &rng, found)
		}
	}
	return found.list, nil
}

// cuts returns the best of least cuts of several sums, on two units.
func (s *search) cuts(k int) [][]int {
	if len(s.p.Units) != 2 {
		return nil
	}
	o := s.goal.Objectives[k]
	sums := []prices{s.prices(o)}
	for _, l := range s.goal.Limits {
		sums = append(sums, s.prices(l.Objective))
	}
	if o.Metric == Period {
		for i := 1; i < 16; i++ {
			for _, channels := range []float64{0, 0.1, 0.3} {
				sums = append(sums, s.weighed(float64(i)/16, channels))
			}
		}
	}
	var list [][]int
	for _, pr := range sums {
		units := s.cutBy(pr)
		if _, _, ok := s.score(units, k); ok {
			list = append(list, units)
		}
	}
	slices.SortStableFunc(list, func(a, b []int) int {
		x, _, _ := s.score(a, k)
		y, _, _ := s.score(b, k)
		if x.missed != y.missed {
			return cmp.Compare(x.missed, y.missed)
		}
		return cmp.Compare(x.value, y.value)
	})
	return list[:min(len(list), localStarts)]
}

// score is how good a mapping is: how far its limits are missed, then an objective.
type score struct{ missed, value float64 }

func (a score) less(b score) bool {
	return a.missed < b.missed || a.missed == b.missed && a.value < b.value
}

func (s *search) score(units []int, k int) (score, Values, bool) {
	v, ok := s.evaluate(units)
	if !ok {
		return score{never, never}, v, false
	}
	out := score{value: v.Of(s.goal.Objectives[k])}
	for _, l := range s.goal.Limits {
		if x := v.Of(l.Objective); x > l.Max {
			out.missed += 1 + (x-l.Max)/max(math.Abs(l.Max), 1e-12)
		}
	}
	return out, v, true
}

// allowed returns a unit where a task can run: u if it can, else the first.
func (s *search) allowed(t, u int) int {
	if s.p.Tasks[t].Nanos[u] >= 0 {
		return u
	}
	return slices.IndexFunc(s.p.Tasks[t].Nanos, func(ns float64) bool { return ns >= 0 })
}

const prefixes = 64 // that are tried of each pair of units

// starts returns the best mapping in which a prefix of the tasks runs on one unit as far as it
// can, and the rest on another, for every pair of units.
func (s *search) starts(k int) [][]int {
	var list [][]int
	n := len(s.p.Tasks)
	for u := range s.p.Units {
		for w := range s.p.Units {
			var best []int
			least := score{never, never}
			for cut := 0; cut <= n; cut += max(1, n/prefixes) {
				units := make([]int, n)
				for t := range units {
					units[t] = s.allowed(t, w)
					if t < cut {
						units[t] = s.allowed(t, u)
					}
				}
				if x, _, ok := s.score(units, k); ok && (best == nil || x.less(least)) {
					best, least = units, x
				}
			}
			if best != nil {
				list = append(list, best)
			}
		}
	}
	return list
}

func (s *search) random(rng *draw.Source) []int {
	units := make([]int, len(s.p.Tasks))
	for t := range units {
		units[t] = s.allowed(t, below(rng, len(s.p.Units)))
	}
	return units
}

// improve changes a run of neighbouring tasks to one unit as long as that helps, at most so many
// times.
func (s *search) improve(units []int, k, changes int, rng *draw.Source, found *front) {
	now, v, ok := s.score(units, k)
	if ok {
		found.add(Candidate{Units: slices.Clone(units), Values: v})
	}
	next := make([]int, len(units))
	for idle := 0; idle < min(localIdle, 20*len(units)) && changes > 0; idle++ {
		changes--
		copy(next, units)
		first, u := below(rng, len(units)), below(rng, len(s.p.Units))
		run := 1
		if below(rng, 2) == 0 {
			run += below(rng, len(units)-first)
		}
		for t := first; t < first+run; t++ {
			next[t] = s.allowed(t, u)
		}
		x, v, ok := s.score(next, k)
		if !ok || !x.less(now) {
			continue
		}
		units, next, now, idle = next, units, x, 0
		found.add(Candidate{Units: slices.Clone(units), Values: v})
	}
}
