package ort

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"
)

// TestMain has rapid draw 500 models a test, unless its flag says otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "500"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}

// fataler is what testing.T and rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// run computes a model's outputs from the tensors it needs, by name.
func run(t fataler, model []byte, have map[string]*Tensor) map[string]*Tensor {
	t.Helper()
	s, err := NewSession(model, Options{})
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer s.Close()
	var in []*Tensor
	for _, i := range s.Inputs() {
		if have[i.Name] == nil {
			t.Fatalf("no tensor %s to give", i.Name)
		}
		in = append(in, have[i.Name])
	}
	out, err := s.RunAlloc(in, nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	made := map[string]*Tensor{}
	for i, o := range s.Outputs() {
		made[o.Name] = out[i]
	}
	return made
}

func file(t fataler, s *onnx.Sub, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
	var b bytes.Buffer
	if err := s.WriteModel(&b); err != nil {
		t.Fatalf("%v", err)
	}
	return b.Bytes()
}

// inputs makes up a model's inputs.
func inputs(t fataler, m *onnx.Model) map[string]*Tensor {
	t.Helper()
	have := map[string]*Tensor{}
	for i, info := range m.Inputs() {
		x, err := made(Info{Name: info.Name, Elem: info.Elem, Shape: info.Shape}, uint64(i))
		if err != nil {
			t.Fatalf("%v", err)
		}
		have[info.Name] = x
	}
	return have
}

// same compares tensors: equal bits, or floats within cut.Tolerance of the greatest.
func same(t fataler, what string, got, want *Tensor, e onnx.Elem) {
	t.Helper()
	if !slices.Equal(got.Shape(), want.Shape()) || len(got.Data()) != len(want.Data()) {
		t.Fatalf("%s: shape %v, the whole model's is %v", what, got.Shape(), want.Shape())
	}
	if bytes.Equal(got.Data(), want.Data()) {
		return
	}
	if e != onnx.Float32 {
		t.Fatalf("%s: % x, the whole model's is % x", what, got.Data(), want.Data())
	}
	scale, worst := 1e-9, 0.0
	for i := 0; i < len(got.Data()); i += 4 {
		g := float64(math.Float32frombits(binary.LittleEndian.Uint32(got.Data()[i:])))
		w := float64(math.Float32frombits(binary.LittleEndian.Uint32(want.Data()[i:])))
		scale, worst = max(scale, math.Abs(w)), max(worst, math.Abs(g-w))
	}
	if !(worst <= cut.Tolerance(0)*scale) {
		t.Fatalf("%s differs by %g of %g", what, worst, scale)
	}
}

// checkPath runs the sub-models between cuts one after the other.
func checkPath(t fataler, m *onnx.Model, cuts []cut.Cut, whole map[string]*Tensor) {
	t.Helper()
	have := inputs(t, m)
	for i := range cuts[1:] {
		from, to := cuts[i], cuts[i+1]
		if len(cut.PassThrough(from, to)) == len(to.Tensors) {
			continue
		}
		s, err := cut.Between(m, from, to, "")
		maps.Copy(have, run(t, file(t, s, err), have))
	}
	for _, o := range m.Outputs() {
		same(t, fmt.Sprintf("%s by way of %s", o.Name, cuts[1].Name), have[o.Name], whole[o.Name], o.Elem)
	}
}

func whole(t fataler, m *onnx.Model, first, last cut.Cut) map[string]*Tensor {
	s, err := cut.Between(m, first, last, "")
	return run(t, file(t, s, err), inputs(t, m))
}

// TestRandomModels runs head and tail of cuts of random models, three devices
// in a row, and parts side by side, and compares with the whole model.
func TestRandomModels(t *testing.T) {
	loadLibrary(t)
	rapid.Check(t, func(t *rapid.T) {
		model := onnxtest.Random(t, 20)
		m, err := model.Parse()
		require.NoError(t, err)
		cuts, _, err := cut.All(m, cut.Limits{Heads: 32})
		if err != nil || len(cuts) < 3 {
			return
		}
		first, last := cuts[0], cuts[len(cuts)-1]
		want := whole(t, m, first, last)
		for range 4 {
			c := rapid.SampledFrom(cuts[1:len(cuts)-1]).Draw(t, "cut")
			checkPath(t, m, []cut.Cut{first, c, last}, want)
		}
		inner, err := cut.InOrder(m)
		require.NoError(t, err)
		a := rapid.IntRange(0, len(inner)-1).Draw(t, "gateway")
		b := rapid.IntRange(a, len(inner)-1).Draw(t, "server")
		checkPath(t, m, []cut.Cut{inner[0], inner[a], inner[b], inner[len(inner)-1]}, want)
		checkParts(t, m, want)
	})
}

// checkParts runs the parts of a random division, each as soon as it can.
func checkParts(t *rapid.T, m *onnx.Model, want map[string]*Tensor) {
	nodes := m.Nodes()
	of := make([]int, len(nodes))
	stages := rapid.IntRange(1, 3).Draw(t, "parts")
	at := 0
	for i, n := range nodes { // stages in order; within the last two, nodes go to either
		if n.PerFrame() && at < stages-1 && rapid.IntRange(0, len(nodes)/stages).Draw(t, "next") == 0 {
			at++
		}
		of[i] = at
	}
	number, dense := map[int]int{}, make([]int, len(of))
	for i, p := range of {
		if !nodes[i].PerFrame() {
			continue
		}
		if _, ok := number[p]; !ok {
			number[p] = len(number)
		}
		dense[i] = number[p]
	}
	parts, err := cut.Parts(m, dense)
	require.NoError(t, err)
	have := inputs(t, m)
	for _, p := range parts { // a part needs earlier ones only
		s, err := cut.ExtractPart(m, p, "")
		maps.Copy(have, run(t, file(t, s, err), have))
	}
	for _, o := range m.Outputs() {
		same(t, o.Name+" by parts", have[o.Name], want[o.Name], o.Elem)
	}
}

// place writes a model's other files to a directory.
func place(t *testing.T, model onnxtest.Model) string {
	dir := t.TempDir()
	for name, data := range model.Files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, data, 0o644))
	}
	return dir
}

