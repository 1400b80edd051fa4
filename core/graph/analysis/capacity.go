package analysis

import (
	"cmp"
	"slices"
)

// effort bounds the search for capacities, in edges looked at.
const effort = 20_000_000

// capacities returns, in the order of the flow's FIFOs, capacities with which no
// cycle is longer than period, what the flow takes with unbounded ones. They are
// minimal: lowering any single one makes the flow slower or its graph invalid.
// Their sum need not be the smallest there is: to find that is NP-hard (Stuijk,
// Geilen and Basten, "Exploring Trade-Offs in Buffer Requirements and Throughput
// Constraints for Synchronous Dataflow Graphs", DAC 2006). It starts from those of
// the earliest periodic schedule and lowers one after the other, FIFOs of large
// tokens first, each to the least that its longest other path allows; later ones
// only make that path longer, so once through is enough. Where an actor takes no
// time, and across a link, a FIFO keeps room for a firing beside its delay tokens.
// If cut, the effort was spent: they suffice, but some could be lower.
func (p *flow) capacities(s *scenario, e *events, back []edge, period ratio) (list []Enough, cut bool, err error) {
	g, m := p.g, p.m
	if period.num == 0 {
		return nil, false, nil
	}
	sv := newSolver(len(e.list), slices.Concat(e.edges, back))
	rooms := sv.edges[len(e.edges):]
	if err := newSolver(len(e.list), e.edges).inRange(period); err != nil {
		return nil, false, err
	}
	sv.unboundedPaths(period)
	least := int64(0)
	for _, a := range p.actors {
		if s.cost[a] == 0 {
			least = 1
		}
	}
	floor := func(r *edge) int64 {
		q := g.FIFOs[r.fifo]
		_, url := g.Rate(int(r.fifo))
		if m.Cross[r.fifo].Link >= 0 || q.Delay < url {
			return 1
		}
		return least
	}
	for i := range rooms {
		r := &rooms[i]
		r.dist = max(floor(r), ceil(sv.x[r.from]+r.wait*period.den-sv.x[r.to], period.num))
	}
	byBytes := make([]int, len(rooms))
	for i := range rooms {
		byBytes[i] = i
	}
	slices.SortStableFunc(byBytes, func(i, j int) int {
		return cmp.Compare(g.Type(int(rooms[j].fifo)).Bytes(), g.Type(int(rooms[i].fifo)).Bytes())
	})
	l := lowerer{solver: sv, period: period, dist: make([]int64, sv.n), round: make([]int32, sv.n),
		settled: make([]bool, sv.n), left: effort}
	for _, i := range byBytes {
		if cut = !l.lower(&rooms[i], floor(&rooms[i])); cut {
			break
		}
	}
	for i := range rooms {
		list = append(list, p.enough(&rooms[i]))
	}
	return list, cut, nil
}

// enough turns the firings that an edge leaves room for into tokens.
func (p *flow) enough(r *edge) Enough {
	g := p.g
	q := g.FIFOs[r.fifo]
	_, url := g.Rate(int(r.fifo))
	return Enough{FIFO: g.FIFOName(int(r.fifo)), Given: q.Capacity, Enough: max(q.Delay+int(r.dist)*url, url)}
}

// unboundedPaths leaves in x the earliest periodic schedule without edges that
// wait for room. The period is at least the largest ratio of the others.
func (s *solver) unboundedPaths(period ratio) {
	all := s.edges
	var kept []edge
	for _, e := range all {
		if e.why != room {
			kept = append(kept, e)
		}
	}
	t := newSolver(s.n, kept)
	t.longest(period)
	copy(s.x, t.x)
}

// ceil is a/b rounded up; b > 0.
func ceil(a, b int64) int64 {
	q := a / b
	if a%b > 0 {
		q++
	}
	return q
}

// lowerer lowers the distances of edges. Its solver's x keeps a schedule that all
// edges allow, so that what each has to spare is a length >= 0 for Dijkstra's
// algorithm.
type lowerer struct {
	*solver
	period  ratio
	dist    []int64
	round   []int32 // in which dist was set
	settled []bool
	reached []int32
	heap    []item
	now     int32
	left    int
}

// lower sets the distance of r to the least that the other edges allow. It
// reports false once the effort is spent, and then leaves r as it is.
func (l *lowerer) lower(r *edge, floor int64) bool {
	if r.dist == floor {
		return true
	}
	slackAt := func(k int64) int64 { // what edge r has to spare at distance k
		return l.x[r.to] - l.x[r.from] - r.wait*l.period.den + k*l.period.num
	}
	// Lowering r to k needs a path from r.to to r.from with at least -slackAt(k) to spare.
	most := max(0, -slackAt(floor))
	spare, ok := l.search(r, most)
	if !ok {
		return false
	}
	k := max(floor, r.dist-(slackAt(r.dist)+spare)/l.period.num)
	r.dist = k
	if need := -slackAt(k); need > 0 {
		for _, v := range l.reached {
			if l.dist[v] < need {
				l.x[v] += need - l.dist[v]
			}
		}
	}
	return true
}

// search returns what the path from r.to to r.from with the least to spare has,
// without r, or most if all have at least that.
func (l *lowerer) search(r *edge, most int64) (spare int64, ok bool) {
	l.now++
	l.heap, l.reached = l.heap[:0], l.reached[:0]
	l.visit(r.to, 0)
	for len(l.heap) > 0 {
		it := l.pop()
		if it.at >= most {
			return most, true
		}
		if it.event == r.from {
			return it.at, true
		}
		if l.settled[it.event] {
			continue
		}
		l.settled[it.event] = true
		for _, at := range l.out[l.first[it.event]:l.first[it.event+1]] {
			e := &l.edges[at]
			if e == r {
				continue
			}
			if l.left--; l.left < 0 {
				return 0, false
			}
			l.visit(e.to, it.at+l.x[e.to]-l.x[e.from]-e.wait*l.period.den+e.dist*l.period.num)
		}
	}
	return most, true
}

func (l *lowerer) visit(v int32, at int64) {
	if l.round[v] != l.now {
		l.round[v], l.settled[v] = l.now, false
		l.reached = append(l.reached, v)
	} else if l.settled[v] || at >= l.dist[v] {
		return
	}
	l.dist[v] = at
	l.push(item{at, v})
}

// item is an event on the heap of a search.
type item struct {
	at    int64
	event int32
}

func (l *lowerer) push(it item) {
	l.heap = append(l.heap, it)
	h := l.heap
	i := len(h) - 1
	for i > 0 && h[(i-1)/2].at > it.at {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = it
}

func (l *lowerer) pop() item {
	h := l.heap
	top, it := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	i := 0
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && h[c+1].at < h[c].at {
			c++
		}
		if h[c].at >= it.at {
			break
		}
		h[i] = h[c]
		i = c
	}
	if len(h) > 0 {
		h[i] = it
	}
	l.heap = h
	return top
}
