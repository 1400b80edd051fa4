package onnx

import "github.com/edgeprune/edgeprune/core/onnx/onnxpb"

// GraphInput is what MadeBy says of a graph input.
const GraphInput = -1

// Nodes returns the nodes of the main graph in the file's order. They are the model's
// own; do not change the slice.
func (m *Model) Nodes() []Node { return m.nodes }

// MadeBy returns the index in Nodes of the node that makes a tensor, or GraphInput;
// made is false for initializers and for what the model doesn't have.
func (m *Model) MadeBy(tensor string) (node int, made bool) {
	node, made = m.made[tensor]
	return node, made
}

// Maker returns the index in Nodes of the node that makes a tensor in every frame (see
// Node.PerFrame); -1 if there is none.
func (m *Model) Maker(tensor string) int {
	if i, made := m.made[tensor]; made && i >= 0 && m.nodes[i].PerFrame() {
		return i
	}
	return -1
}

// Fixed reports whether a tensor is an initializer, or computed from these alone.
func (m *Model) Fixed(tensor string) bool { return m.fixed[tensor] }

// Sendable reports whether a tensor can cross between devices: it is no sequence,
// optional, map or sparse tensor, and its elements are Sendable as far as they are known.
func (m *Model) Sendable(tensor string) bool { return !m.opaque[tensor] }

// Tensor returns what is known of a tensor, its name at least.
func (m *Model) Tensor(name string) TensorInfo {
	t := m.types[name]
	t.Name = name
	return t
}

// DeclaredInputs returns the graph inputs as the file declares them, with symbols, and
// with initializers among them in old files. Do not change them.
func (m *Model) DeclaredInputs() []*onnxpb.ValueInfoProto { return m.pb.Graph.Input }

// Initializer returns an initializer, or nil. A large one may be without its data. Do
// not change it.
func (m *Model) Initializer(name string) *onnxpb.TensorProto { return m.weights[name] }

// Initializers returns the initializers in the file's order; see Initializer.
func (m *Model) Initializers() []*onnxpb.TensorProto { return m.pb.Graph.Initializer }

// ConstantValue returns the constant that lies in the file under a tensor's name, as an
// initializer or as a Constant node's value, or nil; see Initializer.
func (m *Model) ConstantValue(tensor string) *onnxpb.TensorProto {
	if t := m.weights[tensor]; t != nil {
		return t
	}
	if i, made := m.made[tensor]; made && i >= 0 && m.nodes[i].Op() == "Constant" {
		return m.nodes[i].Attr("value").GetT()
	}
	return nil
}
