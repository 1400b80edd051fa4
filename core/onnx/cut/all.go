package cut

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/dag"
)

// Limits bound a search for cuts.
type Limits struct {
	Heads   int // about how many down-sets are looked at; 0 is 4096
	Tensors int // inner cuts that send more are left out; 0 is any number
}

// defaultHeads keeps a model of 1,000 nodes below 0.2 s.
const defaultHeads = 4096

// All returns the cuts of the model, sorted by the number of nodes before
// them, then by bytes and name: from the graph inputs (index 0) to the graph
// outputs. Names are distinct. Among them are always all that send one tensor,
// those along the file's order, and the cheapest at every depth; complete says
// that they are all there are, within Limits.Tensors. Nodes counts the nodes
// before a cut. Sequences, optionals, maps and strings are never sent, sizes
// that are not known are -1. It is ErrNoCut if no node depends on an input.
func All(m *onnx.Model, l Limits) (cuts []Cut, complete bool, err error) {
	g, err := newCostGraph(m)
	if err != nil {
		return nil, false, err
	}
	heads, complete := g.dag.Ideals(cmp.Or(l.Heads, defaultHeads))
	least := g.dag.Least()
	if !complete {
		for k := range len(g.order) {
			heads = append(heads, dag.Prefix(len(g.order), k))
		}
		heads = append(heads, least...)
		heads = append(heads, g.single()...)
	}
	return g.list(heads, least, l.Tensors, true), complete, nil
}

// Single returns the cuts that send one tensor, all of them, in order; see
// All.
func Single(m *onnx.Model) ([]Cut, error) {
	g, err := newCostGraph(m)
	if err != nil {
		return nil, err
	}
	return g.list(g.single(), nil, 1, false), nil
}

// Least returns, for every depth, the cut that sends the fewest bytes: of
// those that part a node from the next one in the file's order. Doubles are
// left out; see All.
func Least(m *onnx.Model) ([]Cut, error) {
	g, err := newCostGraph(m)
	if err != nil {
		return nil, err
	}
	least := g.dag.Least()
	return g.list(slices.Clone(least), least, 0, false), nil
}

// single returns the heads of the cuts of one tensor.
func (g *costGraph) single() []dag.Set {
	var heads []dag.Set
	for _, v := range g.dag.Single() {
		head := dag.NewSet(len(g.order))
		if from := g.dag.Values[v].From; from != dag.Source {
			head.Add(from)
			g.dag.Ancestors(head)
		}
		heads = append(heads, head)
	}
	return heads
}

// headCut is a cut with its head.
type headCut struct {
	Cut
	head  dag.Set
	whole dag.Set // see costGraph.whole; nil if the cut breaks no fusion
}

// list describes the cuts of the heads, each once. Nil heads, those that would
// send what can not be sent and those that send more than most tensors, if that
// is not 0, are left out. With all, the first and the last cut never are, and
// the neighbours of those that break a fusion are added.
func (g *costGraph) list(heads, least []dag.Set, most int, all bool) []Cut {
	cheap := map[string]bool{}
	for _, h := range least {
		if h != nil {
			cheap[h.Key()] = true
		}
	}
	var found []headCut
	seen := map[string]bool{}
	enter := func(h dag.Set) {
		if h == nil || seen[h.Key()] {
			return
		}
		seen[h.Key()] = true
		c, ok := g.name(h)
		end := c.Nodes == 0 || c.Nodes == len(g.order)
		if !ok || most > 0 && len(c.Tensors) > most && !(all && end) {
			return
		}
		c = g.cost(c, h)
		c.Least = cheap[h.Key()]
		f := headCut{Cut: c, head: h}
		if c.BreaksFusion {
			f.whole = g.whole(h)
		}
		found = append(found, f)
	}
	for _, h := range heads {
		enter(h)
	}
	if all {
		for i := range found { // those added break nothing
			enter(found[i].whole)
		}
	}
	slices.SortStableFunc(found, func(x, y headCut) int {
		return cmp.Or(cmp.Compare(x.Nodes, y.Nodes), cmp.Compare(x.Bytes(), y.Bytes()), cmp.Compare(x.Name, y.Name))
	})
	return g.named(found)
}

// named numbers sorted cuts, gives them distinct names and names their
// neighbours.
func (g *costGraph) named(found []headCut) []Cut {
	cuts := make([]Cut, len(found))
	names, byKey := map[string]int{}, map[string]string{}
	for i, f := range found {
		f.Index = i
		if names[f.Name]++; names[f.Name] > 1 {
			f.Name = fmt.Sprintf("%s~%d", f.Name, names[f.Name])
		}
		cuts[i], byKey[f.head.Key()] = f.Cut, f.Name
	}
	for i, f := range found {
		if f.whole == nil {
			continue
		}
		if cuts[i].Instead = byKey[f.whole.Key()]; cuts[i].Instead == "" { // not listed
			c, _ := g.name(f.whole)
			cuts[i].Instead = c.Name
		}
	}
	return cuts
}
