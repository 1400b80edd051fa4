package shape

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// stated returns the tensors that the graph outputs depend on and whose shape the file states,
// in order of production.
func stated(m *onnx.Model) []string {
	var list []string
	for i := range m.Nodes() {
		n := &m.Nodes()[i]
		if !n.PerFrame() {
			continue
		}
		for _, o := range n.Outputs() {
			if _, varies := m.Span(o); o == "" || varies || !m.Declared(o) || !m.Sendable(o) || !m.Runs(o) {
				continue
			}
			if t := m.Tensor(o); t.Elem != 0 && t.Elements() >= 0 {
				list = append(list, o)
			}
		}
	}
	return list
}

// Check returns the model with the shapes that runs show of tensors for which the file states
// others; onnx.Model.Claims has these. A shape that differs between runs is variable, as in
// Probe. What is stated rightly stays as it is. The inputs' shapes must be bound.
func Check(m *onnx.Model, p Prober) (*onnx.Model, error) {
	seen, least := map[string]onnx.TensorInfo{}, map[string]onnx.TensorInfo{}
	all := stated(m)
	for names := range slices.Chunk(all, portion(len(all))) {
		elem := func(i int) onnx.Elem { return m.Tensor(names[i]).Elem }
		if err := look(m, p, names, elem, seen, least); err != nil {
			return nil, fmt.Errorf("probe of %q and %d other tensors: %w", names[0], len(names)-1, err)
		}
	}
	claims := contradicted(m, seen, least)
	if len(claims) == 0 {
		return m, nil
	}
	types, spans := map[string]onnx.TensorInfo{}, map[string]onnx.Span{}
	for _, c := range claims {
		name := c.Declared.Name
		t, low := seen[name], least[name].Shape
		if !slices.Equal(low, t.Shape) || slices.Contains(low, 0) {
			spans[name], t.Shape = varying(low, t.Shape, nil)
		}
		types[name] = t
	}
	return m.WithTypes(types, spans, claims...)
}

// contradicted lists, in order of production, what is declared of tensors and isn't what was
// seen: of another number of dimensions, or with a size that was another one in a run.
func contradicted(m *onnx.Model, seen, least map[string]onnx.TensorInfo) []onnx.Claim {
	var claims []onnx.Claim
	for i := range m.Nodes() {
		for _, o := range m.Nodes()[i].Outputs() {
			found, ok := seen[o]
			declared := m.Tensor(o)
			if !ok || declared.Shape == nil {
				continue
			}
			wrong := len(declared.Shape) != len(found.Shape)
			found.Shape = slices.Clone(found.Shape)
			for d, most := range found.Shape {
				varies := least[o].Shape[d] != most
				wrong = wrong || declared.Shape[d] >= 0 && (varies || declared.Shape[d] != most)
				if varies {
					found.Shape[d] = -1
				}
			}
			if wrong {
				claims = append(claims, onnx.Claim{Declared: declared, Found: found})
			}
		}
	}
	return claims
}
