package tfjs

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Graph is a TensorFlow.js graph model with its weights.
type Graph struct {
	nodes   []*node // in topological order
	byName  map[string]*node
	tensors map[string]Tensor
	inputs  map[string][]int64
	outputs map[string][]int64
}

type node struct {
	Name, Op string
	Input    []string
	Attr     map[string]attr
}

type attr struct {
	S, I string
	F    float64
	B    bool
	List struct{ I []string }
}

type tensorShape struct {
	Dim []struct{ Size string }
}

func (s tensorShape) dims() []int64 {
	dims := []int64{}
	for _, d := range s.Dim {
		n, err := strconv.ParseInt(cmp.Or(d.Size, "0"), 10, 64)
		if err != nil {
			n = -1
		}
		dims = append(dims, n)
	}
	return dims
}

// Parse reads model.json and its weight file. Errors wrap ErrGraph or
// ErrWeights.
func Parse(model, weights []byte) (*Graph, error) {
	type ends map[string]struct {
		Name        string
		TensorShape tensorShape
	}
	var file struct {
		Format          string
		Signature       struct{ Inputs, Outputs ends }
		ModelTopology   struct{ Node []*node }
		WeightsManifest []group
	}
	if err := json.Unmarshal(model, &file); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGraph, err)
	}
	if file.Format != "graph-model" {
		return nil, fmt.Errorf("%w: format %q, not a graph model", ErrGraph, file.Format)
	}
	tensors, err := read(file.WeightsManifest, weights)
	if err != nil {
		return nil, err
	}
	shapes := func(e ends) map[string][]int64 {
		out := map[string][]int64{}
		for _, v := range e {
			out[strings.TrimSuffix(v.Name, ":0")] = v.TensorShape.dims()
		}
		return out
	}
	g := &Graph{tensors: tensors, byName: map[string]*node{}, inputs: shapes(file.Signature.Inputs),
		outputs: shapes(file.Signature.Outputs)}
	for _, n := range file.ModelTopology.Node {
		if g.byName[n.Name] != nil {
			return nil, fmt.Errorf("%w: two nodes are named %q", ErrGraph, n.Name)
		}
		g.byName[n.Name] = n
	}
	return g, g.sort(file.ModelTopology.Node)
}

// sort puts the nodes that the outputs depend on in topological order.
func (g *Graph) sort(all []*node) error {
	const visiting, done = 1, 2
	state := map[*node]int{}
	var visit func(name string) error
	visit = func(name string) error {
		n := g.byName[nodeOf(name)]
		switch {
		case n == nil:
			return fmt.Errorf("%w: there is no node %q", ErrGraph, name)
		case state[n] == done:
			return nil
		case state[n] == visiting || len(g.nodes) > len(all):
			return fmt.Errorf("%w: node %q depends on itself", ErrGraph, name)
		}
		state[n] = visiting
		for _, in := range n.Input {
			if err := visit(in); err != nil {
				return err
			}
		}
		state[n] = done
		g.nodes = append(g.nodes, n)
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(g.outputs)) {
		if err := visit(name); err != nil {
			return err
		}
	}
	return nil
}

// nodeOf returns the name of the node that makes a tensor.
func nodeOf(tensor string) string {
	name, _, _ := strings.Cut(tensor, ":")
	return name
}

// text returns a string attribute, which the format holds in base64.
func (n *node) text(name string) string {
	b, err := base64.StdEncoding.DecodeString(n.Attr[name].S)
	if err != nil {
		return n.Attr[name].S
	}
	return string(b)
}

// ints returns an attribute that is a list of numbers.
func (n *node) ints(name string) []int64 {
	var out []int64
	for _, s := range n.Attr[name].List.I {
		v, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil
		}
		out = append(out, v)
	}
	return out
}
