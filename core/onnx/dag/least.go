package dag

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/maxflow"
)

// Bounds on the work of all flows together, which is about a second, and on the nodes by
// which the heads differ from the first nodes in order. Four branches of 250 nodes side by
// side need a quarter of the one and a tenth of the other.
const (
	mostSteps = 1 << 26
	mostApart = 1 << 21
)

// Least returns, for every k from 1 to Nodes-1, the head of a cut of least
// weight among those with node k-1 before and node k behind the cut; of
// several the smallest head that also sends the fewest values. Every cut lies
// at one of these depths. An entry is nil if all such cuts pass a value of
// weight Never, or if the graph is so large and wide that it would take too long.
//
// Node k-1 brings all that it needs before the cut, and node k all that needs
// it behind. For the rest a least cut of a network decides (Ford and Fulkerson
// 1956): a value is paid for once, however many nodes read it, by a vertex of
// its own between maker and readers, and an edge of unbounded capacity from
// reader to maker keeps edges from going back.
func (g *Graph) Least() []*Head {
	list := make([]Head, 0, max(g.Nodes()-1, 0))
	d := newDepths(g)
	for _, b := range g.Blocks() {
		d.begin(b)
		for k := b.First; k < b.End; k++ {
			if k > 0 {
				if d.f.Steps > mostSteps || d.apart > mostApart {
					break
				}
				list = append(list, d.least(k))
			}
			d.pass(k)
		}
	}
	heads := make([]*Head, max(g.Nodes()-1, 0))
	for i := range list {
		heads[i] = &list[i]
	}
	if len(g.never) > 0 {
		g.Crossings(list, func(i int, sent []int) {
			if g.Weight(sent) == Never {
				heads[i] = nil
			}
		})
	}
	return heads
}

// weightLimit keeps sums of weights, with the number of values mixed in, below
// those that stand for never.
const (
	weightLimit = int64(1) << 36
	perValue    = 1 << 12
	unbounded   = int64(1) << 62
	unpaid      = weightLimit * perValue * 16 // to pass a value of weight Never
)

func price(weight int64) int64 {
	if weight == Never {
		return unpaid
	}
	return min(weight, weightLimit)*perValue + 1
}

// The places of nodes in the network of one depth; free nodes have vertices
// from 2 on.
const (
	before = 0 // the network's source: head, and the graph's inputs
	behind = 1 // the network's sink
)

// depths is the state that the depths of one graph share.
type depths struct {
	*Graph
	*frontier
	f      maxflow.Network
	vertex []int // by node, of the free nodes; else 0
	wired  []int // by value, the last depth at which it was looked at
	apart  int   // see mostApart
}

func newDepths(g *Graph) *depths {
	return &depths{
		Graph: g, frontier: newFrontier(g), vertex: make([]int, g.Nodes()), wired: make([]int, len(g.Values)),
	}
}

// least finds the head for depth k.
func (d *depths) least(k int) Head {
	early, late := d.free(k)
	free := slices.Concat(early, late)
	d.f.Steps += len(free)
	if len(free) == 0 {
		return Head{Size: k}
	}
	for i, n := range free {
		d.vertex[n] = 2 + i
	}
	d.f.Reset(2 + len(free))
	for _, n := range free {
		for _, values := range [][]int{d.uses[n], d.makes[n]} {
			for _, v := range values {
				if d.wired[v] != k { // depths begin at 1
					d.wired[v] = k
					d.wire(&d.Values[v], k)
				}
			}
		}
	}
	d.f.Run(before, behind)
	var with, without []int
	for _, n := range late {
		if d.f.Reaches(d.vertex[n]) {
			with = append(with, n)
		}
	}
	for _, n := range early {
		if !d.f.Reaches(d.vertex[n]) {
			without = append(without, n)
		}
	}
	for _, n := range free {
		d.vertex[n] = 0
	}
	h := newHead(k, with, without)
	d.apart += len(h.add) + len(h.drop)
	return h
}

// place returns where a node is in the network for depth k.
func (d *depths) place(n, k int) int {
	switch {
	case d.vertex[n] > 0:
		return d.vertex[n]
	case n < k:
		return before
	}
	return behind
}

// wire adds a value to the network: a vertex between its maker and its
// readers. One that is sent, or is not, whatever the free nodes do is left out.
func (d *depths) wire(v *Value, k int) {
	from, sent := before, v.Out
	if v.From != Source {
		from = d.place(v.From, k)
	}
	if from == behind {
		return
	}
	d.f.Steps += len(v.To)
	matters := from > behind
	for _, n := range v.To {
		switch at := d.place(n, k); {
		case at == behind:
			sent = true
		case at > behind:
			matters = true
		}
	}
	if !matters || sent && from == before {
		return
	}
	at := d.f.Vertex()
	d.f.Add(from, at, price(v.Weight))
	if sent {
		d.f.Add(at, behind, unbounded)
	}
	for _, n := range v.To {
		to := d.place(n, k)
		if to <= behind {
			continue
		}
		d.f.Add(at, to, unbounded)
		if from != before {
			d.f.Add(to, from, unbounded)
		}
	}
}
