package shape_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func TestBind(t *testing.T) {
	m, err := onnxtest.Variable().Parse()
	require.NoError(t, err)
	got := shape.Dims(m)
	assert.Equal(t, []string{"n"}, got, "open dimensions %q, want n", got)
	bound, err := shape.Bind(m, map[string]int64{"n": 6})
	require.NoError(t, err, "bound")
	assert.EqualValues(t, 96, bound.Inputs()[0].Bytes(), "bound")
	assert.Empty(t, shape.Dims(bound), "bound")
	assert.Equal(t, m.SHA256(), bound.SHA256(), "bound")
	assert.EqualValues(t, -1, m.Inputs()[0].Bytes(), "binding changed the model itself")
	bound, err = shape.Bind(m, map[string]int64{"x[0]": 6})
	require.NoError(t, err, "bound by its place")
	assert.EqualValues(t, 96, bound.Inputs()[0].Bytes(), "bound by its place")
	for name, sizes := range map[string]map[string]int64{
		`"batch"`: {"batch": 1}, `"n"`: {"n": -2}, `"x[1]"`: {"x[1]": 2}, "6 and 7": {"n": 6, "x[0]": 7},
	} {
		_, err := shape.Bind(m, sizes)
		require.ErrorIs(t, err, shape.ErrNoDim, "Bind(%v)", sizes)
		assert.Contains(t, err.Error(), name, "Bind(%v)", sizes)
	}
	nameless := onnxtest.Edit(t, onnxtest.Variable().Data, func(m *onnxpb.ModelProto) {
		m.Graph.Input[0].Type.GetTensorType().Shape.Dim[0].Value = nil
	})
	m, err = onnx.Parse(nameless)
	require.NoError(t, err)
	bound, err = shape.Bind(m, map[string]int64{"x[0]": 2})
	require.NoError(t, err, "a dimension without name: %v, open are %q", err, shape.Dims(m))
	assert.EqualValues(t, 32, bound.Inputs()[0].Bytes(), "a dimension without name: %v, open are %q", err, shape.Dims(m))
}

func TestSymbolsAreKept(t *testing.T) {
	data := onnxtest.Edit(t, onnxtest.Variable().Data, func(m *onnxpb.ModelProto) {
		m.Graph.ValueInfo = append(m.Graph.ValueInfo, proto.Clone(m.Graph.Input[0]).(*onnxpb.ValueInfoProto))
		m.Graph.ValueInfo[len(m.Graph.ValueInfo)-1].Name = proto.String("a")
	})
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	s, err := cut.Between(m, cut.Cut{Tensors: m.Inputs()}, cut.Cut{Tensors: []onnx.TensorInfo{{Name: "a"}}}, "")
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, s.WriteModel(&b))
	part, err := onnx.Parse([]byte(b.String()))
	require.NoError(t, err, "the part leaves open")
	assert.Equal(t, []string{"n"}, shape.Dims(part), "the part leaves open")
}

func TestProbeMarksWhatVaries(t *testing.T) {
	m, err := onnxtest.Variable().Parse()
	require.NoError(t, err)
	_, err = shape.Probe(m, &onnxtest.Oracle{}, 0)
	require.ErrorIs(t, err, onnx.ErrNoShape, "probing with open dimensions")
	assert.Contains(t, err.Error(), "bind [n]", "probing with open dimensions")
	m, err = shape.Bind(m, map[string]int64{"n": 6})
	require.NoError(t, err)
	o := &onnxtest.Oracle{}
	probed, err := shape.Probe(m, o, 2)
	require.NoError(t, err)
	require.Len(t, shape.Unknown(m), 5, "%q unknown before, %q after, %d runs", shape.Unknown(m), shape.Unknown(probed),
		len(o.Models))
	assert.Empty(t, shape.Unknown(probed), "%q unknown before, %q after, %d runs", shape.Unknown(m), shape.Unknown(probed),
		len(o.Models))
	assert.Len(t, o.Models, 9, "%q unknown before, %q after, %d runs", shape.Unknown(m), shape.Unknown(probed),
		len(o.Models))
	cuts, _, err := cut.All(probed, cut.Limits{})
	require.NoError(t, err)
	i := slices.IndexFunc(cuts, func(c cut.Cut) bool { return c.Name == "kept" })
	s, ok := probed.Span("kept")
	assert.GreaterOrEqual(t, i, 0, "cuts %v, kept varies from %v", cuts, s.Min)
	require.True(t, ok, "cuts %v, kept varies from %v", cuts, s.Min)
	require.True(t, cuts[i].Variable(), "cuts %v, kept varies from %v", cuts, s.Min)
	assert.Equal(t, []int64{3, 1}, s.Min, "cuts %v, kept varies from %v", cuts, s.Min)
	assert.Equal(t, []int64{3, 3}, s.Max, "cuts %v, kept varies from %v", cuts, s.Min)
	assert.EqualValues(t, 36, cuts[i].Bytes(), "cuts %v, kept varies from %v", cuts, s.Min)
	_, ok = probed.Span("y")
	assert.False(t, ok, "what is stated was probed")
	_, err = cut.Extract(probed, cuts[0], cuts[i])
	assert.NoError(t, err, "extracting up to a variable tensor")
}

func TestProbeFails(t *testing.T) {
	m, err := onnxtest.Variable().Parse()
	require.NoError(t, err)
	m, err = shape.Bind(m, map[string]int64{"n": 6})
	require.NoError(t, err)
	for name, change := range map[string]func(seed uint64, v [][]int64) ([][]int64, error){
		"no run":        func(uint64, [][]int64) ([][]int64, error) { return nil, fmt.Errorf("no run") },
		"4 of 5":        func(_ uint64, v [][]int64) ([][]int64, error) { return v[1:], nil },
		"came back":     func(_ uint64, v [][]int64) ([][]int64, error) { v[0] = nil; return v, nil },
		"another":       func(seed uint64, v [][]int64) ([][]int64, error) { v[0] = v[0][:2+min(seed, 1)]; return v, nil },
		"other tensors": func(uint64, [][]int64) ([][]int64, error) { return nil, errors.New("") },
	} {
		_, err := shape.Probe(m, &onnxtest.Oracle{Change: change}, 0)
		require.Error(t, err, "error %v, want one", err)
		assert.Contains(t, err.Error(), name, "error %v, want one", err)
	}
}
