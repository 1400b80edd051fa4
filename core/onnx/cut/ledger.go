package cut

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/dag"
	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
)

// ledger goes through heads in the order of their sizes and tells what cuts behind them
// cost. It keeps what the first nodes in order cost, and corrects it by the nodes that a
// head has besides or lacks.
type ledger struct {
	*costGraph
	size         int          // of the first nodes
	macs, params [2]count.Sum // of head and tail
	starts, ends [][]int      // params, by the first and the last node that needs them
	broken       *openRanges  // fusions
}

func (g *costGraph) newLedger() *ledger {
	l := &ledger{costGraph: g, starts: make([][]int, len(g.order)+1), ends: make([][]int, len(g.order)+1)}
	for _, n := range g.macs {
		l.macs[1] = l.macs[1].Plus(n)
	}
	for i, p := range g.params {
		first, last := p.Users[0], p.Users[len(p.Users)-1]
		l.starts[first], l.ends[last] = append(l.starts[first], i), append(l.ends[last], i)
		l.params[1] = l.params[1].Plus(p.Elements)
	}
	l.broken = newOpenRanges(len(g.order), len(g.fusions), func(i int) (first, last int) {
		nodes := g.fusions[i].Nodes
		return nodes[0], nodes[len(nodes)-1]
	})
	return l
}

// forward moves to the first k nodes, which are no fewer than before.
func (l *ledger) forward(k int) {
	for ; l.size < k; l.size++ {
		n := l.size
		l.macs[0], l.macs[1] = l.macs[0].Plus(l.costGraph.macs[n]), l.macs[1].Minus(l.costGraph.macs[n])
		for _, i := range l.starts[n] {
			l.params[0] = l.params[0].Plus(l.costGraph.params[i].Elements)
		}
		for _, i := range l.ends[n] {
			l.params[1] = l.params[1].Minus(l.costGraph.params[i].Elements)
		}
		l.broken.pass(n)
	}
}

// cost fills in the rest of a cut whose tensors are known, and returns the fusions that
// it breaks.
func (l *ledger) cost(c Cut, h dag.Head) (_ Cut, broken []int) {
	l.forward(h.Size)
	c.Spans = spansOf(l.m, c.Tensors)
	in, out := h.Apart()
	macs, params := l.macs, l.params
	for _, n := range in {
		macs[0], macs[1] = macs[0].Plus(l.costGraph.macs[n]), macs[1].Minus(l.costGraph.macs[n])
	}
	for _, n := range out {
		macs[0], macs[1] = macs[0].Minus(l.costGraph.macs[n]), macs[1].Plus(l.costGraph.macs[n])
	}
	for _, i := range l.touching(l.paramsOf, in, out) {
		p := l.costGraph.params[i]
		users := p.Users
		first := users[0] < h.Size
		last := users[len(users)-1] >= h.Size
		before, behind := l.split(users, h)
		move(&params[0], p.Elements, first, before)
		move(&params[1], p.Elements, last, behind)
	}
	if h.Size == len(l.order) { // constant outputs come from the head, too
		for _, i := range l.starts[h.Size] {
			params[0] = params[0].Plus(l.costGraph.params[i].Elements)
		}
		params[1] = count.Sum{}
	}
	c.HeadMACs, c.TailMACs = macs[0].Value(), macs[1].Value()
	c.HeadParams, c.TailParams = params[0].Value(), params[1].Value()
	broken = l.parted(l.broken.open, h)
	for _, i := range broken {
		c.Broken = append(c.Broken, l.fusions[i].Name)
	}
	c.BreaksFusion = len(broken) > 0
	return c, broken
}

// move changes a sum by n if what it counts comes in or goes out.
func move(sum *count.Sum, n int64, was, is bool) {
	switch {
	case is && !was:
		*sum = sum.Plus(n)
	case was && !is:
		*sum = sum.Minus(n)
	}
}

