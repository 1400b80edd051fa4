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

// Sub returns the sub-model of some nodes, by their index in Nodes, that takes inputs and
// gives outputs, with the initializers that it needs. Large weights go to a file for
// external data of name dataName, or into the model if that is empty; they are neither
// read nor copied before the sub-model is written. It is ErrNoType if an input or output
// can't cross a boundary and is none of the model's own.
func (m *Model) Sub(nodes map[int]bool, inputs, outputs []TensorInfo, dataName string) (*Sub, error) {
	if dataName != "" {
		name, err := localName(dataName)
		if err != nil {
			return nil, err
		}
		dataName = name
	}
	ends, inside, used := map[string]bool{}, map[string]bool{}, map[string]bool{}
	sub := &Sub{Inputs: inputs, Outputs: outputs, m: m}
	g := m.around(nil, nil)
	for _, t := range inputs {
		ends[t.Name] = true
		g.Input = append(g.Input, m.declared(t))
	}
	for _, t := range outputs {
		ends[t.Name], used[t.Name] = true, true
		g.Output = append(g.Output, m.declared(t))
	}
	given := func(of []TensorInfo, name string) bool { // from outside, or to there
		return slices.ContainsFunc(of, func(t TensorInfo) bool { return t.Name == name })
	}
	for _, t := range slices.Concat(inputs, outputs) {
		if (t.Elem == 0 || m.opaque[t.Name]) && !given(m.inputs, t.Name) && !given(m.outputs, t.Name) {
			return nil, fmt.Errorf("%w: %q can not cross a boundary; if it is a tensor, run a probe first", ErrNoType, t.Name)
		}
	}
	for i := range m.nodes {
		if !nodes[i] {
			continue
		}
		g.Node = append(g.Node, m.nodes[i].pb)
		for _, u := range m.nodes[i].uses {
			used[u] = true
		}
		for _, o := range m.nodes[i].pb.Output {
			inside[o] = o != "" && !ends[o]
		}
	}
	for _, t := range inputs {
		used[t.Name] = false
	}
	var weights []*onnxpb.TensorProto
	for _, t := range m.pb.Graph.Initializer {
		if used[t.GetName()] {
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
		if own := infoOf(v); own.Elem == t.Elem && slices.Equal(own.Shape, t.Shape) &&
			(own.Shape == nil) == (t.Shape == nil) {
			return v
		}
	}
	return infoProto(t)
}

// trainingInfo is the number of a field of ModelProto that holds updates of the whole
// graph's weights; a sub-model doesn't get it.
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
