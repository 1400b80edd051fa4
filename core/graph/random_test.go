package graph_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/graph/graphtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func randomBytes(r *rand.Rand, n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return data
}

// Valid graphs are accepted, and every single violation is found.
func TestRandomViolationsAreFound(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	found := map[error]int{}
	for i := range 10_000 {
		data := randomBytes(r, 96)
		g := graphtest.FromBytes(data)
		require.NoError(t, graph.Validate(g), "graph %d is refused", i)
		rule := graphtest.SpoilBytes(randomBytes(r, 8), g)
		err := graph.Validate(g)
		require.ErrorIs(t, err, rule, "graph %d of %v", i, data)
		for line := range strings.SplitSeq(err.Error(), "\n") {
			require.Contains(t, line, ": ", "graph %d: %q names nothing", i, line)
		}
		found[rule]++
	}
	for _, rule := range rules {
		assert.GreaterOrEqual(t, found[rule], 20, "rule %q was broken %d times only", rule, found[rule])
	}
}

// A random valid graph has an order that feeds every actor, and its dynamic parts
// are what joins their members.
func TestRandomGraphsOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		g := graphtest.FromBytes(randomBytes(r, 96))
		order, err := graph.Order(g)
		require.NoError(t, err)
		require.Len(t, order, len(g.Actors))
		at := make([]int, len(order))
		for i, a := range order {
			at[a] = i
		}
		for f, q := range g.FIFOs {
			_, url := g.Rate(f)
			if q.Delay < url {
				require.Less(t, at[q.From], at[q.To], "%s: the consumer comes first", g.FIFOName(f))
			}
		}
		for _, d := range graph.DPGs(g) {
			members := d.Members()
			require.GreaterOrEqual(t, d.Config, 0, "part")
			require.NotEmpty(t, d.Entries, "part")
			require.NotEmpty(t, d.Exits, "part")
			require.GreaterOrEqual(t, len(members), 2, "part")
		}
	}
}

// Validate takes any graph, however its parts fit together.
func FuzzValidate(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		f.Add(randomBytes(r, 96), randomBytes(r, 12))
	}
	f.Fuzz(func(_ *testing.T, choices, breaks []byte) {
		g := graphtest.FromBytes(choices)
		corrupt(g, breaks)
		_ = graph.Validate(g)
	})
}

func TestValidateTakesAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for i := range 20_000 {
		g := graphtest.FromBytes(randomBytes(r, 96))
		corrupt(g, randomBytes(r, r.IntN(24)))
		_ = graph.Validate(g)
		if i%2000 == 0 {
			err := graph.Validate(&graph.Graph{Actors: make([]graph.Actor, 3), FIFOs: make([]graph.FIFO, i%7)})
			require.Error(t, err, "empty actors are accepted")
		}
	}
}

// corrupt writes small numbers, as the bytes say, anywhere in a graph.
func corrupt(g *graph.Graph, data []byte) {
	kinds := append(graph.Kinds(), "", "odd")
	for ; len(data) >= 3; data = data[3:] {
		n := int(data[2]%8) - 2
		a, q := &g.Actors[int(data[1])%len(g.Actors)], &graph.FIFO{}
		if len(g.FIFOs) > 0 {
			q = &g.FIFOs[int(data[1])%len(g.FIFOs)]
		}
		switch data[0] % 14 {
		case 0:
			q.From = n
		case 1:
			q.To = n
		case 2:
			q.InPort = n
		case 3:
			q.OutPort = n
		case 4:
			q.Delay, q.Capacity = n, n*n*n
		case 5:
			a.In = nil
		case 6:
			a.Out = nil
		case 7:
			a.Kind = kinds[int(data[2])%len(kinds)]
		case 8:
			a.Kernel = graph.Relay
		case 9:
			for i := range a.In {
				a.In[i].Control = n%2 == 0
			}
		case 10:
			for i := range a.Out {
				a.Out[i].Control = n%2 == 0
			}
		case 11:
			for i := range a.Out {
				a.Out[i].LRL, a.Out[i].URL = n, n*n
			}
		case 12:
			for i := range a.In {
				a.In[i].LRL, a.In[i].URL = 0, n
			}
		case 13:
			for i := range a.Out {
				a.Out[i].Type = graph.TokenType{Elem: "bytes", Shape: make([]int64, max(n, 0))}
			}
		}
	}
}
