package answer

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"slices"

	"github.com/edgeprune/edgeprune/experiments/internal/study"
	"github.com/edgeprune/edgeprune/experiments/internal/study/design"
	"github.com/edgeprune/edgeprune/experiments/internal/study/factor"
	"github.com/edgeprune/edgeprune/experiments/internal/study/runner"
)

// probes is how many levels are simulated at least, evenly spread, to see whether they agree
// with one limit.
const probes = 9

// Most returns how many cases the search of a limit among so many levels simulates at most.
func Most(levels int) int { return min(levels, probes+bits.Len(uint(levels))) }

// Limit is a question for the largest or smallest level.
type Limit struct {
	d        *design.Design
	index    int // of the question
	factor   int
	largest  bool
	levels   []factor.Level // from where the conditions should hold to where they shouldn't
	all      []study.Condition
	where    string
	simulate Simulate
}

// NewLimit returns question i of a study, which asks for a largest or smallest level.
func NewLimit(d *design.Design, i int, simulate Simulate) (*Limit, error) {
	q := &d.Spec.Ask[i]
	l := &Limit{d: d, index: i, factor: d.Index(cmp.Or(q.Largest, q.Smallest)), largest: q.Largest != "",
		simulate: simulate}
	var err error
	if l.levels, err = d.Levels(l.factor); err != nil {
		return nil, err
	}
	if !l.largest {
		l.levels = slices.Clone(l.levels)
		slices.Reverse(l.levels)
	}
	l.all, l.where, err = conditions(q)
	return l, err
}

// Points returns the combinations that the question is answered for.
func (l *Limit) Points(of []design.Point) []design.Point { return others(of, l.factor) }

// search is the search of one combination.
type search struct {
	*Limit
	point design.Point
	rows  map[int]runner.Row // by index in levels
	held  map[int]bool
	why   string // what is missing of the first case of which it is not known
}

// Cases are cases with their results.
type Cases struct {
	Points []design.Point
	Rows   []runner.Row
}

// Answer searches the limit for a combination by bisection. It returns the cases that were
// simulated beside it, in rising order of levels.
func (l *Limit) Answer(ctx context.Context, p design.Point) (Answer, Cases, error) {
	s := &search{Limit: l, point: p, rows: map[int]runner.Row{}, held: map[int]bool{}}
	limit, err := s.bisect(ctx)
	if err == nil {
		err = s.probe(ctx)
	}
	if err != nil {
		return Answer{}, Cases{}, err
	}
	a := s.answer(limit)
	order := s.simulated()
	if !l.largest {
		slices.Reverse(order)
	}
	var all Cases
	for _, i := range order {
		all.Points, all.Rows = append(all.Points, s.with(i)), append(all.Rows, s.rows[i])
	}
	return a, all, nil
}

// words returns a level for people.
func (s *search) words(i int) string { return s.d.Factors[s.factor].Words(s.levels[i]) }

// with returns the case at a level.
func (s *search) with(i int) design.Point {
	p := slices.Clone(s.point)
	p[s.factor] = s.levels[i]
	return p
}

// at reports whether the conditions hold at a level.
func (s *search) at(ctx context.Context, i int) (bool, error) {
	if ok, known := s.held[i]; known {
		return ok, nil
	}
	r, err := s.simulate(ctx, s.with(i))
	if err != nil {
		return false, err
	}
	s.rows[i] = r
	ok, missing := holds(&r, s.all)
	if missing != "" && s.why == "" {
		s.why = fmt.Sprintf("at %s, %s", s.words(i), missing)
	}
	s.held[i] = ok
	return ok, nil
}

// bisect returns the index of the last level at which the conditions hold if they hold up
// to some level; -1 for none.
func (s *search) bisect(ctx context.Context) (int, error) {
	low, high := -1, len(s.levels)
	for _, end := range []int{0, len(s.levels) - 1} {
		ok, err := s.at(ctx, end)
		switch {
		case err != nil:
			return 0, err
		case ok:
			low = max(low, end)
		default:
			high = min(high, end)
		}
	}
	if low > high { // it holds at the last and not at the first level
		low = -1
	}
	for high-low > 1 {
		middle := (low + high) / 2
		ok, err := s.at(ctx, middle)
		if err != nil {
			return 0, err
		}
		if ok {
			low = middle
		} else {
			high = middle
		}
	}
	return low, nil
}

// probe simulates levels that are spread over all, or all where the design holds them anyway.
func (s *search) probe(ctx context.Context) error {
	n := len(s.levels)
	k := n
	if s.d.Searched[s.factor] {
		k = min(probes, n)
	}
	for j := range k {
		if _, err := s.at(ctx, j*(n-1)/max(k-1, 1)); err != nil {
			return err
		}
	}
	return nil
}

// simulated returns the indices of levels that were simulated, in order.
func (s *search) simulated() []int {
	var all []int
	for i := range s.rows {
		all = append(all, i)
	}
	slices.Sort(all)
	return all
}

// answer says what was found.
func (s *search) answer(limit int) Answer {
	word, name := "largest", s.d.Factors[s.factor].Name
	if !s.largest {
		word = "smallest"
	}
	a := Answer{
		Question: fmt.Sprintf("%s %s with %s", word, name, s.where), At: at(s.d, s.point, s.factor), Point: s.point,
		Index: s.index,
	}
	order := s.simulated()
	failed := slices.IndexFunc(order, func(i int) bool { return !s.held[i] })
	later := -1 // a level beyond the first failure at which they hold again
	if failed >= 0 {
		later = slices.IndexFunc(order[failed:], func(i int) bool { return s.held[i] })
		limit = order[failed] - 1
		for limit >= 0 && !s.held[limit] { // not simulated
			limit--
		}
	}
	begin := prefix(s.d, s.point, s.factor)
	monotone := later < 0
	a.Monotone = &monotone
	switch {
	case limit < 0:
		a.Text = fmt.Sprintf("%sno %s: not at %s either", begin, name, s.words(0))
	case failed < 0:
		a.Level, a.Number, a.Beyond = s.levels[limit].Text, s.levels[limit].Number, true
		a.Text = fmt.Sprintf("%s%s %s, the end of the range: it may be beyond", begin, name, s.words(limit))
	default:
		a.Level, a.Number = s.levels[limit].Text, s.levels[limit].Number
		a.Text = fmt.Sprintf("%s%s %s; not at %s", begin, name, s.words(limit),
			s.words(order[failed]))
	}
	if monotone {
		a.Text += fmt.Sprintf(" (monotone over the %d of %d levels that were simulated)", len(order), len(s.levels))
	} else {
		a.Text += fmt.Sprintf(" (NOT MONOTONE: it holds again at %s; the answer is up to where it held at all of the "+
			"%d levels "+
			"that were simulated)", s.words(order[failed+later]), len(order))
	}
	if s.why != "" {
		a.Text += "; not known everywhere: " + s.why
	}
	return a
}
