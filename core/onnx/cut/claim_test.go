package cut_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
	"pgregory.net/rapid"
)

// The branches of a module go to parts of their own, by what they make.
func TestClaim(t *testing.T) {
	m, err := onnxtest.Inception().Parse()
	if err != nil {
		t.Fatal(err)
	}
	var of []int
	for i, makes := range [][]string{{"mixed0.1x1", "mixed0.proj"}, {"mixed0.3x3", "mixed0.5x5"}, nil} {
		if i == 2 && cut.Unclaimed(m, of) != "scores" {
			t.Errorf("unclaimed %q, want scores", cut.Unclaimed(m, of))
		}
		if of, err = cut.Claim(m, of, i, makes...); err != nil {
			t.Fatal(err)
		}
	}
	if left := cut.Unclaimed(m, of); left != "" {
		t.Errorf("unclaimed %q, want none", left)
	}
	parts, err := cut.Parts(m, of)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"image -> stem mixed0.1x1 mixed0.proj", "stem -> mixed0.3x3 mixed0.5x5",
		"mixed0.1x1 mixed0.3x3 mixed0.5x5 mixed0.proj -> scores",
	} {
		if got := tensorNames(parts[i].Inputs) + " -> " + tensorNames(parts[i].Outputs); got != want {
			t.Errorf("part %d: %s, want %s", i, got, want)
		}
	}
	for _, c := range []struct {
		tensor, says string
	}{
		{"nothing", `computes "nothing"`}, {"image", `computes "image"`}, {"stem", "earlier parts hold all"},
	} {
		if _, err := cut.Claim(m, of, 3, c.tensor); !errors.Is(err, cut.ErrNoCut) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.tensor, err)
		}
	}
}

// Whatever is claimed in whatever order, no part waits for a later one.
func TestClaimOfRandomModels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, err := onnxtest.Random(t, 20).Parse()
		if err != nil {
			t.Fatal(err)
		}
		var tensors []string
		for _, n := range m.Nodes() {
			if n.PerFrame() {
				tensors = append(tensors, n.Output(0))
			}
		}
		if len(tensors) == 0 {
			return // all is computed from initializers
		}
		var of []int
		count := 0
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(tensors), 0, 5).Draw(t, "makes") {
			if next, err := cut.Claim(m, of, count, name); err == nil {
				of, count = next, count+1
			}
		}
		if next, err := cut.Claim(m, of, count); err == nil {
			of = next
		}
		parts, err := cut.Parts(m, of)
		if err != nil || cut.Unclaimed(m, of) != "" {
			t.Fatalf("%v, unclaimed %q", err, cut.Unclaimed(m, of))
		}
		for p := range parts {
			for _, q := range parts[p].Needs {
				if q >= p {
					t.Fatalf("part %d needs part %d", p, q)
				}
			}
		}
	})
}
