package cut

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// unclaimed marks a node that no part has claimed.
const unclaimed = -1

// Claim gives a part the nodes that tensors need and that no earlier part holds.
// It returns what Parts takes: of, nil for the first part, with those nodes set.
// Parts that are claimed one after the other never need a later one. Without
// tensors the part gets all nodes that are left. It is ErrNoCut if a tensor isn't
// computed from the model's inputs, or if no node is left for the part.
func Claim(m *onnx.Model, of []int, part int, tensors ...string) ([]int, error) {
	if of == nil {
		of = slices.Repeat([]int{unclaimed}, len(m.Nodes()))
	}
	of = slices.Clone(of)
	for _, name := range tensors {
		if m.Maker(name) < 0 {
			return nil, fmt.Errorf("%w: no node of the model computes %q from its inputs", ErrNoCut, name)
		}
	}
	if len(tensors) == 0 {
		tensors = outputNames(m)
	}
	claimed := 0
	back(m, tensors, func(name string) (int, bool) {
		at := m.Maker(name)
		if at < 0 || of[at] != unclaimed {
			return 0, false
		}
		of[at] = part
		claimed++
		return at, true
	})
	if claimed == 0 {
		return nil, fmt.Errorf("%w: earlier parts hold all nodes that part %d needs", ErrNoCut, part)
	}
	return of, nil
}

// Unclaimed returns an output of the graph that needs a node which no part has
// claimed; "" if there is none.
func Unclaimed(m *onnx.Model, of []int) string {
	for _, t := range m.Outputs() {
		if at := m.Maker(t.Name); at >= 0 && of[at] == unclaimed {
			return t.Name
		}
	}
	return ""
}
