package onnx

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"google.golang.org/protobuf/proto"
)

// Span is what is known of a tensor whose shape depends on the data, by dimension.
// Those that don't vary have the same size in all three.
type Span struct {
	Min, Max []int64 // the least and the greatest that was observed
	// Most is what there is to be room for: as declared by Bounded, else of what varies
	// twice the greatest that was observed, and at least 16.
	Most []int64
}

// room is the default of Span.Most for a dimension.
func room(greatest int64) int64 { return mul(2, max(greatest, 8)) }

// Span returns what was observed of a tensor by Probe, or declared by Bounded; ok is
// false for one whose shape did not vary. A tensor that was empty in every run counts
// as one that varies.
func (m *Model) Span(tensor string) (s Span, ok bool) {
	s, ok = m.spans[tensor]
	return s, ok
}

// varying makes a span of what was observed; shape gets -1 for what varies, be it that
// only suspicion says so.
func varying(least, greatest []int64, suspect []int) (s Span, shape []int64) {
	s = Span{slices.Clone(least), slices.Clone(greatest), slices.Clone(greatest)}
	shape = slices.Clone(greatest)
	for i, d := range greatest {
		if least[i] != d || d == 0 || slices.Contains(suspect, i) {
			s.Most[i], shape[i] = room(d), -1
		}
	}
	return s, shape
}

// Bounded returns the model with the greatest shapes of tensors declared. A dimension
// that the model or its Probe knows, and that is given another size, varies up to that
// from then on. A tensor that is none of the model's, or of another number of
// dimensions, is ErrNoDim.
func (m *Model) Bounded(most map[string][]int64) (*Model, error) {
	seen, spans := map[string]TensorInfo{}, map[string]Span{}
	for _, name := range slices.Sorted(maps.Keys(most)) {
		t, want := m.typeOf(name), most[name]
		i, made := m.made[name]
		switch {
		case !made || i == graphInput || m.fixed[name] || m.opaque[name]:
			return nil, fmt.Errorf("%w: %q is not computed by the model as a tensor that can be sent; no bound can be declared", ErrNoDim, name)
		case t.Elem == 0 || len(t.Shape) != len(want) || slices.ContainsFunc(want, func(d int64) bool { return d < 0 }):
			return nil, fmt.Errorf("%w: bound %v of tensor %s; expected a size for each of its dimensions", ErrNoDim, want, t)
		}
		s, varies := m.spans[name]
		if !varies && slices.Equal(t.Shape, want) { // as it is, it can't be larger
			continue
		}
		if !varies {
			s = Span{slices.Clone(t.Shape), slices.Clone(t.Shape), nil}
		}
		s.Most, t.Shape = slices.Clone(want), slices.Clone(t.Shape)
		for i, d := range t.Shape {
			switch {
			case d == want[i]: // stays
			case d >= 0:
				t.Shape[i] = -1
			case !varies:
				return nil, fmt.Errorf("%w: tensor %s; run a probe before a bound is declared", ErrNoShape, t)
			}
		}
		seen[name], spans[name] = t, s
	}
	return m.knowing(seen, spans)
}

// spanPrefix begins the keys under which a sub-model's metadata keep the spans of its
// tensors, as least, greatest and most: "0,4 3,4 16,4".
const spanPrefix = "edgeprune.shape:"

// spanProps returns the metadata of a model with some tensors: the model's own, and the spans.
func (m *Model) spanProps(tensors []string) []*onnxpb.StringStringEntryProto {
	props := slices.DeleteFunc(slices.Clone(m.pb.MetadataProps), func(p *onnxpb.StringStringEntryProto) bool {
		return strings.HasPrefix(p.GetKey(), spanPrefix)
	})
	slices.Sort(tensors)
	for _, name := range slices.Compact(tensors) {
		if s, ok := m.spans[name]; ok {
			props = append(props, &onnxpb.StringStringEntryProto{Key: proto.String(spanPrefix + name), Value: proto.String(s.text())})
		}
	}
	return props
}

func (s Span) text() string {
	var rows []string
	for _, dims := range [][]int64{s.Min, s.Max, s.Most} {
		var row []string
		for _, d := range dims {
			row = append(row, strconv.FormatInt(d, 10))
		}
		rows = append(rows, strings.Join(row, ","))
	}
	return strings.Join(rows, " ")
}

// readSpans takes the spans of the metadata.
func (m *Model) readSpans() error {
	for _, p := range m.pb.MetadataProps {
		name, ok := strings.CutPrefix(p.GetKey(), spanPrefix)
		if !ok {
			continue
		}
		s, ok := parseSpan(p.GetValue())
		t, known := m.types[name]
		if !ok || !known || t.Shape == nil || !s.describes(t.Shape) {
			return fmt.Errorf("%w: metadata %q: %q is no range of shapes of tensor %s", ErrInvalidModel, p.GetKey(), p.GetValue(), m.typeOf(name))
		}
		m.spans[name] = s
	}
	return nil
}

func parseSpan(text string) (s Span, ok bool) {
	rows := strings.Split(text, " ")
	if len(rows) != 3 {
		return s, false
	}
	for i, to := range []*[]int64{&s.Min, &s.Max, &s.Most} {
		for d := range strings.SplitSeq(rows[i], ",") {
			n, err := strconv.ParseInt(d, 10, 64)
			if err != nil || n < 0 {
				return s, false
			}
			*to = append(*to, n)
		}
	}
	return s, len(s.Min) == len(s.Max) && len(s.Max) == len(s.Most)
}

// describes reports whether a tensor of that declared shape can have the span.
func (s Span) describes(shape []int64) bool {
	if len(shape) != len(s.Min) {
		return false
	}
	for i, d := range shape {
		if s.Min[i] > s.Max[i] || d >= 0 && (s.Min[i] != d || s.Max[i] != d || s.Most[i] != d) {
			return false
		}
	}
	return true
}
