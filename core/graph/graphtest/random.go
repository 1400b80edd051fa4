// Package graphtest makes random graphs, valid ones and ones that break a single
// rule. It is for tests only and may not be imported by anything else.
package graphtest

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
	"pgregory.net/rapid"
)

// choiceBytes is how many bytes a graph is drawn from at most.
const choiceBytes = 72

// Type is the type of all tokens for data in random graphs.
var Type = graph.TokenType{Elem: "uint8", Shape: []int64{8}}

// Random draws a valid graph: one source, actor 0, from which all other actors get
// tokens, up to about a dozen static actors with several rates, delay tokens in
// pipelines and feedback cycles, state, and up to two dynamic parts with branches,
// chains and relays. Feedback FIFOs may have room for their delay tokens only,
// which is too little for one between devices; see CutRoom.
func Random(t *rapid.T) *graph.Graph { return FromBytes(drawBytes(t, choiceBytes)) }

// FromBytes returns the valid graph that the bytes choose; all of them choose one.
func FromBytes(data []byte) *graph.Graph {
	m := &maker{choices: choices{data: data}, g: &graph.Graph{Name: "random"}}
	m.add("s", graph.StaticProcessing)
	parts := 0
	for range 1 + m.n(5) {
		if m.n(3) == 2 && parts < 2 {
			m.part(parts)
			parts++
			continue
		}
		a := m.add("p", graph.StaticProcessing)
		for range 1 + m.n(2) {
			m.join(m.before(a), a, m.forward())
		}
	}
	for range m.n(3) {
		m.feedback()
	}
	return m.g
}

// CutRoom gives every FIFO with delay tokens the room for a firing's tokens beside
// them, as FIFOs between devices need it.
func CutRoom(g *graph.Graph) {
	for f := range g.FIFOs {
		if q := &g.FIFOs[f]; q.Delay > 0 {
			_, url := g.Rate(f)
			q.Capacity = max(q.Capacity, q.Delay+url)
		}
	}
}

func drawBytes(t *rapid.T, n int) []byte {
	return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "choices")
}

// choices are read from bytes; when those are used up, all choices are 0, the
// simplest.
type choices struct {
	data []byte
	at   int
}

// n returns a number from 0 to k-1.
func (c *choices) n(k int) int {
	if c.at >= len(c.data) || k < 2 {
		return 0
	}
	c.at++
	return int(c.data[c.at-1]) % k
}

// maker grows a graph in precedence order: but for feedback, tokens go from actors
// with lower to such with higher numbers.
type maker struct {
	choices
	g      *graph.Graph
	always []int // actors with ports of fixed rate, which fire in every iteration
}

// add appends an actor named after its index.
func (m *maker) add(prefix string, kind graph.Kind) int {
	a := len(m.g.Actors)
	m.g.Actors = append(m.g.Actors, graph.Actor{
		Name: fmt.Sprintf("%s%d", prefix, a), Kind: kind, Kernel: "mix", Stateful: m.n(4) == 3,
		Pos: graph.Pos{File: "random.yaml", Line: a + 1, Column: 1},
	})
	if kind != graph.DynamicProcessing {
		m.always = append(m.always, a)
	}
	return a
}

// before returns an actor that fires in every iteration and comes before a.
func (m *maker) before(a int) int {
	var n int
	for n < len(m.always) && m.always[n] < a {
		n++
	}
	return m.always[n-1-m.n(n)] // a chain is the simplest
}

// link is what a FIFO is like.
type link struct{ lrl, url, delay, capacity int }

// forward chooses a FIFO that delay tokens may put a pipeline stage into.
func (m *maker) forward() link {
	rate := 1 + m.n(3)
	delay := 0
	if m.n(4) == 3 {
		delay = 1 + m.n(2*rate)
	}
	return link{rate, rate, delay, delay + rate + m.n(4)}
}

// feedback joins an actor to itself or to one before it.
func (m *maker) feedback() {
	to := m.n(len(m.always))
	from := to + m.n(len(m.always)-to)
	rate := 1 + m.n(2)
	q := link{rate, rate, rate * (1 + m.n(2)), 0}
	q.capacity = q.delay + m.n(3)
	if from == to {
		q.capacity += rate
	}
	m.join(m.always[from], m.always[to], q)
}

// join adds a FIFO and its ports.
func (m *maker) join(from, to int, l link) {
	a, b := &m.g.Actors[from], &m.g.Actors[to]
	port := graph.Port{LRL: l.lrl, URL: l.url, Type: Type}
	port.Name = fmt.Sprintf("o%d", len(a.Out))
	a.Out = append(a.Out, port)
	port.Name = fmt.Sprintf("i%d", len(b.In))
	b.In = append(b.In, port)
	m.g.FIFOs = append(m.g.FIFOs, graph.FIFO{
		From: from, OutPort: len(a.Out) - 1, To: to, InPort: len(b.In) - 1, Delay: l.delay, Capacity: l.capacity,
		Pos: graph.Pos{File: "random.yaml", Line: 100 + len(m.g.FIFOs), Column: 1},
	})
}

// limits are the rate limits of dynamic parts.
var limits = [][2]int{{0, 1}, {0, 3}, {1, 2}, {2, 4}, {0, 2}}

// part adds a dynamic part: a configuration actor, one or two entries, branches of
// inner actors that may meet, and one or two exits.
func (m *maker) part(number int) {
	limit := limits[(m.n(len(limits))+number)%len(limits)]
	variable := func() link { return link{limit[0], limit[1], 0, limit[1] + m.n(4)} }
	config := m.add("c", graph.Configuration)
	m.join(m.before(config), config, m.forward())
	first := config + 1
	var open []int // actors whose variable tokens are to be taken, one entry for each FIFO
	for range 1 + m.n(4)/3 {
		entry := m.add("d", graph.Dynamic)
		m.join(m.before(entry), entry, m.forward())
		for range 1 + m.n(2) {
			open = append(open, entry)
		}
	}
	for range m.n(4) {
		inner := m.add("n", graph.DynamicProcessing)
		for range 1 + m.n(min(2, len(open))) {
			i := m.n(len(open))
			m.join(open[i], inner, variable())
			open = append(open[:i], open[i+1:]...)
		}
		for range 1 + m.n(4)/3 {
			open = append(open, inner)
		}
	}
	exits := 1
	if len(open) > 1 {
		exits += m.n(2)
	}
	for e := range exits {
		exit := m.add("d", graph.Dynamic)
		n := 1
		if e == exits-1 {
			n = len(open)
		}
		for _, from := range open[:n] {
			m.join(from, exit, variable())
		}
		open = open[n:]
		m.join(m.before(exit), exit, m.forward()) // the fixed rate that a dynamic actor has
	}
	m.control(config, first)
}
