package cut

import (
	"fmt"

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

// Behind says whether a cut lies behind a tensor: whether the head makes it, or
// gets it. It is ErrNoCut if the model has no such tensor, or only as a constant.
func Behind(m *onnx.Model, c Cut, tensor string) (bool, error) {
	at, made := m.MadeBy(tensor)
	if !made || m.Fixed(tensor) {
		return false, fmt.Errorf("%w: no node or input of the model makes a tensor %q", ErrNoCut, tensor)
	}
	if at == onnx.GraphInput {
		return true, nil
	}
	tail := map[int]bool{}
	have := nameSet(c.Tensors)
	back(m, outputNames(m), func(name string) (int, bool) {
		i, ok := m.MadeBy(name)
		if !ok || i < 0 || have[name] || tail[i] {
			return 0, false
		}
		tail[i] = true
		return i, true
	})
	return !tail[at], nil
}
