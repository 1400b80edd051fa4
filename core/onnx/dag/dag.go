// Package dag finds the cuts of a directed acyclic graph of nodes and values:
// all that pass one value, down-sets, and the cheapest at every depth. It may
// not know of tensors, operators or files.
package dag

import (
	"math"
	"slices"
)

// Never is the weight of a value that no cut may pass.
const Never = math.MaxInt64

// Value is something that one node makes and others read.
type Value struct {
	From   int   // node that makes it, or Source
	To     []int // distinct nodes that read it, ascending
	Out    bool  // it is an output of the graph as well
	Weight int64 // cost of sending it, at least 0
}

// Source stands for the maker of the inputs of the graph.
const Source = -1

// Graph has nodes 0 to Nodes-1 in topological order: every value is made
// before it is read. Every node must lead to a value that is Out; New checks
// nothing of that. Values are in order of their makers.
type Graph struct {
	Values []Value
	uses   [][]int // by node, values that it reads
	makes  [][]int // by node, values that it makes
	never  []int   // values of weight Never
}

// New indexes a graph. It keeps values.
func New(nodes int, values []Value) *Graph {
	g := &Graph{Values: values, uses: make([][]int, nodes), makes: make([][]int, nodes)}
	for i, v := range values {
		if v.From != Source {
			g.makes[v.From] = append(g.makes[v.From], i)
		}
		for _, n := range v.To {
			g.uses[n] = append(g.uses[n], i)
		}
		if v.Weight == Never {
			g.never = append(g.never, i)
		}
	}
	return g
}

// Nodes returns the number of nodes.
func (g *Graph) Nodes() int { return len(g.uses) }

// Crossing returns, ascending, the values that the nodes of head send to the others and to
// the outputs, and the inputs that these still need. See Crossings for many heads.
func (g *Graph) Crossing(head Head) []int { return g.crossing(head) }

// nodes is a set of nodes.
type nodes interface{ Has(node int) bool }

func (g *Graph) crossing(head nodes) []int {
	var sent []int
	for i := range g.Values {
		if v := &g.Values[i]; (v.From == Source || head.Has(v.From)) && !g.spent(v, head) {
			sent = append(sent, i)
		}
	}
	return sent
}

// spent says that nothing outside head reads a value.
func (g *Graph) spent(v *Value, head nodes) bool {
	if v.Out {
		return false
	}
	for _, n := range slices.Backward(v.To) { // a late reader is the likelier to be outside
		if !head.Has(n) {
			return false
		}
	}
	return true
}

// Weight adds the weights of values, at most Never.
func (g *Graph) Weight(values []int) int64 {
	total := int64(0)
	for _, v := range values {
		if total > Never-g.Values[v].Weight {
			return Never
		}
		total += g.Values[v].Weight
	}
	return total
}

// Uses returns the values that a node reads. Do not change them.
func (g *Graph) Uses(node int) []int { return g.uses[node] }

// Makes returns the values that a node makes. Do not change them.
func (g *Graph) Makes(node int) []int { return g.makes[node] }
