package explore

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"
)

var nan = math.NaN()

// label is a state with its way there.
type label struct {
	state
	way   *step
	bound float64 // of the first objective
	sum   float64 // of the vector, by which labels are compared in an order
}

// step is a task on a unit, and the steps before.
type step struct {
	before *step
	unit   int
}

func (w *step) units(n int) []int {
	list := make([]int, n)
	for i := n - 1; i >= 0; i-- {
		list[i], w = w.unit, w.before
	}
	return list
}

// branch extends all partial mappings task by task. known are mappings to be better than.
func (s *search) branch(ctx context.Context, known []Candidate, o Options) (*Answer, error) {
	best := &front{goal: s.goal, keep: o.Keep}
	for _, c := range known {
		best.add(c)
	}
	a := &Answer{Method: BranchAndBound, Proven: true, Bound: never}
	level := []*label{{state: *s.start()}}
	n := len(s.p.Tasks)
	var to state
	bounds := s.values(level[0].vec, &s.rest[0], 0)
	for t := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if o.Progress != nil {
			o.Progress(t, n)
		}
		buckets := map[string][]*label{}
		var keys []string
		for i, from := range level {
			if i%4096 == 0 && ctx.Err() != nil {
				return nil, ctx.Err()
			}
			for u := range s.p.Units {
				if !s.extend(&from.state, &to, t, u) {
					continue
				}
				s.relax(t+1, &to)
				s.lowerBounds(&bounds, t+1, &to)
				if !s.goal.within(&bounds) || best.covers(&bounds) {
					continue
				}
				if bound := bounds.Of(s.goal.Objectives[0]); best.near(bound, o.Gap) {
					a.Bound = min(a.Bound, bound)
					continue
				}
				l := &label{
					state: *to.clone(), way: &step{from.way, u}, bound: bounds.Of(s.goal.Objectives[0]),
				}
				for _, x := range l.vec {
					l.sum += x
				}
				key := s.key(t+1, &l.state)
				if _, ok := buckets[key]; !ok {
					keys = append(keys, key)
				}
				buckets[key] = append(buckets[key], l)
			}
		}
		level = level[:0]
		for _, key := range keys {
			level = append(level, undominated(buckets[key], o.Keep, &o.Work)...)
		}
		width := mostLabels
		if o.Work <= 0 {
			width = fewLabels
		}
		if len(level) > width {
			slices.SortStableFunc(level, func(a, b *label) int { return cmp.Compare(a.bound, b.bound) })
			a.Proven = false
			a.Bound = min(a.Bound, level[width].bound)
			level = level[:width]
		}
	}
	for _, l := range level {
		units := l.way.units(n)
		if v, ok := s.evaluate(units); ok {
			best.add(Candidate{Units: units, Values: v})
		}
	}
	a.Front = best.list
	least := never
	for i := range a.Front {
		least = min(least, a.Front[i].Values.Of(s.goal.Objectives[0]))
	}
	if !a.Proven && best.near(a.Bound, o.Gap) {
		a.Proven = true // what was left out is no better
	}
	a.Bound = min(a.Bound, least)
	if !a.Proven {
		a.Method = LocalSearch
	}
	return a, nil
}

func (st *state) clone() *state {
	c := *st
	c.vec, c.units, c.taken = slices.Clone(st.vec), slices.Clone(st.units), slices.Clone(st.taken)
	return &c
}

// lowerBounds fills in metrics that no mapping that goes on from a state is below.
func (s *search) lowerBounds(v *Values, level int, st *state) {
	v.Latency = s.latency(level, st)
	v.Traffic, v.Leakage = st.vec[s.at.traffic], st.vec[s.at.leakage]
	v.Loss, v.Raw = st.vec[s.at.loss], st.vec[s.at.raw]
	s.fill(v, st.vec, &s.rest[level], max(st.last, 0), s.slack(level, st))
}

