package ort

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/edgeprune/edgeprune/deploy/ort/orttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// needless are marks at cuts that break nothing, by model, with the reason that they
// are accepted. No cut that breaks a fusion may lack its mark.
var needless = map[string]string{
	"add-act-skip":  "either of two convolutions can do a sum; the later one is taken",
	"add-two-convs": "either of two convolutions can do a sum; the later one is taken",
	"attention-qkv": "a Transpose that is moved away from MatMul stays one in any case",
}

// optimised counts the operators, but for free ones, of the model as ONNX Runtime runs it.
func optimised(t fataler, model []byte, unpacked bool) map[string]int {
	t.Helper()
	count, err := orttest.Operators(func(path string) error {
		s, err := NewSession(model, Options{Show: path, unpacked: unpacked})
		if err != nil {
			return err
		}
		return s.Close()
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	ops := map[string]int{}
	for op, n := range count {
		if name := strings.TrimPrefix(op, "Fused"); !slices.Contains(free, name) && !strings.HasPrefix(name, "Reorder") {
			ops[name] += n
		}
	}
	return ops
}

// free are operators that compute nothing.
var free = []string{"Reshape", "Identity", "Cast", "Squeeze", "Unsqueeze"}

// oracle asks ONNX Runtime what a cut breaks.
type oracle struct {
	m              *onnx.Model
	first, last    cut.Cut
	packed, simple map[string]int // operators of the whole model
}

func newOracle(t *testing.T, m *onnx.Model, first, last cut.Cut) *oracle {
	o := &oracle{m: m, first: first, last: last}
	s, err := cut.Between(m, first, last, "")
	whole := file(t, s, err)
	o.packed, o.simple = optimised(t, whole, false), optimised(t, whole, true)
	return o
}

// broken lists the operators that ONNX Runtime runs because of a cut and would not
// run in the whole model, and how many more they are in all, less those that it does
// without: first of the optimised head and tail, in the layout of the file. In the
// layout that it runs them, where head and tail differ for the layout alone, of the
// whole model when it must give out what the cut sends.
func (o *oracle) broken(t *testing.T, c cut.Cut) (text string, more int) {
	parts := map[string]int{}
	for _, p := range [][2]cut.Cut{{o.first, c}, {c, o.last}} {
		if len(cut.PassThrough(p[0], p[1])) < len(p[1].Tensors) {
			s, err := cut.Between(o.m, p[0], p[1], "")
			for op, n := range optimised(t, file(t, s, err), true) {
				parts[op] += n
			}
		}
	}
	both := cut.Cut{Name: "both", Tensors: slices.Clone(o.last.Tensors)}
	for _, x := range c.Tensors {
		same := func(y onnx.TensorInfo) bool { return y.Name == x.Name }
		if !slices.ContainsFunc(both.Tensors, same) && !slices.ContainsFunc(o.first.Tensors, same) {
			both.Tensors = append(both.Tensors, x)
		}
	}
	s, err := cut.Between(o.m, o.first, both, "")
	given := optimised(t, file(t, s, err), false)
	given["Transpose"] = o.packed["Transpose"]               // of a layout
	given["DequantizeLinear"] = o.packed["DequantizeLinear"] // of which each reader gets its own
	list := slices.DeleteFunc([]string{orttest.Added(o.simple, parts), orttest.Added(o.packed, given)},
		func(s string) bool { return s == "" })
	return strings.Join(list, ", "), max(sum(parts)-sum(o.simple), sum(given)-sum(o.packed))
}

func sum(ops map[string]int) (n int) {
	for _, count := range ops {
		n += count
	}
	return n
}

// judge compares every mark with what ONNX Runtime does. Of a model that is named,
// needless marks are counted only: on other CPUs channels lie in other blocks.
func judge(t *testing.T, name string, m *onnx.Model, named bool) {
	cuts, _, err := cut.All(m, cut.Limits{Heads: 64})
	require.NoError(t, err)
	inner := cuts[1 : len(cuts)-1]
	o := newOracle(t, m, cuts[0], cuts[len(cuts)-1])
	broken := map[string]string{}
	breaking, extra, folded := 0, 0, 0
	for _, c := range inner {
		text, more := o.broken(t, c)
		switch {
		case more > 0 && !c.BreaksFusion && slices.ContainsFunc(c.Tensors, isShape):
			folded++ // what the whole model's shapes make a constant is computed if it is sent
		case more > 0 && !c.BreaksFusion:
			t.Errorf("cut %s has no mark, and the runtime runs %s more", c.Name, text)
		case text == "" && c.BreaksFusion:
			extra++
			if needless[name] == "" {
				assert.True(t, named, "cut %s is marked by %v, and the runtime runs no more", c.Name, c.Broken)
			}
		}
		if more > 0 {
			breaking++
			broken[c.Name] = text
		}
	}
	for _, c := range inner {
		more := broken[c.Instead]
		if more != "" {
			assert.NotEqual(t, 0, folded, "cut %s is to be replaced by %s, for which the runtime runs %s more", c.Name,
				c.Instead, more)
		}
	}
	t.Logf("%d cuts, %d break a fusion, %d marked needlessly, %d send shapes", len(inner), breaking, extra, folded)
}

func isShape(t onnx.TensorInfo) bool {
	return (t.Elem == onnx.Int64 || t.Elem == onnx.Int32) && len(t.Shape) <= 1
}

// TestFusionMarks asks ONNX Runtime whether the marks of cuts are right.
// EDGEPRUNE_FUSIONS names others instead, separated by commas, each as PATH and the
// sizes of its open dimensions as NAME=SIZE.
func TestFusionMarks(t *testing.T) {
	loadLibrary(t)
	others := os.Getenv("EDGEPRUNE_FUSIONS")
	models := append(onnxtest.All(), fusionCases(t)...)
	if others != "" {
		models = nil
	}
	for _, model := range models {
		t.Run(model.Name, func(t *testing.T) {
			m, err := model.Parse()
			require.NoError(t, err)
			sizes := map[string]int64{}
			for _, d := range shape.Dims(m) {
				sizes[d] = 6
			}
			judge(t, model.Name, known(t, m, sizes, place(t, model)), false)
		})
	}
	for line := range strings.SplitSeq(others, ",") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		t.Run(words[0], func(t *testing.T) {
			data, err := os.ReadFile(words[0])
			require.NoError(t, err)
			m, err := onnx.Parse(data)
			require.NoError(t, err)
			sizes := map[string]int64{}
			for _, w := range words[1:] {
				dim, size, _ := strings.Cut(w, "=")
				sizes[dim], err = strconv.ParseInt(size, 10, 64)
				require.NoError(t, err)
			}
			judge(t, words[0], known(t, m, sizes, ""), true)
		})
	}
}

// known binds open dimensions and probes for types.
func known(t *testing.T, m *onnx.Model, sizes map[string]int64, dir string) *onnx.Model {
	t.Helper()
	m, err := shape.Bind(m, sizes)
	require.NoError(t, err)
	p := &Prober{Dir: dir}
	defer p.Close()
	m, err = shape.Probe(m, p, 3)
	require.NoError(t, err)
	return m
}
