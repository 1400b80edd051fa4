package onnx

// back goes back from tensors to what they need. visit is called for every tensor
// on the way, once for each of its readers, and says whether to go on to what a node
// uses.
func (m *Model) back(tensors []string, visit func(name string) (node int, on bool)) {
	stack := append([]string(nil), tensors...)
	for len(stack) > 0 {
		name := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if node, on := visit(name); on {
			stack = append(stack, m.nodes[node].uses...)
		}
	}
}

// maker returns the moving node that makes a tensor, or -1.
func (m *Model) maker(tensor string) int {
	if i, ok := m.made[tensor]; ok && i >= 0 && m.nodes[i].moves() {
		return i
	}
	return -1
}

func (m *Model) outputNames() []string {
	var names []string
	for _, t := range m.outputs {
		names = append(names, t.Name)
	}
	return names
}
