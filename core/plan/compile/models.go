package compile

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/plan"
)

// Segment returns the sub-model that actor a of a plan runs. It is an error wrapping
// ErrNoModel if the actor runs none, or if its model is not among these.
func (models Models) Segment(p *plan.Plan, a int) ([]byte, error) {
	w := &p.Work[a]
	m := models[w.Model]
	if w.Model == "" || m == nil {
		return nil, fmt.Errorf("%w: actor %s has no model bytes at hand", ErrNoModel, p.Graph.Actors[a].Name)
	}
	if sum := m.SHA256(); sum != w.SHA256 {
		return nil, fmt.Errorf("%w: actor %s runs model %s with SHA-256 %.8s, and the one at hand has %.8s",
			ErrNoModel, p.Graph.Actors[a].Name, w.Model, w.SHA256, sum)
	}
	if w.Branch {
		s := between(w)
		return cut.Extract(m.Model, s.From, s.To)
	}
	return cut.Extract(m.Model, m.Cuts[w.From], m.Cuts[w.To])
}

// between returns what lies between the tensors of ends.
func between(w *plan.Work) cut.Section {
	ins, outs := w.Tensors()
	return cut.Section{From: cutAt("its inputs", ins), To: cutAt("its outputs", outs)}
}

// cutAt returns a cut of the tensors named.
func cutAt(name string, tensors []string) cut.Cut {
	c := cut.Cut{Name: name}
	for _, t := range tensors {
		c.Tensors = append(c.Tensors, onnx.TensorInfo{Name: t})
	}
	return c
}
