package onnx_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"google.golang.org/protobuf/proto"
)

// oracle says that every tensor is float32 of shape [3 seed+1], but as told.
type oracle struct {
	models [][]byte
	change func(seed uint64, vectors [][]int64) ([][]int64, error)
}

func (o *oracle) outputs(t []byte) int {
	pb := &onnxpb.ModelProto{}
	if err := proto.Unmarshal(t, pb); err != nil {
		panic(err)
	}
	return len(pb.Graph.Output)
}

func (o *oracle) Types(model []byte) ([]onnx.Elem, error) {
	return slices.Repeat([]onnx.Elem{onnx.Float32}, o.outputs(model)), nil
}

func (o *oracle) Vectors(model []byte, seed uint64) ([][]int64, error) {
	o.models = append(o.models, model)
	var list [][]int64
	for range o.outputs(model) {
		list = append(list, []int64{0, 3, int64(seed) + 1})
	}
	if o.change != nil {
		return o.change(seed, list)
	}
	return list, nil
}

func TestBind(t *testing.T) {
	m, err := onnxtest.Variable().Parse()
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Dims(); !slices.Equal(got, []string{"n"}) {
		t.Errorf("open dimensions %q, want n", got)
	}
	bound, err := m.Bind(map[string]int64{"n": 6})
	if err != nil || bound.Inputs()[0].Bytes() != 96 || len(bound.Dims()) != 0 || bound.SHA256() != m.SHA256() {
		t.Errorf("bound to %v, %v", bound.Inputs(), err)
	}
	if m.Inputs()[0].Bytes() != -1 {
		t.Error("binding changed the model itself")
	}
	if bound, err = m.Bind(map[string]int64{"x[0]": 6}); err != nil || bound.Inputs()[0].Bytes() != 96 {
		t.Errorf("bound by its place to %v, %v", bound, err)
	}
	for name, sizes := range map[string]map[string]int64{
		`"batch"`: {"batch": 1}, `"n"`: {"n": -2}, `"x[1]"`: {"x[1]": 2}, "6 and 7": {"n": 6, "x[0]": 7},
	} {
		if _, err := m.Bind(sizes); !errors.Is(err, onnx.ErrNoDim) || !strings.Contains(err.Error(), name) {
			t.Errorf("Bind(%v): %v", sizes, err)
		}
	}
	nameless := change(t, onnxtest.Variable().Data, func(m *onnxpb.ModelProto) {
		m.Graph.Input[0].Type.GetTensorType().Shape.Dim[0].Value = nil
	})
	if m, err = onnx.Parse(nameless); err != nil {
		t.Fatal(err)
	}
	if bound, err = m.Bind(map[string]int64{"x[0]": 2}); err != nil || bound.Inputs()[0].Bytes() != 32 {
		t.Errorf("a dimension without name: %v, open are %q", err, m.Dims())
	}
}

func TestSymbolsAreKept(t *testing.T) {
	data := change(t, onnxtest.Variable().Data, func(m *onnxpb.ModelProto) {
		m.Graph.ValueInfo = append(m.Graph.ValueInfo, proto.Clone(m.Graph.Input[0]).(*onnxpb.ValueInfoProto))
		m.Graph.ValueInfo[len(m.Graph.ValueInfo)-1].Name = proto.String("a")
	})
	m, err := onnx.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := m.Between(onnx.Cut{Tensors: m.Inputs()}, onnx.Cut{Tensors: []onnx.TensorInfo{{Name: "a"}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := s.WriteModel(&b); err != nil {
		t.Fatal(err)
	}
	part, err := onnx.Parse([]byte(b.String()))
	if err != nil || !slices.Equal(part.Dims(), []string{"n"}) {
		t.Errorf("the part leaves open %q, %v", part.Dims(), err)
	}
}

func TestProbeMarksWhatVaries(t *testing.T) {
	m, err := onnxtest.Variable().Parse()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Probe(&oracle{}, 0); !errors.Is(err, onnx.ErrNoShape) || !strings.Contains(err.Error(), "bind [n]") {
		t.Errorf("probing with open dimensions: %v", err)
	}
	if m, err = m.Bind(map[string]int64{"n": 6}); err != nil {
		t.Fatal(err)
	}
	o := &oracle{}
	probed, err := m.Probe(o, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Unknown()) != 5 || len(probed.Unknown()) != 0 || len(o.models) != 9 {
		t.Errorf("%q unknown before, %q after, %d runs", m.Unknown(), probed.Unknown(), len(o.models))
	}
	cuts, _, err := probed.AllCuts(onnx.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(cuts, func(c onnx.Cut) bool { return c.Name == "kept" })
	s, ok := probed.Span("kept")
	if i < 0 || !ok || !cuts[i].Variable() || !slices.Equal(s.Min, []int64{3, 1}) || !slices.Equal(s.Max, []int64{3, 3}) || cuts[i].Bytes() != 36 {
		t.Errorf("cuts %v, kept varies from %v to %v", cuts, s.Min, s.Max)
	}
	if _, ok := probed.Span("y"); ok {
		t.Error("what is stated was probed")
	}
	if _, err := probed.Extract(cuts[0], cuts[i]); err != nil {
		t.Errorf("extracting up to a variable tensor: %v", err)
	}
}

func TestProbeFails(t *testing.T) {
	m, err := onnxtest.Variable().Parse()
	if err != nil {
		t.Fatal(err)
	}
	if m, err = m.Bind(map[string]int64{"n": 6}); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(seed uint64, v [][]int64) ([][]int64, error){
		"no run":        func(uint64, [][]int64) ([][]int64, error) { return nil, fmt.Errorf("no run") },
		"4 of 5":        func(_ uint64, v [][]int64) ([][]int64, error) { return v[1:], nil },
		"came back":     func(_ uint64, v [][]int64) ([][]int64, error) { v[0] = nil; return v, nil },
		"another":       func(seed uint64, v [][]int64) ([][]int64, error) { v[0] = v[0][:2+min(seed, 1)]; return v, nil },
		"other tensors": func(uint64, [][]int64) ([][]int64, error) { return nil, errors.New("") },
	} {
		if _, err := m.Probe(&oracle{change: change}, 0); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one with %q", err, name)
		}
	}
}
