package ort

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/build"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxpb"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/edgeprune/edgeprune/core/onnx/work"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The optimised model computes what the model does, bit by bit, and so do its parts at
// every cut.
func TestOptimise(t *testing.T) {
	loadLibrary(t)
	for _, source := range []onnxtest.Model{
		onnxtest.Separable(), onnxtest.Residual(), onnxtest.Transformer(), onnxtest.QOperator(),
	} {
		before, err := source.Parse()
		require.NoError(t, err)
		data, err := Optimise(source.Data)
		require.NoError(t, err, source.Name)
		m, err := onnx.Parse(data)
		require.NoError(t, err, source.Name)
		assert.Equal(t, Machine(), m.OptimisedFor(), "%s: optimised for", source.Name)
		p := &Prober{}
		m, err = shape.Probe(m, p, 0)
		require.NoError(t, err, source.Name)
		assert.NoError(t, p.Close())
		got, least := work.MACs(m), work.MACs(before)
		assert.GreaterOrEqual(t, got, least, "%s: %d MACs, less than the %d before", source.Name, got, least)
		want := run(t, source.Data, inputs(t, before))
		cuts, _, err := cut.All(m, cut.Limits{Heads: 32})
		require.NoError(t, err, "%s: %d cuts", source.Name, len(cuts))
		require.GreaterOrEqual(t, len(cuts), 4, "%s: %d cuts", source.Name, len(cuts))
		for _, c := range cuts[1 : len(cuts)-1] {
			have := inputs(t, m)
			for _, ends := range [][2]cut.Cut{{cuts[0], c}, {c, cuts[len(cuts)-1]}} {
				s, err := cut.Between(m, ends[0], ends[1], "")
				part := file(t, s, err)
				for name, x := range run(t, part, have) {
					have[name] = x
				}
			}
			for name, x := range want {
				assert.Equal(t, x.Data(), have[name].Data(), "%s: %s by way of %s differs from the whole", source.Name, name,
					c.Name)
			}
		}
	}
}

// Tensors in blocks have names that tell where they are from, unless something else has
// that name or control flow uses them.
func TestRename(t *testing.T) {
	loadLibrary(t)
	data, err := Optimise(onnxtest.Separable().Data)
	require.NoError(t, err)
	m, err := onnx.Parse(data)
	require.NoError(t, err)
	out := m.Nodes()[0].Outputs()
	require.Len(t, out, 1, "the first node makes %v, want stem_nchwc", out)
	assert.Equal(t, "stem_nchwc", out[0], "the first node makes %v, want stem_nchwc", out)
	node := func(name string, in []string, out ...string) *onnxpb.NodeProto {
		return &onnxpb.NodeProto{Name: &name, Input: in, Output: out}
	}
	body := &onnxpb.GraphProto{Node: []*onnxpb.NodeProto{node("inner", []string{"reorder_token_2"}, "reorder_token_9")}}
	branch := node("if", []string{"b"}, "out")
	branch.Attribute = []*onnxpb.AttributeProto{{G: body}}
	g := &onnxpb.GraphProto{Node: []*onnxpb.NodeProto{
		node("a_nchwc", []string{"x", "reorder"}, "reorder_token_0"),
		node("b", []string{"reorder_token_0"}, "reorder_token_1"),
		node("c_nchwc", []string{"reorder_token_1"}, "reorder_token_2"), // the body wants it
		node("b", []string{"reorder_token_2"}, "reorder_token_3"),       // its name is taken by then
		node("", []string{"reorder_token_3"}, "reorder_token_4"),
		branch,
	}}
	rename(g)
	var got []string
	for _, n := range g.Node {
		got = append(got, n.Input[0]+">"+n.Output[0])
	}
	want := "x>a_nchwc a_nchwc>b_nchwc b_nchwc>reorder_token_2 reorder_token_2>reorder_token_3 " +
		"reorder_token_3>reorder_token_4 b>out"
	assert.Equal(t, want, strings.Join(got, " "), "renamed")
}

// What was optimised stays as it is when it is optimised again.
func TestOptimiseAgain(t *testing.T) {
	loadLibrary(t)
	once, err := Optimise(onnxtest.Separable().Data)
	require.NoError(t, err)
	twice, err := Optimise(once)
	require.NoError(t, err)
	n := bytes.Count(twice, []byte(onnx.OptimisedForKey))
	assert.Equal(t, 1, n, "marked %d times", n)
	var ops [2]map[string]int
	for i, data := range [][]byte{once, twice} {
		m, err := onnx.Parse(data)
		require.NoError(t, err)
		ops[i] = map[string]int{}
		for _, op := range m.Ops() {
			ops[i][op.Op] = op.Count
		}
	}
	assert.Equal(t, ops[1], ops[0], "of %v became", ops[0])
}

func TestOptimisedElsewhere(t *testing.T) {
	loadLibrary(t)
	marked := func(machine string) []byte {
		return modelBytes(t, func(b *build.Builder) {
			addModel(b)
			b.Metadata(onnx.OptimisedForKey, machine)
		})
	}
	s, err := NewSession(marked(Machine()), Options{})
	require.NoError(t, err)
	assert.NoError(t, s.Close())
	other := "onnxruntime 1.0.0, amd64, avx2"
	for _, load := range []func() error{
		func() error { _, err := NewSession(marked(other), Options{}); return err },
		func() error { _, err := Optimise(marked(other)); return err },
		func() error {
			_, err := NewSession(marked(Machine()), Options{Provider: plan.Named("cuda")})
			return err
		},
	} {
		err := load()
		require.ErrorIs(t, err, ErrMachine, "%v, want ErrMachine and what to do", err)
		assert.Contains(t, err.Error(), "take the model that it was made from", "%v, want ErrMachine and what to do", err)
	}
	_, err = NewSession(marked(other), Options{})
	assert.Contains(t, err.Error(), other, "%v does not name both machines", err)
	assert.Contains(t, err.Error(), Machine(), "%v does not name both machines", err)
}

func TestOptimiseErrors(t *testing.T) {
	loadLibrary(t)
	t.Setenv("TMPDIR", t.TempDir())
	for name, bad := range map[string][]byte{
		"garbage": []byte("garbage"),
		"wrong types": modelBytes(t, func(b *build.Builder) {
			b.Input("x", onnx.Int32, 1, 3)
			b.Output("y", onnx.Float32, 1, 3)
			b.Node("Relu", []string{"x"}, []string{"y"})
		}),
	} {
		_, err := Optimise(bad)
		assert.Error(t, err, "%s was optimised", name)
	}
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err, "left behind")
	assert.Empty(t, left, "left behind")
}
