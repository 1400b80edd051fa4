package analysis

import (
	"cmp"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
)

// part is a flow: its actors in precedence order, and its FIFOs.
type part struct{ actors, fifos []int }

// flows returns the connected parts of the graph by their first actors in order.
func flows(g *graph.Graph, order []int) []part {
	root := graph.Components(g, func(int) bool { return true })
	var parts []part
	at := map[int]int{}
	for _, a := range order {
		i, ok := at[root[a]]
		if !ok {
			i = len(parts)
			at[root[a]] = i
			parts = append(parts, part{})
		}
		parts[i].actors = append(parts[i].actors, a)
	}
	for f, q := range g.FIFOs {
		p := &parts[at[root[q.From]]]
		p.fifos = append(p.fifos, f)
	}
	return parts
}

// reason says why an event waits for another.
type reason uint8

const (
	busy   reason = iota // the actor's or the crossing's firing before
	tokens               // of a FIFO
	link                 // the channel is taken by another FIFO of the same firing
	commit               // of a firing, before its tokens are acknowledged
	room                 // in a FIFO
)

// edge says that occurrence n of event to comes at least wait ns after
// occurrence n-dist of event from.
type edge struct {
	from, to   int32
	wait, dist int64
	fifo       int32 // in the graph, or -1
	why        reason
}

// event is what happens once per iteration: a firing starts, the tokens of a
// FIFO start to cross, a firing is committed.
type event struct {
	actor, fifo int32 // one of them is -1; a commit has the actor
	commits     bool
}

// events is the timed event graph of a flow in one scenario: the max-plus form of
// its self-timed execution (Reiter, "Scheduling parallel computations", J. ACM
// 15(4), 1968; Sriram and Bhattacharyya, "Embedded Multiprocessors"). Where every
// actor has a lane of its own and every channel one producer, an event happens at
// the latest of its edges' times, and so the graph is exact.
//
// A FIFO of rate r with d delay tokens and capacity c: firing n of the consumer
// needs (n+1)r tokens, so firing n-⌊d/r⌋ of the producer, and of its tokens all
// but the last d mod r. Firing n of the producer reserves tokens up to
// d+(n+1)r, so it needs firing n-⌊(c-d)/r⌋ of the consumer to be done; across a
// link to be committed, and its acknowledgement to be back. A firing is committed
// when it is done, its consumers on the same device have committed what it made,
// and those on others have acknowledged it; consumers of a FIFO with delay tokens
// don't count, because these are made durable.
//
// Variable FIFOs are addressed by bursts of url tokens, so the same holds with
// r = url; a crossing takes only as long as its atr tokens.
type events struct {
	g     *graph.Graph
	list  []event
	edges []edge
}

// events returns the events of a flow and the edges between them, and apart those
// that wait for room.
func (p *flow) events(s *scenario) (*events, []edge) {
	g, m := p.g, p.m
	e := &events{g: g}
	start, send, commits := map[int]int32{}, map[int]int32{}, map[int]int32{}
	add := func(actor, fifo int, c bool) int32 {
		e.list = append(e.list, event{int32(actor), int32(fifo), c})
		return int32(len(e.list) - 1)
	}
	outs := map[int][]int{} // FIFOs that cross, by producer
	recorded := map[int]bool{}
	for _, f := range p.fifos {
		if q := g.FIFOs[f]; m.Cross[f].Link >= 0 && !s.absent(f) {
			outs[q.From] = append(outs[q.From], f)
			recorded[q.To] = true
		}
	}
	for _, a := range p.actors {
		start[a] = add(a, -1, false)
		slices.SortFunc(outs[a], func(f, h int) int { return cmp.Compare(g.FIFOs[f].OutPort, g.FIFOs[h].OutPort) })
		for _, f := range outs[a] {
			send[f] = add(-1, f, false)
		}
	}
	byProducer := map[int][]int{}
	for _, f := range p.fifos {
		byProducer[g.FIFOs[f].From] = append(byProducer[g.FIFOs[f].From], f)
	}
	for _, a := range p.actors { // in precedence order: all that a commit waits for
		for _, f := range byProducer[a] {
			if q := g.FIFOs[f]; recorded[a] && q.Delay == 0 && !s.absent(f) {
				recorded[q.To] = true
			}
		}
	}
	for _, a := range slices.Backward(p.actors) {
		if recorded[a] {
			commits[a] = add(a, -1, true)
			e.add(start[a], commits[a], s.cost[a], 0, -1, commit)
		}
	}
	for _, a := range p.actors {
		e.add(start[a], start[a], s.cost[a], 1, -1, busy)
		e.channels(m, s, outs[a], send)
	}
	var back []edge
	for _, f := range p.fifos {
		if s.absent(f) {
			continue
		}
		q, c := g.FIFOs[f], m.Cross[f]
		_, url := g.Rate(f)
		held, free := int64(q.Delay/url), int64((q.Capacity-q.Delay)/url)
		if c.Link < 0 {
			e.add(start[q.From], start[q.To], s.cost[q.From], held, f, tokens)
			back = append(back, edge{start[q.To], start[q.From], s.cost[q.To], free, int32(f), room})
			if recorded[q.From] && q.Delay == 0 {
				e.add(commits[q.To], commits[q.From], 0, 0, f, commit)
			}
			continue
		}
		e.add(start[q.From], send[f], s.cost[q.From], 0, f, tokens)
		e.add(send[f], start[q.To], int64(s.tokens[f]-q.Delay%url)*c.Occupancy+c.Flight, held, f, tokens)
		back = append(back, edge{commits[q.To], start[q.From], c.Ack, free, int32(f), room})
		if recorded[q.From] && q.Delay == 0 {
			e.add(commits[q.To], commits[q.From], c.Ack, 0, f, commit)
		}
	}
	return e, back
}

func (e *events) add(from, to int32, wait, dist int64, fifo int, why reason) {
	e.edges = append(e.edges, edge{from, to, wait, dist, int32(fifo), why})
}

// channels makes the FIFOs that one firing sends over one channel wait for each
// other, in port order, and the first for the last of the firing before.
func (e *events) channels(m *Mapping, s *scenario, outs []int, send map[int]int32) {
	last, first := map[int]int{}, map[int]int{}
	took := func(f int) int64 { return int64(s.tokens[f]) * m.Cross[f].Occupancy }
	for _, f := range outs {
		c := m.Cross[f].Channel
		if before, ok := last[c]; ok {
			e.add(send[before], send[f], took(before), 0, f, link)
		} else {
			first[c] = f
		}
		last[c] = f
	}
	for _, f := range outs { // in order of ports, not of the map
		if c := m.Cross[f].Channel; last[c] == f {
			e.add(send[f], send[first[c]], took(f), 1, f, busy)
		}
	}
}

// name names an event for a bottleneck: an actor, or a FIFO that crosses a link.
func (e *events) name(i int32) string {
	if ev := e.list[i]; ev.actor >= 0 {
		return e.g.Actors[ev.actor].Name
	}
	return e.g.FIFOName(int(e.list[i].fifo))
}
