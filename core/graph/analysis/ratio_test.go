package analysis

import (
	"errors"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/graph"
	"pgregory.net/rapid"
)

func randomEdges(t *rapid.T) (int, []edge) {
	n := rapid.IntRange(1, 6).Draw(t, "events")
	event := rapid.Int32Range(0, int32(n-1))
	var edges []edge
	for range rapid.IntRange(0, 14).Draw(t, "edges") {
		e := edge{from: event.Draw(t, "from"), to: event.Draw(t, "to"), wait: rapid.Int64Range(0, 50).Draw(t, "wait"), dist: rapid.Int64Range(0, 4).Draw(t, "dist")}
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
		if err != nil || got != want {
			t.Fatalf("%v of %v (%v), want %v", got, cycle, err, want)
		}
		if got.num == 0 {
			return
		}
		if r := ratioOf(edges, cycle); r != want {
			t.Errorf("critical cycle %v has %v, want %v", cycle, r, want)
		}
		for i, at := range cycle {
			if next := cycle[(i+1)%len(cycle)]; edges[at].to != edges[next].from {
				t.Errorf("edges %v are no cycle", cycle)
			}
		}
	})
}

func TestMaxRatioRefuses(t *testing.T) {
	_, cycle, err := newSolver(2, []edge{{from: 0, to: 1, wait: 3}, {from: 1, to: 0}}).maxRatio()
	if !errors.Is(err, graph.ErrDeadlock) || len(cycle) != 2 {
		t.Errorf("a cycle without tokens: %v, %v", cycle, err)
	}
	_, _, err = newSolver(1, []edge{{wait: math.MaxInt64 / 2, dist: 1}}).maxRatio()
	if !errors.Is(err, ErrRange) {
		t.Errorf("292 years: %v", err)
	}
	_, _, err = newSolver(1, []edge{{wait: 1 << 40, dist: 1}, {dist: math.MaxInt64 / 2}}).maxRatio()
	if !errors.Is(err, ErrRange) {
		t.Errorf("a delay of 2^62 tokens: %v", err)
	}
}

func TestRatio(t *testing.T) {
	a, b := newRatio(10, 4), newRatio(7, 3)
	if a != (ratio{5, 2}) || a.compare(b) != 1 || b.compare(a) != -1 || a.compare(ratio{5, 2}) != 0 || a.float() != 2.5 {
		t.Errorf("%v, %v", a, b)
	}
	const big = math.MaxInt64
	if (ratio{big, big - 1}).compare(ratio{big - 1, big - 2}) != -1 || newRatio(0, 7) != (ratio{0, 1}) {
		t.Error("large numbers compare wrongly")
	}
}

// Once its effort is spent, a search leaves a capacity as it is.
func TestSearchIsCut(t *testing.T) {
	sv := newSolver(2, []edge{{from: 0, to: 1, wait: 5}, {from: 1, to: 0, wait: 5, dist: 9, why: room}})
	period := ratio{5, 1}
	sv.longest(period)
	l := lowerer{solver: sv, period: period, dist: make([]int64, 2), round: make([]int32, 2), settled: make([]bool, 2)}
	if r := &sv.edges[1]; l.lower(r, 1) || r.dist != 9 {
		t.Errorf("lowered to %d without effort", r.dist)
	}
	l.left = 10
	if r := &sv.edges[1]; !l.lower(r, 1) || r.dist != 2 {
		t.Errorf("lowered to %d, want 2", r.dist)
	}
}
