package ort

import (
	"bytes"
	"errors"
	"maps"
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
)

// The optimised model computes what the model does, bit by bit, and so do its parts at
// every cut.
func TestOptimise(t *testing.T) {
	loadLibrary(t)
	for _, source := range []onnxtest.Model{onnxtest.Separable(), onnxtest.Residual(), onnxtest.Transformer(), onnxtest.QOperator()} {
		before, err := source.Parse()
		if err != nil {
			t.Fatal(err)
		}
		data, err := Optimise(source.Data)
		if err != nil {
			t.Fatalf("%s: %v", source.Name, err)
		}
		m, err := onnx.Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", source.Name, err)
		}
		if m.OptimisedFor() != Machine() {
			t.Errorf("%s: optimised for %q", source.Name, m.OptimisedFor())
		}
		p := &Prober{}
		if m, err = shape.Probe(m, p, 0); err != nil {
			t.Fatalf("%s: %v", source.Name, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if got, least := work.MACs(m), work.MACs(before); got < least {
			t.Errorf("%s: %d MACs, less than the %d before", source.Name, got, least)
		}
		want := run(t, source.Data, inputs(t, before))
		cuts, _, err := cut.All(m, cut.Limits{Heads: 32})
		if err != nil || len(cuts) < 4 {
			t.Fatalf("%s: %d cuts, %v", source.Name, len(cuts), err)
		}
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
				if !bytes.Equal(have[name].Data(), x.Data()) {
					t.Errorf("%s: %s by way of %s differs from the whole", source.Name, name, c.Name)
				}
			}
		}
	}
}

// Tensors in blocks have names that tell where they are from, unless something else has
// that name or control flow uses them.
func TestRename(t *testing.T) {
	loadLibrary(t)
	data, err := Optimise(onnxtest.Separable().Data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := onnx.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if out := m.Nodes()[0].Outputs(); len(out) != 1 || out[0] != "stem_nchwc" {
		t.Errorf("the first node makes %v, want stem_nchwc", out)
	}
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
	want := "x>a_nchwc a_nchwc>b_nchwc b_nchwc>reorder_token_2 reorder_token_2>reorder_token_3 reorder_token_3>reorder_token_4 b>out"
	if strings.Join(got, " ") != want {
		t.Errorf("renamed to %v, want %s", got, want)
	}
}

// What was optimised stays as it is when it is optimised again.
func TestOptimiseAgain(t *testing.T) {
	loadLibrary(t)
	once, err := Optimise(onnxtest.Separable().Data)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := Optimise(once)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(twice, []byte(onnx.OptimisedForKey)); n != 1 {
		t.Errorf("marked %d times", n)
	}
	var ops [2]map[string]int
	for i, data := range [][]byte{once, twice} {
		m, err := onnx.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		ops[i] = map[string]int{}
		for _, op := range m.Ops() {
			ops[i][op.Op] = op.Count
		}
	}
	if !maps.Equal(ops[0], ops[1]) {
		t.Errorf("of %v became %v", ops[0], ops[1])
	}
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
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	other := "onnxruntime 1.0.0, amd64, avx2"
	for _, load := range []func() error{
		func() error { _, err := NewSession(marked(other), Options{}); return err },
		func() error { _, err := Optimise(marked(other)); return err },
		func() error { _, err := NewSession(marked(Machine()), Options{Provider: "cuda"}); return err },
	} {
		if err := load(); !errors.Is(err, ErrMachine) || !strings.Contains(err.Error(), "take the model that it was made from") {
			t.Errorf("%v, want ErrMachine and what to do", err)
		}
	}
	if _, err := NewSession(marked(other), Options{}); !strings.Contains(err.Error(), other) || !strings.Contains(err.Error(), Machine()) {
		t.Errorf("%v does not name both machines", err)
	}
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
		if _, err := Optimise(bad); err == nil {
			t.Errorf("%s was optimised", name)
		}
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
