package shape_test

import (
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func span(t *testing.T, m *onnx.Model, tensor string) onnx.Span {
	t.Helper()
	s, ok := m.Span(tensor)
	assert.True(t, ok, "%s does not vary", tensor)
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
		s := span(t, m, "picked")
		assert.Equal(t, []int64{tc.least, 4}, s.Min, "found %v: picked", tc.found)
		assert.Equal(t, []int64{tc.most, 4}, s.Max, "found %v: picked", tc.found)
		assert.Equal(t, []int64{tc.roomFor, 4}, s.Most, "found %v: picked", tc.found)
		assert.Equal(t, []int64{2, tc.large}, span(t, m, "places").Most, "found %v: places", tc.found)
		_, ok := m.Span("h")
		require.False(t, ok, "found %v: h varies", tc.found)
		assert.True(t, shape.DataDependent(m), "found %v: h varies", tc.found)
	}
}

// A part of a model, and a part of that, know what was seen of their tensors.
func TestSpansGoAlong(t *testing.T) {
	m := onnxtest.Probed(t, 3, 0, 1)
	for _, at := range []string{"picked", "turned"} {
		cuts, _, err := cut.All(m, cut.Limits{})
		require.NoError(t, err)
		i := slices.IndexFunc(cuts, func(c cut.Cut) bool { return c.Name == at })
		head, err := cut.Extract(m, cuts[0], cuts[i])
		require.NoError(t, err)
		tail, err := cut.Extract(m, cuts[i], cuts[len(cuts)-1])
		require.NoError(t, err)
		want := span(t, m, at)
		for _, data := range [][]byte{head, tail} {
			part, err := onnx.Parse(data)
			require.NoError(t, err)
			s := span(t, part, at)
			assert.Equal(t, want.Min, s.Min, "%s: %+v, want %+v; open", at, s, want)
			assert.Equal(t, want.Max, s.Max, "%s: %+v, want %+v; open", at, s, want)
			assert.Equal(t, want.Most, s.Most, "%s: %+v, want %+v; open", at, s, want)
			assert.Empty(t, shape.Dims(part), "%s: %+v, want %+v; open", at, s, want)
			all, err := cut.Chain(part)
			require.NoError(t, err, "%s: cuts %v", at, all)
			assert.GreaterOrEqual(t, work.MACs(part), int64(0), "%s: cuts %v", at, all)
		}
		m, err = onnx.Parse(tail)
		require.NoError(t, err)
		cuts, err = cut.Chain(m)
		require.NoError(t, err, "the tail begins")
		require.True(t, cuts[0].Variable(), "the tail begins")
		assert.Positive(t, cuts[0].Bytes(), "the tail begins")
	}
}

func TestBounded(t *testing.T) {
	m := onnxtest.Probed(t, 3, 0, 1)
	b, err := shape.Bounded(m, map[string][]int64{"picked": {7, 4}, "boxes": {1, 20, 4}})
	require.NoError(t, err)
	s := span(t, b, "picked")
	assert.Equal(t, []int64{7, 4}, s.Most, "picked")
	assert.Equal(t, []int64{3, 4}, s.Max, "picked")
	s = span(t, b, "boxes")
	assert.Equal(t, []int64{1, 20, 4}, s.Most, "boxes")
	assert.Equal(t, []int64{1, 12, 4}, s.Max, "boxes")
	assert.EqualValues(t, 16, span(t, m, "picked").Most[0], "the model itself changed")
	if same, err := shape.Bounded(m, map[string][]int64{"boxes": {1, 12, 4}}); err != nil {
		t.Error(err)
	} else if s, ok := same.Span("boxes"); ok {
		t.Errorf("bound to the size that it has, boxes varies: %+v", s)
	}
	bare, err := onnxtest.Filtered().Parse()
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		m    *onnx.Model
		most []int64
		err  error
	}{
		"x": {m, []int64{12, 4}, shape.ErrNoDim}, "none": {m, []int64{1}, shape.ErrNoDim},
		"h.w":    {m, []int64{4, 4}, shape.ErrNoDim},
		"picked": {m, []int64{4}, shape.ErrNoDim}, "turned": {m, []int64{-1, 3}, shape.ErrNoDim},
		"selected": {bare, []int64{3, 3}, shape.ErrNoDim},
		"refined":  {bare, []int64{3, 3}, onnx.ErrNoShape},
	} {
		_, err := shape.Bounded(tc.m, map[string][]int64{name: tc.most})
		require.ErrorIs(t, err, tc.err)
		assert.Contains(t, err.Error(), name)
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
	require.NoError(t, err)
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	m, err = shape.Bounded(m, map[string][]int64{"n": {}})
	require.NoError(t, err)
	cuts, _, err := cut.All(m, cut.Limits{})
	require.NoError(t, err)
	head, err := cut.Extract(m, cuts[0], cuts[slices.IndexFunc(cuts, func(c cut.Cut) bool { return c.Name == "n" })])
	require.NoError(t, err)
	_, err = onnx.Parse(head)
	assert.NoError(t, err)
}

// Ranges that a file gives are checked.
func TestBadSpans(t *testing.T) {
	for value, good := range map[string]bool{
		"0,3 4,3 16,3": true, "4,3 4,3 3,3": true,
		"": false, "0,3 4,3": false, "0 4 16": false, "0,3 4,3 16": false, "5,3 4,3 16,3": false, "0,2 4,3 16,3": false,
		"-1,3 4,3 16,3": false, "0,3 4,x 16,3": false, "0,3 4,3 16,4": false, "0,3 4,3 16,3 1,3": false,
	} {
		data := onnxtest.Edit(t, onnxtest.Filtered().Data, func(m *onnxpb.ModelProto) {
			m.MetadataProps = append(m.MetadataProps,
				&onnxpb.StringStringEntryProto{Key: proto.String("edgeprune.shape:refined"), Value: proto.String(value)})
		})
		_, err := onnx.Parse(data)
		assert.Equal(t, good, (err == nil), value)
		if err != nil {
			assert.ErrorIs(t, err, onnx.ErrInvalidModel, value)
		}
	}
	data := onnxtest.Edit(t, onnxtest.Filtered().Data, func(m *onnxpb.ModelProto) {
		m.MetadataProps = append(m.MetadataProps,
			&onnxpb.StringStringEntryProto{Key: proto.String("edgeprune.shape:nothing"), Value: proto.String("0 1 2")})
	})
	_, err := onnx.Parse(data)
	assert.ErrorIs(t, err, onnx.ErrInvalidModel, "of no tensor")
}
