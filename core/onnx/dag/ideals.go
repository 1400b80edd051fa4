package dag

import (
	"cmp"
	"math"
	"slices"
)

// Ideals returns down-sets of the graph, the heads of its cuts, sorted by
// size; the empty one and that of all nodes are among them. The down-sets of
// one size are made from those of the size below, block by block. Where a
// block has more than its share of limit, only the cheapest of every size are
// followed; complete is false then. No head sends a value of
// weight Never. The down-sets are a distributive lattice (Birkhoff 1937), of
// up to 2^nodes elements.
func (g *Graph) Ideals(limit int) (heads []Set, complete bool) {
	n := g.Nodes()
	complete = true
	heads = append(heads, NewSet(n))
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
func (g *Graph) sendable(heads []Set) []Set {
	if !slices.ContainsFunc(g.Values, func(v Value) bool { return v.Weight == Never }) {
		return heads
	}
	return slices.DeleteFunc(heads, func(h Set) bool {
		k := h.Len()
		return k > 0 && k < g.Nodes() && g.Weight(g.Crossing(h)) == Never
	})
}

// ideal is a down-set of the walk.
type ideal struct {
	set    Set
	weight float64 // of what it sends; more than Never can be in passing
}

// walk appends the down-sets that end in block b, the cheapest of each size
// if there are more than width. It gives up at more than most; complete says
// that all were followed.
func (g *Graph) walk(b Block, width, most int, heads *[]Set) (complete bool) {
	complete = true
	first := len(*heads)
	level := []ideal{{set: Prefix(g.Nodes(), b.First)}}
	for range b.End - b.First {
		var next []ideal
		seen := map[string]bool{}
		for _, at := range level {
			for n := b.First; n < b.End; n++ {
				if at.set.Has(n) || !g.ready(n, at.set) {
					continue
				}
				grown := at.set.Clone()
				grown.Add(n)
				key := grown.Key()
				if seen[key] {
					continue
				}
				seen[key] = true
				next = append(next, ideal{grown, at.weight + g.change(n, grown)})
			}
		}
		if len(next) > width {
			complete = false
			slices.SortStableFunc(next, func(a, b ideal) int { return cmp.Compare(a.weight, b.weight) })
			next = next[:width]
		}
		if len(*heads)-first+len(next) > most {
			return false
		}
		for _, at := range next {
			*heads = append(*heads, at.set)
		}
		level = next
	}
	return complete
}

// ready says that all that node n needs is made in the set.
func (g *Graph) ready(n int, set Set) bool {
	for _, u := range g.uses[n] {
		if from := g.Values[u].From; from != Source && !set.Has(from) {
			return false
		}
	}
	return true
}

// change is by how much what set sends costs more than before node n, its
// latest, was added.
func (g *Graph) change(n int, set Set) float64 {
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
