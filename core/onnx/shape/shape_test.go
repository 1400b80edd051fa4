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
	"google.golang.org/protobuf/proto"
)

func TestBind(t *testing.T) {
	m, err := onnxtest.Variable().Parse()
	if err != nil {
		t.Fatal(err)
	}
	if got := shape.Dims(m); !slices.Equal(got, []string{"n"}) {
		t.Errorf("open dimensions %q, want n", got)
	}
	bound, err := shape.Bind(m, map[string]int64{"n": 6})
	if err != nil || bound.Inputs()[0].Bytes() != 96 || len(shape.Dims(bound)) != 0 || bound.SHA256() != m.SHA256() {
		t.Errorf("bound to %v, %v", bound.Inputs(), err)
	}
	if m.Inputs()[0].Bytes() != -1 {
		t.Error("binding changed the model itself")
	}
	if bound, err = shape.Bind(m, map[string]int64{"x[0]": 6}); err != nil || bound.Inputs()[0].Bytes() != 96 {
		t.Errorf("bound by its place to %v, %v", bound, err)
	}
	for name, sizes := range map[string]map[string]int64{
		`"batch"`: {"batch": 1}, `"n"`: {"n": -2}, `"x[1]"`: {"x[1]": 2}, "6 and 7": {"n": 6, "x[0]": 7},
	} {
		if _, err := shape.Bind(m, sizes); !errors.Is(err, shape.ErrNoDim) || !strings.Contains(err.Error(), name) {
			t.Errorf("Bind(%v): %v", sizes, err)
		}
	}
	nameless := onnxtest.Edit(t, onnxtest.Variable().Data, func(m *onnxpb.ModelProto) {
		m.Graph.Input[0].Type.GetTensorType().Shape.Dim[0].Value = nil
	})
	if m, err = onnx.Parse(nameless); err != nil {
		t.Fatal(err)
	}
	if bound, err = shape.Bind(m, map[string]int64{"x[0]": 2}); err != nil || bound.Inputs()[0].Bytes() != 32 {
		t.Errorf("a dimension without name: %v, open are %q", err, shape.Dims(m))
	}
}

func TestSymbolsAreKept(t *testing.T) {
	data := onnxtest.Edit(t, onnxtest.Variable().Data, func(m *onnxpb.ModelProto) {
		m.Graph.ValueInfo = append(m.Graph.ValueInfo, proto.Clone(m.Graph.Input[0]).(*onnxpb.ValueInfoProto))
		m.Graph.ValueInfo[len(m.Graph.ValueInfo)-1].Name = proto.String("a")
	})
	m, err := onnx.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := cut.Between(m, cut.Cut{Tensors: m.Inputs()}, cut.Cut{Tensors: []onnx.TensorInfo{{Name: "a"}}}, "")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := s.WriteModel(&b); err != nil {
		t.Fatal(err)
	}
	part, err := onnx.Parse([]byte(b.String()))
	if err != nil || !slices.Equal(shape.Dims(part), []string{"n"}) {
		t.Errorf("the part leaves open %q, %v", shape.Dims(part), err)
	}
}

func TestProbeMarksWhatVaries(t *testing.T) {
	m, err := onnxtest.Variable().Parse()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shape.Probe(m, &onnxtest.Oracle{}, 0); !errors.Is(err, onnx.ErrNoShape) || !strings.Contains(err.Error(), "bind [n]") {
		t.Errorf("probing with open dimensions: %v", err)
	}
	if m, err = shape.Bind(m, map[string]int64{"n": 6}); err != nil {
		t.Fatal(err)
	}
	o := &onnxtest.Oracle{}
	probed, err := shape.Probe(m, o, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(shape.Unknown(m)) != 5 || len(shape.Unknown(probed)) != 0 || len(o.Models) != 9 {
		t.Errorf("%q unknown before, %q after, %d runs", shape.Unknown(m), shape.Unknown(probed), len(o.Models))
	}
	cuts, _, err := cut.All(probed, cut.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(cuts, func(c cut.Cut) bool { return c.Name == "kept" })
	s, ok := probed.Span("kept")
	if i < 0 || !ok || !cuts[i].Variable() || !slices.Equal(s.Min, []int64{3, 1}) || !slices.Equal(s.Max, []int64{3, 3}) || cuts[i].Bytes() != 36 {
		t.Errorf("cuts %v, kept varies from %v to %v", cuts, s.Min, s.Max)
	}
	if _, ok := probed.Span("y"); ok {
		t.Error("what is stated was probed")
	}
	if _, err := cut.Extract(probed, cuts[0], cuts[i]); err != nil {
		t.Errorf("extracting up to a variable tensor: %v", err)
	}
}

func TestProbeFails(t *testing.T) {
	m, err := onnxtest.Variable().Parse()
	if err != nil {
		t.Fatal(err)
	}
	if m, err = shape.Bind(m, map[string]int64{"n": 6}); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(seed uint64, v [][]int64) ([][]int64, error){
		"no run":        func(uint64, [][]int64) ([][]int64, error) { return nil, fmt.Errorf("no run") },
		"4 of 5":        func(_ uint64, v [][]int64) ([][]int64, error) { return v[1:], nil },
		"came back":     func(_ uint64, v [][]int64) ([][]int64, error) { v[0] = nil; return v, nil },
		"another":       func(seed uint64, v [][]int64) ([][]int64, error) { v[0] = v[0][:2+min(seed, 1)]; return v, nil },
		"other tensors": func(uint64, [][]int64) ([][]int64, error) { return nil, errors.New("") },
	} {
		if _, err := shape.Probe(m, &onnxtest.Oracle{Change: change}, 0); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one with %q", err, name)
		}
	}
}
