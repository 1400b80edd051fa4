package engine_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
)

var (
	runs = flag.Int("protocol.runs", 2000, "seeded runs of the protocol")
	seed = flag.Uint64("protocol.seed", 1, "first seed")
)

// scenario is a run that a seed draws: a graph, where its actors lie, and what
// happens.
func scenario(seed uint64, f faults) (*world, error) {
	rng := rand.New(rand.NewPCG(seed, 2))
	g := draw(rng)
	devices := 1 + rng.IntN(3)
	where := place(rng, g, devices)
	if err := graph.Validate(g); err != nil {
		return nil, fmt.Errorf("the drawn graph is wrong: %w", err)
	}
	frames := int64(3 + rng.IntN(10))
	slices := cut(g, where, 1+rng.IntN(3), frames)
	for _, s := range slices {
		for i := range s.Actors {
			s.Actors[i].Limit = frames
			s.Actors[i].Durable = g.Actors[s.Actors[i].Actor].Stateful
		}
	}
	w := newWorld(seed, g, where, slices, frames)
	w.faults = f
	return w, nil
}

// TestAnyOrder runs drawn graphs without faults, with events in any order.
func TestAnyOrder(t *testing.T) {
	for s := *seed; s < *seed+uint64(*runs); s++ {
		once(t, s, faults{})
	}
}

// TestFaults runs drawn graphs while connections break and devices crash.
func TestFaults(t *testing.T) {
	for s := *seed; s < *seed+uint64(*runs); s++ {
		once(t, s, faults{reconnects: int(s % 4), crashes: int(s / 4 % 4), downFor: 30})
	}
}

// TestFallback runs drawn graphs whose first device goes on alone when it has lost
// the other one.
func TestFallback(t *testing.T) {
	alone := 0
	for s := *seed; s < *seed+uint64(*runs); s++ {
		w, err := scenario(s, faults{})
		if err == nil {
			w = withFallback(s, w)
			w.faults = faults{reconnects: int(s % 3), crashes: int(s / 3 % 4), partitions: int(s / 12 % 3), downFor: 300}
			err = w.run()
		}
		if err == nil {
			err = w.verify()
		}
		if err != nil {
			t.Fatalf("seed %d: %v", s, err)
		}
		alone += w.alone
	}
	if alone == 0 {
		t.Error("no device went on alone in any run")
	}
}

// withFallback maps the graph of a world to two devices, of which the second has
// actors only that leave nothing behind, and gives the first a fallback.
func withFallback(seed uint64, w *world) *world {
	rng := rand.New(rand.NewPCG(seed, 3))
	g := w.g
	where := make([]int, len(g.Actors))
	for a := range where {
		act := &g.Actors[a]
		if len(act.In) == 0 || len(act.Out) == 0 || act.Stateful || a == 0 {
			continue
		}
		where[a] = rng.IntN(2)
	}
	for f, q := range g.FIFOs {
		if q.Delay > 0 {
			where[q.From] = 0
			_, url := g.Rate(f)
			g.FIFOs[f].Capacity = max(q.Capacity, q.Delay+url)
		}
	}
	slices := cut(g, where, 1+rng.IntN(2), w.frames)
	for _, s := range slices {
		for i := range s.Actors {
			s.Actors[i].Limit = w.frames
			s.Actors[i].Durable = g.Actors[s.Actors[i].Actor].Stateful
		}
	}
	if len(slices) == 2 {
		alone := &graph.Alone{Peer: slices[1].Device, After: 20_000, Actors: slices[1].Actors}
		for _, f := range slices[1].FIFOs {
			if f.Role == graph.Local {
				alone.FIFOs = append(alone.FIFOs, f.FIFO)
			}
		}
		slices[0].Alone, slices[1].Spare = alone, true
	}
	return newWorld(seed, g, where, slices, w.frames)
}

func once(t *testing.T, seed uint64, f faults) {
	t.Helper()
	w, err := scenario(seed, f)
	if err == nil {
		err = w.run()
	}
	if err == nil {
		err = w.verify()
	}
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
}
