package energy

import (
	"fmt"
	"math"
	"sort"
)

// Between returns the energy from one time to another; see Over.
func (s *Series) Between(fromNs, toNs int64) (Amount, error) {
	return s.Over([]Interval{{fromNs, toNs}})
}

// Over returns the energy of the union of intervals. What no two samples enclose, or two
// that are further apart than GapNs, is not covered. If nothing is, the error wraps
// ErrMissing.
//
// Powers are integrated by the trapezoidal rule (Press et al., Numerical Recipes, 3rd ed.,
// section 4.1), with straight lines between samples: over a step of length t between powers
// p and q, t·(p+q)/2. Where the power between two samples stays between their values, the
// integral lies from t·min(p,q) to t·max(p,q), so that the bound of a whole step is t·|p-q|/2,
// and that of a part of one t'·|p-q|. A counter's step is its difference, plus WrapJoules
// where it went back, and exact; a part of one takes its share of the time, and the bound is
// the larger of that share and the rest. A counter must be read at least once a wrap.
func (s *Series) Over(intervals []Interval) (Amount, error) {
	if err := s.Check(); err != nil {
		return Amount{}, err
	}
	var sum Amount
	for _, want := range Union(intervals) {
		sum.WholeNs += want.ToNs - want.FromNs
		first := sort.Search(len(s.Samples), func(i int) bool { return s.Samples[i].AtNs > want.FromNs })
		for i := max(first, 1); i < len(s.Samples) && s.Samples[i-1].AtNs < want.ToNs; i++ {
			s.step(&sum, s.Samples[i-1], s.Samples[i], want)
		}
	}
	if sum.CoveredNs == 0 {
		return Amount{WholeNs: sum.WholeNs}, fmt.Errorf("%w: %s, rail %s: none of its %d samples cover the time asked for",
			ErrMissing, s.Meter, s.Rail, len(s.Samples))
	}
	return sum, nil
}

// step adds the energy of what an interval holds of the time between two samples.
func (s *Series) step(sum *Amount, a, b Sample, want Interval) {
	length := b.AtNs - a.AtNs
	if s.GapNs > 0 && length > s.GapNs {
		return
	}
	from, to := max(a.AtNs, want.FromNs), min(b.AtNs, want.ToNs)
	if to <= from {
		return
	}
	sum.CoveredNs += to - from
	share := float64(to-from) / float64(length)
	if s.Counter {
		d := b.Value - a.Value
		if d < 0 {
			d += s.WrapJoules
		}
		sum.Joules += share * d
		if to-from < length {
			sum.BoundJoules += d * math.Max(share, 1-share)
		}
		return
	}
	at := func(ns int64) float64 { return a.Value + (b.Value-a.Value)*float64(ns-a.AtNs)/float64(length) }
	seconds := float64(to-from) * 1e-9
	sum.Joules += seconds * (at(from) + at(to)) / 2
	bound := seconds * math.Abs(b.Value-a.Value)
	if to-from == length {
		bound /= 2
	}
	sum.BoundJoules += bound
}

// Total returns the energy of several rails together over a union of intervals. If one of
// them has none, neither has the total.
func Total(rails []*Series, intervals []Interval) (Amount, error) {
	if len(rails) == 0 {
		return Amount{}, fmt.Errorf("%w: there is no rail", ErrMissing)
	}
	var sum Amount
	for i, r := range rails {
		a, err := r.Over(intervals)
		if err != nil {
			return Amount{}, err
		}
		if i == 0 {
			sum = a
			continue
		}
		sum = sum.Plus(a)
	}
	return sum, nil
}
