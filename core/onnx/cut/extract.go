package cut

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
)

// PassThrough returns the tensors that a segment gets and hands on as they
// are: those of both cuts, in the order of from. They are no inputs or outputs
// of the sub-model that Extract makes; who runs it sends them around it.
func PassThrough(from, to Cut) []onnx.TensorInfo {
	late := nameSet(to.Tensors)
	var both []onnx.TensorInfo
	for _, t := range from.Tensors {
		if late[t.Name] {
			both = append(both, t)
		}
	}
	return both
}

// SegmentIO returns the inputs and the outputs of the sub-model that
// Extract(from, to) makes, in order: the tensors of from that its nodes use,
// and those of to that are not passed through. Both are nil where Extract
// fails.
func SegmentIO(m *onnx.Model, from, to Cut) (inputs, outputs []onnx.TensorInfo) {
	s, err := newSegment(m, from, to)
	if err != nil {
		return nil, nil
	}
	return s.inputs, s.outputs
}

// Extract returns the sub-model between two cuts of this model, in the ONNX
// wire format; see SegmentIO for its inputs and outputs. It holds only the
// nodes and weights that it needs, external ones included, among them its own
// copy of what is computed from initializers alone; an initializer is no longer
// a graph input. What is known of shapes that depend on the data goes along, as
// metadata. The same arguments give the same bytes. It is ErrNoCut if from
// does not separate the graph inputs from to, or if nothing lies between the
// two, and ErrNoShape if a boundary's shape is neither static nor was observed.
func Extract(m *onnx.Model, from, to Cut) ([]byte, error) {
	s, err := newSegment(m, from, to)
	if err != nil {
		return nil, err
	}
	sub, err := m.Sub(s.nodes, s.inputs, s.outputs, "")
	if err != nil {
		return nil, err
	}
	return sub.Bytes()
}

// Between is Extract for any two nested cuts, whose shapes may be open, and
// with external data in a file of its own, if dataName is not empty. Weights
// are neither read nor copied.
func Between(m *onnx.Model, from, to Cut, dataName string) (*onnx.Sub, error) {
	s, err := between(m, from, to)
	if err != nil {
		return nil, err
	}
	return m.Sub(s.nodes, s.inputs, s.outputs, dataName)
}

// segment is what lies between two cuts.
type segment struct {
	inputs, outputs []onnx.TensorInfo
	nodes           map[int]bool
}

// newSegment is between with shapes that are known.
func newSegment(m *onnx.Model, from, to Cut) (*segment, error) {
	s, err := between(m, from, to)
	if err != nil {
		return nil, err
	}
	for _, t := range slices.Concat(s.inputs, s.outputs) {
		if _, observed := m.Span(t.Name); t.Bytes() < 0 && !observed {
			return nil, shapeError(t)
		}
	}
	return s, nil
}

// between goes back from the outputs to the tensors of from.
func between(m *onnx.Model, from, to Cut) (*segment, error) {
	s := &segment{nodes: map[int]bool{}}
	have, used := nameSet(from.Tensors), map[string]bool{}
	var needed []string
	for _, t := range to.Tensors {
		if !have[t.Name] {
			s.outputs = append(s.outputs, m.Tensor(t.Name))
			needed = append(needed, t.Name)
		}
	}
	if len(needed) == 0 {
		return nil, fmt.Errorf("%w: nothing is computed from %q to %q", ErrNoCut, from.Name, to.Name)
	}
	var err error
	back(m, needed, func(name string) (int, bool) {
		i, made := m.MadeBy(name)
		switch {
		case err != nil:
		case have[name]:
			used[name] = true
		case m.Initializer(name) != nil: // goes along
		case !made:
			err = fmt.Errorf("%w: the model has no tensor %q of the cuts %q and %q", ErrNoCut, name, from.Name, to.Name)
		case i == onnx.GraphInput:
			err = fmt.Errorf("%w: %q needs graph input %q, which does not come through %q", ErrNoCut, to.Name, name, from.Name)
		case !s.nodes[i]:
			if made := m.Nodes()[i].Outputs(); slices.ContainsFunc(made, func(o string) bool { return have[o] }) {
				err = fmt.Errorf("%w: %q needs node %s, which makes a tensor of %q as well", ErrNoCut, to.Name,
					m.Nodes()[i].Label(), from.Name)
				break
			}
			s.nodes[i] = true
			return i, true
		}
		return 0, false
	})
	if err != nil {
		return nil, err
	}
	for _, t := range from.Tensors {
		if used[t.Name] {
			s.inputs = append(s.inputs, m.Tensor(t.Name))
		}
	}
	return s, nil
}
