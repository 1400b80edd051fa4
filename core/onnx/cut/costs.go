package cut

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/dag"
	"github.com/edgeprune/edgeprune/core/onnx/fusion"
	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
	"github.com/edgeprune/edgeprune/core/onnx/work"
)

// costGraph is a model as a graph of the nodes that take part in cuts, with all
// that the cost of a cut is computed from.
type costGraph struct {
	m       *onnx.Model
	dag     *dag.Graph
	order   []int             // graph node -> node of the model
	at      map[int]int       // the inverse
	tensors []onnx.TensorInfo // by value of the graph
	macs    []int64           // by node of the graph
	params  []work.Param      // users are nodes of the graph; g.Nodes() for outputs that are constants
	fusions []fusion.Fusion   // nodes are those of the graph
}

// unknownBytes weighs a tensor of unknown size so that others are preferred.
const unknownBytes = 1 << 36

func newCostGraph(m *onnx.Model) (*costGraph, error) {
	g := &costGraph{m: m, at: map[int]int{}}
	for i := range m.Nodes() {
		if m.Nodes()[i].PerFrame() {
			g.at[i] = len(g.order)
			g.order = append(g.order, i)
			g.macs = append(g.macs, work.NodeMACs(m, i))
		}
	}
	if len(g.order) == 0 {
		return nil, fmt.Errorf("%w: no node of the model depends on an input", ErrNoCut)
	}
	g.link()
	for _, p := range work.ParamList(m) {
		q := work.Param{Elements: p.Elements}
		for _, u := range p.Users {
			if k, ok := g.at[u]; ok {
				q.Users = append(q.Users, k)
			} else {
				q.Users = append(q.Users, len(g.order))
			}
		}
		q.Users = slices.Compact(q.Users)
		g.params = append(g.params, q)
	}
	for _, f := range fusion.Find(m) {
		own := fusion.Fusion{Name: f.Name}
		for _, n := range f.Nodes {
			own.Nodes = append(own.Nodes, g.at[n])
		}
		g.fusions = append(g.fusions, own)
	}
	return g, nil
}

// link builds the graph: values are the inputs and what its nodes make.
func (g *costGraph) link() {
	m := g.m
	value := map[string]int{}
	var values []dag.Value
	enter := func(name string, from int) {
		value[name] = len(values)
		values = append(values, dag.Value{From: from, Weight: weight(m, name)})
		g.tensors = append(g.tensors, m.Tensor(name))
	}
	for _, t := range m.Inputs() {
		enter(t.Name, dag.Source)
	}
	for k, i := range g.order {
		for _, u := range m.Nodes()[i].Uses() {
			if v, ok := value[u]; ok {
				values[v].To = append(values[v].To, k)
			}
		}
		for _, o := range m.Nodes()[i].Outputs() {
			if o != "" {
				enter(o, k)
			}
		}
	}
	for _, t := range m.Outputs() {
		if v, ok := value[t.Name]; ok {
			values[v].Out = true
		}
	}
	g.dag = dag.New(len(g.order), values)
}

// weight is what sending a tensor costs, in bytes.
func weight(m *onnx.Model, name string) int64 {
	if !m.Sendable(name) {
		return dag.Never
	}
	t := m.Tensor(name)
	if s, ok := m.Span(name); ok {
		t.Shape = s.Max
	}
	if n := t.Bytes(); n >= 0 {
		return min(n, unknownBytes)
	}
	return unknownBytes
}

// name gives a cut its tensors and name; ok is false if one of them can not be
// sent.
func (g *costGraph) name(head dag.Set) (c Cut, ok bool) {
	c.Nodes = head.Len()
	switch c.Nodes {
	case 0:
		c.Tensors = g.m.Inputs()
	case len(g.order):
		c.Tensors = g.m.Outputs()
	default:
		sent := g.dag.Crossing(head)
		c.Tensors = make([]onnx.TensorInfo, len(sent))
		for i, v := range sent {
			if g.dag.Values[v].Weight == dag.Never {
				return c, false
			}
			c.Tensors[i] = g.tensors[v]
		}
	}
	c.Name = cutName(c.Tensors, len(c.Tensors))
	return c, true
}

// cost fills in the rest of a cut with a head of nodes of the graph.
func (g *costGraph) cost(c Cut, head dag.Set) Cut {
	c.Spans = spansOf(g.m, c.Tensors)
	for k, macs := range g.macs {
		if head.Has(k) {
			c.HeadMACs = count.Add(c.HeadMACs, macs)
		} else {
			c.TailMACs = count.Add(c.TailMACs, macs)
		}
	}
	full := c.Nodes == len(g.order)
	for _, p := range g.params {
		before, behind := split(p.Users, head, full)
		if before {
			c.HeadParams = count.Add(c.HeadParams, p.Elements)
		}
		if behind {
			c.TailParams = count.Add(c.TailParams, p.Elements)
		}
	}
	for _, f := range g.fusions {
		if before, behind := split(f.Nodes, head, full); before && behind {
			c.Broken = append(c.Broken, f.Name)
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
func (g *costGraph) whole(head dag.Set) dag.Set {
	broken := func(h dag.Set) (list []int) {
		for _, f := range g.fusions {
			if before, behind := split(f.Nodes, h, false); before && behind {
				list = append(list, f.Nodes...)
			}
		}
		return list
	}
	inner := func(h dag.Set) bool {
		n := h.Len()
		if n == 0 || n == len(g.order) {
			return false
		}
		_, ok := g.name(h)
		return ok
	}
	grown := head.Clone()
	for list := broken(grown); len(list) > 0; list = broken(grown) {
		for _, k := range list {
			grown.Add(k)
		}
		g.dag.Ancestors(grown)
	}
	if inner(grown) {
		return grown
	}
	shrunk := head.Clone()
	for list := broken(shrunk); len(list) > 0; list = broken(shrunk) {
		gone := dag.NewSet(len(g.order))
		for _, k := range list {
			gone.Add(k)
		}
		g.dag.Descendants(gone)
		shrunk.Remove(gone)
	}
	if inner(shrunk) {
		return shrunk
	}
	return nil
}
