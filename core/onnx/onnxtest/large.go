package onnxtest

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
)

// Large returns the models that work per node shows on, each with about so many
// nodes: see Deep, Wide, Rungs, Weights and Interleaved.
func Large(nodes int) []Model {
	return []Model{Deep(nodes), Wide(nodes), Rungs(nodes), Weights(nodes), Interleaved(nodes)}
}

// Deep is a chain of additions of a constant and activations, whose input is added to
// its end, so that no tensor within is a cut on its own. No inner type is stated.
func Deep(nodes int) Model {
	n := newNet("deep")
	n.Input("x", onnx.Float32, 1, 4)
	n.weight("c", 4)
	at := "x"
	for i := range nodes {
		in := []string{at, "c"}
		op := "Add"
		if i%2 == 1 {
			op, in = "Relu", in[:1]
		}
		at = n.Node(op, in, []string{fmt.Sprintf("t%d", i)})
	}
	n.Node("Add", []string{at, "x"}, []string{"y"})
	n.Output("y", onnx.Float32, 1, 4)
	return n.done("deep")
}

// Wide is a model of as many parallel branches as it has nodes, all of which one node
// concatenates.
func Wide(nodes int) Model {
	n := newNet("wide")
	n.Input("x", onnx.Float32, 1, 4)
	var all []string
	for i := range nodes {
		all = append(all, n.value("Relu", fmt.Sprintf("b%d", i), []int64{1, 4}, []string{"x"}))
	}
	n.Node("Concat", all, []string{"y"}, build.Attr{Name: "axis", Value: 1})
	n.Output("y", onnx.Float32, 1, int64(4*nodes))
	return n.done("wide")
}

// rung is how far the skips of Rungs reach.
const rung = 100

// Rungs is a chain in which every node's result is needed again 100 nodes later.
func Rungs(nodes int) Model {
	n := newNet("rungs")
	n.Input("x", onnx.Float32, 1, 4)
	names := []string{"x"}
	for i := range nodes {
		in := []string{names[i], names[max(i-rung, 0)]}
		names = append(names, n.value("Max", fmt.Sprintf("t%d", i), []int64{1, 4}, in))
	}
	n.Output(names[nodes], onnx.Float32, 1, 4)
	return n.done("rungs")
}

// Weights is a chain of additions, each of an initializer of its own.
func Weights(nodes int) Model {
	n := newNet("weights")
	n.Input("x", onnx.Float32, 1, 4)
	at := "x"
	for i := range nodes {
		name := fmt.Sprintf("t%d", i)
		at = n.value("Add", name, []int64{1, 4}, []string{at, n.weight(name+".w", 4)})
	}
	n.Output(at, onnx.Float32, 1, 4)
	return n.done("weights")
}

// Interleaved is a model of four chains side by side, whose nodes take turns, and which one
// node concatenates.
func Interleaved(nodes int) Model {
	const chains = 4
	n := newNet("interleaved")
	n.Input("x", onnx.Float32, 1, 4)
	ends := []string{"x", "x", "x", "x"}
	for i := range nodes {
		c := i % chains
		ends[c] = n.value("Relu", fmt.Sprintf("t%d", i), []int64{1, 4}, []string{ends[c]})
	}
	n.Node("Concat", ends, []string{"y"}, build.Attr{Name: "axis", Value: 1})
	n.Output("y", onnx.Float32, 1, 4*chains)
	return n.done("interleaved")
}
