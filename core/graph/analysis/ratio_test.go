package analysis

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func randomEdges(t *rapid.T) (int, []edge) {
	n := rapid.IntRange(1, 6).Draw(t, "events")
	event := rapid.Int32Range(0, int32(n-1))
	var edges []edge
	for range rapid.IntRange(0, 14).Draw(t, "edges") {
		e := edge{from: event.Draw(t, "from"), to: event.Draw(t, "to"), wait: rapid.Int64Range(0, 50).Draw(t, "wait"),
			dist: rapid.Int64Range(0, 4).Draw(t, "dist")}
		if e.to <= e.from {
			e.dist++ // no cycle without distance
		}
		edges = append(edges, e)
	}
	return n, edges
}

// every calls f with each simple cycle of the edges.
func every(n int, edges []edge, f func(c []int32)) {
	var path []int32
	on := make([]bool, n)
	var walk func(first, at int32)
	walk = func(first, at int32) {
		on[at] = true
		for i, e := range edges {
			if e.from != at {
				continue
			}
			path = append(path, int32(i))
			if e.to == first {
				f(path)
			} else if e.to > first && !on[e.to] {
				walk(first, e.to)
			}
			path = path[:len(path)-1]
		}
		on[at] = false
	}
	for first := range int32(n) {
		walk(first, first)
	}
}

func ratioOf(edges []edge, c []int32) ratio {
	var wait, dist int64
	for _, i := range c {
		wait, dist = wait+edges[i].wait, dist+edges[i].dist
	}
	return newRatio(wait, dist)
}

func TestMaxRatioIsThatOfTheWorstSimpleCycle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, edges := randomEdges(t)
		want := ratio{0, 1}
		every(n, edges, func(c []int32) {
			if r := ratioOf(edges, c); r.compare(want) > 0 {
				want = r
			}
		})
		got, cycle, err := newSolver(n, edges).maxRatio()
		require.NoError(t, err)
		require.Equal(t, want, got)
		if got.num == 0 {
			return
		}
		assert.Equal(t, want, ratioOf(edges, cycle), "critical cycle %v", cycle)
		for i, at := range cycle {
			assert.Equal(t, edges[cycle[(i+1)%len(cycle)]].from, edges[at].to, "edges %v are no cycle", cycle)
		}
	})
}

func TestMaxRatioRefuses(t *testing.T) {
	_, cycle, err := newSolver(2, []edge{{from: 0, to: 1, wait: 3}, {from: 1, to: 0}}).maxRatio()
	require.ErrorIs(t, err, graph.ErrDeadlock, "a cycle without tokens")
	assert.Len(t, cycle, 2, "a cycle without tokens")
	_, _, err = newSolver(1, []edge{{wait: math.MaxInt64 / 2, dist: 1}}).maxRatio()
	assert.ErrorIs(t, err, ErrRange, "292 years")
	_, _, err = newSolver(1, []edge{{wait: 1 << 40, dist: 1}, {dist: math.MaxInt64 / 2}}).maxRatio()
	assert.ErrorIs(t, err, ErrRange, "a delay of 2^62 tokens")
}

func TestRatio(t *testing.T) {
	a, b := newRatio(10, 4), newRatio(7, 3)
	assert.Equal(t, (ratio{5, 2}), a)
	assert.Equal(t, 1, a.compare(b))
	assert.Equal(t, -1, b.compare(a))
	assert.Equal(t, 0, a.compare(ratio{5, 2}))
	assert.Equal(t, 2.5, a.float())
	const big = math.MaxInt64
	assert.Equal(t, -1, (ratio{big, big - 1}).compare(ratio{big - 1, big - 2}), "large numbers compare wrongly")
	assert.Equal(t, (ratio{0, 1}), newRatio(0, 7), "large numbers compare wrongly")
}

// Once its effort is spent, a search leaves a capacity as it is.
func TestSearchIsCut(t *testing.T) {
	sv := newSolver(2, []edge{{from: 0, to: 1, wait: 5}, {from: 1, to: 0, wait: 5, dist: 9, why: room}})
	period := ratio{5, 1}
	sv.longest(period)
	l := lowerer{solver: sv, period: period, dist: make([]int64, 2), round: make([]int32, 2), settled: make([]bool, 2)}
	r := &sv.edges[1]
	require.False(t, l.lower(r, 1), "lowered to %d without effort", r.dist)
	assert.EqualValues(t, 9, r.dist, "lowered to %d without effort", r.dist)
	l.left = 10
	r = &sv.edges[1]
	require.True(t, l.lower(r, 1), "lowered to %d, want 2", r.dist)
	assert.EqualValues(t, 2, r.dist, "lowered to %d, want 2", r.dist)
}
