package onnx

import (
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// Prober runs models.
type Prober interface {
	// Probe runs a model on inputs drawn from seed and returns the outputs' types
	// and actual shapes, in order; an output that is no tensor has element type
	// 0. External data of the model lies where the model itself does. It does not
	// keep model.
	Probe(model []byte, seed uint64) ([]TensorInfo, error)
}

// probeRuns is how often a group of tensors is probed: on other data each
// time, to see which shapes depend on it.
const probeRuns = 3

// Unknown returns the tensors that the graph outputs depend on and whose type
// or shape is not stated, in order of production; Probe finds these.
func (m *Model) Unknown() []string {
	var list []string
	for i := range m.nodes {
		if !m.nodes[i].live {
			continue
		}
		for _, o := range m.nodes[i].pb.Output {
			if _, varies := m.spans[o]; o == "" || m.opaque[o] || varies {
				continue
			}
			if t := m.types[o]; t.Elem == 0 || t.Elements() < 0 {
				list = append(list, o)
			}
		}
	}
	return list
}

// Probe returns the model with the types and shapes that runs show of all
// Unknown tensors, group of them at a time (64 if 0), so that no run keeps more
// tensors than that. A shape that differs between runs is variable: its Span is
// what was seen. The inputs' shapes must be bound, else it is ErrNoShape.
func (m *Model) Probe(p Prober, group int) (*Model, error) {
	for _, t := range m.inputs {
		if t.Elements() < 0 && !m.opaque[t.Name] {
			return nil, fmt.Errorf("%w: input %s; bind %v first", ErrNoShape, t, m.Dims())
		}
	}
	if group <= 0 {
		group = 64
	}
	seen, spans := map[string]TensorInfo{}, map[string]Span{}
	for names := range slices.Chunk(m.Unknown(), group) {
		model, err := m.showing(names)
		if err != nil {
			return nil, err
		}
		for seed := range uint64(probeRuns) {
			found, err := p.Probe(model, seed)
			if err != nil {
				return nil, fmt.Errorf("probe of %q and %d others: %w", names[0], len(names)-1, err)
			}
			if len(found) != len(names) {
				return nil, fmt.Errorf("probe of %q and %d others: %d outputs came back", names[0], len(names)-1, len(found))
			}
			for i, name := range names {
				found[i].Name = name
				if seed == 0 {
					seen[name] = found[i]
				} else if err := widen(seen, spans, found[i]); err != nil {
					return nil, err
				}
			}
		}
	}
	return m.knowing(seen, spans)
}

// showing writes the model with other outputs.
func (m *Model) showing(names []string) ([]byte, error) {
	g := m.around(m.pb.Graph.Node, m.pb.Graph.ValueInfo)
	g.Initializer, g.Input = m.pb.Graph.Initializer, m.pb.Graph.Input
	for _, name := range names {
		g.Output = append(g.Output, m.declared(m.typeOf(name)))
	}
	return proto.Marshal(m.with(g))
}

// widen notes that a shape differs from the one seen before.
func widen(seen map[string]TensorInfo, spans map[string]Span, now TensorInfo) error {
	old := seen[now.Name]
	if old.Elem != now.Elem || len(old.Shape) != len(now.Shape) {
		return fmt.Errorf("%w: %s in one run, %s in another", ErrNoShape, old, now)
	}
	s, varies := spans[now.Name]
	if !varies {
		if slices.Equal(old.Shape, now.Shape) {
			return nil
		}
		s = Span{slices.Clone(old.Shape), slices.Clone(old.Shape)}
	}
	open := slices.Clone(old.Shape)
	for i, d := range now.Shape {
		s.Min[i], s.Max[i] = min(s.Min[i], d), max(s.Max[i], d)
		if s.Min[i] != s.Max[i] {
			open[i] = -1
		}
	}
	old.Shape = open
	seen[now.Name], spans[now.Name] = old, s
	return nil
}

// knowing returns the model with more known of its tensors.
func (m *Model) knowing(seen map[string]TensorInfo, spans map[string]Span) (*Model, error) {
	refresh := func(list []*onnxpb.ValueInfoProto) []*onnxpb.ValueInfoProto {
		var out []*onnxpb.ValueInfoProto
		for _, v := range list {
			if t, ok := seen[v.GetName()]; ok && t.Elem != 0 {
				v = infoProto(t)
			}
			out = append(out, v)
		}
		return out
	}
	g := m.around(m.pb.Graph.Node, refresh(m.pb.Graph.ValueInfo))
	g.Initializer, g.Input, g.Output = m.pb.Graph.Initializer, m.pb.Graph.Input, refresh(m.pb.Graph.Output)
	listed := map[string]bool{}
	for _, v := range slices.Concat(g.ValueInfo, g.Output) {
		listed[v.GetName()] = true
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		if t := seen[name]; !listed[name] && t.Elem != 0 {
			g.ValueInfo = append(g.ValueInfo, infoProto(t))
		}
	}
	known, err := m.again(g)
	if err != nil {
		return nil, err
	}
	for name, t := range seen {
		known.opaque[name] = known.opaque[name] || t.Elem == 0 || t.Elem == Elem(onnxpb.TensorProto_STRING)
	}
	maps.Copy(known.spans, spans)
	return known, nil
}
