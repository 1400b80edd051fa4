package onnx

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// liftConstants makes initializers of the main graph of constants whose data lies in other
// files: of Constant nodes there and in bodies, and of initializers in bodies. So they are
// neither read nor copied before a sub-model is written.
func liftConstants(g *onnxpb.GraphProto) {
	l := lifter{to: g}
	g.Node = slices.DeleteFunc(g.Node, func(n *onnxpb.NodeProto) bool {
		if t := outside(n); t != nil && l.once(n.Output[0]) {
			l.lift(t, n.Output[0])
			return true
		}
		for _, body := range Bodies(n) {
			l.body(body)
		}
		return false
	})
}

// outside returns the data of a Constant node that lies in another file, or nil.
func outside(n *onnxpb.NodeProto) *onnxpb.TensorProto {
	if Op(n) != "Constant" || len(n.Output) != 1 {
		return nil
	}
	if t := attr(n, "value").GetT(); t != nil && external(t) {
		return t
	}
	return nil
}

type lifter struct {
	to   *onnxpb.GraphProto
	made map[string]int // how often a name is given in the main graph and in bodies
}

func (l *lifter) lift(t *onnxpb.TensorProto, name string) {
	t.Name = proto.String(name)
	l.to.Initializer = append(l.to.Initializer, t)
}

// once reports whether nothing else in the model has a tensor's name.
func (l *lifter) once(name string) bool {
	if l.made == nil {
		l.made = map[string]int{}
		l.count(l.to)
	}
	return name != "" && l.made[name] == 1
}

func (l *lifter) count(g *onnxpb.GraphProto) {
	for _, v := range g.Input {
		l.made[v.GetName()]++
	}
	for _, t := range g.Initializer {
		l.made[t.GetName()]++
	}
	for _, n := range g.Node {
		for _, o := range n.Output {
			l.made[o]++
		}
		for _, body := range Bodies(n) {
			l.count(body)
		}
	}
}

// body lifts what lies in other files out of a body; what it gives as an output stays, since a
// body may not give what is made outside of it.
func (l *lifter) body(g *onnxpb.GraphProto) {
	given := map[string]bool{}
	for _, v := range g.Output {
		given[v.GetName()] = true
	}
	g.Initializer = slices.DeleteFunc(g.Initializer, func(t *onnxpb.TensorProto) bool {
		out := external(t) && !given[t.GetName()] && l.once(t.GetName())
		if out {
			l.lift(t, t.GetName())
		}
		return out
	})
	g.Node = slices.DeleteFunc(g.Node, func(n *onnxpb.NodeProto) bool {
		if t := outside(n); t != nil && !given[n.Output[0]] && l.once(n.Output[0]) {
			l.lift(t, n.Output[0])
			return true
		}
		for _, body := range Bodies(n) {
			l.body(body)
		}
		return false
	})
}
