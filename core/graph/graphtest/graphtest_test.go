package graphtest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/graphtest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const graphs = 10_000

// random returns bytes to choose from; the seed is the test's own number.
func random(r *rand.Rand) []byte {
	data := make([]byte, 96)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return data
}

// Validate accepts every random graph, and the graphs hold what they promise.
func TestRandomGraphsAreValid(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var parts [3]int
	relays, feedbacks, delays, stateful, skippable, rates := 0, 0, 0, 0, 0, 0
	for i := range graphs {
		g := graphtest.FromBytes(random(r))
		err := graph.Validate(g)
		require.NoError(t, err, "graph %d: %v\n%+v", i, err, *g)
		require.LessOrEqual(t, len(g.Actors), 30, "graph %d has %d actors", i, len(g.Actors))
		dpgs := graph.DPGs(g)
		parts[len(dpgs)]++
		for _, d := range dpgs {
			relays += len(d.Relays)
			if d.LRL == 0 && len(d.Inner) > 0 {
				skippable++
			}
		}
		for f, q := range g.FIFOs {
			if q.Delay > 0 {
				delays++
			}
			if q.To < q.From && q.Delay > 0 {
				feedbacks++
			}
			if _, url := g.Rate(f); url > 1 && !g.Variable(f) {
				rates++
			}
		}
		for _, a := range g.Actors {
			if a.Stateful {
				stateful++
			}
			if len(a.In) == 0 {
				require.Equal(t, "s0", a.Name, "graph %d: %s is a source, too", i, a.Name)
			}
		}
		graphtest.CutRoom(g)
		require.NoError(t, graph.Validate(g), "graph %d with more room", i)
	}
	for _, n := range []int{parts[0], parts[1], parts[2], relays, feedbacks, delays, stateful, skippable, rates} {
		if n < graphs/50 {
			t.Errorf("parts %v, %d relays, %d feedbacks, %d FIFOs with delay, %d with state, %d skippable, %d multi-rate", parts,
				relays, feedbacks, delays, stateful, skippable, rates)
			break
		}
	}
}

func TestRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := graphtest.Random(t)
		require.NoError(t, graph.Validate(g))
		rule := graphtest.Spoil(t, g)
		require.ErrorIs(t, graph.Validate(g), rule)
	})
}
