package dag

import (
	"cmp"
	"slices"
)

// Crossings calls visit for every head, smaller heads first, with its index and the values
// that cross there, as Crossing returns them. They are valid until visit returns. What it
// takes grows with the graph, the heads, and the values that cross.
func (g *Graph) Crossings(heads []Head, visit func(i int, sent []int)) {
	order := make([]int, len(heads))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(heads[a].Size, heads[b].Size) })
	s := g.newSweep()
	var sent []int
	for _, i := range order {
		for s.k < heads[i].Size {
			s.step()
		}
		sent = s.crossing(heads[i], sent[:0])
		visit(i, sent)
	}
}

// Widths returns, by head, how many values cross there. What that takes grows with the graph
// and with what the heads have beside the first nodes, not with the values that cross.
func (g *Graph) Widths(heads []Head) []int {
	first := make([]int, g.Nodes()+2) // behind the first k nodes
	for i := range g.Values {
		v := &g.Values[i]
		if v.unread() {
			continue
		}
		first[v.From+1]++ // Source is -1
		if !v.Out {
			first[v.To[len(v.To)-1]+1]--
		}
	}
	for k := range g.Nodes() {
		first[k+1] += first[k]
	}
	widths := make([]int, len(heads))
	var touched []int
	for i, h := range heads {
		widths[i] = first[h.Size]
		touched = g.touched(h, touched[:0])
		for _, v := range touched {
			if g.sends(v, Head{Size: h.Size}) {
				widths[i]--
			}
			if g.sends(v, h) {
				widths[i]++
			}
		}
	}
	return widths
}

// touched appends the values of the nodes by which a head differs from the first in order, ascending.
func (g *Graph) touched(h Head, list []int) []int {
	for _, nodes := range [][]int{h.add, h.drop} {
		for _, n := range nodes {
			list = append(append(list, g.uses[n]...), g.makes[n]...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// sweep goes through the nodes in order and keeps the values that the first k send, in a
// list linked both ways: ascending, as values are in order of their makers.
type sweep struct {
	*Graph
	k          int
	next, prev []int // by value; the end of the list is behind the last value
	touched    []int // scratch of crossing
}

func (g *Graph) newSweep() *sweep {
	end := len(g.Values)
	s := &sweep{Graph: g, next: make([]int, end+1), prev: make([]int, end+1)}
	s.next[end], s.prev[end] = end, end
	for v := range g.Values {
		if g.Values[v].From == Source {
			s.enter(v)
		}
	}
	return s
}

// enter appends a value if anything reads it.
func (s *sweep) enter(v int) {
	if s.Values[v].unread() {
		return
	}
	end := len(s.Values)
	last := s.prev[end]
	s.next[last], s.prev[v], s.next[v], s.prev[end] = v, last, end, v
}

// step adds node k.
func (s *sweep) step() {
	for _, u := range s.uses[s.k] {
		if v := &s.Values[u]; !v.Out && v.To[len(v.To)-1] == s.k {
			s.next[s.prev[u]], s.prev[s.next[u]] = s.next[u], s.prev[u]
		}
	}
	for _, v := range s.makes[s.k] {
		s.enter(v)
	}
	s.k++
}

// crossing appends the values that cross behind a head of size k.
func (s *sweep) crossing(h Head, sent []int) []int {
	touched := s.Graph.touched(h, s.touched[:0])
	s.touched = touched
	end := len(s.Values)
	for v := s.next[end]; v != end || len(touched) > 0; {
		if len(touched) == 0 || v < touched[0] {
			sent = append(sent, v)
			v = s.next[v]
			continue
		}
		t := touched[0]
		if touched = touched[1:]; s.sends(t, h) {
			sent = append(sent, t)
		}
		if t == v {
			v = s.next[v]
		}
	}
	return sent
}

// sends says whether a value crosses behind a head.
func (g *Graph) sends(value int, h Head) bool {
	v := &g.Values[value]
	return (v.From == Source || h.Has(v.From)) && !g.spent(v, h)
}
