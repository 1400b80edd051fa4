// Package analysis says what a graph will need before it runs: a schedule,
// bounds on memory and traffic, the critical path, the highest throughput and
// the capacities that reach it. It may not run or simulate anything.
package analysis

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Analyze computes the report of a graph that graph.Validate accepts. Without a
// mapping (nil) it has only what the graph alone tells. Errors wrap ErrMapping,
// ErrRange or graph.ErrDeadlock.
//
//   - Schedule: one firing of every actor, in precedence order. With symmetric
//     rates the repetition vector of Lee and Messerschmitt ("Synchronous data
//     flow", Proc. IEEE 75(9), 1987) is all ones, so this is one iteration, and
//     repeating it is a periodic admissible schedule of bounded memory. Inner
//     actors of a dynamic part are left out where its atr is 0; that the rest stays
//     a schedule is the decidability of PRUNE (Boutellier, Wu, Huttunen and
//     Bhattacharyya, "PRUNE: Dynamic and Decidable Dataflow for Signal Processing
//     on Heterogeneous Platforms", IEEE Trans. Signal Processing, 2018).
//   - FIFOs, Devices: an actor starts only when its tokens fit, so no FIFO exceeds
//     its capacity; a half of a FIFO counts whole, as in slice.Slice.FIFOBytes.
//   - Links, Units: sums over one iteration at the ends of the atr range. Both grow
//     with every atr, so these are bounds for all values between.
//   - Flows: see Flow, criticalPath, maxRatio and capacities for the theorems.
func Analyze(g *graph.Graph, m *Mapping) (*Report, error) {
	order, err := graph.Order(g)
	if err != nil {
		return nil, err
	}
	if m != nil {
		if err := m.check(g); err != nil {
			return nil, err
		}
	}
	r := &Report{Graph: g.Name, Actors: len(g.Actors)}
	parts := graph.DPGs(g)
	r.structure(g, parts, order)
	r.memory(g, m)
	if m == nil {
		return r, nil
	}
	r.Missing = m.missing(g)
	best, worst := atBest(g, m, parts), atWorst(g, m)
	r.traffic(g, m, &best, &worst)
	r.work(g, m, &best, &worst)
	shared := newSharing(g, m)
	for _, actors := range flows(g, order) {
		f := flow{g: g, m: m, sharing: shared, part: actors}
		flow, err := f.analyze(&best, &worst)
		if err != nil {
			return nil, fmt.Errorf("flow of actor %s: %w", flow.First, err)
		}
		r.Flows = append(r.Flows, flow)
	}
	return r, nil
}

// scenario is an iteration with one choice of all that may vary.
type scenario struct {
	cost   []int64 // by actor, ns
	tokens []int   // by FIFO
	skip   []bool  // by actor: it doesn't fire
	best   bool
}

// absent reports whether FIFO f carries nothing and nothing waits for it.
func (s *scenario) absent(f int) bool { return s.tokens[f] == 0 }

func atWorst(g *graph.Graph, m *Mapping) scenario {
	s := scenario{cost: make([]int64, len(g.Actors)), tokens: make([]int, len(g.FIFOs)), skip: make([]bool, len(g.Actors))}
	for a := range g.Actors {
		if m.Cost != nil {
			s.cost[a] = m.Cost[a].Worst
		}
	}
	for f := range g.FIFOs {
		_, s.tokens[f] = g.Rate(f)
	}
	return s
}

func atBest(g *graph.Graph, m *Mapping, parts []graph.DPG) scenario {
	s := atWorst(g, m)
	s.best = true
	for a := range g.Actors {
		if m.Cost != nil {
			s.cost[a] = m.Cost[a].Best
		}
	}
	for f := range g.FIFOs {
		s.tokens[f], _ = g.Rate(f)
	}
	for _, d := range parts {
		for _, a := range d.Inner {
			if d.LRL == 0 {
				s.skip[a], s.cost[a] = true, 0
			}
		}
	}
	return s
}
