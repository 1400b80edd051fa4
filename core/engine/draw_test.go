package engine_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/edgeprune/edgeprune/core/graph"
)

// sketch grows a random valid graph: actors are joined to earlier ones only, but
// for FIFOs with delay tokens enough.
type sketch struct {
	rng *rand.Rand
	g   *graph.Graph
}

func (s *sketch) actor(kind graph.Kind) int {
	a := len(s.g.Actors)
	s.g.Actors = append(s.g.Actors, graph.Actor{Name: fmt.Sprintf("a%d", a), Kind: kind, Stateful: s.rng.IntN(4) == 0})
	return a
}

func (s *sketch) join(from, to, lrl, url, delay, capacity int, control bool) {
	out, in := &s.g.Actors[from].Out, &s.g.Actors[to].In
	p := graph.Port{LRL: lrl, URL: url, Type: graph.TokenType{Elem: "uint8", Shape: []int64{8}}, Control: control}
	if control {
		p.Type = graph.ControlToken
	}
	p.Name = fmt.Sprintf("out%d", len(*out))
	*out = append(*out, p)
	p.Name = fmt.Sprintf("in%d", len(*in))
	*in = append(*in, p)
	s.g.FIFOs = append(s.g.FIFOs, graph.FIFO{From: from, OutPort: len(*out) - 1, To: to, InPort: len(*in) - 1, Delay: delay, Capacity: capacity})
}

// static joins two actors by a FIFO of fixed rate.
func (s *sketch) static(from, to int) {
	rate, delay := 1+s.rng.IntN(3)*s.rng.IntN(2), 0
	if from >= to {
		delay = rate + s.rng.IntN(2)
	} else if s.rng.IntN(6) == 0 {
		delay = s.rng.IntN(4)
	}
	s.join(from, to, rate, rate, delay, max(rate, delay)+s.rng.IntN(4), false)
	// Room enough beside the delay tokens, so that parallel ways can't block each other.
	q := &s.g.FIFOs[len(s.g.FIFOs)-1]
	q.Capacity = max(q.Capacity, delay+rate)
}

// dynamic adds a dynamic part behind an actor, and returns its exit.
func (s *sketch) dynamic(from int) int {
	limits := [][2]int{{0, 1}, {0, 1}, {0, 3}, {1, 2}, {2, 4}}[s.rng.IntN(5)]
	variable := func(a, b int) {
		s.join(a, b, limits[0], limits[1], 0, limits[1]+s.rng.IntN(3), false)
	}
	config := s.actor(graph.Configuration)
	s.static(from, config)
	entry := s.actor(graph.Dynamic)
	s.static(from, entry)
	members := []int{entry}
	var ends []int
	for range 1 + s.rng.IntN(2) {
		last := entry
		for range s.rng.IntN(3) {
			next := s.actor(graph.DynamicProcessing)
			variable(last, next)
			members, last = append(members, next), next
		}
		ends = append(ends, last)
	}
	exit := s.actor(graph.Dynamic)
	s.static([]int{from, entry}[s.rng.IntN(2)], exit)
	for _, last := range ends {
		variable(last, exit)
	}
	for _, m := range append(members, exit) {
		s.join(config, m, 1, 1, 0, 1+s.rng.IntN(3), true)
	}
	return exit
}

// draw returns a random valid graph.
func draw(rng *rand.Rand) *graph.Graph {
	s := &sketch{rng: rng, g: &graph.Graph{Name: "drawn"}}
	last := s.actor(graph.StaticProcessing)
	for range 1 + rng.IntN(4) {
		if rng.IntN(4) == 0 {
			last = s.dynamic(last)
			continue
		}
		next := s.actor(graph.StaticProcessing)
		s.static(last, next)
		if a := rng.IntN(next); rng.IntN(3) == 0 && s.g.Actors[a].Kind != graph.DynamicProcessing {
			s.static(a, next)
		}
		last = next
	}
	for range rng.IntN(3) {
		if a := rng.IntN(len(s.g.Actors)); s.g.Actors[a].Kind != graph.DynamicProcessing && s.g.Actors[0].Kind == graph.StaticProcessing {
			s.static(a, 0)
		}
	}
	sink := s.actor(graph.StaticProcessing)
	s.static(last, sink)
	return s.g
}

// place draws a device for every actor, and gives boundary FIFOs the room they need.
func place(rng *rand.Rand, g *graph.Graph, devices int) []int {
	where := make([]int, len(g.Actors))
	for a := range where {
		where[a] = rng.IntN(devices)
	}
	for f, q := range g.FIFOs {
		if _, url := g.Rate(f); where[q.From] != where[q.To] && q.Delay > 0 {
			g.FIFOs[f].Capacity = max(q.Capacity, q.Delay+url)
		}
	}
	return where
}
