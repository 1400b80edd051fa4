package engine_test

import (
	"fmt"
	"testing"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// spin runs an engine on its own: every firing completes at once, every token
// sent is acknowledged and every record is durable at once. It stops after n firings.
type spin struct {
	e       *engine.Engine
	rate    int // that configuration actors set: 0 and 1 in turn if negative
	turn    int
	pending []engine.Event
	saves   []engine.Event
	effects []engine.Effect
}

func (s *spin) run(t testing.TB, n int) {
	for n > 0 {
		for _, r := range s.saves {
			if _, err := s.e.Step(0, r, nil); err != nil { // an assertion would take longer than the engine
				require.NoError(t, err)
			}
		}
		s.saves = s.saves[:0]
		last := len(s.pending) - 1
		ev := s.pending[last]
		s.pending = s.pending[:last]
		var err error
		if s.effects, err = s.e.Step(0, ev, s.effects[:0]); err != nil {
			require.NoError(t, err)
		}
		for i := range s.effects {
			f := &s.effects[i]
			switch f.Kind {
			case engine.Fire:
				s.turn ^= 1
				rate := s.rate
				if rate < 0 {
					rate = s.turn
				}
				s.pending = append(s.pending, engine.Event{Kind: engine.FiringDone, Actor: f.Actor, Rate: rate})
				n--
			case engine.Send:
				s.pending = append(s.pending, engine.Event{
					Kind: engine.Ack, TokenID: boundary.TokenID{FIFO: f.FIFO, Seq: f.Seq + 1, From: f.To, To: f.From},
				})
			case engine.Save:
				s.saves = append(s.saves, engine.Event{Kind: engine.Saved, Actor: f.Actor, Firing: f.Firing + 1})
			}
		}
	}
}

func newSpin(t testing.TB, s *slice.Slice) *spin {
	return &spin{e: engineOf(t, s), rate: -1, pending: []engine.Event{start}}
}

// workloads are what the engine's speed is stated for.
func workloads() map[string]*slice.Slice {
	whole := func(g *graph.Graph, lanes int) *slice.Slice { return cut(g, make([]int, len(g.Actors)), lanes, 0)[0] }
	return map[string]*slice.Slice{
		"chain of 14":         whole(build(14, chain(14, 2)...), 1),
		"chain of 14, cut":    cut(build(14, chain(14, 2)...), []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 1, 0)[0],
		"SDF graph of 1000":   whole(mesh(1000), 4),
		"chain of 10000":      whole(build(10000, chain(10000, 2)...), 1),
		"dynamic part of 12":  whole(gated(10), 1),
		"dynamic part, 1000s": whole(gated(1000), 1),
	}
}

// mesh is a graph of n actors with rates 1 to 3, forks, joins and feedback.
func mesh(n int) *graph.Graph {
	var links []link
	for i := 1; i < n; i++ {
		links = append(links, link{from: i - 1, to: i, rate: 1 + i%3})
		if i%5 == 0 {
			links = append(links, link{from: i - 5, to: i})
		}
		if i%50 == 0 {
			links = append(links, link{from: i, to: i - 49, delay: 2, capacity: 4})
		}
	}
	return build(n, links...)
}

// gated is a source, a configuration actor, and a dynamic part of an entry, n
// inner actors and an exit.
func gated(n int) *graph.Graph {
	g := &graph.Graph{Name: "gated"}
	add := func(kind graph.Kind) int {
		g.Actors = append(g.Actors, graph.Actor{Name: fmt.Sprintf("a%d", len(g.Actors)), Kind: kind})
		return len(g.Actors) - 1
	}
	source, config, entry := add(graph.StaticProcessing), add(graph.Configuration), add(graph.Dynamic)
	join(g, source, config, 1, 1, 2, false)
	join(g, source, entry, 1, 1, 2, false)
	last, members := entry, []int{entry}
	for range n {
		next := add(graph.DynamicProcessing)
		join(g, last, next, 0, 1, 2, false)
		members, last = append(members, next), next
	}
	exit := add(graph.Dynamic)
	join(g, last, exit, 0, 1, 2, false)
	join(g, entry, exit, 1, 1, n+3, false)
	for _, m := range append(members, exit) {
		join(g, config, m, 1, 1, n+3, true)
	}
	return g
}

func TestStepAllocatesNothing(t *testing.T) {
	for name, w := range workloads() {
		s := newSpin(t, w)
		s.run(t, 100_000)
		n := testing.AllocsPerRun(10, func() { s.run(t, 1000) })
		assert.Equal(t, 0.0, n, "%s: %v allocations in 1000 firings, want 0", name, n)
	}
}

func benchmarkFiring(b *testing.B, name string) {
	s := newSpin(b, workloads()[name])
	s.run(b, 100_000)
	b.ReportAllocs()
	b.ResetTimer()
	s.run(b, b.N)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/firing")
}

// The benchmarks report the engine's time per firing, with that of the harness.

func BenchmarkEngineFiringChain14(b *testing.B)    { benchmarkFiring(b, "chain of 14") }
func BenchmarkEngineFiringCut14(b *testing.B)      { benchmarkFiring(b, "chain of 14, cut") }
func BenchmarkEngineFiringSDF1000(b *testing.B)    { benchmarkFiring(b, "SDF graph of 1000") }
func BenchmarkEngineFiringDPG(b *testing.B)        { benchmarkFiring(b, "dynamic part of 12") }
func BenchmarkEngineFiringDPG1000(b *testing.B)    { benchmarkFiring(b, "dynamic part, 1000s") }
func BenchmarkEngineFiringChain10000(b *testing.B) { benchmarkFiring(b, "chain of 10000") }
