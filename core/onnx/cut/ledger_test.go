package cut

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/dag"
	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// counted is what a cut costs by a look at every node, parameter and fusion.
func (g *costGraph) counted(h dag.Head) (c Cut) {
	full := h.Size == len(g.order)
	for k, macs := range g.macs {
		if h.Has(k) {
			c.HeadMACs = count.Add(c.HeadMACs, macs)
		} else {
			c.TailMACs = count.Add(c.TailMACs, macs)
		}
	}
	sides := func(nodes []int) (before, behind bool) {
		for _, k := range nodes {
			if full || k < len(g.order) && h.Has(k) {
				before = true
			} else {
				behind = true
			}
		}
		return before, behind
	}
	for _, p := range g.params {
		before, behind := sides(p.Users)
		if before {
			c.HeadParams = count.Add(c.HeadParams, p.Elements)
		}
		if behind {
			c.TailParams = count.Add(c.TailParams, p.Elements)
		}
	}
	for _, f := range g.fusions {
		if before, behind := sides(f.Nodes); before && behind {
			c.Broken = append(c.Broken, f.Name)
		}
	}
	return c
}

// checkCosts compares one sweep with a look at everything, for all cuts that are found,
// and proves that the neighbours of those that break a fusion break none.
func checkCosts(t require.TestingT, g *costGraph) {
	heads, _ := g.dag.Ideals(4096)
	l := g.newLedger()
	g.dag.Crossings(heads, func(i int, _ []int) {
		h := heads[i]
		want := g.counted(h)
		c, broken := l.cost(Cut{}, h)
		require.Equal(t, []int64{want.HeadMACs, want.TailMACs, want.HeadParams, want.TailParams},
			[]int64{c.HeadMACs, c.TailMACs, c.HeadParams, c.TailParams}, "head %v", h)
		require.Equal(t, want.Broken, c.Broken, "head %v", h)
		if whole, ok := g.whole(h, broken); ok && c.BreaksFusion {
			require.Empty(t, g.counted(whole).Broken, "head %v beside %v", whole, h)
		}
	})
}

func TestCostsOfRandomModels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, err := onnxtest.Random(t, 14).Parse()
		require.NoError(t, err)
		if g, err := newCostGraph(m); err == nil {
			checkCosts(t, g)
		}
	})
}

// Those have fusions.
func TestCostsOfModelsOfEveryKind(t *testing.T) {
	for _, model := range onnxtest.All() {
		t.Run(model.Name, func(t *testing.T) {
			m, err := model.Parse()
			require.NoError(t, err)
			g, err := newCostGraph(m)
			require.NoError(t, err)
			checkCosts(t, g)
		})
	}
}

// The neighbour of every cut that breaks a fusion is the nearest that breaks none.
func TestNeighboursAreTheNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cuts := make([]Cut, rapid.IntRange(2, 12).Draw(t, "cuts"))
		for i := range cuts {
			cuts[i].Name = string(rune('a' + i))
			cuts[i].BreaksFusion = i > 0 && i < len(cuts)-1 && rapid.Bool().Draw(t, "breaks")
		}
		want := make([]string, len(cuts))
		for i := range cuts {
			for d := 1; d < len(cuts) && cuts[i].BreaksFusion && want[i] == ""; d++ {
				for _, j := range []int{i - d, i + d} { // the later of two
					if j > 0 && j < len(cuts)-1 && !cuts[j].BreaksFusion {
						want[i] = cuts[j].Name
					}
				}
			}
		}
		neighbours(cuts)
		for i := range cuts {
			require.Equal(t, want[i], cuts[i].Instead, "of cut %d of %+v", i, cuts)
		}
	})
}
