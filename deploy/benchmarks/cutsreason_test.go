package benchmarks

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

// listed returns the indices of sorted cuts that are beyond the share or the target.
func listed(sorted []measured) []int {
	var list []int
	for i, c := range sorted {
		if i >= cutsCount(len(sorted)) || median(c.halves) > cutsTarget {
			list = append(list, i)
		}
	}
	return list
}

// cutsReason says why a cut makes the parts slower than the whole, if that is known.
func cutsReason(c measured) string {
	var why []string
	if c.BreaksFusion {
		why = append(why, "breaks "+strings.Join(c.Broken, ", "))
	}
	if c.added != "" {
		why = append(why, "ONNX Runtime adds "+c.added)
	}
	if median(c.halves) <= cutsTarget {
		why = append(why, "within the target")
	}
	if why == nil {
		return "no reason known"
	}
	return strings.Join(why, "; ")
}

// explain looks up what the runtime computes in the parts of the slow cuts, and not in
// the whole.
func (s *series) explain(whole []byte) (err error) {
	_, sorted := cutsBest(s.chosen)
	var slow []string
	for _, i := range listed(sorted) {
		slow = append(slow, sorted[i].Name)
	}
	dir, err := os.MkdirTemp("", "edgeprune-cuts-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	before, err := operators(dir, whole)
	if err != nil {
		return err
	}
	for i := range s.chosen {
		if !slices.Contains(slow, s.chosen[i].Name) {
			continue
		}
		head, tail, err := s.chosen[i].parts(s.m)
		if err != nil {
			return err
		}
		after, err := operators(dir, head, tail)
		if err != nil {
			return err
		}
		s.chosen[i].added = more(before, after)
	}
	return nil
}

// operators counts the nodes of models as the runtime optimises them.
func operators(dir string, models ...[]byte) (map[string]int, error) {
	count := map[string]int{}
	for _, model := range models {
		path := dir + "/optimised.onnx"
		s, err := ort.NewSession(model, ort.Options{Threads: 1, Show: path})
		if err != nil {
			return nil, err
		}
		if err := s.Close(); err != nil {
			return nil, err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		m, err := onnx.Parse(data)
		if err != nil {
			return nil, err
		}
		for _, op := range m.Ops() {
			count[op.Op[strings.LastIndex(op.Op, ".")+1:]] += op.Count
		}
	}
	return count, nil
}

// more lists what after has and before has not, by name.
func more(before, after map[string]int) string {
	var list []string
	for _, op := range slices.Sorted(maps.Keys(after)) {
		if n := after[op] - before[op]; n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, op))
		}
	}
	return strings.Join(list, ", ")
}

func TestChoose(t *testing.T) {
	var all []measured
	for i := range 12 {
		all = append(all, measured{Cut: onnx.Cut{Tensors: make([]onnx.TensorInfo, 1+min(i%3, 1))}})
	}
	for n, want := range map[int]int{20: 12, 12: 12, 8: 8, 5: 5, 3: 3, 1: 1} { // 4 are of one tensor
		single := 0
		list := choose(all, n)
		for _, c := range list {
			if len(c.Tensors) == 1 {
				single++
			}
		}
		if len(list) != want || single != min(want, 4) {
			t.Errorf("%d chosen for %d, want %d; %d of one tensor", len(list), n, want, single)
		}
	}
}

func TestMore(t *testing.T) {
	if got := more(map[string]int{"Conv": 3, "Add": 1}, map[string]int{"Conv": 3, "ReorderOutput": 1, "Add": 3}); got != "2 Add, 1 ReorderOutput" {
		t.Errorf("more() = %q", got)
	}
}

func TestCutsReport(t *testing.T) {
	var all []measured
	for _, r := range []float64{1.2, 1, 1.01, 1.02, 1.5} {
		c := measured{Cut: onnx.Cut{Name: fmt.Sprint("cut", len(all))}, halves: []float64{r}, whole: []float64{1}, wall: []float64{r}}
		if r == 1.5 {
			c.BreaksFusion, c.Broken, c.added, c.halves = true, []string{"Conv+Relu"}, "1 Relu", []float64{1.5, 1.4, 1.6}
		}
		all = append(all, c)
	}
	if best, sorted := cutsBest(all); best != 1.2 || sorted[0].Name != "cut1" {
		t.Errorf("best share: at most %v, first %s; want 1.2, cut1", best, sorted[0].Name)
	}
	text := cutsReport("net", all, 10)
	for _, want := range []string{"net: 5 of 10 cuts", "1.2000 (1.2000 to 1.2000) at cut0, 0.00 MB: no reason known", "1.5000 (1.4000 to 1.6000) at cut4, 0.00 MB: breaks Conv+Relu; ONNX Runtime adds 1 Relu"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "at cut3") {
		t.Errorf("cut3 is listed, which is within target and share:\n%s", text)
	}
	if got := cutsCount(9); got != 8 {
		t.Errorf("four fifths of 9 cuts are %d, want 8", got)
	}
}
