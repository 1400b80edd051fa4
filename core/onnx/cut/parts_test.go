package cut_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/onnxtest"
)

// divide gives each node a part by its first output.
func divide(m *onnx.Model, part func(output string) int) []int {
	var of []int
	for _, n := range m.Nodes() {
		of = append(of, part(n.Output(0)))
	}
	return of
}

func tensorNames(list []onnx.TensorInfo) string {
	var names []string
	for _, t := range list {
		names = append(names, t.Name)
	}
	return strings.Join(names, " ")
}

func TestPartsOfABranchingModel(t *testing.T) {
	m, err := onnxtest.Inception().Parse()
	if err != nil {
		t.Fatal(err)
	}
	// The stem and the first module's pooled branch here, its other branches
	// there, the rest on a third device.
	parts, err := cut.Parts(m, divide(m, func(o string) int {
		switch {
		case strings.HasPrefix(o, "stem") || strings.HasPrefix(o, "mixed0.p"):
			return 0
		case strings.HasPrefix(o, "mixed0."):
			return 1
		}
		return 2
	}))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		in, out string
		needs   []int
	}{
		{"image", "stem mixed0.proj", nil},
		{"stem", "mixed0.1x1 mixed0.3x3 mixed0.5x5", []int{0}},
		{"mixed0.1x1 mixed0.3x3 mixed0.5x5 mixed0.proj", "scores", []int{0, 1}},
	} {
		if in, out := tensorNames(parts[i].Inputs), tensorNames(parts[i].Outputs); in != want.in || out != want.out || !slices.Equal(parts[i].Needs, want.needs) {
			t.Errorf("part %d: %q -> %q, needs %v; want %+v", i, in, out, parts[i].Needs, want)
		}
		s, err := cut.ExtractPart(m, parts[i], "")
		if err != nil || tensorNames(s.Inputs) != want.in || tensorNames(s.Outputs) != want.out {
			t.Errorf("part %d was extracted as %+v, %v", i, s, err)
		}
	}
}

func TestPartsThatWaitForEachOther(t *testing.T) {
	m, err := onnxtest.Residual().Parse()
	if err != nil {
		t.Fatal(err)
	}
	_, err = cut.Parts(m, divide(m, func(o string) int {
		if strings.HasPrefix(o, "block0.a") { // between stem and block0.sum
			return 1
		}
		return 0
	}))
	if !errors.Is(err, cut.ErrParts) || !strings.Contains(err.Error(), `part 0 needs "block0.a" of part 1`) || !strings.Contains(err.Error(), `part 1 needs "stem" of part 0`) {
		t.Errorf("error %v, want ErrParts that names the tensors", err)
	}
}

func TestPartsRefuse(t *testing.T) {
	m, err := onnxtest.Residual().Parse()
	if err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string][]int{
		"too few":       {0},
		"in no part":    divide(m, func(string) int { return -1 }),
		"an empty part": divide(m, func(o string) int { return 2 * map[bool]int{o == "logits": 1}[true] }),
		"far too many":  divide(m, func(string) int { return 1 << 40 }),
	} {
		if _, err := cut.Parts(m, of); !errors.Is(err, cut.ErrNoCut) {
			t.Errorf("%s: error %v, want ErrNoCut", name, err)
		}
	}
}

func TestThreeDevicesInARow(t *testing.T) {
	m, err := onnxtest.Transformer().Parse()
	if err != nil {
		t.Fatal(err)
	}
	cuts, complete, err := cut.All(m, cut.Limits{})
	if err != nil || !complete {
		t.Fatal(err)
	}
	at := func(tensors string) cut.Cut {
		i := slices.IndexFunc(cuts, func(c cut.Cut) bool { return tensorNames(c.Tensors) == tensors })
		if i < 0 {
			t.Fatalf("no cut sends %q", tensors)
		}
		return cuts[i]
	}
	a, b := at("tokens norm0"), at("tokens value attention")
	s, err := cut.Between(m, a, b, "")
	if err != nil || tensorNames(s.Inputs) != "norm0" || tensorNames(s.Outputs) != "value attention" {
		t.Errorf("the gateway gets %v and makes %v, %v", s.Inputs, s.Outputs, err)
	}
	if by := tensorNames(cut.PassThrough(a, b)); by != "tokens" {
		t.Errorf("%q passes through", by)
	}
}
