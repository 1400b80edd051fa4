// Package maxflow finds greatest flows, and with them least cuts, of small networks whose memory is
// used again. It knows nothing of what the network stands for.
package maxflow

import "math"

// Network is a flow network on which Dinic's algorithm (Dinic 1970, Soviet
// Math. Doklady 11) finds a least cut (Ford and Fulkerson 1956). The zero value has no vertices.
type Network struct {
	arcs  []arc // arc i and i^1 are each other's reverse
	out   [][]int
	level []int
	next  []int
	queue []int // scratch of layer
	path  []int // scratch of push
	Steps int   // arcs looked at, of all runs; may be set
}

type arc struct {
	to       int
	capacity int64
}

// Reset leaves so many vertices, numbered from 0, and no arcs.
func (f *Network) Reset(vertices int) {
	f.arcs = f.arcs[:0]
	for i := range f.out {
		f.out[i] = f.out[i][:0]
	}
	for len(f.out) < vertices {
		f.out = append(f.out, nil)
	}
	f.out = f.out[:vertices]
	f.level = append(f.level[:0], make([]int, vertices)...)
	f.next = append(f.next[:0], make([]int, vertices)...)
}

// Vertex adds a vertex and returns its number.
func (f *Network) Vertex() int {
	if len(f.out) < cap(f.out) {
		f.out = f.out[:len(f.out)+1]
		f.out[len(f.out)-1] = f.out[len(f.out)-1][:0]
	} else {
		f.out = append(f.out, nil)
	}
	f.level, f.next = append(f.level, 0), append(f.next, 0)
	return len(f.out) - 1
}

// Add adds an arc of a capacity of at least 0. Capacities of a path add up to less than 2^63.
func (f *Network) Add(from, to int, capacity int64) {
	f.out[from] = append(f.out[from], len(f.arcs))
	f.out[to] = append(f.out[to], len(f.arcs)+1)
	f.arcs = append(f.arcs, arc{to, capacity}, arc{from, 0})
}

// Run sends the greatest flow from vertex s to t and returns it.
func (f *Network) Run(s, t int) (flow int64) {
	for f.layer(s, t) {
		clear(f.next)
		for n := int64(1); n > 0; flow += n {
			n = f.push(s, t, math.MaxInt64)
		}
	}
	return flow
}

// Reaches reports whether the source of the last Run still reaches a vertex: those that it does
// are the smallest side of a least cut.
func (f *Network) Reaches(v int) bool { return f.level[v] != 0 }

// layer numbers the vertices by distance from s, 1 for s, 0 for unreachable.
func (f *Network) layer(s, t int) bool {
	clear(f.level)
	f.level[s] = 1
	f.queue = append(f.queue[:0], s)
	for i := 0; i < len(f.queue); i++ {
		v := f.queue[i]
		f.Steps += len(f.out[v])
		for _, a := range f.out[v] {
			if e := f.arcs[a]; e.capacity > 0 && f.level[e.to] == 0 {
				f.level[e.to] = f.level[v] + 1
				f.queue = append(f.queue, e.to)
			}
		}
	}
	return f.level[t] != 0
}

// push finds one path along the layers, without recursion, as a path may be as
// long as the graph.
func (f *Network) push(s, t int, most int64) int64 {
	path := f.path[:0] // arcs
	for at := s; at != t; {
		f.Steps++
		if f.next[at] < len(f.out[at]) {
			a := f.out[at][f.next[at]]
			if e := f.arcs[a]; e.capacity > 0 && f.level[e.to] == f.level[at]+1 {
				path = append(path, a)
				at = e.to
			} else {
				f.next[at]++
			}
			continue
		}
		if len(path) == 0 {
			return 0
		}
		last := path[len(path)-1]
		path = path[:len(path)-1]
		at = f.arcs[last^1].to
		f.next[at]++
	}
	f.path = path
	for _, a := range path {
		most = min(most, f.arcs[a].capacity)
	}
	for _, a := range path {
		f.arcs[a].capacity -= most
		f.arcs[a^1].capacity += most
	}
	return most
}
