package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/graph"
)

// flow is a connected part of a graph, with all that its analysis needs.
type flow struct {
	part
	g *graph.Graph
	m *Mapping
	*sharing
}

// sharing says what actors of all flows share.
type sharing struct {
	on     []int        // actors, by unit
	shared map[int]bool // channels that several actors send over
	media  map[int]bool // that several channels cross, by Crossing.Medium
}

func newSharing(g *graph.Graph, m *Mapping) *sharing {
	s := &sharing{on: make([]int, len(m.Units)), shared: map[int]bool{}, media: map[int]bool{}}
	for _, u := range m.UnitOf {
		s.on[u]++
	}
	producer, crosses := map[int]int{}, map[int]int{}
	for f, c := range m.Cross {
		if c.Link < 0 || c.Occupancy == 0 {
			continue
		}
		from := g.FIFOs[f].From
		if first, ok := producer[c.Channel]; ok && first != from {
			s.shared[c.Channel] = true
		}
		producer[c.Channel] = from
		if first, ok := crosses[c.Medium]; ok && c.Medium > 0 && first != c.Channel {
			s.media[c.Medium] = true
		}
		crosses[c.Medium] = c.Channel
	}
	return s
}

func (p *flow) analyze(best, worst *scenario) (Flow, error) {
	m := p.m
	f := Flow{First: p.g.Actors[p.actors[0]].Name, Actors: len(p.actors), Timed: m.Cost != nil}
	for _, a := range p.actors {
		f.Timed = f.Timed && m.Cost[a].Known
	}
	if !f.Timed {
		return f, nil
	}
	var err error
	e, back := p.events(best)
	f.BestPath = e.criticalPath(best)
	if f.Best, _, err = p.throughput(best, e, back); err != nil {
		return f, fmt.Errorf("throughput at best: %w", err)
	}
	e, back = p.events(worst)
	f.WorstPath = e.criticalPath(worst)
	if f.Worst, _, err = p.throughput(worst, e, back); err != nil {
		return f, fmt.Errorf("throughput at worst: %w", err)
	}
	var period ratio
	if f.Most, period, err = p.throughput(worst, e, nil); err != nil {
		return f, fmt.Errorf("throughput of unbounded FIFOs: %w", err)
	}
	f.Capacities, f.Cut, err = p.capacities(worst, e, back, period)
	return f, err
}

// throughput returns the highest rate of a scenario. On units with fewer lanes
// than actors, and where several producers send over a channel, the order is first
// come, first served, which no event graph has; there the load is one more bound:
// in the long run a unit of L lanes takes no iteration in less than the L-th part
// of the work.
func (p *flow) throughput(s *scenario, e *events, back []edge) (Throughput, ratio, error) {
	edges := slices.Concat(e.edges, back)
	period, cycle, err := newSolver(len(e.list), edges).maxRatio()
	if err != nil {
		return Throughput{}, period, fmt.Errorf("cycle %s: %w", strings.Join(e.cycleNames(edges, cycle), " -> "), err)
	}
	t := Throughput{Limit: ByCycle, Exact: true, On: e.hops(edges, cycle)}
	p.load(s, &t, &period)
	if s.best && t.Exact {
		for _, f := range p.fifos {
			if s.absent(f) {
				t.Exact, t.Why = false, "at atr = 0 it leaves out when the slots of skipped iterations become free"
				break
			}
		}
	}
	t.Period = period.float()
	if period.num == 0 {
		t.Limit, t.On = ByNone, nil
	} else {
		t.PerSecond = 1e9 / t.Period
	}
	return t, period, nil
}

