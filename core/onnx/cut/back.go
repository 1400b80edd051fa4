package cut

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// back goes back from tensors to what they need. visit is called for every tensor
// on the way, once for each of its readers, and says whether to go on to what a node
// uses.
func back(m *onnx.Model, tensors []string, visit func(name string) (node int, on bool)) {
	stack := append([]string(nil), tensors...)
	for len(stack) > 0 {
		name := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if node, on := visit(name); on {
			stack = append(stack, m.Nodes()[node].Uses()...)
		}
	}
}

func outputNames(m *onnx.Model) []string {
	var names []string
	for _, t := range m.Outputs() {
		names = append(names, t.Name)
	}
	return names
}

// Behind returns what says of a cut whether it lies behind a tensor: whether the head
// makes it, or gets it. It is ErrNoCut if the model has no such tensor, or only as a
// constant.
func Behind(m *onnx.Model, tensor string) (func(c Cut) bool, error) {
	at, made := m.MadeBy(tensor)
	if !made || m.Fixed(tensor) {
		return nil, fmt.Errorf("%w: no node or input of the model makes a tensor %q", ErrNoCut, tensor)
	}
	if at == onnx.GraphInput || !m.Nodes()[at].Live() {
		return func(Cut) bool { return true }, nil
	}
	// A head that makes it sends something that needs it: all that is live leads out.
	needs := map[string]bool{}
	for i := at; i < len(m.Nodes()); i++ {
		n := &m.Nodes()[i]
		if i == at || slices.ContainsFunc(n.Uses(), func(u string) bool { return needs[u] }) {
			for _, o := range n.Outputs() {
				needs[o] = o != ""
			}
		}
	}
	return func(c Cut) bool {
		return slices.ContainsFunc(c.Tensors, func(t onnx.TensorInfo) bool { return needs[t.Name] })
	}, nil
}
