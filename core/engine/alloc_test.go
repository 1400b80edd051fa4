package engine_test

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
)

// spin runs an engine on its own: every firing completes at once, every token
// sent is acknowledged at once. It stops after n firings.
type spin struct {
	e       *engine.Engine
	pending []engine.Event
	effects []engine.Effect
}

func (s *spin) run(t testing.TB, n int) {
	for n > 0 {
		last := len(s.pending) - 1
		ev := s.pending[last]
		s.pending = s.pending[:last]
		var err error
		if s.effects, err = s.e.Step(0, ev, s.effects[:0]); err != nil {
			t.Fatal(err)
		}
		for _, f := range s.effects {
			switch f.Kind {
			case engine.Fire:
				s.pending = append(s.pending, engine.Event{Kind: engine.FiringDone, Actor: f.Actor})
				n--
			case engine.Send:
				s.pending = append(s.pending, engine.Event{Kind: engine.Ack, FIFO: f.FIFO, Seq: f.Seq + 1})
			}
		}
	}
}

func newSpin(t testing.TB, s *graph.Slice) *spin {
	return &spin{e: engineOf(t, s), pending: []engine.Event{start}}
}

func TestStepAllocatesNothing(t *testing.T) {
	for _, lanes := range []int{1, 3} {
		s := newSpin(t, cut(build(14, chain(14, 2)...), []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, lanes, 0)[0])
		s.run(t, 1000)
		if n := testing.AllocsPerRun(10, func() { s.run(t, 1000) }); n != 0 {
			t.Errorf("%d lanes: %v allocations in 1000 firings, want 0", lanes, n)
		}
	}
}

// BenchmarkEngineFiring reports the engine's time per firing in a chain of 14
// actors that share one lane.
func BenchmarkEngineFiring(b *testing.B) {
	s := newSpin(b, cut(build(14, chain(14, 2)...), make([]int, 14), 1, 0)[0])
	b.ReportAllocs()
	b.ResetTimer()
	s.run(b, b.N)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N), "ns/firing")
}
