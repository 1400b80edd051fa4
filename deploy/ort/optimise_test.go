package ort

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

// The optimised model computes what the model does, bit by bit, and so do its parts at
// every cut; no cut breaks a fusion, and none adds a change of layout.
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
		if m, err = m.Probe(p, 0); err != nil {
			t.Fatalf("%s: %v", source.Name, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if got, least := m.MACs(), before.MACs(); got < least {
			t.Errorf("%s: %d MACs, less than the %d before", source.Name, got, least)
		}
		want := run(t, source.Data, inputs(t, before))
		cuts, _, err := m.AllCuts(onnx.Limits{Heads: 32})
		if err != nil || len(cuts) < 4 {
			t.Fatalf("%s: %d cuts, %v", source.Name, len(cuts), err)
		}
		for _, c := range cuts[1 : len(cuts)-1] {
			have := inputs(t, m)
			for _, ends := range [][2]onnx.Cut{{cuts[0], c}, {c, cuts[len(cuts)-1]}} {
				s, err := m.Between(ends[0], ends[1], "")
				part := file(t, s, err)
				for name, x := range run(t, part, have) {
					have[name] = x
				}
				again, err := Optimise(part)
				if err != nil {
					t.Fatal(err)
				}
				if had, has := reorders(t, part), reorders(t, again); has > had {
					t.Errorf("%s: at %s ONNX Runtime adds %d changes of layout", source.Name, c.Name, has-had)
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

func reorders(t *testing.T, model []byte) int {
	t.Helper()
	m, err := onnx.Parse(model)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, op := range m.Ops() {
		if strings.Contains(op.Op, "Reorder") {
			n += op.Count
		}
	}
	return n
}

// What was optimised can be optimised again, and is marked once.
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
}

func TestOptimisedElsewhere(t *testing.T) {
	loadLibrary(t)
	marked := func(machine string) []byte {
		return modelBytes(t, func(b *onnx.Builder) {
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
			t.Errorf("%v, want ErrMachine and how to mend it", err)
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
		"wrong types": modelBytes(t, func(b *onnx.Builder) {
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
