package graphtest

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
)

// control gives all actors from first on their control tokens, some through a relay.
// It makes one part of what may be two, see unite.
func (m *maker) control(config, first int) {
	last := len(m.g.Actors) - 1
	m.unite(first, last)
	relay := -1
	for a := first; a <= last; a++ {
		switch m.n(4) {
		case 3:
			if relay < 0 {
				relay = len(m.g.Actors)
				m.g.Actors = append(m.g.Actors, graph.Actor{
					Name: fmt.Sprintf("r%d", relay), Kind: graph.StaticProcessing, Kernel: graph.Relay,
					Pos: graph.Pos{File: "random.yaml", Line: relay + 1, Column: 1},
				})
				m.g.AddControl(config, relay, 1+m.n(3), graph.Pos{})
			}
			m.g.AddControl(relay, a, 1+m.n(3), graph.Pos{})
		default:
			m.g.AddControl(config, a, 1+m.n(3), graph.Pos{})
		}
	}
}

// unite joins the actors from first to last that variable FIFOs don't join yet: it
// leads a FIFO from the first entry to an actor of each other part that can take it.
func (m *maker) unite(first, last int) {
	part := map[int]int{}
	for a := first; a <= last; a++ {
		part[a] = a
	}
	lrl, url, merged := 0, 0, true
	for merged {
		merged = false
		for f, q := range m.g.FIFOs {
			if q.From < first || q.To > last || !m.g.Variable(f) {
				continue
			}
			lrl, url = m.g.Rate(f)
			if p := min(part[q.From], part[q.To]); part[q.From] != part[q.To] {
				part[q.From], part[q.To], merged = p, p, true
			}
		}
	}
	done := map[int]bool{first: true}
	for a := last; a >= first; a-- { // exits come last
		if !done[part[a]] {
			done[part[a]] = true
			m.join(first, a, link{lrl, url, 0, url})
		}
	}
}
