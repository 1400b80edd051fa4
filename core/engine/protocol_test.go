package engine_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/graphtest"
)

var (
	runs = flag.Int("protocol.runs", 2000, "seeded runs of every protocol test")
	seed = flag.Uint64("protocol.seed", 1, "first seed; with -protocol.runs 1, a single run")
)

// replay says how to see a failing run again.
func replay(t *testing.T, seed uint64, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("seed %d: %v\nreplay: go test ./core/engine -run '%s$' -protocol.seed %d -protocol.runs 1", seed, err, t.Name(), seed)
	}
}

// scenario is a run that a seed draws: a graph and where its actors lie.
func scenario(seed uint64) (*world, error) {
	rng := rand.New(rand.NewPCG(seed, 2))
	choices := make([]byte, 24+rng.IntN(49))
	for i := range choices {
		choices[i] = byte(rng.Uint32())
	}
	g := graphtest.FromBytes(choices)
	graphtest.CutRoom(g)
	where := make([]int, len(g.Actors))
	devices := 1 + rng.IntN(3)
	for a := range where {
		where[a] = rng.IntN(devices)
	}
	if err := graph.Validate(g); err != nil {
		return nil, fmt.Errorf("the drawn graph is wrong: %w", err)
	}
	return mapped(seed, g, where, 1+rng.IntN(3), int64(3+rng.IntN(10))), nil
}

// mapped cuts a graph over devices with the given numbers of lanes.
func mapped(seed uint64, g *graph.Graph, where []int, lanes int, frames int64) *world {
	slices := cut(g, where, lanes, frames)
	for _, s := range slices {
		for i := range s.Actors {
			s.Actors[i].Limit = frames
			s.Actors[i].Durable = g.Actors[s.Actors[i].Actor].Stateful
		}
	}
	return newWorld(seed, g, where, slices, frames)
}

// each runs and verifies scenarios for all seeds asked for.
func each(t *testing.T, prepare func(seed uint64, w *world) *world) {
	t.Helper()
	for s := *seed; s < *seed+uint64(*runs); s++ {
		w, err := scenario(s)
		if err == nil {
			w = prepare(s, w)
			err = w.run()
		}
		if err == nil {
			err = w.verify()
		}
		replay(t, s, err)
	}
}

// TestFaults runs drawn graphs while connections break and devices crash.
func TestFaults(t *testing.T) {
	each(t, func(seed uint64, w *world) *world {
		w.faults = faults{reconnects: int(seed % 4), crashes: int(seed / 4 % 5), downFor: 60}
		return w
	})
}

// TestFallback runs drawn graphs whose first device goes on alone when it has lost
// the other one.
func TestFallback(t *testing.T) {
	var all []*world
	each(t, func(seed uint64, w *world) *world {
		w = withFallback(seed, w)
		w.faults = faults{reconnects: int(seed % 3), crashes: int(seed / 3 % 4), partitions: int(seed / 12 % 3), downFor: 300}
		all = append(all, w)
		return w
	})
	if *runs > 100 && !slices.ContainsFunc(all, func(w *world) bool { return w.alone > 0 }) {
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
		if len(act.In) > 0 && len(act.Out) > 0 && !act.Stateful && a > 0 {
			where[a] = rng.IntN(2)
		}
	}
	for _, q := range g.FIFOs {
		if q.Delay > 0 {
			where[q.From] = 0
		}
	}
	w = mapped(seed, g, where, 1+rng.IntN(2), w.frames)
	if len(w.devices) == 2 {
		near, far := w.devices[0].slice, w.devices[1].slice
		near.Alone = &graph.Alone{Peer: far.Device, After: 20_000, Actors: far.Actors}
		for _, f := range far.FIFOs {
			if f.Role == graph.Local {
				near.Alone.FIFOs = append(near.Alone.FIFOs, f.FIFO)
			}
		}
		far.Spare = true
	}
	return w
}

// TestBrokenProtocols breaks the protocol in one way at a time: runs must show it,
// by wrong results, a stall, or an error of an engine.
func TestBrokenProtocols(t *testing.T) {
	for _, c := range []struct {
		name string
		bend bend
	}{
		{"no epochs", bend{noEpochs: true}},
		{"no removal of duplicates", bend{keepDoubles: true}},
		{"acknowledged on arrival", bend{earlyAcks: true}},
		{"one token beyond the credit", bend{creditBeyond: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for s := uint64(1); s <= 3000; s++ {
				w, err := scenario(s)
				if err != nil {
					t.Fatal(err)
				}
				w.faults = faults{reconnects: 3, crashes: 3, downFor: 60}
				w.bend = c.bend
				w.overdraw()
				if err = w.run(); err == nil {
					err = w.verify()
				}
				if err != nil {
					t.Logf("seed %d shows it: %.200v", s, err)
					return
				}
			}
			t.Error("no run shows it")
		})
	}
}

// overdraw makes senders believe in more credit than receivers have room.
func (w *world) overdraw() {
	if w.bend.creditBeyond == 0 {
		return
	}
	for _, d := range w.devices {
		generous := *w.g
		generous.FIFOs = slices.Clone(w.g.FIFOs)
		for _, f := range d.slice.FIFOs {
			if f.Role == graph.TX {
				generous.FIFOs[f.FIFO].Capacity += w.bend.creditBeyond
			}
		}
		d.slice.Graph = &generous
	}
}

// TestMemoryBound compares the tokens that devices hold with the bound that is
// stated for them: no run exceeds it, and some run comes within 20 %.
func TestMemoryBound(t *testing.T) {
	nearest := 0.0
	for s := uint64(1); s <= 500; s++ {
		w, err := scenario(s)
		if err == nil {
			err = w.run()
		}
		replay(t, s, err)
		for _, d := range w.devices {
			bound := graph.MemoryBound(d.slice)
			if d.most > bound {
				t.Errorf("seed %d: device %s held %d bytes of tokens, its bound is %d", s, d.name, d.most, bound)
			}
			if bound > 0 {
				nearest = max(nearest, float64(d.most)/float64(bound))
			}
		}
	}
	if nearest < .8 {
		t.Errorf("the nearest that a run comes to its bound is %.0f %%; the bound is too wide", 100*nearest)
	}
}

// TestOnlyControlTokensCross sends nothing else over a boundary for iterations
// with atr 0.
func TestOnlyControlTokensCross(t *testing.T) {
	g := gated(2)
	where := make([]int, len(g.Actors))
	where[3], where[4] = 1, 1 // the inner actors
	w := mapped(1, g, where, 1, 40)
	crossed := map[int]map[int64]bool{} // FIFO -> iterations
	w.sent = func(f *engine.Effect) {
		if crossed[f.FIFO] == nil {
			crossed[f.FIFO] = map[int64]bool{}
		}
		crossed[f.FIFO][int64(f.Seq)] = true // all rates are 1 at most
	}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	on := 0
	for n := range int64(40) {
		rate := w.rates[n]
		on += rate
		for f, q := range g.FIFOs {
			if where[q.From] == where[q.To] {
				continue
			}
			control := g.Actors[q.To].In[q.InPort].Control
			if crossed[f][n] != (control || rate > 0) {
				t.Errorf("iteration %d, atr %d: FIFO %s crossed: %v", n, rate, g.FIFOName(f), crossed[f][n])
			}
		}
	}
	if on == 0 || on == 40 {
		t.Errorf("the part was on in %d of 40 iterations", on)
	}
}