// load raises the period to the load of units, channels and media that are shared.
func (p *flow) load(s *scenario, t *Throughput, period *ratio) {
	raise := func(by Limit, name string, r ratio) {
		if r.compare(*period) > 0 {
			*period, t.Limit, t.On = r, by, []Hop{{Name: name}}
		}
	}
	m := p.m
	work := make([]int64, len(m.Units))
	for _, a := range p.actors {
		work[m.UnitOf[a]] += s.cost[a]
	}
	for i, u := range m.Units {
		if work[i] == 0 || p.on[i] <= u.Lanes {
			continue
		}
		name := m.Devices[u.Device] + "." + u.Name
		if t.Exact {
			t.Exact, t.Why = false, fmt.Sprintf(
				"%d actors share %d lanes of unit %s, first come, first served", p.on[i], u.Lanes, name,
			)
		}
		raise(ByUnit, name, newRatio(work[i], int64(u.Lanes)))
	}
	busy := map[int]int64{} // by channel
	for _, f := range p.fifos {
		c := m.Cross[f]
		if c.Link < 0 || !p.shared[c.Channel] {
			continue
		}
		if t.Exact {
			t.Exact, t.Why = false, fmt.Sprintf("several actors send over link %s, first come, first served", m.Links[c.Link])
		}
		busy[c.Channel] += int64(s.tokens[f]) * c.Occupancy
		raise(ByLink, m.Links[c.Link], newRatio(busy[c.Channel], 1))
	}
	taken := map[int]int64{} // by medium
	for _, f := range p.fifos {
		c := m.Cross[f]
		if c.Link < 0 || !p.media[c.Medium] {
			continue
		}
		name := m.Media[c.Medium-1]
		if t.Exact {
			t.Exact, t.Why = false, fmt.Sprintf("several links share medium %s", name)
		}
		taken[c.Medium] += int64(s.tokens[f]) * c.Takes
		raise(ByMedium, name, newRatio(taken[c.Medium], 1))
	}
}

// cycleNames names the events of a cycle, from one to the same.
func (e *events) cycleNames(edges []edge, cycle []int32) []string {
	var names []string
	for _, h := range e.hops(edges, cycle) {
		names = append(names, h.Name)
	}
	if len(names) > 0 {
		names = append(names, names[0])
	}
	return names
}

// hops names the events of a cycle; each commit belongs to the hop before it.
func (e *events) hops(edges []edge, cycle []int32) []Hop {
	var hops []Hop
	for _, i := range cycle {
		d := &edges[i]
		h := Hop{Name: e.name(d.from), Room: d.why == room}
		if d.fifo >= 0 && d.why != busy {
			h.FIFO = e.g.FIFOName(int(d.fifo))
		}
		if n := len(hops); n > 0 && hops[n-1].Name == h.Name {
			hops[n-1] = h
			continue
		}
		hops = append(hops, h)
	}
	return hops
}

// criticalPath returns the longest path of one iteration by itself: what it takes
// at least from its first firing to its last, and exactly if no ready actor has to
// wait for a lane or a link (the longest path of the precedence graph; Sriram and
// Bhattacharyya, "Embedded Multiprocessors"). FIFOs whose delay tokens suffice for a
// firing join different iterations and are left out.
func (e *events) criticalPath(s *scenario) Path {
	sv := newSolver(len(e.list), e.edges)
	forward := func(d *edge) bool { return d.dist == 0 && d.why != commit }
	waits := make([]int, sv.n)
	for i := range e.edges {
		if forward(&e.edges[i]) {
			waits[e.edges[i].to]++
		}
	}
	var queue []int32
	for i := range sv.n {
		sv.by[i] = -1
		if waits[i] == 0 {
			queue = append(queue, int32(i))
		}
	}
	end, last := int64(-1), int32(-1)
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		if ev := e.list[i]; ev.actor >= 0 && !ev.commits && !s.skip[ev.actor] {
			if t := sv.x[i] + s.cost[ev.actor]; t > end {
				end, last = t, i
			}
		}
		for _, at := range sv.out[sv.first[i]:sv.first[i+1]] {
			d := &e.edges[at]
			if !forward(d) {
				continue
			}
			if t := sv.x[i] + d.wait; t > sv.x[d.to] || sv.by[d.to] < 0 {
				sv.x[d.to], sv.by[d.to] = max(t, sv.x[d.to]), at
			}
			if waits[d.to]--; waits[d.to] == 0 {
				queue = append(queue, d.to)
			}
		}
	}
	return Path{end, e.stages(sv, last, end)}
}

// stages walks back from the last event of a path that ends at time end.
func (e *events) stages(sv *solver, last int32, end int64) []Stage {
	var reversed []Stage
	for i := last; i >= 0; {
		s := Stage{Start: sv.x[i], End: end}
		if ev := e.list[i]; ev.actor >= 0 {
			s.Actor = e.name(i)
		} else {
			s.FIFO = e.name(i)
		}
		reversed = append(reversed, s)
		end = s.Start
		if sv.by[i] < 0 {
			break
		}
		i = e.edges[sv.by[i]].from
	}
	steps := make([]Stage, len(reversed))
	for i, s := range reversed {
		steps[len(steps)-1-i] = s
	}
	return steps
}
