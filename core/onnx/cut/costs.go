package cut

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/dag"
	"github.com/edgeprune/edgeprune/core/onnx/fusion"
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

	// By node of the graph, the indices of what it takes part in.
	paramsOf, fusionsOf [][]int
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
	g.paramsOf, g.fusionsOf = make([][]int, len(g.order)), make([][]int, len(g.order))
	for i, p := range g.params {
		for _, k := range p.Users {
			if k < len(g.order) {
				g.paramsOf[k] = append(g.paramsOf[k], i)
			}
		}
	}
	for _, f := range fusion.Find(m) {
		own := fusion.Fusion{Name: f.Name}
		for _, n := range f.Nodes {
			own.Nodes = append(own.Nodes, g.at[n])
		}
		for _, k := range own.Nodes {
			g.fusionsOf[k] = append(g.fusionsOf[k], len(g.fusions))
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
