package dag

import (
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/graph/flow"
	"gonum.org/v1/gonum/graph/simple"
	"pgregory.net/rapid"
)

// TestMain has rapid draw 1,000 graphs a test, unless its flag says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "1000"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

// random draws a graph in which every node leads to an exit: shared values,
// several outputs, several values a node, nodes that need nothing, values that
// nothing may send.
func random(t *rapid.T, most int) *Graph {
	nodes := rapid.IntRange(1, most).Draw(t, "nodes")
	var values []Value
	weight := func() int64 {
		if rapid.IntRange(0, 9).Draw(t, "never") == 0 {
			return Never
		}
		return rapid.Int64Range(0, 9).Draw(t, "weight")
	}
	for range rapid.IntRange(0, 2).Draw(t, "sources") {
		values = append(values, Value{From: Source, Weight: weight()})
	}
	for n := range nodes {
		for _, v := range rapid.SliceOfNDistinct(rapid.IntRange(0, max(len(values)-1, 0)), 0, min(3, len(values)),
			rapid.ID).Draw(t, "uses") {
			values[v].To = append(values[v].To, n)
		}
		for range rapid.IntRange(1, 2).Draw(t, "makes") {
			values = append(values, Value{From: n, Weight: weight(), Out: rapid.IntRange(0, 5).Draw(t, "out") == 0})
		}
	}
	for i := range values { // every node must lead out
		if len(values[i].To) == 0 && rapid.IntRange(0, 3).Draw(t, "drop") > 0 {
			values[i].Out = true
		}
	}
	used := make([]bool, nodes)
	for i := len(values) - 1; i >= 0; i-- {
		v := &values[i]
		if v.From != Source && (v.Out || len(v.To) > 0) {
			used[v.From] = true
		}
		if v.From != Source && (i == 0 || values[i-1].From != v.From) && !used[v.From] {
			v.Out = true
		}
	}
	return New(nodes, values)
}

// all finds the down-sets by trying every set of nodes.
func all(g *Graph) []Set {
	var sets []Set
	for bits := range uint64(1) << g.Nodes() {
		s := Set{bits}
		closed := true
		for n := range g.Nodes() {
			closed = closed && (!s.Has(n) || g.may(n, s))
		}
		if closed {
			sets = append(sets, s)
		}
	}
	return sets
}

// sendableSets leaves out what would send a value of weight Never.
func sendableSets(g *Graph, sets []Set) []Set {
	return slices.DeleteFunc(sets, func(s Set) bool {
		return s.Len() > 0 && s.Len() < g.Nodes() && g.Weight(g.crossing(s)) == Never
	})
}

func keys(sets []Set) []string {
	var out []string
	for _, s := range sets {
		out = append(out, s.Key())
	}
	slices.Sort(out)
	return out
}

func TestIdealsAreAllDownSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := random(t, 10)
		heads, complete := g.Ideals(1 << 20)
		want := sendableSets(g, all(g))
		require.True(t, complete, "%d heads (complete: %v), exhaustive search finds %d, of %+v", len(heads), complete,
			len(want), g.Values)
		require.Equal(t, keys(want), keys(setsOf(heads, g.Nodes())),
			"%d heads (complete: %v), exhaustive search finds %d, of %+v", len(heads),
			complete, len(want), g.Values)
		for i := range heads[1:] {
			require.LessOrEqual(t, heads[i].Size, heads[i+1].Size, "heads are not sorted by size")
		}
		few, _ := g.Ideals(1)
		for _, h := range few {
			require.Contains(t, keys(setsOf(heads, g.Nodes())), setOf(h, g.Nodes()).Key(), "the bounded search made up")
		}
	})
}

func TestSingleIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := random(t, 10)
		want := map[int]bool{}
		for _, s := range all(g) {
			if c := g.crossing(s); len(c) == 1 {
				want[c[0]] = true
			}
		}
		got := g.Single()
		for _, v := range got {
			require.True(t, want[v], "value %d is no cut of %+v", v, g.Values)
		}
		require.Len(t, got, len(want), "single cuts %v, exhaustive search finds %v, of %+v", got, want, g.Values)
	})
}

