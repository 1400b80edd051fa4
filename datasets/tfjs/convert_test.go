package tfjs

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sketch writes small graph models.
type sketch struct {
	nodes    []map[string]any
	manifest []map[string]any
	weights  []byte
	outputs  map[string][]int
}

func (s *sketch) node(op, name string, attrs map[string]any, in ...string) string {
	if attrs == nil {
		attrs = map[string]any{}
	}
	s.nodes = append(s.nodes, map[string]any{"name": name, "op": op, "input": in, "attr": attrs})
	return name
}

func (s *sketch) ints(name string, shape []int, values ...int32) string {
	for _, v := range values {
		s.weights = binary.LittleEndian.AppendUint32(s.weights, uint32(v))
	}
	s.manifest = append(s.manifest, map[string]any{"name": name, "shape": shape, "dtype": "int32"})
	return s.node("Const", name, nil)
}

func (s *sketch) floats(name string, shape []int, values ...float32) string {
	for _, v := range values {
		s.weights = binary.LittleEndian.AppendUint32(s.weights, math.Float32bits(v))
	}
	s.manifest = append(s.manifest, map[string]any{"name": name, "shape": shape, "dtype": "float32"})
	return s.node("Const", name, nil)
}

func (s *sketch) transpose(name, in string, perm ...int32) string {
	return s.node("Transpose", name, nil, in, s.ints(name+"/perm", []int{len(perm)}, perm...))
}

func (s *sketch) model(t *testing.T) []byte {
	t.Helper()
	ends := func(shapes map[string][]int) map[string]any {
		out := map[string]any{}
		for name, shape := range shapes {
			var dims []map[string]string
			for _, d := range shape {
				dims = append(dims, map[string]string{"size": fmt.Sprint(d)})
			}
			out[name+":0"] = map[string]any{"name": name + ":0", "tensorShape": map[string]any{"dim": dims}}
		}
		return out
	}
	b, err := json.Marshal(map[string]any{
		"format":          "graph-model",
		"signature":       map[string]any{"inputs": ends(map[string][]int{"x": {1, 1, 4, 4}}), "outputs": ends(s.outputs)},
		"modelTopology":   map[string]any{"node": s.nodes},
		"weightsManifest": []any{map[string]any{"weights": s.manifest}},
	})
	require.NoError(t, err)
	return b
}

func list(values ...string) map[string]any {
	return map[string]any{"list": map[string]any{"i": values}}
}

func text(s string) map[string]any {
	return map[string]any{"s": base64.StdEncoding.EncodeToString([]byte(s))}
}

func window(stride string) map[string]any {
	return map[string]any{"padding": text("VALID"), "data_format": text("NHWC"), "strides": list("1", stride, stride, "1"),
		"dilations": list("1", "1", "1", "1")}
}

