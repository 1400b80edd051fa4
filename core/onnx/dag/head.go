package dag

import (
	"encoding/binary"
	"slices"
)

// Head is a down-set of a graph: the nodes before a cut. It is kept as what tells it
// from the first Size nodes in order, which is little for most cuts of most graphs. Equal
// sets are equal heads. It is immutable.
type Head struct {
	Size int   // number of nodes
	add  []int // nodes from Size on that are in it, ascending
	drop []int // as many nodes below Size that are not in it, ascending
}

// newHead returns the set of the first k nodes, without some of them, and with some
// further ones; both are sorted and may be kept.
func newHead(k int, with, without []int) Head {
	h := Head{Size: k + len(with) - len(without)}
	at, _ := slices.BinarySearch(with, h.Size)
	cut, _ := slices.BinarySearch(without, h.Size)
	h.add, h.drop = with[at:], without[:cut:cut]
	for i, next := k, 0; i < h.Size; i++ { // new nodes below Size
		if next < at && with[next] == i {
			next++
		} else {
			h.drop = append(h.drop, i)
		}
	}
	if h.Size < k {
		var back []int // nodes that Size leaves out, and the set doesn't
		for i, next := h.Size, cut; i < k; i++ {
			if next < len(without) && without[next] == i {
				next++
			} else {
				back = append(back, i)
			}
		}
		h.add = append(back, h.add...)
	}
	return h
}

// Has says whether node i is in the set.
func (h Head) Has(i int) bool {
	if i < h.Size {
		_, gone := slices.BinarySearch(h.drop, i)
		return !gone
	}
	_, in := slices.BinarySearch(h.add, i)
	return in
}

// Apart returns the nodes from Size on that are in the set and those below that are not,
// ascending. Do not change them.
func (h Head) Apart() (in, out []int) { return h.add, h.drop }

// plus returns the set with node n, which it doesn't have.
func (h Head) plus(n int) Head {
	if len(h.add) == 0 && n == h.Size {
		return Head{Size: n + 1}
	}
	with, without := h.add, h.drop
	if n >= h.Size {
		at, _ := slices.BinarySearch(with, n)
		with = slices.Insert(slices.Clone(with), at, n)
	} else {
		at, _ := slices.BinarySearch(without, n)
		without = slices.Delete(slices.Clone(without), at, at+1)
	}
	return newHead(h.Size, with, without)
}

// Key returns a string that is equal for equal sets.
func (h Head) Key() string {
	b := binary.AppendUvarint(make([]byte, 0, 8+4*len(h.add)), uint64(h.Size))
	for _, list := range [][]int{h.add, h.drop} { // equally long
		for _, n := range list {
			b = binary.AppendUvarint(b, uint64(n))
		}
	}
	return string(b)
}

// Grown returns the smallest head that holds h and some nodes, and what h lacks of it.
func (g *Graph) Grown(h Head, nodes []int) (grown Head, moved []int) {
	extra := map[int]bool{}
	stack := slices.Clone(nodes)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if extra[n] || h.Has(n) {
			continue
		}
		extra[n] = true
		moved = append(moved, n)
		for _, u := range g.uses[n] {
			if from := g.Values[u].From; from != Source {
				stack = append(stack, from)
			}
		}
	}
	with, without := slices.Clone(h.add), slices.DeleteFunc(slices.Clone(h.drop), func(n int) bool { return extra[n] })
	for _, n := range moved {
		if n >= h.Size {
			with = append(with, n)
		}
	}
	slices.Sort(with)
	return newHead(h.Size, with, without), moved
}

// Shrunk returns the largest head that h holds and that has none of some nodes, and what
// h has beside it.
func (g *Graph) Shrunk(h Head, nodes []int) (shrunk Head, moved []int) {
	gone := map[int]bool{}
	stack := slices.Clone(nodes)
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if gone[n] || !h.Has(n) {
			continue
		}
		gone[n] = true
		moved = append(moved, n)
		for _, v := range g.makes[n] {
			stack = append(stack, g.Values[v].To...)
		}
	}
	with, without := slices.DeleteFunc(slices.Clone(h.add), func(n int) bool { return gone[n] }), slices.Clone(h.drop)
	for _, n := range moved {
		if n < h.Size {
			without = append(without, n)
		}
	}
	slices.Sort(without)
	return newHead(h.Size, with, without), moved
}
