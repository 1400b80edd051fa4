package shape

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// Prober runs models. External data of a model lies where the model itself
// does. It does not keep a model's bytes after the next call.
type Prober interface {
	// Types returns the element types of a model's outputs, in order; 0 for one
	// that is no tensor.
	Types(model []byte) ([]onnx.Elem, error)
	// Vectors runs a model on inputs drawn from seed and returns its outputs,
	// which are vectors of int64 with at least one element, in order.
	Vectors(model []byte, seed uint64) ([][]int64, error)
}

// probeRuns is how often a group of tensors is probed: on other data each
// time, to see which shapes depend on it.
const probeRuns = 3

// Unknown returns the tensors that the graph outputs depend on and whose type
// or shape is not stated, in order of production; Probe finds these. Those that ONNX Runtime
// lacks an operator for are left out.
func Unknown(m *onnx.Model) []string {
	var list []string
	for _, n := range m.Nodes() {
		if !n.Live() {
			continue
		}
		for _, o := range n.Outputs() {
			if _, varies := m.Span(o); o == "" || !m.Sendable(o) || varies || !m.Runs(o) {
				continue
			}
			if t := m.Tensor(o); t.Elem == 0 || t.Elements() < 0 {
				list = append(list, o)
			}
		}
	}
	return list
}

// Probe returns the model with the types and shapes that runs show of all
// Unknown tensors, group of them at a time (a quarter if 0, and at least 4096). A shape that differs between
// runs, has no elements, or comes from an operator that makes as much as the data say,
// is variable: its onnx.Span is what was seen. The inputs' shapes must be bound, else it is
// onnx.ErrNoShape.
func Probe(m *onnx.Model, p Prober, group int) (*onnx.Model, error) {
	for _, t := range m.Inputs() {
		if t.Elements() < 0 && m.Sendable(t.Name) {
			return nil, fmt.Errorf("%w: input %s; bind %v first", onnx.ErrNoShape, t, Dims(m))
		}
	}
	unknown := Unknown(m)
	if group <= 0 {
		group = portion(len(unknown))
	}
	seen, least, spans := map[string]onnx.TensorInfo{}, map[string]onnx.TensorInfo{}, map[string]onnx.Span{}
	for names := range slices.Chunk(unknown, group) {
		if err := probe(m, p, names, seen, least); err != nil {
			return nil, fmt.Errorf("probe of %q and %d other tensors: %w", names[0], len(names)-1, err)
		}
	}
	claims := contradicted(m, seen, least)
	suspected := suspect(m, seen, least)
	for name, t := range seen {
		low := least[name].Shape
		if !m.Fixed(name) && (!slices.Equal(low, t.Shape) || slices.Contains(low, 0) || suspected[name] != nil) {
			spans[name], t.Shape = varying(low, t.Shape, suspected[name])
			seen[name] = t
		}
	}
	return m.WithTypes(seen, spans, claims...)
}

// portion returns how many of n tensors one model shows. Loading one takes as long as the
// model has nodes, so that the number of portions may not grow with it. A run for shapes
// keeps no tensors, however many it shows.
func portion(n int) int { return max(4096, (n+3)/4) }

// probe asks for some tensors' types and shapes.
func probe(m *onnx.Model, p Prober, names []string, seen, least map[string]onnx.TensorInfo) error {
	model, err := m.WithoutWeights(names)
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
	elem := func(i int) onnx.Elem { return types[i] }
	return look(m, p, names, elem, seen, least)
}