// small is a convolution with padding and bias as exporters write it, its
// activation, and a branch of pooling; then both joined, cut in two, resized
// and flattened.
func small() *sketch {
	s := &sketch{outputs: map[string][]int{"a": {1, 16, 1}, "b": {1, 2, 2, 2}}}
	s.node("Placeholder", "x", nil)
	padded := s.node("Pad", "pad", nil, "x", s.ints("pads", []int{4, 2}, 0, 0, 0, 0, 1, 1, 1, 1))
	last := s.transpose("last", padded, 0, 2, 3, 1)
	kernel := make([]float32, 9*2)
	for i := range 9 {
		kernel[2*i], kernel[2*i+1] = 1, float32(i) // sum of the window, and a ramp
	}
	conv := s.node("Conv2D", "conv", window("2"), last, s.floats("w", []int{3, 3, 1, 2}, kernel...))
	first := s.transpose("first", s.node("Add", "biased", nil, conv, s.floats("bias", []int{2}, -5, 0.5)), 0, 3, 1, 2)
	act := s.node("LeakyRelu", "act", map[string]any{"alpha": map[string]any{"f": 0.5}}, first)
	low := s.node("PadV2", "low", nil, act, s.ints("pads2", []int{4, 2}, 0, 0, 0, 0, 0, 1, 0, 1),
		s.floats("lowest", []int{}, -65504))
	pooling := window("1")
	pooling["ksize"] = list("1", "2", "2", "1")
	pool := s.transpose("pool/first", s.node("MaxPool", "pool", pooling, s.transpose("pool/last", low, 0, 2, 3, 1)), 0, 3,
		1, 2)
	both := s.node("ConcatV2", "both", nil, act, pool, s.ints("axis", []int{}, 1))
	s.node("SplitV", "split", nil, both, s.ints("sizes", []int{2}, 1, 3), s.ints("axis2", []int{}, -3))
	big := s.transpose("big", s.node(
		"ResizeBilinear", "resize", map[string]any{"half_pixel_centers": map[string]any{"b": true}},
		s.transpose("split/last", "split", 0, 2, 3, 1), s.ints("size", []int{2}, 4, 4)), 0, 3, 1, 2)
	s.ints("none", []int{0, 1})
	s.ints("rank", []int{1}, 3)
	s.ints("nothing", []int{0})
	s.ints("zero", []int{}, 0)
	sparse := s.node("SparseToDense", "sparse", nil, "none", "rank", "nothing", "zero")
	shape := s.node("AddV2", "shape", nil, s.ints("shape/base", []int{3}, 1, 1, -1), sparse)
	flat := s.transpose("flat", s.node("Reshape", "reshape", nil, s.node("Sigmoid", "sigmoid", nil, big), shape), 0, 2, 1)
	s.node("Identity", "a", nil, flat)
	// Channels 1 and 2 of the second part: the ramp, and the pooled sum.
	s.node("SplitV", "rest", nil, "split:1", s.ints("sizes2", []int{2}, 2, 1), s.ints("axis3", []int{}, 1))
	s.node("Identity", "b", nil, s.node("Add", "twice", nil, "rest", "rest"))
	return s
}

func convert(t *testing.T, s *sketch) ([]byte, error) {
	t.Helper()
	g, err := Parse(s.model(t), s.weights)
	if err != nil {
		return nil, err
	}
	return g.Convert("small", []Names{{"x", "image"}}, []Names{{"a", "one"}, {"b", "two"}})
}

func TestConvert(t *testing.T) {
	model, err := convert(t, small())
	require.NoError(t, err)
	m, err := onnx.Parse(model)
	require.NoError(t, err)
	for _, op := range m.Ops() {
		// only the one of the result
		assert.NotEqual(t, "Pad", op.Op, "%d × %s was not absorbed", op.Count, op.Op)
		if op.Op == "Transpose" {
			assert.Equal(t, 1, op.Count, "%d × %s was not absorbed", op.Count, op.Op)
		}
	}
	library, err := ort.Find("")
	if err == nil {
		err = ort.Load(library)
	}
	require.NoError(t, err)
	e := &ort.Evaluator{}
	defer e.Close()
	x := make([]float32, 16)
	for i := range x {
		x[i] = float32(i) / 4
	}
	got, err := e.Run(model, x, []int64{1, 1, 4, 4})
	require.NoError(t, err)
	sums, ramp := windows(x)
	want := make([]float64, 16)
	for i := range want { // each of the four cells, bilinear with half-pixel centres
		want[i] = 1 / (1 + math.Exp(-bilinear(sums, float64(i/4)/2-0.25, float64(i%4)/2-0.25)))
	}
	near(t, "one", got[0], want)
	top := max(sums[0], sums[1], sums[2], sums[3])
	near(t, "two", got[1], []float64{2 * ramp[0], 2 * ramp[1], 2 * ramp[2], 2 * ramp[3],
		2 * top, 2 * max(sums[1], sums[3]), 2 * max(sums[2], sums[3]), 2 * sums[3]})
}

