package graph

import (
	"container/heap"
	"fmt"
)

// Order returns the actors' indices in precedence order: every actor after those
// it waits for, leaving out FIFOs whose delay tokens suffice for a firing; among
// actors that are free to come next, the one with the lowest index. A cycle is
// an error that wraps ErrDeadlock. The graph must be well-formed.
func Order(g *Graph) ([]int, error) {
	next := forward(g)
	waits := make([]int, len(g.Actors))
	for _, edges := range next {
		for _, e := range edges {
			waits[e.to]++
		}
	}
	ready := &intHeap{}
	for a, n := range waits {
		if n == 0 {
			heap.Push(ready, a)
		}
	}
	order := make([]int, 0, len(g.Actors))
	for ready.Len() > 0 {
		a := heap.Pop(ready).(int)
		order = append(order, a)
		for _, e := range next[a] {
			if waits[e.to]--; waits[e.to] == 0 {
				heap.Push(ready, e.to)
			}
		}
	}
	if len(order) < len(g.Actors) {
		return nil, fmt.Errorf("cycle %s: %w", cycleNames(g, findCycles(next)[0]), ErrDeadlock)
	}
	return order, nil
}

type intHeap []int

func (h intHeap) Len() int           { return len(h) }
func (h intHeap) Less(i, j int) bool { return h[i] < h[j] }
func (h intHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *intHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *intHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}
