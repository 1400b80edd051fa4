package shape_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"google.golang.org/protobuf/proto"
)

func span(t *testing.T, m *onnx.Model, tensor string) onnx.Span {
	t.Helper()
	s, ok := m.Span(tensor)
	if !ok {
		t.Errorf("%s does not vary", tensor)
	}
	return s
}

// There is room for more than what runs have shown, also where they showed nothing, or
// the same each time.
func TestRoomForWhatVaries(t *testing.T) {
	for _, tc := range []struct {
		found          []int64
		least, most    int64
		roomFor, large int64 // of picked, of places
	}{
		{[]int64{3, 0, 1}, 0, 3, 16, 18},
		{[]int64{0, 0, 0}, 0, 0, 16, 16},
		{[]int64{12, 12, 12}, 12, 12, 24, 72},
		{[]int64{4, 12, 3}, 3, 12, 24, 72}, // 4 as picked has columns, in one run only
	} {
		m := onnxtest.Probed(t, tc.found...)
		if s := span(t, m, "picked"); !slices.Equal(s.Min, []int64{tc.least, 4}) || !slices.Equal(s.Max, []int64{tc.most, 4}) || !slices.Equal(s.Most, []int64{tc.roomFor, 4}) {
			t.Errorf("found %v: picked %+v", tc.found, s)
		}
		if s := span(t, m, "places"); !slices.Equal(s.Most, []int64{2, tc.large}) {
			t.Errorf("found %v: places %+v", tc.found, s)
		}
		if _, ok := m.Span("h"); ok || !shape.DataDependent(m) {
			t.Errorf("found %v: h varies", tc.found)
		}
	}
}

// A part of a model, and a part of that, know what was seen of their tensors.
func TestSpansGoAlong(t *testing.T) {
	m := onnxtest.Probed(t, 3, 0, 1)
	for _, at := range []string{"picked", "turned"} {
		cuts, _, err := cut.All(m, cut.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(cuts, func(c cut.Cut) bool { return c.Name == at })
		head, err := cut.Extract(m, cuts[0], cuts[i])
		if err != nil {
			t.Fatal(err)
		}
		tail, err := cut.Extract(m, cuts[i], cuts[len(cuts)-1])
		if err != nil {
			t.Fatal(err)
		}
		want := span(t, m, at)
		for _, data := range [][]byte{head, tail} {
			part, err := onnx.Parse(data)
			if err != nil {
				t.Fatal(err)
			}
			if s := span(t, part, at); !slices.Equal(s.Min, want.Min) || !slices.Equal(s.Max, want.Max) || !slices.Equal(s.Most, want.Most) || len(shape.Dims(part)) != 0 {
				t.Errorf("%s: %+v, want %+v; open %v", at, s, want, shape.Dims(part))
			}
			if all, err := cut.Chain(part); err != nil || work.MACs(part) < 0 {
				t.Errorf("%s: cuts %v, %v", at, all, err)
			}
		}
		if m, err = onnx.Parse(tail); err != nil {
			t.Fatal(err)
		}
		if cuts, err = cut.Chain(m); err != nil || !cuts[0].Variable() || cuts[0].Bytes() <= 0 {
			t.Errorf("the tail begins with %+v, %v", cuts, err)
		}
	}
}

func TestBounded(t *testing.T) {
	m := onnxtest.Probed(t, 3, 0, 1)
	b, err := shape.Bounded(m, map[string][]int64{"picked": {7, 4}, "boxes": {1, 20, 4}})
	if err != nil {
		t.Fatal(err)
	}
	if s := span(t, b, "picked"); !slices.Equal(s.Most, []int64{7, 4}) || !slices.Equal(s.Max, []int64{3, 4}) {
		t.Errorf("picked %+v", s)
	}
	if s := span(t, b, "boxes"); !slices.Equal(s.Most, []int64{1, 20, 4}) || !slices.Equal(s.Max, []int64{1, 12, 4}) {
		t.Errorf("boxes %+v", s)
	}
	if s := span(t, m, "picked"); s.Most[0] != 16 {
		t.Errorf("the model itself changed: %+v", s)
	}
	if same, err := shape.Bounded(m, map[string][]int64{"boxes": {1, 12, 4}}); err != nil {
		t.Error(err)
	} else if s, ok := same.Span("boxes"); ok {
		t.Errorf("bound to the size that it has, boxes varies: %+v", s)
	}
	bare, err := onnxtest.Filtered().Parse()
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		m    *onnx.Model
		most []int64
		err  error
	}{
		"x": {m, []int64{12, 4}, shape.ErrNoDim}, "none": {m, []int64{1}, shape.ErrNoDim}, "h.w": {m, []int64{4, 4}, shape.ErrNoDim},
		"picked": {m, []int64{4}, shape.ErrNoDim}, "turned": {m, []int64{-1, 3}, shape.ErrNoDim}, "selected": {bare, []int64{3, 3}, shape.ErrNoDim},
		"refined": {bare, []int64{3, 3}, onnx.ErrNoShape},
	} {
		if _, err := shape.Bounded(tc.m, map[string][]int64{name: tc.most}); !errors.Is(err, tc.err) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want %v", name, err, tc.err)
		}
	}
}

// A scalar that is declared to be one is kept by sub-models as it is.
func TestBoundedScalar(t *testing.T) {
	b := build.New("total")
	b.Input("x", onnx.Float32, 4)
	b.Value("n", onnx.Float32)
	b.Node("ReduceSum", []string{"x"}, []string{"n"}, build.Attr{Name: "keepdims", Value: 0})
	b.Node("Sqrt", []string{"n"}, []string{"y"})
	b.Output("y", onnx.Float32)
	data, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnx.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if m, err = shape.Bounded(m, map[string][]int64{"n": {}}); err != nil {
		t.Fatal(err)
	}
	cuts, _, err := cut.All(m, cut.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	head, err := cut.Extract(m, cuts[0], cuts[slices.IndexFunc(cuts, func(c cut.Cut) bool { return c.Name == "n" })])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := onnx.Parse(head); err != nil {
		t.Error(err)
	}
}

// Ranges that a file gives are checked.
func TestBadSpans(t *testing.T) {
	for value, good := range map[string]bool{
		"0,3 4,3 16,3": true, "4,3 4,3 3,3": true,
		"": false, "0,3 4,3": false, "0 4 16": false, "0,3 4,3 16": false, "5,3 4,3 16,3": false, "0,2 4,3 16,3": false,
		"-1,3 4,3 16,3": false, "0,3 4,x 16,3": false, "0,3 4,3 16,4": false, "0,3 4,3 16,3 1,3": false,
	} {
		data := onnxtest.Edit(t, onnxtest.Filtered().Data, func(m *onnxpb.ModelProto) {
			m.MetadataProps = append(m.MetadataProps, &onnxpb.StringStringEntryProto{Key: proto.String("edgeprune.shape:refined"), Value: proto.String(value)})
		})
		if _, err := onnx.Parse(data); (err == nil) != good || err != nil && !errors.Is(err, onnx.ErrInvalidModel) {
			t.Errorf("%q: %v", value, err)
		}
	}
	data := onnxtest.Edit(t, onnxtest.Filtered().Data, func(m *onnxpb.ModelProto) {
		m.MetadataProps = append(m.MetadataProps, &onnxpb.StringStringEntryProto{Key: proto.String("edgeprune.shape:nothing"), Value: proto.String("0 1 2")})
	})
	if _, err := onnx.Parse(data); !errors.Is(err, onnx.ErrInvalidModel) {
		t.Errorf("of no tensor: %v", err)
	}
}