// windows computes the two channels after the activation: 3 × 3 windows of
// stride 2 on the padded 4 × 4 picture.
func windows(x []float32) (sums, ramp [4]float64) {
	for o := range 4 {
		sum, weighted := -5.0, 0.5
		for k := range 9 {
			r, c := 2*(o/2)+k/3-1, 2*(o%2)+k%3-1
			if r < 0 || c < 0 || r > 3 || c > 3 {
				continue
			}
			sum += float64(x[4*r+c])
			weighted += float64(k) * float64(x[4*r+c])
		}
		if sum < 0 {
			sum /= 2
		}
		sums[o], ramp[o] = sum, weighted
	}
	return sums, ramp
}

func bilinear(v [4]float64, r, c float64) float64 {
	r, c = min(max(r, 0), 1), min(max(c, 0), 1)
	return (v[0]*(1-c)+v[1]*c)*(1-r) + (v[2]*(1-c)+v[3]*c)*r
}

func near(t *testing.T, name string, got []float32, want []float64) {
	t.Helper()
	require.Len(t, got, len(want), "%s has %d values", name, len(got))
	for i := range want {
		require.LessOrEqual(t, math.Abs(float64(got[i])-want[i]), 1e-5, name)
	}
}

func TestConvertErrors(t *testing.T) {
	for name, change := range map[string]func(s *sketch){
		"unknown operator": func(s *sketch) { find(s, "act")["op"] = "Elu" },
		"missing input":    func(s *sketch) { find(s, "act")["input"] = []string{"nobody"} },
		"too few inputs":   func(s *sketch) { find(s, "both")["input"] = []string{"act"} },
		"cycle":            func(s *sketch) { find(s, "act")["input"] = []string{"flat"} },
		"twice":            func(s *sketch) { s.node("Identity", "a", nil, "x") },
		"same padding":     func(s *sketch) { find(s, "conv")["attr"].(map[string]any)["padding"] = text("SAME") },
		"no bias":          func(s *sketch) { find(s, "first")["input"] = []string{"conv", "first/perm"} },
		"wrong shape":      func(s *sketch) { s.outputs["b"] = []int{1, 2, 2, 3} },
		"aligned corners": func(s *sketch) {
			find(s, "resize")["attr"] = map[string]any{"align_corners": map[string]any{"b": true}}
		},
		"sum of two shapes":   func(s *sketch) { find(s, "twice")["input"] = []string{"rest", "split"} },
		"kept sparse":         func(s *sketch) { find(s, "sparse")["input"] = []string{"rank", "rank", "nothing", "zero"} },
		"permutation":         func(s *sketch) { find(s, "first")["input"] = []string{"biased", "pads"} },
		"padding not numbers": func(s *sketch) { find(s, "pad")["input"] = []string{"x", "w"} },
	} {
		s := small()
		change(s)
		_, err := convert(t, s)
		assert.ErrorIs(t, err, ErrGraph, "%s: %v, want ErrGraph", name, err)
	}
	for name, model := range map[string]string{"not JSON": "{", "layers model": `{"format":"layers-model"}`} {
		_, err := Parse([]byte(model), nil)
		assert.ErrorIs(t, err, ErrGraph, "%s: %v, want ErrGraph", name, err)
	}
	g, err := Parse(small().model(t), small().weights)
	require.NoError(t, err)
	_, err = g.Convert("x", []Names{{"x", "x"}}, nil)
	require.ErrorIs(t, err, ErrGraph, "unnamed outputs: %v, want ErrGraph that names them", err)
	assert.Contains(t, err.Error(), "[a b]", "unnamed outputs: %v, want ErrGraph that names them", err)
	_, err = g.Convert("x", []Names{{"y", "x"}}, []Names{{"a", "a"}, {"b", "b"}})
	assert.ErrorIs(t, err, ErrGraph, "no such input: %v, want ErrGraph", err)
}

func find(s *sketch, name string) map[string]any {
	for _, n := range s.nodes {
		if n["name"] == name {
			return n
		}
	}
	panic(name)
}
