package onnx

import "github.com/edgeprune/edgeprune/core/onnx/onnxpb"

// Node is one node of a model's main graph. It is read-only, and valid as long as its
// model is.
type Node struct {
	pb       *onnxpb.NodeProto
	uses     []string
	live     bool
	constant bool
	custom   string // see Custom
	stuck    bool   // it is custom, or needs what such a node makes
}

// Proto returns the node as the file has it; do not change it.
func (n *Node) Proto() *onnxpb.NodeProto { return n.pb }

// Name returns the node's name, which may be empty.
func (n *Node) Name() string { return n.pb.GetName() }

// Label names the node in an error: its operator, and its name or what it makes.
func (n *Node) Label() string { return label(n.pb) }

// Op returns the operator, with its domain and a dot if that is not the default one.
func (n *Node) Op() string { return Op(n.pb) }

// Input returns the name of input k, "" if the node has none there.
func (n *Node) Input(k int) string { return input(n.pb, k) }

// Output returns the name of output k, "" if the node has none there.
func (n *Node) Output(k int) string {
	if k < len(n.pb.Output) {
		return n.pb.Output[k]
	}
	return ""
}

// Outputs returns the names of the outputs; those that are left out are "". Do not
// change them.
func (n *Node) Outputs() []string { return n.pb.Output }

// Uses returns the distinct tensors that the node or a body of it reads, in order of
// first use. Do not change them.
func (n *Node) Uses() []string { return n.uses }

// Attr returns the attribute of a name, or nil; the getters of a nil attribute return
// zero values.
func (n *Node) Attr(name string) *onnxpb.AttributeProto { return attr(n.pb, name) }

// Axis returns the dimension, from 0, that attribute axis names in a tensor of so many
// dimensions; the first if there is no such attribute.
func (n *Node) Axis(rank int) int {
	axis := int(n.Attr("axis").GetI())
	if axis < 0 {
		axis += rank
	}
	return axis
}

// Custom names the operator that the node needs and that neither ONNX Runtime nor a function of
// the model defines; "" if there is none.
func (n *Node) Custom() string { return n.custom }

// Live reports whether a graph output depends on the node.
func (n *Node) Live() bool { return n.live }

// Constant reports whether the node is computed from initializers alone. Such a node is
// no part of a cut's order of nodes: every sub-model that needs it gets its own.
func (n *Node) Constant() bool { return n.constant }

// PerFrame reports whether the node takes part in cuts and parts: a graph output depends
// on it, and it depends on more than initializers, so every frame needs it run.
func (n *Node) PerFrame() bool { return n.live && !n.constant }