// relax takes out of a state what can make no difference, so that more states are alike: parts
// that no objective or limit needs, and times at which a unit or a channel is free before any
// token that is left could be there.
func (s *search) relax(level int, st *state) {
	at, v, need := &s.at, st.vec, &s.needed
	if !s.joins(level) {
		v[at.begin] = 0
		clear(st.taken)
	}
	if !need.times {
		v[at.begin] = 0
		clear(v[at.free:at.load])
		clear(v[at.chFree:at.chLoad])
		clear(v[at.ready:])
		v[at.latency] = 0
	} else {
		s.forget(level, st)
	}
	if !need.loads {
		clear(v[at.load:at.chFree])
		clear(v[at.chLoad:at.active])
	}
	if !need.energy {
		clear(v[at.active:at.mem])
	}
	if !need.memory {
		clear(v[at.mem:at.ep])
	}
	if !need.endpoint {
		clear(v[at.ep:at.ready])
	}
	for i, of := range []int{at.traffic, at.leakage, at.loss, at.raw} {
		if !need.sums[i] {
			v[of] = 0
		}
	}
}

// forget lifts times that are earlier than the first token of those left is there.
func (s *search) forget(level int, st *state) {
	at, n := &s.at, len(s.p.Tasks)
	if level == n {
		clear(st.vec[at.free:at.load])
		clear(st.vec[at.chFree:at.chLoad])
		return
	}
	first, slack := never, s.slack(level, st)
	for k := range st.units {
		first = min(first, st.vec[at.ready+k]-slack)
	}
	for t := level; t < n; t++ {
		if len(s.in[t]) == 0 {
			first = 0
		}
	}
	for u := range s.p.Units {
		st.vec[at.free+u] = max(st.vec[at.free+u], first)
	}
	for c := range s.p.Channels {
		st.vec[at.chFree+c] = max(st.vec[at.chFree+c], first)
	}
}

// key is the same for states that the tasks left can't tell apart but by their vectors.
func (s *search) key(level int, st *state) string {
	b := make([]byte, 0, 6+3*len(st.units))
	for k := range st.units {
		b = binary.LittleEndian.AppendUint16(b, uint16(st.units[k]))
	}
	if s.joins(level) {
		b = binary.LittleEndian.AppendUint16(b, uint16(st.last))
		b = binary.LittleEndian.AppendUint32(b, uint32(st.first))
		for _, taken := range st.taken {
			if taken {
				b = append(b, 1)
			} else {
				b = append(b, 0)
			}
		}
	}
	return string(b)
}

// joins reports whether the task that is placed next, if there is one, can join the firing before.
func (s *search) joins(level int) bool { return level < len(s.p.Tasks) && s.p.Tasks[level].Joins }

// undominated returns the labels that fewer than keep others are at least as good as in everything,
// of equal ones the first, as long as there is work left.
func undominated(list []*label, keep int, work *int64) []*label {
	slices.SortStableFunc(list, func(a, b *label) int { return cmp.Compare(a.sum, b.sum) })
	var kept []*label
	for _, l := range list {
		n := 0
		for i := 0; i < len(kept) && n < keep && *work > 0; i++ {
			if dominates(kept[i].vec, l.vec, work) {
				n++
			}
		}
		if n < keep {
			kept = append(kept, l)
		}
	}
	return kept
}

func dominates(a, b []float64, work *int64) bool {
	for i := range a {
		if a[i] > b[i] {
			*work -= int64(i + 1)
			return false
		}
	}
	*work -= int64(len(a))
	return true
}

// needs says which parts of states matter to a goal.
type needs struct {
	times, loads, energy, memory, endpoint bool
	sums                                   [4]bool // traffic, leakage, loss, raw
}

func (s *search) needs() needs {
	var n needs
	one := func(o Objective) {
		switch o.Metric {
		case Latency:
			n.times = true
		case Period:
			n.loads = true
		case Energy:
			n.energy = true
			n.times = n.times || s.p.FrameInterval == 0
		case Memory:
			n.memory = true
		case EndpointTime:
			n.endpoint = true
		case Traffic:
			n.sums[0] = true
		case Leakage:
			n.sums[1] = true
		case Loss:
			n.sums[2] = true
		case Raw:
			n.sums[3] = true
		}
	}
	for _, o := range s.goal.Objectives {
		one(o)
	}
	for _, l := range s.goal.Limits {
		one(l.Objective)
	}
	return n
}
