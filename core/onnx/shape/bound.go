package shape

import (
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/internal/count"
)

// room is the default of Span.Most for a dimension that varies.
func room(greatest int64) int64 { return count.Mul(2, max(greatest, 8)) }

// varying makes a span of what was observed; shape gets -1 for what varies, be it that
// only suspicion says so.
func varying(least, greatest []int64, suspect []int) (s onnx.Span, shape []int64) {
	s = onnx.Span{Min: slices.Clone(least), Max: slices.Clone(greatest), Most: slices.Clone(greatest)}
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
func Bounded(m *onnx.Model, most map[string][]int64) (*onnx.Model, error) {
	seen, spans := map[string]onnx.TensorInfo{}, map[string]onnx.Span{}
	for _, name := range slices.Sorted(maps.Keys(most)) {
		t, want := m.Tensor(name), most[name]
		i, made := m.MadeBy(name)
		switch {
		case !made || i == onnx.GraphInput || m.Fixed(name) || !m.Sendable(name):
			return nil, fmt.Errorf("%w: %q is not computed by the model as a tensor that can be sent; no bound can be declared",
				ErrNoDim, name)
		case t.Elem == 0 || len(t.Shape) != len(want) || slices.ContainsFunc(want, func(d int64) bool { return d < 0 }):
			return nil, fmt.Errorf("%w: bound %v of tensor %s; expected a size for each of its dimensions", ErrNoDim, want, t)
		}
		s, varies := m.Span(name)
		if !varies && slices.Equal(t.Shape, want) { // as it is, it can't be larger
			continue
		}
		if !varies {
			s = onnx.Span{Min: slices.Clone(t.Shape), Max: slices.Clone(t.Shape)}
		}
		s.Most, t.Shape = slices.Clone(want), slices.Clone(t.Shape)
		for i, d := range t.Shape {
			switch {
			case d == want[i]: // stays
			case d >= 0:
				t.Shape[i] = -1
			case !varies:
				return nil, fmt.Errorf("%w: tensor %s; run a probe before a bound is declared", onnx.ErrNoShape, t)
			}
		}
		seen[name], spans[name] = t, s
	}
	return m.WithTypes(seen, spans)
}
