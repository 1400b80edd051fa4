package dag

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Heads are sets, whatever they were made of: compared with sets of a bit a node.
func TestHeadsAreSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "nodes")
		h, set := Head{}, NewSet(n)
		for range rapid.IntRange(0, n).Draw(t, "size") {
			var free []int
			for i := range n {
				if !set.Has(i) {
					free = append(free, i)
				}
			}
			if len(free) == 0 {
				break
			}
			i := rapid.SampledFrom(free).Draw(t, "node")
			before, old := h, setOf(h, n)
			h = h.plus(i)
			set.Add(i)
			require.Equal(t, old, setOf(before, n), "a head changed when another was made of it")
		}
		require.Equal(t, set, setOf(h, n))
		require.Equal(t, set.Len(), h.Size)
		k := rapid.IntRange(0, n).Draw(t, "first nodes")
		var with, without []int
		for i := range n {
			if i < k && !set.Has(i) {
				without = append(without, i)
			}
			if i >= k && set.Has(i) {
				with = append(with, i)
			}
		}
		again := newHead(k, with, without)
		require.Equal(t, h.Key(), again.Key(), "%v and %v are one set", h, again)
		require.Equal(t, set, setOf(again, n))
	})
}

func TestGrownAndShrunk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := random(t, 10)
		n := g.Nodes()
		sets := all(g)
		start := rapid.SampledFrom(sets).Draw(t, "head")
		h := Head{}
		for i := range n { // in order, so that all it needs is there
			if start.Has(i) {
				h = h.plus(i)
			}
		}
		nodes := rapid.SliceOfN(rapid.IntRange(0, n-1), 0, 3).Draw(t, "nodes")
		smallest, largest := -1, -1
		for i, s := range sets {
			holds := func(a, b Set) bool { return a[0]&^b[0] == 0 }
			has := func(k int) bool { return s.Has(k) }
			if holds(start, s) && !slices.ContainsFunc(nodes, func(k int) bool { return !has(k) }) &&
				(smallest < 0 || s.Len() < sets[smallest].Len()) {
				smallest = i
			}
			if holds(s, start) && !slices.ContainsFunc(nodes, has) && (largest < 0 || s.Len() > sets[largest].Len()) {
				largest = i
			}
		}
		grown, _ := g.Grown(h, nodes)
		shrunk, _ := g.Shrunk(h, nodes)
		require.Equal(t, sets[smallest], setOf(grown, n))
		require.Equal(t, sets[largest], setOf(shrunk, n))
	})
}

// One sweep finds what crosses behind every head; so does a look at every value.
func TestCrossingsAreThoseOfEveryHead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := random(t, 10)
		heads, _ := g.Ideals(1 << 20)
		visited := make([]bool, len(heads))
		g.Crossings(heads, func(i int, sent []int) {
			visited[i] = true
			want := g.Crossing(heads[i])
			require.True(t, slices.Equal(want, sent), "head %v sends %v, the sweep says %v, of %+v", heads[i], want, sent,
				g.Values)
		})
		require.NotContains(t, visited, false)
		for i, width := range g.Widths(heads) {
			require.Len(t, g.Crossing(heads[i]), width, "behind head %v of %+v", heads[i], g.Values)
		}
	})
}
