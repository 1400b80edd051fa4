package explore

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Method is how a problem was solved.
type Method string

// The methods.
const (
	BranchAndBound Method = "branch and bound"
	MinCut         Method = "least cut"
	LocalSearch    Method = "local search"
)

// Options bound the search. The zero value is ready for use.
type Options struct {
	// Work bounds the comparisons of partial mappings, in numbers that are compared; 0: 500 million,
	// which take about a second. Beyond, few partial mappings are kept, and nothing is proven.
	Work int64
	Seed uint64 // of the local search
	// Gap is by how much of its value a single objective may be worse than the best; 0: it is not.
	Gap float64
	// Keep is how many mappings are wanted where there is a single objective, the best ones; with
	// several, all that fewer others are at least as good as in all of them. 0 is 1.
	Keep int
	// Progress, if not nil, is told now and then how many tasks of how many are placed.
	Progress func(done, of int)
}

const (
	defaultWork = 500_000_000
	mostLabels  = 200_000 // partial mappings that are kept at a time
	fewLabels   = 200     // when the work is done
)

// Answer is what a search found.
type Answer struct {
	// Front are mappings that no other that was found is better than in one objective and not
	// worse in another, by rising values of the first objective; one of those that are equal. See
	// Options.Keep for more of them. It is empty if none keeps the limits.
	Front  []Candidate
	Method Method
	// Proven: nothing that is not there is better, by more than Options.Gap, or, where the front is
	// empty, no mapping keeps the limits.
	Proven bool
	// Bound is a value of the first objective that no mapping within the limits is below.
	Bound float64
	// Clashes say which limits can't be kept together, where none of the mappings keeps them.
	Clashes []Clash
}

// Clash is a limit that can't be kept beside others.
type Clash struct {
	Limit
	// Nearest is the least value that was found beside the other limits that clash; NaN: none
	// was, whatever it is.
	Nearest float64
}

// Find searches the mappings that reach a goal. It returns the error of ctx if that ends.
// Errors of the problem and the goal wrap ErrProblem.
func Find(ctx context.Context, p *Problem, g Goal, o Options) (*Answer, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := g.check(p); err != nil {
		return nil, err
	}
	if len(g.Objectives) == 0 {
		return nil, fmt.Errorf("%w: there is no objective; give one of %v", ErrProblem, Metrics())
	}
	a, err := find(ctx, p, &g, o)
	if err == nil && len(a.Front) == 0 {
		a.Clashes, err = clashes(ctx, p, &g, o)
	}
	return a, err
}

func find(ctx context.Context, p *Problem, g *Goal, o Options) (*Answer, error) {
	if o.Work == 0 {
		o.Work = defaultWork
	}
	o.Keep = max(o.Keep, 1)
	s := newSearch(p, g)
	if a, ok := s.leastCut(); ok && (o.Keep == 1 || len(a.Front) == 0) {
		return a, nil
	}
	known, err := s.local(ctx, o)
	if err != nil {
		return nil, err
	}
	a, err := s.branch(ctx, known, o)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(a.Front, func(x, y Candidate) int {
		for _, o := range g.Objectives {
			if vx, vy := x.Values.Of(o), y.Values.Of(o); vx != vy {
				if vx < vy {
					return -1
				}
				return 1
			}
		}
		return slices.Compare(x.Units, y.Units)
	})
	return a, nil
}

// front keeps the candidates that fewer than keep others are at least as good as.
type front struct {
	goal *Goal
	keep int
	list []Candidate
}

// covers reports whether keep candidates are at least as good as values by every objective.
func (f *front) covers(v *Values) bool {
	n := 0
	for i := range f.list {
		if f.goal.weaklyBetter(&f.list[i].Values, v) {
			n++
		}
	}
	return n >= f.keep
}

// near reports whether all that are wanted by a single objective are there, and the worst of them
// is worse than a bound by at most a share of itself.
func (f *front) near(bound, gap float64) bool {
	if len(f.goal.Objectives) != 1 || len(f.list) < f.keep {
		return false
	}
	worst := -never
	for i := range f.list {
		worst = max(worst, f.list[i].Values.Of(f.goal.Objectives[0]))
	}
	return bound >= worst-gap*math.Abs(worst)
}

// add adds a candidate within the limits, unless it is there, or enough that are as good.
func (f *front) add(c Candidate) {
	same := func(old Candidate) bool { return slices.Equal(c.Units, old.Units) }
	if !f.goal.within(&c.Values) || f.covers(&c.Values) || slices.ContainsFunc(f.list, same) {
		return
	}
	f.list = append(f.list, c)
	for i := len(f.list) - 2; i >= 0; i-- { // the one that is new stays
		if !f.goal.weaklyBetter(&c.Values, &f.list[i].Values) {
			continue
		}
		n := 0
		for k := range f.list {
			if k != i && f.goal.weaklyBetter(&f.list[k].Values, &f.list[i].Values) {
				n++
			}
		}
		if n >= f.keep {
			f.list = slices.Delete(f.list, i, i+1)
		}
	}
}

// clashes returns limits of which all but any one can be kept, with what that one would have to
// be. It leaves out, one after the other, every limit without which there is still nothing.
func clashes(ctx context.Context, p *Problem, g *Goal, o Options) ([]Clash, error) {
	left := slices.Clone(g.Limits)
	o.Progress, o.Keep = nil, 1
	for i := 0; i < len(left); {
		without := slices.Delete(slices.Clone(left), i, i+1)
		a, err := find(ctx, p, &Goal{Objectives: []Objective{left[i].Objective}, Limits: without}, o)
		if err != nil {
			return nil, err
		}
		if len(a.Front) == 0 {
			left = without
			continue
		}
		i++
	}
	var list []Clash
	for i, l := range left {
		a, err := find(ctx, p, &Goal{
			Objectives: []Objective{l.Objective}, Limits: slices.Delete(slices.Clone(left), i, i+1),
		}, o)
		if err != nil {
			return nil, err
		}
		c := Clash{Limit: l, Nearest: nan}
		if len(a.Front) > 0 {
			c.Nearest = a.Front[0].Values.Of(l.Objective)
		}
		list = append(list, c)
	}
	return list, nil
}
