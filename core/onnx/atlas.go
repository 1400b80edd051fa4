package onnx

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/dag"
)

// atlas is a model as a graph of the nodes that take part in cuts, with all
// that costing a cut needs.
type atlas struct {
	m       *Model
	g       *dag.Graph
	order   []int        // graph node -> node of the model
	at      map[int]int  // the inverse
	tensors []TensorInfo // by value of the graph
	macs    []int64      // by node of the graph
	params  []param      // users are nodes of the graph; g.Nodes() for outputs that are constants
	fusions []fusion     // nodes are those of the graph
}

// unknownBytes weighs a tensor of unknown size so that others are preferred.
const unknownBytes = 1 << 36

func (m *Model) newAtlas() (*atlas, error) {
	a := &atlas{m: m, at: map[int]int{}}
	for i := range m.nodes {
		if m.nodes[i].moves() {
			a.at[i] = len(a.order)
			a.order = append(a.order, i)
			a.macs = append(a.macs, m.nodeMACs(i))
		}
	}
	if len(a.order) == 0 {
		return nil, fmt.Errorf("%w: no node of the model depends on an input", ErrNoCut)
	}
	a.graph()
	for _, p := range m.params() {
		q := param{elements: p.elements}
		for _, u := range p.users {
			if k, ok := a.at[u]; ok {
				q.users = append(q.users, k)
			} else {
				q.users = append(q.users, len(a.order))
			}
		}
		q.users = slices.Compact(q.users)
		a.params = append(a.params, q)
	}
	for _, f := range m.fusions() {
		g := fusion{name: f.name}
		for _, n := range f.nodes {
			g.nodes = append(g.nodes, a.at[n])
		}
		a.fusions = append(a.fusions, g)
	}
	return a, nil
}

// graph builds the graph: values are the inputs and what its nodes make.
func (a *atlas) graph() {
	m := a.m
	value := map[string]int{}
	var values []dag.Value
	enter := func(name string, from int) {
		value[name] = len(values)
		values = append(values, dag.Value{From: from, Weight: m.weight(name)})
		a.tensors = append(a.tensors, m.typeOf(name))
	}
	for _, t := range m.inputs {
		enter(t.Name, dag.Source)
	}
	for k, i := range a.order {
		for _, u := range m.nodes[i].uses {
			if v, ok := value[u]; ok {
				values[v].To = append(values[v].To, k)
			}
		}
		for _, o := range m.nodes[i].pb.Output {
			if o != "" {
				enter(o, k)
			}
		}
	}
	for _, t := range m.outputs {
		if v, ok := value[t.Name]; ok {
			values[v].Out = true
		}
	}
	a.g = dag.New(len(a.order), values)
}

// weight is what sending a tensor costs, in bytes.
func (m *Model) weight(name string) int64 {
	if m.opaque[name] {
		return dag.Never
	}
	t := m.typeOf(name)
	if s, ok := m.spans[name]; ok {
		t.Shape = s.Max
	}
	if n := t.Bytes(); n >= 0 {
		return min(n, unknownBytes)
	}
	return unknownBytes
}

// name gives a cut its tensors and name; ok is false if one of them can not be
// sent.
func (a *atlas) name(head dag.Set) (c Cut, ok bool) {
	c.Nodes = head.Len()
	switch c.Nodes {
	case 0:
		c.Tensors = a.m.Inputs()
	case len(a.order):
		c.Tensors = a.m.Outputs()
	default:
		sent := a.g.Crossing(head)
		c.Tensors = make([]TensorInfo, len(sent))
		for i, v := range sent {
			if a.g.Values[v].Weight == dag.Never {
				return c, false
			}
			c.Tensors[i] = a.tensors[v]
		}
	}
	c.Name = cutName(c.Tensors, len(c.Tensors))
	return c, true
}

// cost fills in the rest of a cut with a head of nodes of the graph.
func (a *atlas) cost(c Cut, head dag.Set) Cut {
	c.Spans = a.m.spansOf(c.Tensors)
	for k, macs := range a.macs {
		if head.Has(k) {
			c.HeadMACs = add(c.HeadMACs, macs)
		} else {
			c.TailMACs = add(c.TailMACs, macs)
		}
	}
	full := c.Nodes == len(a.order)
	for _, p := range a.params {
		before, behind := split(p.users, head, full)
		if before {
			c.HeadParams = add(c.HeadParams, p.elements)
		}
		if behind {
			c.TailParams = add(c.TailParams, p.elements)
		}
	}
	for _, f := range a.fusions {
		if before, behind := split(f.nodes, head, full); before && behind {
			c.Broken = append(c.Broken, f.name)
		}
	}
	c.BreaksFusion = len(c.Broken) > 0
	return c
}

// split says whether any of the nodes lie before and behind a cut. What is no
// node of the graph lies behind all cuts but the last.
func split(nodes []int, head dag.Set, full bool) (before, behind bool) {
	for _, k := range nodes {
		if k < 64*len(head) && head.Has(k) || full {
			before = true
		} else {
			behind = true
		}
	}
	return before, behind
}

// whole returns the head of a cut near the given one that breaks no fusion:
// with all of the broken ones before it or, where that is the whole model, all
// behind. Nil if there is none.
func (a *atlas) whole(head dag.Set) dag.Set {
	broken := func(h dag.Set) (list []int) {
		for _, f := range a.fusions {
			if before, behind := split(f.nodes, h, false); before && behind {
				list = append(list, f.nodes...)
			}
		}
		return list
	}
	inner := func(h dag.Set) bool {
		n := h.Len()
		if n == 0 || n == len(a.order) {
			return false
		}
		_, ok := a.name(h)
		return ok
	}
	grown := head.Clone()
	for list := broken(grown); len(list) > 0; list = broken(grown) {
		for _, k := range list {
			grown.Add(k)
		}
		a.g.Ancestors(grown)
	}
	if inner(grown) {
		return grown
	}
	shrunk := head.Clone()
	for list := broken(shrunk); len(list) > 0; list = broken(shrunk) {
		gone := dag.NewSet(len(a.order))
		for _, k := range list {
			gone.Add(k)
		}
		a.g.Descendants(gone)
		shrunk.Remove(gone)
	}
	if inner(shrunk) {
		return shrunk
	}
	return nil
}
