package dag

import (
	"cmp"
	"math"
	"slices"
)

// mostGrown bounds the down-sets that are looked at for the cheapest of each size, and the nodes
// by which they differ from the first nodes in order.
const mostGrown = 1 << 22

// Ideals returns down-sets of the graph, the heads of its cuts, sorted by
// size; the empty one and that of all nodes are among them. The down-sets of
// one size are made from those of the size below, block by block. Where a
// block has more than its share of limit, only the cheapest of every size are
// followed, and none any more where that takes too much work; complete is false then. No head
// sends a value of weight Never. The down-sets are a distributive lattice
// (Birkhoff 1937), of up to 2^nodes elements.
func (g *Graph) Ideals(limit int) (heads []Head, complete bool) {
	n := g.Nodes()
	complete = true
	heads = append(heads, Head{})
	for _, b := range g.Blocks() {
		size := b.End - b.First
		share := max(limit*size/n, size)
		before := len(heads)
		if !g.walk(b, share, share, &heads) {
			heads, complete = heads[:before], false
			g.walk(b, share/size, math.MaxInt, &heads)
		}
	}
	return g.sendable(heads), complete
}

// sendable drops the heads that would send a value of weight Never, except
// the empty and the full one.
func (g *Graph) sendable(heads []Head) []Head {
	if len(g.never) == 0 {
		return heads
	}
	never := make([]bool, len(heads))
	g.Crossings(heads, func(i int, sent []int) {
		never[i] = heads[i].Size > 0 && heads[i].Size < g.Nodes() && g.Weight(sent) == Never
	})
	kept := heads[:0]
	for i, h := range heads {
		if !never[i] {
			kept = append(kept, h)
		}
	}
	return kept
}

// Sendable reports whether no value of weight Never crosses behind a head.
func (g *Graph) Sendable(h Head) bool {
	return !slices.ContainsFunc(g.never, func(v int) bool { return g.sends(v, h) })
}

// ideal is a down-set of the walk: a set of the size below with one node more.
type ideal struct {
	Head
	weight float64 // of what it sends; more than Never can be in passing
	latest int
	before []int // nodes that could have come instead of latest, and that, ascending
}

// walk appends the down-sets that end in block b, the cheapest of each size
// if there are more than width. It gives up at more than most; complete says
// that all were followed.
func (g *Graph) walk(b Block, width, most int, heads *[]Head) (complete bool) {
	complete = true
	first, grown := len(*heads), 0
	level := []ideal{{Head: Head{Size: b.First}, latest: -1, before: g.readyIn(b)}}
	for range b.End - b.First {
		var next []ideal
		seen := map[string]bool{}
		for i := range level {
			at := &level[i]
			ready := g.ready(at, b)
			for _, n := range ready {
				h := at.plus(n)
				if len(level) > 1 { // else all are distinct
					key := h.Key()
					if seen[key] {
						continue
					}
					seen[key] = true
				}
				next = append(next, ideal{h, at.weight + g.change(n, h), n, ready})
				grown += 1 + len(h.add) + len(h.drop)
				if len(*heads)-first+len(next) > most || most == math.MaxInt && grown > mostGrown {
					return false
				}
			}
		}
		if len(next) > width {
			complete = false
			slices.SortStableFunc(next, func(a, b ideal) int { return cmp.Compare(a.weight, b.weight) })
			next = next[:width]
		}
		for i := range next {
			*heads = append(*heads, next[i].Head)
		}
		level = next
	}
	return complete
}

// readyIn returns the nodes of a block that need no other of it, ascending.
func (g *Graph) readyIn(b Block) []int {
	var list []int
	for n := b.First; n < b.End; n++ {
		if g.may(n, Head{Size: b.First}) {
			list = append(list, n)
		}
	}
	return list
}

// ready returns the nodes that may come next: those that could have come instead of the
// latest, and readers of what that makes.
func (g *Graph) ready(at *ideal, b Block) []int {
	if at.latest < 0 {
		return at.before
	}
	list := make([]int, 0, len(at.before))
	for _, n := range at.before {
		if n != at.latest {
			list = append(list, n)
		}
	}
	before := len(list)
	for _, v := range g.makes[at.latest] {
		for _, n := range g.Values[v].To {
			if n < b.End && g.may(n, at.Head) {
				list = append(list, n)
			}
		}
	}
	if len(list) > before {
		slices.Sort(list)
		list = slices.Compact(list)
	}
	return list
}

// may says that all that node n needs is made in the set.
func (g *Graph) may(n int, set nodes) bool {
	for _, u := range g.uses[n] {
		if from := g.Values[u].From; from != Source && !set.Has(from) {
			return false
		}
	}
	return true
}

// change is by how much what set sends costs more than before node n, its
// latest, was added.
func (g *Graph) change(n int, set nodes) float64 {
	d := 0.0
	for _, m := range g.makes[n] {
		if v := &g.Values[m]; !v.unread() {
			d += float64(v.Weight)
		}
	}
	for _, u := range g.uses[n] {
		if v := &g.Values[u]; g.spent(v, set) {
			d -= float64(v.Weight)
		}
	}
	return d
}
