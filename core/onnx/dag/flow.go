package dag

// network is a flow network on which Dinic's algorithm (Dinic 1970, Soviet
// Math. Doklady 11) finds a least cut.
type network struct {
	arcs  []arc // arc i and i^1 are each other's reverse
	out   [][]int
	level []int
	next  []int
	queue []int // scratch of layer
	path  []int // scratch of push
	steps int   // arcs looked at, of all runs
}

type arc struct {
	to       int
	capacity int64
}

func (f *network) reset(vertices int) {
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

// vertex adds one.
func (f *network) vertex() int {
	if len(f.out) < cap(f.out) {
		f.out = f.out[:len(f.out)+1]
		f.out[len(f.out)-1] = f.out[len(f.out)-1][:0]
	} else {
		f.out = append(f.out, nil)
	}
	f.level, f.next = append(f.level, 0), append(f.next, 0)
	return len(f.out) - 1
}

func (f *network) add(from, to int, capacity int64) {
	f.out[from] = append(f.out[from], len(f.arcs))
	f.out[to] = append(f.out[to], len(f.arcs)+1)
	f.arcs = append(f.arcs, arc{to, capacity}, arc{from, 0})
}

// run sends the greatest flow from vertex s to t. Thereafter the vertices with
// a level are those that s still reaches: the smallest side of a least cut.
func (f *network) run(s, t int) {
	for f.layer(s, t) {
		clear(f.next)
		for f.push(s, t, Never) > 0 {
		}
	}
}

// layer numbers the vertices by distance from s, 1 for s, 0 for unreachable.
func (f *network) layer(s, t int) bool {
	clear(f.level)
	f.level[s] = 1
	f.queue = append(f.queue[:0], s)
	for i := 0; i < len(f.queue); i++ {
		v := f.queue[i]
		f.steps += len(f.out[v])
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
func (f *network) push(s, t int, most int64) int64 {
	path := f.path[:0] // arcs
	for at := s; at != t; {
		f.steps++
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