// touching returns what nodes take part in, ascending.
func (g *costGraph) touching(of [][]int, nodes ...[]int) []int {
	var list []int
	for _, some := range nodes {
		for _, n := range some {
			list = append(list, of[n]...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// parted returns those of open, the fusions that the first nodes of a head break, that
// the head breaks, and others that it breaks; all ascending.
func (g *costGraph) parted(open []int, h dag.Head) []int {
	in, out := h.Apart()
	touched := g.touching(g.fusionsOf, in, out)
	list := slices.DeleteFunc(slices.Concat(open, touched), func(i int) bool {
		if _, found := slices.BinarySearch(touched, i); !found {
			return false
		}
		before, behind := g.split(g.fusions[i].Nodes, h)
		return !before || !behind
	})
	slices.Sort(list)
	return slices.Compact(list)
}

// split says whether any of the nodes, which ascend, lie before and behind a cut. What is
// no node of the graph lies behind.
func (g *costGraph) split(nodes []int, h dag.Head) (before, behind bool) {
	in, out := h.Apart()
	n, _ := slices.BinarySearch(nodes, h.Size)
	for _, k := range in {
		if _, found := slices.BinarySearch(nodes, k); found {
			n++
		}
	}
	for _, k := range out {
		if _, found := slices.BinarySearch(nodes, k); found {
			n--
		}
	}
	return n > 0, n < len(nodes)
}

// tensorsOf returns what crosses behind a head, of the values that do. It is false if one
// of them can't be sent.
func (g *costGraph) tensorsOf(h dag.Head, sent []int) (list []onnx.TensorInfo, ok bool) {
	switch h.Size {
	case 0:
		return g.m.Inputs(), true
	case len(g.order):
		return g.m.Outputs(), true
	}
	list = make([]onnx.TensorInfo, len(sent))
	for i, v := range sent {
		if g.dag.Values[v].Weight == dag.Never {
			return nil, false
		}
		list[i] = g.tensors[v]
	}
	return list, true
}

// whole returns the head of a cut near the given one that breaks no fusion:
// with all of the broken ones before it or, where that is the whole model, all
// behind; ok is false if there is none.
func (g *costGraph) whole(h dag.Head, broken []int) (whole dag.Head, ok bool) {
	for _, change := range []func(dag.Head, []int) (dag.Head, []int){g.dag.Grown, g.dag.Shrunk} {
		whole = h
		for list := broken; len(list) > 0; {
			var nodes, moved []int
			for _, i := range list {
				nodes = append(nodes, g.fusions[i].Nodes...)
			}
			whole, moved = change(whole, nodes)
			list = slices.DeleteFunc(g.touching(g.fusionsOf, moved), func(i int) bool {
				before, behind := g.split(g.fusions[i].Nodes, whole)
				return !before || !behind
			})
		}
		if whole.Size > 0 && whole.Size < len(g.order) && g.dag.Sendable(whole) {
			return whole, true
		}
	}
	return dag.Head{}, false
}

// openRanges goes through nodes in order and keeps which ranges of them it is within: has
// passed the first node of, and not the last.
type openRanges struct {
	starts, ends [][]int // by node
	open         []int   // ascending; replaced, not changed, by pass
}

func newOpenRanges(nodes, ranges int, of func(i int) (first, last int)) *openRanges {
	r := &openRanges{starts: make([][]int, nodes), ends: make([][]int, nodes)}
	for i := range ranges {
		first, last := of(i)
		r.starts[first], r.ends[last] = append(r.starts[first], i), append(r.ends[last], i)
	}
	return r
}

func (r *openRanges) pass(node int) {
	if len(r.starts[node])+len(r.ends[node]) == 0 {
		return
	}
	open := slices.Concat(r.open, r.starts[node])
	slices.Sort(open)
	r.open = slices.DeleteFunc(open, func(i int) bool {
		_, ended := slices.BinarySearch(r.ends[node], i)
		return ended
	})
}
