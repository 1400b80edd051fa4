package compile

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/onnx"
)

// Ports are the names of ports for a model's tensors, which may have any name: by tensor,
// those that can't have its name.
type Ports map[string]string

// NewPorts names the ports of a model. They are distinct, and the same for the same model.
func NewPorts(m *onnx.Model) Ports {
	ports, taken := Ports{}, map[string]bool{}
	each := func(visit func(tensor string)) {
		for _, t := range m.Inputs() {
			visit(t.Name)
		}
		for i := range m.Nodes() {
			for _, o := range m.Nodes()[i].Outputs() {
				if o != "" {
					visit(o)
				}
			}
		}
		for _, t := range m.Outputs() { // of initializers
			visit(t.Name)
		}
	}
	each(func(tensor string) { taken[tensor] = true })
	next := map[string]int{} // number, by stand-in
	each(func(tensor string) {
		name := graph.StandIn(tensor)
		if _, done := ports[tensor]; done || name == tensor {
			return
		}
		for stand := name; taken[name]; next[stand]++ {
			name = fmt.Sprintf("%s-%d", stand, 2+next[stand])
		}
		ports[tensor], taken[name] = name, true
	})
	return ports
}

// Of returns the name of the port for a tensor.
func (p Ports) Of(tensor string) string {
	if name, ok := p[tensor]; ok {
		return name
	}
	return tensor
}
