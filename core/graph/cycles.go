package graph

import (
	"slices"
	"strings"
)

// edge says that a firing of an actor waits for the same-numbered firing of
// another, because of FIFO fifo.
type edge struct{ to, fifo int }

// forward returns, by actor, the edges to the consumers that wait for it: along
// FIFOs whose delay tokens don't suffice for a firing.
func forward(g *Graph) [][]edge {
	next := make([][]edge, len(g.Actors))
	for f, q := range g.FIFOs {
		if _, url := g.Rate(f); q.Delay < url {
			next[q.From] = append(next[q.From], edge{q.To, f})
		}
	}
	return next
}

// addBackward adds the edges along which a producer waits for a consumer to
// free the slots of the delay tokens.
func addBackward(g *Graph, next [][]edge) {
	for f, q := range g.FIFOs {
		if _, url := g.Rate(f); q.Capacity-q.Delay < url {
			next[q.To] = append(next[q.To], edge{q.From, f})
		}
	}
}

// cycles finds deadlock: first by want of tokens, and if there is none, by want
// of room. Rates are symmetric, so firing n of an actor waits for firing n of
// another exactly along these edges, and else for earlier ones: the graph runs for
// ever if they form no cycle (Karp and Miller 1966; Commoner et al. 1971).
//
// Variable FIFOs count with their url. That is exact. A cycle found deadlocks in an
// iteration whose atr is url, which the rules allow. And if there is none, no choice
// of atr makes one: variable FIFOs have no delay tokens, so at any atr > 0 their
// consumer waits for the same firing of their producer, as at url, and they have
// room for all tokens of an iteration; at atr = 0 both don't wait, and the inner
// actors with all their edges are left out. Taking edges away closes no cycle.
func (v *validator) cycles() {
	next := forward(v.g)
	found := findCycles(next)
	for _, c := range found {
		v.fail(v.g.FIFOs[c[0].fifo].Pos, ErrDeadlock, "cycle %s: add delay tokens to one of its FIFOs", cycleNames(v.g, c))
	}
	if len(found) > 0 {
		return
	}
	addBackward(v.g, next)
	for _, c := range findCycles(next) {
		var full []string
		for i, e := range c {
			if v.g.FIFOs[e.fifo].To == c[(i+len(c)-1)%len(c)].to && v.g.FIFOs[e.fifo].From == e.to { // walked backward
				full = append(full, v.g.FIFOName(e.fifo))
			}
		}
		v.fail(v.g.FIFOs[c[0].fifo].Pos, ErrCapacity,
			"cycle %s: deadlock because %s has no room beside its delay tokens; add a firing's tokens to its capacity",
			cycleNames(v.g, c), strings.Join(full, " and "))
	}
}

// cycleNames prints a cycle as a -> b -> a.
func cycleNames(g *Graph, c []edge) string {
	names := []string{g.Actors[c[len(c)-1].to].Name}
	for _, e := range c {
		names = append(names, g.Actors[e.to].Name)
	}
	return strings.Join(names, " -> ")
}

// findCycles returns one shortest cycle through the first actor of every
// strongly connected part, by that actor's index. A cycle is its edges in order,
// ending where it began.
func findCycles(next [][]edge) [][]edge {
	part := stronglyConnected(next)
	size := map[int]int{}
	for _, p := range part {
		size[p]++
	}
	var cycles [][]edge
	seen := map[int]bool{}
	for a, p := range part {
		if seen[p] {
			continue
		}
		seen[p] = true
		loop := slices.ContainsFunc(next[a], func(e edge) bool { return e.to == a })
		if loop || size[p] > 1 {
			cycles = append(cycles, shortestCycle(next, part, a))
		}
	}
	return cycles
}

// shortestCycle searches breadth-first from actor a within its part.
func shortestCycle(next [][]edge, part []int, a int) []edge {
	type visit struct {
		by   edge // the edge that led here
		from int
	}
	seen := map[int]visit{}
	queue := []int{a}
	for len(queue) > 0 {
		u := queue[0]
		queue = queue[1:]
		for _, e := range next[u] {
			if _, ok := seen[e.to]; ok || part[e.to] != part[a] {
				continue
			}
			seen[e.to] = visit{e, u}
			queue = append(queue, e.to)
		}
	}
	var c []edge
	for at := a; ; {
		s := seen[at]
		c = append(c, s.by)
		if at = s.from; at == a {
			slices.Reverse(c)
			return c
		}
	}
}

// stronglyConnected numbers the strongly connected parts of the graph (Tarjan 1972),
// by actor.
func stronglyConnected(next [][]edge) []int {
	n := len(next)
	index, low, part := make([]int, n), make([]int, n), make([]int, n)
	for i := range part {
		part[i] = -1
	}
	var stack []int
	counter, parts := 0, 0
	var visit func(u int)
	visit = func(u int) {
		counter++
		index[u], low[u] = counter, counter
		stack = append(stack, u)
		for _, e := range next[u] {
			if index[e.to] == 0 {
				visit(e.to)
				low[u] = min(low[u], low[e.to])
			} else if part[e.to] < 0 {
				low[u] = min(low[u], index[e.to])
			}
		}
		if low[u] != index[u] {
			return
		}
		for {
			w := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			part[w] = parts
			if w == u {
				parts++
				return
			}
		}
	}
	for u := range n {
		if index[u] == 0 {
			visit(u)
		}
	}
	return part
}