// look runs the model for the shapes of some tensors, whose element types are known.
func look(
	m *onnx.Model, p Prober, names []string, elem func(i int) onnx.Elem, seen, least map[string]onnx.TensorInfo,
) error {
	model, err := showing(m, names)
	if err != nil {
		return err
	}
	for seed := range uint64(probeRuns) {
		found, err := p.Vectors(model, seed)
		if err != nil {
			return err
		}
		if packed(names) > 1 {
			found = unpacked(found)
		}
		if len(found) != len(names) {
			return fmt.Errorf("%d of %d outputs came back", len(found), len(names))
		}
		for i, name := range names {
			if len(found[i]) == 0 {
				return fmt.Errorf("the shape of %q came back empty", name)
			}
			now := onnx.TensorInfo{Name: name, Elem: elem(i), Shape: found[i][1:]}
			if err := widen(seen, least, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// Suffix ends the name of a tensor that holds the shape of the one that is named before it.
const Suffix = ":edgeprune-shape"

// shapeMarker is the tensor before a shape, which keeps that of a scalar from being empty.
const shapeMarker = "edgeprune-shape-marker"

// Node returns a node that makes the vector of a tensor's shape under a name.
func Node(tensor, name string) *onnxpb.NodeProto {
	return &onnxpb.NodeProto{OpType: proto.String("Shape"), Input: []string{tensor}, Output: []string{name}}
}

// Vector describes a tensor that holds a shape.
func Vector(name string) onnx.TensorInfo {
	return onnx.TensorInfo{Name: name, Elem: onnx.Int64, Shape: []int64{-1}}
}

// packed is how many shapes an output shows. Loading a model takes ONNX Runtime as long as it
// has nodes times outputs, so that those of many tensors share one.
func packed(names []string) int {
	if len(names) <= 512 {
		return 1
	}
	return 64
}

// unpacked parts vectors at the markers, and leaves these where they were.
func unpacked(vectors [][]int64) (list [][]int64) {
	for _, v := range vectors {
		for i, d := range v {
			if d == -1 {
				list = append(list, nil)
			} else if i == 0 {
				return nil
			}
			list[len(list)-1] = append(list[len(list)-1], d)
		}
	}
	return list
}

// showing writes the model with vectors for the tensors as outputs: for each a marker and
// its shape, see packed. A run for these keeps none of the tensors.
func showing(m *onnx.Model, names []string) ([]byte, error) {
	marker := &onnxpb.TensorProto{
		Name: proto.String(shapeMarker), DataType: proto.Int32(int32(onnx.Int64)), Dims: []int64{1},
		RawData: bytes.Repeat([]byte{0xff}, 8), // -1, which no size is
	}
	first := &onnxpb.AttributeProto{Name: proto.String("axis"), Type: onnxpb.AttributeProto_INT.Enum(), I: proto.Int64(0)}
	var nodes []*onnxpb.NodeProto
	var outputs []onnx.TensorInfo
	for some := range slices.Chunk(names, packed(names)) {
		shape := some[0] + Suffix
		joined := &onnxpb.NodeProto{OpType: proto.String("Concat"), Output: []string{shape},
			Attribute: []*onnxpb.AttributeProto{first}}
		for _, name := range some {
			own := name + Suffix + "0"
			nodes = append(nodes, Node(name, own))
			joined.Input = append(joined.Input, shapeMarker, own)
		}
		nodes = append(nodes, joined)
		outputs = append(outputs, Vector(shape))
	}
	return m.Extended(nodes, []*onnxpb.TensorProto{marker}, outputs)
}

// widen notes what a tensor's shape is in one run more: seen holds the greatest of every
// dimension, least the least.
func widen(seen, least map[string]onnx.TensorInfo, now onnx.TensorInfo) error {
	old, ok := seen[now.Name]
	if !ok {
		seen[now.Name], least[now.Name] = now, now
		return nil
	}
	if old.Elem != now.Elem || len(old.Shape) != len(now.Shape) {
		return fmt.Errorf("%w: %s in one run, %s in another", onnx.ErrNoShape, old, now)
	}
	low, high := least[now.Name], old
	low.Shape, high.Shape = slices.Clone(low.Shape), slices.Clone(high.Shape)
	for i, d := range now.Shape {
		low.Shape[i], high.Shape[i] = min(low.Shape[i], d), max(high.Shape[i], d)
	}
	seen[now.Name], least[now.Name] = high, low
	return nil
}
