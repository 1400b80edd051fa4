package engine_test

import (
	"errors"
	"flag"
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/engine/enginetest/world"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/graphtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain has rapid draw 10,000 graphs a test, unless its flag says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "10000"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

// drawn draws a mapping of a graph, and an order of events by its seed.
func drawn(t *rapid.T, g *graph.Graph, devices int) *world.World {
	where := make([]int, len(g.Actors))
	for a := range where {
		where[a] = rapid.IntRange(0, devices-1).Draw(t, "device")
	}
	return world.Mapped(rapid.Uint64().Draw(t, "order"), g, where, rapid.IntRange(1, 3).Draw(t, "lanes"), 5)
}

// TestRandomGraphs runs valid graphs, cut over one to three devices, with events in
// any order: they complete within the bounds of their FIFOs, and the sinks'
// streams are those of a naive interpreter.
func TestRandomGraphs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Random(t)
		graphtest.CutRoom(g)
		require.NoError(t, graph.Validate(g), "a valid graph is refused")
		w := drawn(t, g, rapid.IntRange(1, 3).Draw(t, "devices"))
		require.NoError(t, w.Run())
		require.NoError(t, w.Verify())
	})
}

// TestSpoiledGraphs breaks one rule of valid graphs: Validate names it.
func TestSpoiledGraphs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Random(t)
		rule := graphtest.Spoil(t, g)
		err := graph.Validate(g)
		require.ErrorIs(t, err, rule, "got %v, want the rule", err)
	})
}

// TestValidateForeseesStalls gives FIFOs any delay tokens and capacities. Graphs
// that Validate accepts run to completion; of those that it refuses for want of
// tokens or room, none does.
func TestValidateForeseesStalls(t *testing.T) {
	accepted, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Random(t)
		for range rapid.IntRange(1, 3).Draw(t, "changes") {
			f := rapid.IntRange(0, len(g.FIFOs)-1).Draw(t, "FIFO")
			if g.Variable(f) || g.Actors[g.FIFOs[f].To].In[g.FIFOs[f].InPort].Control {
				continue
			}
			g.FIFOs[f].Delay = rapid.IntRange(0, 4).Draw(t, "delay")
			g.FIFOs[f].Capacity = rapid.IntRange(1, 8).Draw(t, "capacity")
		}
		err := graph.Validate(g)
		w := drawn(t, g, 1)
		ran := w.Run()
		switch {
		case err == nil && ran != nil:
			t.Fatalf("accepted, but: %v", ran)
		case err != nil && ran == nil:
			t.Fatalf("refused, but it runs to completion: %v", err)
		case err != nil && !errors.Is(ran, world.ErrStall) && !errors.Is(ran, engine.ErrSlice):
			t.Fatalf("refused, and the run ends with %v", ran)
		case err == nil:
			accepted++
		default:
			refused++
		}
	})
	assert.NotEqual(t, 0, accepted, "%d graphs were accepted and %d refused: the test shows nothing", accepted, refused)
	assert.NotEqual(t, 0, refused, "%d graphs were accepted and %d refused: the test shows nothing", accepted, refused)
}