// The dominators of the exit by gonum's implementation of Lengauer and Tarjan.
func TestSingleAgainstLengauerTarjan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := random(t, 40)
		if _, free := g.reached(); free || g.sourceless() {
			return
		}
		d := simple.NewDirectedGraph()
		n := g.Nodes()
		entry, exit := int64(n+len(g.Values)), int64(n+len(g.Values)+1)
		edge := func(a, b int64) { d.SetEdge(simple.Edge{F: simple.Node(a), T: simple.Node(b)}) }
		for i, v := range g.Values {
			at := int64(n + i)
			if v.From == Source {
				edge(entry, at)
			} else {
				edge(int64(v.From), at)
			}
			for _, to := range v.To {
				edge(at, int64(to))
			}
			if v.Out {
				edge(at, exit)
			}
		}
		tree := flow.Dominators(simple.Node(entry), d)
		var want []int
		for at := tree.DominatorOf(exit); at != nil && at.ID() != entry; at = tree.DominatorOf(at.ID()) {
			if v := int(at.ID()) - n; v >= 0 {
				want = append(want, v)
			}
		}
		slices.Sort(want)
		got := g.Single()
		require.Equal(t, want, got, "Single() = %v, dominators %v of %+v", got, want, g.Values)
	})
}

func TestLeastIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := random(t, 10)
		sets := all(g)
		for i, head := range g.Least() {
			k := i + 1
			best, fewest := int64(Never), math.MaxInt
			for _, s := range sets {
				if c := g.crossing(s); s.Has(k-1) && !s.Has(k) {
					if w := g.Weight(c); w < best || w == best && len(c) < fewest {
						best, fewest = w, len(c)
					}
				}
			}
			if head == nil {
				require.EqualValues(t, Never, best, "depth %d: none found, exhaustive search finds weight %d, of %+v", k, best,
					g.Values)
				continue
			}
			c := g.Crossing(*head)
			require.True(t, head.Has(k-1), "depth %d: head %v of weight %d, exhaustive search finds weight %d, of %+v", k, head,
				g.Weight(c), best, g.Values)
			require.False(t, head.Has(k), "depth %d: head %v of weight %d, exhaustive search finds weight %d, of %+v", k, head,
				g.Weight(c), best, g.Values)
			require.Contains(t, keys(sets), setOf(*head, g.Nodes()).Key(),
				"depth %d: head %v of weight %d, exhaustive search finds weight %d, of %+v", k, head, g.Weight(c), best, g.Values)
			require.Equal(t, best, g.Weight(c), "depth %d: head %v of weight %d, exhaustive search finds weight %d, of %+v", k,
				head, g.Weight(c), best, g.Values)
			require.Len(t, c, fewest, "depth %d: head %v of weight %d, exhaustive search finds weight %d, of %+v", k, head,
				g.Weight(c), best, g.Values)
		}
	})
}

func TestBlocksCoverTheNodes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := random(t, 40)
		at := 0
		for _, b := range g.Blocks() {
			require.Equal(t, at, b.First, "block %+v after node", b)
			require.Greater(t, b.End, at, "block %+v after node", b)
			at = b.End
			c := g.Crossing(Head{Size: b.End})
			if b.End < g.Nodes() {
				require.Len(t, c, 1, "block %+v ends with %v of %+v", b, c, g.Values)
			}
		}
		require.Equal(t, g.Nodes(), at, "the blocks end at %d of %d nodes", at, g.Nodes())
	})
}

// ladder is one block: two chains of n nodes each, with a rung between them at
// every tenth step.
func ladder(n int) *Graph {
	values := []Value{{From: Source, To: []int{0, 1}, Weight: 100}}
	for i := range 2 * n {
		v := Value{From: i, Weight: int64(50 + i*7%40)}
		if i+2 < 2*n {
			v.To = append(v.To, i+2)
			if i%20 == 0 {
				v.To = append(v.To, i+3)
			}
		} else {
			v.Out = true
		}
		values = append(values, v)
	}
	return New(2*n, values)
}

func BenchmarkLeast(b *testing.B) {
	for _, n := range []int{250, 500} {
		b.Run(fmt.Sprint(2*n, " nodes in one block"), func(b *testing.B) {
			g := ladder(n)
			for b.Loop() {
				g.Least()
			}
		})
	}
}
