package onnx

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/encoding/protowire"
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
// nodes and weights that it needs, external ones included, among them its own
// copy of what is computed from initializers alone; an initializer is no longer
// a graph input. What is known of shapes that depend on the data goes along, as
// metadata. The same arguments give the same bytes. It is ErrNoCut if from
// does not separate the graph inputs from to, or if nothing lies between the
// two, and ErrNoShape if a boundary's shape is neither static nor was observed.
func (m *Model) Extract(from, to Cut) ([]byte, error) {
	s, err := m.segment(from, to)
	if err != nil {
		return nil, err
	}
	sub, err := m.sub(s, "")
	if err != nil {
		return nil, err
	}
	return sub.bytes()
}

// Between is Extract for any two nested cuts, whose shapes may be open, and
// with external data in a file of its own, if dataName is not empty. Weights
// are neither read nor copied.
func (m *Model) Between(from, to Cut, dataName string) (*Sub, error) {
	s, err := m.between(from, to)
	if err != nil {
		return nil, err
	}
	return m.sub(s, dataName)
}

// sub makes a model of a segment.
func (m *Model) sub(s *segment, dataName string) (*Sub, error) {
	if dataName != "" {
		name, err := localName(dataName)
		if err != nil {
			return nil, err
		}
		dataName = name
	}
	skip, inside := map[string]bool{}, map[string]bool{}
	sub := &Sub{Inputs: s.inputs, Outputs: s.outputs, m: m}
	g := m.around(nil, nil)
	for _, t := range s.inputs {
		skip[t.Name] = true
		g.Input = append(g.Input, m.declared(t))
	}
	for _, t := range s.outputs {
		skip[t.Name] = true
		g.Output = append(g.Output, m.declared(t))
	}
	for _, t := range slices.Concat(s.inputs, s.outputs) {
		if t.Elem == 0 || m.opaque[t.Name] {
			return nil, fmt.Errorf("%w: %q can not cross a boundary; if it is a tensor, run a probe first", ErrNoType, t.Name)
		}
	}
	for i := range m.nodes {
		if !s.nodes[i] {
			continue
		}
		g.Node = append(g.Node, m.nodes[i].pb)
		for _, o := range m.nodes[i].pb.Output {
			inside[o] = o != "" && !skip[o]
		}
	}
	var weights []*onnxpb.TensorProto
	for _, t := range m.pb.Graph.Initializer {
		if s.weights[t.GetName()] {
			weights = append(weights, t)
		}
	}
	for _, v := range m.pb.Graph.ValueInfo {
		if inside[v.GetName()] {
			g.ValueInfo = append(g.ValueInfo, v)
		}
	}
	var declared []string
	for _, v := range slices.Concat(g.Input, g.Output, g.ValueInfo) {
		declared = append(declared, v.GetName())
	}
	var err error
	sub.Model, sub.Data, err = m.write(g, weights, declared, dataName)
	return sub, err
}

// declared returns the declaration of a tensor: the file's own, with symbols
// and all, where that says the same.
func (m *Model) declared(t TensorInfo) *onnxpb.ValueInfoProto {
	if v := m.infos[t.Name]; v != nil {
		if own := infoOf(v); own.Elem == t.Elem && slices.Equal(own.Shape, t.Shape) && (own.Shape == nil) == (t.Shape == nil) {
			return v
		}
	}
	return infoProto(t)
}

// trainingInfo is the number of a field of ModelProto that speaks of the whole
// graph's weights and so is not handed on.
const trainingInfo = 20

// without returns unknown fields but those of a number.
func without(fields []byte, number protowire.Number) []byte {
	var kept []byte
	for len(fields) > 0 {
		num, _, n := protowire.ConsumeField(fields)
		if n < 0 {
			break
		}
		if num != number {
			kept = append(kept, fields[:n]...)
		}
		fields = fields[n:]
	}
	return kept
}

// with returns the model around another graph; all else is shared.
func (m *Model) with(g *onnxpb.GraphProto) *onnxpb.ModelProto {
	pb := &onnxpb.ModelProto{
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
	pb.ProtoReflect().SetUnknown(without(m.pb.ProtoReflect().GetUnknown(), trainingInfo))
	return pb
}

// segment is what lies between two cuts.
type segment struct {
	inputs, outputs []TensorInfo
	nodes           map[int]bool
	weights         map[string]bool
}

// segment is between with shapes that are known.
func (m *Model) segment(from, to Cut) (*segment, error) {
	s, err := m.between(from, to)
	if err != nil {
		return nil, err
	}
	for _, t := range slices.Concat(s.inputs, s.outputs) {
		if _, observed := m.spans[t.Name]; t.Bytes() < 0 && !observed {
			return nil, shapeError(t)
		}
	}
	return s, nil
}

// between goes back from the outputs to the tensors of from.
func (m *Model) between(from, to Cut) (*segment, error) {
	s := &segment{nodes: map[int]bool{}, weights: map[string]bool{}}
	have, used := nameSet(from.Tensors), map[string]bool{}
	var needed []string
	for _, t := range to.Tensors {
		if !have[t.Name] {
			s.outputs = append(s.outputs, m.typeOf(t.Name))
			needed = append(needed, t.Name)
		}
	}
	if len(needed) == 0 {
		return nil, fmt.Errorf("%w: nothing is computed from %q to %q", ErrNoCut, from.Name, to.Name)
	}
	var err error
	m.back(needed, func(name string) (int, bool) {
		i, made := m.made[name]
		switch {
		case err != nil:
		case have[name]:
			used[name] = true
		case m.weights[name] != nil:
			s.weights[name] = true
		case !made:
			err = fmt.Errorf("%w: the model has no tensor %q of the cuts %q and %q", ErrNoCut, name, from.Name, to.Name)
		case i == graphInput:
			err = fmt.Errorf("%w: %q needs graph input %q, which does not come through %q", ErrNoCut, to.Name, name, from.Name)
		case !s.nodes[i]:
			if made := m.nodes[i].pb.Output; slices.ContainsFunc(made, func(o string) bool { return have[o] }) {
				err = fmt.Errorf("%w: %q needs node %s, which makes a tensor of %q as well", ErrNoCut, to.Name, label(m.nodes[i].pb), from.Name)
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
			s.inputs = append(s.inputs, m.typeOf(t.Name))
		}
	}
	return s, nil
}
