package onnx

import (
	"fmt"
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
	// Most is what there is to be room for, as package shape finds it.
	Most []int64
}

// Span returns what was observed of a tensor by a probe, or declared (see package shape); ok is
// false for one whose shape did not vary. A tensor that was empty in every run counts
// as one that varies.
func (m *Model) Span(tensor string) (s Span, ok bool) {
	s, ok = m.spans[tensor]
	return s, ok
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
			props = append(props, &onnxpb.StringStringEntryProto{
				Key: proto.String(spanPrefix + name), Value: proto.String(s.text()),
			})
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
			return fmt.Errorf("%w: metadata %q: %q is no range of shapes of tensor %s", ErrInvalidModel, p.GetKey(),
				p.GetValue(), m.Tensor(name))
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
