package work

import (
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
)

// Param is a constant of a model with the nodes that need it.
type Param struct {
	Elements int64
	Users    []int // indices in the model's Nodes, ascending, which may repeat
}

// Params returns the elements of all constants that the outputs depend on:
// initializers and constants within nodes, except those of type int64, which
// are shapes and indices.
func Params(m *onnx.Model) int64 {
	total := int64(0)
	for _, p := range ParamList(m) {
		total = count.Add(total, p.Elements)
	}
	return total
}

// ParamList returns the constants that Params counts, with the nodes that need them, be
// it through constant nodes. One that is a graph output is needed behind the last node,
// by the index len(Nodes).
func ParamList(m *onnx.Model) []Param {
	nodes := m.Nodes()
	users := map[string][]int{} // of fixed tensors
	need := func(name string, by []int) {
		if m.Fixed(name) {
			if users[name] == nil {
				users[name] = by[:len(by):len(by)] // shared until more come
				return
			}
			users[name] = append(users[name], by...)
		}
	}
	end := []int{len(nodes)}
	for _, t := range m.Outputs() {
		need(t.Name, end)
	}
	var list []Param
	for i := len(nodes) - 1; i >= 0; i-- {
		n := &nodes[i]
		if !n.Live() {
			continue
		}
		p := Param{Users: []int{i}}
		if n.Constant() {
			p.Users = nil
			for _, o := range n.Outputs() {
				p.Users = append(p.Users, users[o]...)
			}
			slices.Sort(p.Users)
		}
		for _, u := range n.Uses() {
			need(u, p.Users)
		}
		_ = onnx.Walk(n.Proto(), func(inner *onnxpb.NodeProto) error {
			for _, t := range onnx.Constants(inner) {
				p.Elements = count.Add(p.Elements, paramElements(t))
			}
			return nil
		})
		list = append(list, p)
	}
	for _, t := range m.Initializers() {
		if by := users[t.GetName()]; by != nil {
			list = append(list, Param{paramElements(t), slices.Sorted(slices.Values(by))})
		}
	}
	return slices.DeleteFunc(list, func(p Param) bool { return p.Elements == 0 || len(p.Users) == 0 })
}

func paramElements(t *onnxpb.TensorProto) int64 {
	if onnx.Elem(t.GetDataType()) == onnx.Int64 {
		return 0
	}
	return count.Product(t.Dims)
}