// TestProbeFindsWhatIsStated forgets the types of intermediate tensors and
// finds them again.
func TestProbeFindsWhatIsStated(t *testing.T) {
	loadLibrary(t)
	for _, model := range onnxtest.All() {
		t.Run(model.Name, func(t *testing.T) {
			switch model.Name {
			case "variable", "filtered": // don't state what varies
				return
			case "wrong": // doesn't state what is
				return
			}
			stated, err := model.Parse()
			require.NoError(t, err)
			pb := &onnxpb.ModelProto{}
			require.NoError(t, proto.Unmarshal(model.Data, pb))
			pb.Graph.ValueInfo = nil
			bare := model
			bare.Data, err = proto.Marshal(pb)
			require.NoError(t, err)
			m, err := bare.Parse()
			require.NoError(t, err)
			require.NotEmpty(t, shape.Unknown(m), "nothing is unknown")
			p := &Prober{Dir: place(t, model)}
			defer p.Close()
			m, err = shape.Probe(m, p, 4)
			require.NoError(t, err)
			got, _, err := cut.All(m, cut.Limits{})
			require.NoError(t, err)
			want, _, err := cut.All(stated, cut.Limits{})
			require.NoError(t, err)
			assert.Equal(t, want, got, "cuts %+v\nwant", got)
		})
	}
}

// TestGeneratedModels runs every cut of one model of every kind.
func TestGeneratedModels(t *testing.T) {
	loadLibrary(t)
	for _, model := range onnxtest.All() {
		t.Run(model.Name, func(t *testing.T) {
			m, err := model.Parse()
			require.NoError(t, err)
			dir := place(t, model)
			if dims := shape.Dims(m); len(dims) > 0 {
				m, err = shape.Bind(m, map[string]int64{dims[0]: 6})
				require.NoError(t, err)
			}
			p := &Prober{Dir: dir}
			defer p.Close()
			m, err = shape.Check(m, p)
			require.NoError(t, err)
			assert.Equal(t, model.Name == "wrong", len(m.Claims()) > 0, "%v", m.Claims())
			m, err = shape.Probe(m, p, 3)
			require.NoError(t, err)
			cuts, complete, err := cut.All(m, cut.Limits{})
			require.NoError(t, err, "complete")
			require.True(t, complete, "complete")
			first, last := cuts[0], cuts[len(cuts)-1]
			want := whole(t, m, first, last)
			for _, c := range cuts[1 : len(cuts)-1] {
				checkPath(t, m, []cut.Cut{first, c, last}, want)
			}
			t.Logf("%d cuts verified", len(cuts)-2)
		})
	}
}

func TestProbe(t *testing.T) {
	loadLibrary(t)
	m, err := onnxtest.Variable().Parse()
	require.NoError(t, err)
	m, err = shape.Bind(m, map[string]int64{"n": 50})
	require.NoError(t, err)
	p := &Prober{}
	defer p.Close()
	m, err = shape.Probe(m, p, 0)
	require.NoError(t, err)
	left := shape.Unknown(m)
	assert.Empty(t, left, "%v are unknown still", left)
	cuts, _, err := cut.All(m, cut.Limits{})
	require.NoError(t, err)
	i := slices.IndexFunc(cuts, func(c cut.Cut) bool { return c.Name == "kept" })
	require.GreaterOrEqual(t, i, 0, "cuts %+v, want one of variable shape at kept", cuts)
	require.True(t, cuts[i].Variable(), "cuts %+v, want one of variable shape at kept", cuts)
	require.Equal(t, onnx.Float32, cuts[i].Tensors[0].Elem, "cuts %+v, want one of variable shape at kept", cuts)
	s := cuts[i].Spans["kept"]
	require.Len(t, s.Min, 1, "of 200 values %v to %v are positive, %d bytes", s.Min, s.Max, cuts[i].Bytes())
	assert.GreaterOrEqual(t, s.Min[0], int64(50), "of 200 values %v to %v are positive, %d bytes", s.Min, s.Max,
		cuts[i].Bytes())
	assert.LessOrEqual(t, s.Max[0], int64(150), "of 200 values %v to %v are positive, %d bytes", s.Min, s.Max,
		cuts[i].Bytes())
	assert.Less(t, s.Min[0], s.Max[0], "of 200 values %v to %v are positive, %d bytes", s.Min, s.Max, cuts[i].Bytes())
	assert.Equal(t, 4*s.Max[0], cuts[i].Bytes(), "of 200 values %v to %v are positive, %d bytes", s.Min, s.Max,
		cuts[i].Bytes())
	a := slices.IndexFunc(cuts, func(c cut.Cut) bool { return c.Name == "a" })
	assert.GreaterOrEqual(t, a, 0, "cuts %+v, want one of 800 bytes at a", cuts)
	require.False(t, cuts[a].Variable(), "cuts %+v, want one of 800 bytes at a", cuts)
	assert.EqualValues(t, 800, cuts[a].Bytes(), "cuts %+v, want one of 800 bytes at a", cuts)
}
