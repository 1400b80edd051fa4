package ort

import (
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// What ONNX Runtime calls a tensor in blocks, and adds to the name of a node that it
// makes to compute such a one.
const (
	blockedTensor = "reorder_token"
	blockedNode   = "_nchwc"
)

// rename gives tensors in blocks names that say whose blocks they are: that of the node
// which makes them, such as pw1_nchwc where node pw1 was. Those that a body of control
// flow uses stay as they are.
func rename(g *onnxpb.GraphProto) {
	taken, keep := map[string]bool{}, map[string]bool{}
	for _, n := range g.GetNode() {
		for _, list := range [][]string{n.Input, n.Output} {
			for _, name := range list {
				taken[name] = true
			}
		}
		bodyNames(n, keep)
	}
	for _, v := range g.GetOutput() {
		keep[v.GetName()] = true
	}
	names := map[string]string{}
	for _, n := range g.GetNode() {
		if len(n.Output) == 0 || n.GetName() == "" || !strings.HasPrefix(n.Output[0], blockedTensor) || keep[n.Output[0]] {
			continue
		}
		name := strings.TrimSuffix(n.GetName(), blockedNode) + blockedNode
		if !taken[name] && !keep[name] {
			names[n.Output[0]], taken[name] = name, true
		}
	}
	for _, n := range g.GetNode() {
		for _, list := range [][]string{n.Input, n.Output} {
			for i := range list {
				if name, ok := names[list[i]]; ok {
					list[i] = name
				}
			}
		}
	}
	for _, v := range g.GetValueInfo() {
		if name, ok := names[v.GetName()]; ok {
			v.Name = &name
		}
	}
}

// bodyNames collects the names of all tensors in bodies of a node.
func bodyNames(n *onnxpb.NodeProto, names map[string]bool) {
	for _, g := range onnx.Bodies(n) {
		for _, inner := range g.Node {
			for _, name := range slices.Concat(inner.Input, inner.Output) {
				names[name] = true
			}
			bodyNames(inner, names)
		}
		for _, v := range g.Output {
			names[v.GetName()] = true
		}
	}
}
