package onnx

import (
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// Prober runs models. External data of a model lies where the model itself
// does. It does not keep a model's bytes after the next call.
type Prober interface {
	// Types returns the element types of a model's outputs, in order; 0 for one
	// that is no tensor.
	Types(model []byte) ([]Elem, error)
	// Vectors runs a model on inputs drawn from seed and returns its outputs,
	// which are vectors of int64 with at least one element, in order.
	Vectors(model []byte, seed uint64) ([][]int64, error)
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
// Unknown tensors, group of them at a time (512 if 0). A shape that differs between
// runs, has no elements, or comes from an operator that makes as much as the data say,
// is variable: its Span is what was seen. The inputs' shapes must be bound, else it is
// ErrNoShape.
func (m *Model) Probe(p Prober, group int) (*Model, error) {
	for _, t := range m.inputs {
		if t.Elements() < 0 && !m.opaque[t.Name] {
			return nil, fmt.Errorf("%w: input %s; bind %v first", ErrNoShape, t, m.Dims())
		}
	}
	if group <= 0 {
		group = 512
	}
	seen, least, spans := map[string]TensorInfo{}, map[string]TensorInfo{}, map[string]Span{}
	for names := range slices.Chunk(m.Unknown(), group) {
		if err := m.probe(p, names, seen, least); err != nil {
			return nil, fmt.Errorf("probe of %q and %d other tensors: %w", names[0], len(names)-1, err)
		}
	}
	suspect := m.suspect(seen, least)
	for name, t := range seen {
		low := least[name].Shape
		if !m.fixed[name] && (!slices.Equal(low, t.Shape) || slices.Contains(low, 0) || suspect[name] != nil) {
			spans[name], t.Shape = varying(low, t.Shape, suspect[name])
			seen[name] = t
		}
	}
	return m.knowing(seen, spans)
}

// probe asks for some tensors' types and shapes.
func (m *Model) probe(p Prober, names []string, seen, least map[string]TensorInfo) error {
	model, err := m.light(names)
	if err != nil {
		return err
	}
	types, err := p.Types(model)
	if err != nil {
		return err
	}
	if len(types) != len(names) {
		return fmt.Errorf("%d types of %d outputs came back", len(types), len(names))
	}
	if model, err = m.showing(names); err != nil {
		return err
	}
	for seed := range uint64(probeRuns) {
		found, err := p.Vectors(model, seed)
		if err != nil {
			return err
		}
		if len(found) != len(names) {
			return fmt.Errorf("%d of %d outputs came back", len(found), len(names))
		}
		for i, name := range names {
			if len(found[i]) == 0 {
				return fmt.Errorf("the shape of %q came back empty", name)
			}
			now := TensorInfo{Name: name, Elem: types[i], Shape: found[i][1:]}
			if err := widen(seen, least, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// shapeSuffix and the marker before a shape, which keeps that of a scalar from
// being empty, are parts of names of tensors that showing adds.
const (
	shapeSuffix = ":edgeprune-shape"
	shapeMarker = "edgeprune-shape-marker"
)

// light writes the model with other outputs and with large initializers made
// inputs, which leaves types as they are.
func (m *Model) light(names []string) ([]byte, error) {
	g := m.around(m.pb.Graph.Node, m.pb.Graph.ValueInfo)
	for _, t := range m.inputs {
		g.Input = append(g.Input, m.declared(t))
	}
	for _, t := range m.pb.Graph.Initializer {
		r, outside := m.ranges[t]
		_, packed := m.packed[t]
		switch {
		case outside && r.Length >= minAlias || packed || len(t.RawData) >= minAlias:
			g.Input = append(g.Input, infoProto(weightInfo(t.GetName(), t)))
		case outside:
			data, err := m.read(r)
			if err != nil {
				return nil, err
			}
			t = &onnxpb.TensorProto{Name: t.Name, DataType: t.DataType, Dims: t.Dims, RawData: data}
			g.Initializer = append(g.Initializer, t)
		default:
			g.Initializer = append(g.Initializer, t)
		}
	}
	for _, name := range names {
		g.Output = append(g.Output, m.declared(m.typeOf(name)))
	}
	return proto.Marshal(m.with(g))
}

// showing writes the model with a vector for each of the tensors as outputs: a
// marker and the tensor's shape. A run for these keeps none of the tensors.
func (m *Model) showing(names []string) ([]byte, error) {
	g := m.around(slices.Clone(m.pb.Graph.Node), m.pb.Graph.ValueInfo)
	marker := &onnxpb.TensorProto{Name: proto.String(shapeMarker), DataType: proto.Int32(int32(Int64)), Dims: []int64{1}, RawData: make([]byte, 8)}
	g.Initializer, g.Input = []*onnxpb.TensorProto{marker}, m.pb.Graph.Input
	for _, t := range m.pb.Graph.Initializer {
		g.Initializer = append(g.Initializer, m.unpacked(t))
	}
	for _, name := range names {
		shape := name + shapeSuffix
		g.Node = append(g.Node,
			&onnxpb.NodeProto{OpType: proto.String("Shape"), Input: []string{name}, Output: []string{shape + "0"}},
			&onnxpb.NodeProto{OpType: proto.String("Concat"), Input: []string{shapeMarker, shape + "0"}, Output: []string{shape}, Attribute: []*onnxpb.AttributeProto{attribute(Attr{"axis", 0})}})
		g.Output = append(g.Output, infoProto(TensorInfo{Name: shape, Elem: Int64, Shape: []int64{-1}}))
	}
	return proto.Marshal(m.with(g))
}

// widen notes what a tensor's shape is in one run more: seen holds the greatest of every
// dimension, least the least.
func widen(seen, least map[string]TensorInfo, now TensorInfo) error {
	old, ok := seen[now.Name]
	if !ok {
		seen[now.Name], least[now.Name] = now, now
		return nil
	}
	if old.Elem != now.Elem || len(old.Shape) != len(now.Shape) {
		return fmt.Errorf("%w: %s in one run, %s in another", ErrNoShape, old, now)
	}
	low, high := least[now.Name], old
	low.Shape, high.Shape = slices.Clone(low.Shape), slices.Clone(high.Shape)
	for i, d := range now.Shape {
		low.Shape[i], high.Shape[i] = min(low.Shape[i], d), max(high.Shape[i], d)
	}
	seen[now.Name], least[now.Name] = high, low
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
