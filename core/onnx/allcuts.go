package onnx

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/dag"
)

// Limits bound a search for cuts.
type Limits struct {
	Heads   int // about how many down-sets are looked at; 0 is 4096
	Tensors int // cuts that send more are left out; 0 is any number
}

// defaultHeads keeps a model of 1,000 nodes below 0.2 s.
const defaultHeads = 4096

// AllCuts returns the cuts of the model, sorted by the number of nodes before
// them, then by bytes and name: from the graph inputs (index 0) to the graph
// outputs. Names are distinct. Among them are always all that send one tensor,
// those along the file's order, and the cheapest at every depth; complete says
// that they are all there are, within Limits.Tensors. Nodes counts the nodes
// before a cut. Sequences, optionals, maps and strings are never sent, sizes
// that are not known are -1. It is ErrNoCut if no node depends on an input.
func (m *Model) AllCuts(l Limits) (cuts []Cut, complete bool, err error) {
	a, err := m.newAtlas()
	if err != nil {
		return nil, false, err
	}
	heads, complete := a.g.Ideals(cmp.Or(l.Heads, defaultHeads))
	least := a.g.Least()
	if !complete {
		for k := range len(a.order) {
			heads = append(heads, dag.Prefix(len(a.order), k))
		}
		heads = append(heads, least...)
		heads = append(heads, a.single()...)
	}
	return a.list(heads, least, l.Tensors), complete, nil
}

// SingleCuts returns the cuts that send one tensor, all of them, in order; see
// AllCuts.
func (m *Model) SingleCuts() ([]Cut, error) {
	a, err := m.newAtlas()
	if err != nil {
		return nil, err
	}
	return a.list(a.single(), nil, 1), nil
}

// LeastCuts returns, for every depth, the cut that sends the fewest bytes: of
// those that part a node from the next one in the file's order. Doubles are
// left out; see AllCuts.
func (m *Model) LeastCuts() ([]Cut, error) {
	a, err := m.newAtlas()
	if err != nil {
		return nil, err
	}
	least := a.g.Least()
	return a.list(slices.Clone(least), least, 0), nil
}

// single returns the heads of the cuts of one tensor.
func (a *atlas) single() []dag.Set {
	var heads []dag.Set
	for _, v := range a.g.Single() {
		head := dag.NewSet(len(a.order))
		if from := a.g.Values[v].From; from != dag.Source {
			head.Add(from)
			a.g.Ancestors(head)
		}
		heads = append(heads, head)
	}
	return heads
}

// list describes the cuts of the heads, each once. Nil heads, those that would
// send what can not be sent and those that send more than most tensors, if that
// is not 0, are left out.
func (a *atlas) list(heads, least []dag.Set, most int) []Cut {
	type headCut struct {
		Cut
		head dag.Set
	}
	cheap := map[string]bool{}
	for _, h := range least {
		if h != nil {
			cheap[h.Key()] = true
		}
	}
	var found []headCut
	seen := map[string]bool{}
	for _, h := range heads {
		if h == nil {
			continue
		}
		key := h.Key()
		if seen[key] {
			continue
		}
		seen[key] = true
		if n := h.Len(); n > 0 && n < len(a.order) && a.g.Weight(a.g.Crossing(h)) == dag.Never {
			continue
		}
		c := a.cut(h)
		c.Least = cheap[key]
		if most == 0 || len(c.Tensors) <= most {
			found = append(found, headCut{c, h})
		}
	}
	slices.SortStableFunc(found, func(x, y headCut) int {
		return cmp.Or(cmp.Compare(x.Nodes, y.Nodes), cmp.Compare(x.Bytes(), y.Bytes()), cmp.Compare(x.Name, y.Name))
	})
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
		if !f.BreaksFusion {
			continue
		}
		if h := a.whole(f.head); h != nil {
			cuts[i].Instead = cmp.Or(byKey[h.Key()], a.cut(h).Name)
		}
	}
	return cuts
}
