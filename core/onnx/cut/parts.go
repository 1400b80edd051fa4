package cut

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// Part is one of several sub-models that together are the model.
type Part struct {
	Inputs  []onnx.TensorInfo // from other parts and the graph inputs, in order of production
	Outputs []onnx.TensorInfo // for other parts and the graph outputs, in order of production
	Needs   []int             // parts that make its inputs, ascending
}

// Parts divides the model's nodes: of gives the part, from 0, for each of the model's
// Nodes. The entries of nodes that aren't PerFrame are ignored: every part that
// needs what is computed from initializers alone gets its own copy, and graph
// outputs of that kind come from the last part. A graph input that is a graph
// output as well goes through no part. It is ErrParts if two parts would need
// each other, be it through others, and ErrNoCut if a part is empty.
func Parts(m *onnx.Model, of []int) ([]Part, error) {
	if len(of) != len(m.Nodes()) {
		return nil, fmt.Errorf("%w: %d nodes are given a part, the model has %d", ErrNoCut, len(of), len(m.Nodes()))
	}
	count := 0
	for i := range m.Nodes() {
		if m.Nodes()[i].PerFrame() {
			if of[i] < 0 {
				return nil, fmt.Errorf("%w: node %s is in no part", ErrNoCut, m.Nodes()[i].Label())
			}
			count = max(count, of[i]+1)
		}
	}
	if count > len(m.Nodes()) {
		return nil, fmt.Errorf("%w: %d parts of %d nodes", ErrNoCut, count, len(m.Nodes()))
	}
	parts := make([]Part, count)
	reads := make([]map[string]bool, count) // by part, what it needs from elsewhere
	for p := range reads {
		reads[p] = map[string]bool{}
	}
	outside := nameSet(m.Outputs())
	for i := range m.Nodes() {
		if !m.Nodes()[i].PerFrame() {
			continue
		}
		p := of[i]
		for _, u := range m.Nodes()[i].Uses() {
			at, made := m.MadeBy(u)
			if !made || m.Fixed(u) || at >= 0 && of[at] == p {
				continue
			}
			reads[p][u] = true
			outside[u] = true
			if at >= 0 && !slices.Contains(parts[p].Needs, of[at]) {
				parts[p].Needs = append(parts[p].Needs, of[at])
			}
		}
	}
	enter := func(t onnx.TensorInfo) {
		for p := range parts {
			if reads[p][t.Name] {
				parts[p].Inputs = append(parts[p].Inputs, t)
			}
		}
	}
	for _, t := range m.Inputs() {
		enter(t)
	}
	for i := range m.Nodes() {
		if !m.Nodes()[i].PerFrame() {
			continue
		}
		for _, o := range m.Nodes()[i].Outputs() {
			if o != "" && outside[o] {
				enter(m.Tensor(o))
				parts[of[i]].Outputs = append(parts[of[i]].Outputs, m.Tensor(o))
			}
		}
	}
	for _, t := range m.Outputs() {
		if m.Fixed(t.Name) && count > 0 {
			parts[count-1].Outputs = append(parts[count-1].Outputs, t)
		}
	}
	for p := range parts {
		slices.Sort(parts[p].Needs)
		if len(parts[p].Outputs) == 0 {
			return nil, fmt.Errorf("%w: part %d makes nothing", ErrNoCut, p)
		}
	}
	return parts, checkParts(m, parts, of)
}

// checkParts proves that the parts can run one after the other (Kahn 1962).
func checkParts(m *onnx.Model, parts []Part, of []int) error {
	done := make([]bool, len(parts))
	for more := true; more; {
		more = false
		for p := range parts {
			if !done[p] && !slices.ContainsFunc(parts[p].Needs, func(q int) bool { return !done[q] }) {
				done[p], more = true, true
			}
		}
	}
	stuck := slices.Index(done, false)
	if stuck < 0 {
		return nil
	}
	way := []int{stuck} // each needs the next
	for {
		at := way[len(way)-1]
		next := parts[at].Needs[slices.IndexFunc(parts[at].Needs, func(q int) bool { return !done[q] })]
		if i := slices.Index(way, next); i >= 0 {
			way = append(way[i:], next)
			break
		}
		way = append(way, next)
	}
	text := ""
	for i := range way[1:] {
		for _, t := range parts[way[i]].Inputs {
			if at, made := m.MadeBy(t.Name); made && at >= 0 && of[at] == way[i+1] {
				text += fmt.Sprintf("; part %d needs %q of part %d", way[i], t.Name, way[i+1])
				break
			}
		}
	}
	return fmt.Errorf("%w%s: move nodes so that no part waits for itself", ErrParts, text)
}

// ExtractPart returns a part as a model; see Between for dataName.
func ExtractPart(m *onnx.Model, p Part, dataName string) (*onnx.Sub, error) {
	return Between(m, Cut{Name: "inputs of the part", Tensors: p.Inputs},
		Cut{Name: "outputs of the part", Tensors: p.Outputs}, dataName)
}
