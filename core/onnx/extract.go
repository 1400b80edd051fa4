package onnx

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// minExtractIR is the first IR version in which initializers need not be graph
// inputs; a sub-model states at least this one.
const minExtractIR = 4

// PassThrough returns the tensors that a segment gets and hands on as they
// are: those of both cuts, in the order of from. They are no inputs or outputs
// of the sub-model that Extract makes; who runs it sends them around it.
func PassThrough(from, to Cut) []TensorInfo {
	late := nameSet(to.Tensors)
	var both []TensorInfo
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
func (m *Model) SegmentIO(from, to Cut) (inputs, outputs []TensorInfo) {
	s, err := m.segment(from, to)
	if err != nil {
		return nil, nil
	}
	return s.inputs, s.outputs
}

// Extract returns the sub-model between two cuts of this model, in the ONNX
// wire format; see SegmentIO for its inputs and outputs. It holds only the
// nodes and weights that it needs, among them its own copy of what is computed
// from initializers alone; an initializer is no longer a graph input. The same
// arguments give the same bytes. It is ErrNoCut if from does not separate the
// graph inputs from to, or if nothing lies between the two.
func (m *Model) Extract(from, to Cut) ([]byte, error) {
	s, err := m.segment(from, to)
	if err != nil {
		return nil, err
	}
	g := &onnxpb.GraphProto{Name: m.pb.Graph.Name, DocString: m.pb.Graph.DocString}
	skip := nameSet(append(append([]TensorInfo{}, s.inputs...), s.outputs...))
	inside := map[string]bool{}
	for i := range m.nodes {
		if !s.nodes[i] {
			continue
		}
		g.Node = append(g.Node, m.nodes[i].pb)
		for _, o := range m.nodes[i].pb.Output {
			inside[o] = o != "" && !skip[o]
		}
	}
	for _, t := range m.pb.Graph.Initializer {
		if s.weights[t.GetName()] {
			g.Initializer = append(g.Initializer, t)
		}
	}
	for _, v := range m.pb.Graph.ValueInfo {
		if inside[v.GetName()] {
			g.ValueInfo = append(g.ValueInfo, v)
		}
	}
	for _, t := range s.inputs {
		g.Input = append(g.Input, valueInfo(t.Name, t.Elem, t.Shape))
	}
	for _, t := range s.outputs {
		g.Output = append(g.Output, valueInfo(t.Name, t.Elem, t.Shape))
	}
	return proto.MarshalOptions{Deterministic: true}.Marshal(m.with(g))
}

// with returns the model around another graph; all else is shared.
func (m *Model) with(g *onnxpb.GraphProto) *onnxpb.ModelProto {
	return &onnxpb.ModelProto{
		IrVersion:       proto.Int64(max(m.pb.GetIrVersion(), minExtractIR)),
		ProducerName:    m.pb.ProducerName,
		ProducerVersion: m.pb.ProducerVersion,
		Domain:          m.pb.Domain,
		ModelVersion:    m.pb.ModelVersion,
		DocString:       m.pb.DocString,
		OpsetImport:     m.pb.OpsetImport,
		MetadataProps:   m.pb.MetadataProps,
		Functions:       m.pb.Functions,
		Graph:           g,
	}
}

// segment is what lies between two cuts.
type segment struct {
	inputs, outputs []TensorInfo
	nodes           map[int]bool
	weights         map[string]bool
}

// segment goes back from the outputs to the tensors of from.
func (m *Model) segment(from, to Cut) (*segment, error) {
	s := &segment{nodes: map[int]bool{}, weights: map[string]bool{}}
	have, used := nameSet(from.Tensors), map[string]bool{}
	var todo []string
	for _, t := range to.Tensors {
		if !have[t.Name] {
			s.outputs = append(s.outputs, m.typeOf(t.Name))
			todo = append(todo, t.Name)
		}
	}
	if len(todo) == 0 {
		return nil, fmt.Errorf("%w: nothing is computed from %q to %q", ErrNoCut, from.Name, to.Name)
	}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		i, made := m.made[name]
		switch {
		case have[name]:
			used[name] = true
		case m.weights[name] != nil:
			s.weights[name] = true
		case !made:
			return nil, fmt.Errorf("%w: the model has no tensor %q of the cuts %q and %q", ErrNoCut, name, from.Name, to.Name)
		case i == graphInput:
			return nil, fmt.Errorf("%w: %q needs graph input %q, which does not come through %q", ErrNoCut, to.Name, name, from.Name)
		case !s.nodes[i]:
			s.nodes[i] = true
			todo = append(todo, m.nodes[i].uses...)
		}
	}
	for _, t := range from.Tensors {
		if used[t.Name] {
			s.inputs = append(s.inputs, m.typeOf(t.Name))
		}
	}
	for _, t := range append(append([]TensorInfo{}, s.inputs...), s.outputs...) {
		if t.Bytes() < 0 {
			return nil, shapeError(t)
		}
	}
	return s, nil
}
