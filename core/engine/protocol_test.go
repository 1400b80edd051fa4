package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/engine/enginetest/world"
)

// verified runs a world and compares what its sinks recorded with what they have to.
func verified(w *world.World) error {
	err := w.Run()
	if err != nil {
		return err
	}
	return w.Verify()
}

// TestFaults runs drawn graphs while connections break and devices crash. Under every
// other seed messages are lost on open connections, too.
func TestFaults(t *testing.T) {
	world.Each(t, func(seed uint64) error {
		w, err := world.Draw(seed)
		if err != nil {
			return err
		}
		w.Faults = world.Faults{
			Reconnects: int(seed % 4), Crashes: int(seed / 4 % 5), DownEvents: 60, Silent: seed/20%2 == 0,
		}
		return verified(w)
	})
}

// TestFallback runs drawn graphs whose first device goes on alone when it has lost
// the other one.
func TestFallback(t *testing.T) {
	takenOver := 0
	world.Each(t, func(seed uint64) error {
		w, err := world.DrawFallback(seed)
		if err != nil {
			return err
		}
		w.Faults = world.Faults{
			Reconnects: int(seed % 3), Crashes: int(seed / 3 % 4), Partitions: int(seed / 12 % 3), DownEvents: 300,
			Silent: seed/36%2 == 0,
		}
		err = verified(w)
		takenOver += w.TakenOver()
		return err
	})
	if world.Runs() > 100 {
		assert.Positive(t, takenOver, "no device went on alone in any run")
	}
}

// TestBrokenProtocols breaks the protocol in one way at a time: runs must show it,
// by wrong results, a stall, or an error of an engine.
func TestBrokenProtocols(t *testing.T) {
	for _, c := range []struct {
		name   string
		breach world.Breach
		silent bool
	}{
		{"no epochs", world.Breach{NoEpochs: true}, false},
		{"no removal of duplicates", world.Breach{KeepDoubles: true}, false},
		{"acknowledged on arrival", world.Breach{EarlyAcks: true}, false},
		{"one token beyond the credit", world.Breach{CreditBeyond: 1}, false},
		{"nobody asks for what is overdue", world.Breach{NoChecks: true}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for s := uint64(1); s <= 3000; s++ {
				w, err := world.Draw(s)
				require.NoError(t, err)
				w.Faults = world.Faults{Reconnects: 3, Crashes: 3, DownEvents: 60, Silent: c.silent}
				w.Breach = c.breach
				if c.breach.CreditBeyond > 0 {
					w.Overdraw(c.breach.CreditBeyond)
				}
				err = verified(w)
				if err != nil {
					t.Logf("seed %d shows it: %.200v", s, err)
					return
				}
			}
			t.Error("no run shows it")
		})
	}
}

// TestMemoryBound compares the tokens that devices hold with the bound that is
// stated for them: no run exceeds it, and some run comes within 20 %.
func TestMemoryBound(t *testing.T) {
	nearest := 0.0
	for s := uint64(1); s <= 500; s++ {
		w, err := world.Draw(s)
		require.NoError(t, err, "seed %d", s)
		require.NoError(t, w.Run(), "seed %d", s)
		for d := range w.Devices() {
			most, bound := w.MostBytes(d), w.Slice(d).FIFOBytes()
			assert.LessOrEqual(t, most, bound, "seed %d: bytes of tokens on device %d", s, d)
			if bound > 0 {
				nearest = max(nearest, float64(most)/float64(bound))
			}
		}
	}
	assert.GreaterOrEqual(t, nearest, .8, "the nearest that a run comes to its bound: the bound is too wide")
}

// TestOnlyControlTokensCross sends nothing else over a boundary for iterations
// with atr 0.
func TestOnlyControlTokensCross(t *testing.T) {
	g := gated(2)
	deviceOf := make([]int, len(g.Actors))
	deviceOf[3], deviceOf[4] = 1, 1 // the inner actors
	w := world.Mapped(1, g, deviceOf, 1, 40)
	crossed := map[int]map[int64]bool{} // FIFO -> iterations
	w.OnSend = func(f *engine.Effect) {
		if crossed[f.FIFO] == nil {
			crossed[f.FIFO] = map[int64]bool{}
		}
		crossed[f.FIFO][int64(f.Seq)] = true // all rates are 1 at most
	}
	require.NoError(t, w.Run())
	on := 0
	for n := range int64(40) {
		rate := w.Rates()[n]
		on += rate
		for f, q := range g.FIFOs {
			if deviceOf[q.From] == deviceOf[q.To] {
				continue
			}
			control := g.Actors[q.To].In[q.InPort].Control
			assert.Equal(t, control || rate > 0, crossed[f][n], "iteration %d, atr %d: FIFO %s", n, rate, g.FIFOName(f))
		}
	}
	assert.Positive(t, on, "iterations in which the part was on")
	assert.Less(t, on, 40, "iterations in which the part was on")
}
