package benchmarks

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/edgeprune/edgeprune/deploy/ort/orttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// listed returns the indices of sorted cuts that are beyond the share or the target.
func listed(sorted []measured) []int {
	var list []int
	for i, c := range sorted {
		if i >= cutsCount(len(sorted)) || quantile.Median(c.halves) > cutsTarget {
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
	if quantile.Median(c.halves) <= cutsTarget {
		why = append(why, "within the target")
	}
	if why == nil {
		return "no reason known"
	}
	return strings.Join(why, "; ")
}

// explain looks up what the runtime computes in the parts of the slow cuts, and not in
// the whole.
func (s *series) explain(whole []byte) error {
	_, sorted := cutsBest(s.chosen)
	var slow []string
	for _, i := range listed(sorted) {
		slow = append(slow, sorted[i].Name)
	}
	before, err := operators(whole)
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
		after, err := operators(head, tail)
		if err != nil {
			return err
		}
		s.chosen[i].added = orttest.Added(before, after)
	}
	return nil
}

// operators counts the nodes of models as the runtime optimises them.
func operators(models ...[]byte) (map[string]int, error) {
	count := map[string]int{}
	for _, model := range models {
		ops, err := orttest.Operators(func(path string) error {
			s, err := ort.NewSession(model, ort.Options{Threads: 1, Show: path})
			if err != nil {
				return err
			}
			return s.Close()
		})
		if err != nil {
			return nil, err
		}
		for op, n := range ops {
			count[op] += n
		}
	}
	return count, nil
}

func TestChoose(t *testing.T) {
	var all []measured
	for i := range 12 {
		all = append(all, measured{Cut: cut.Cut{Tensors: make([]onnx.TensorInfo, 1+min(i%3, 1))}})
	}
	for n, want := range map[int]int{20: 12, 12: 12, 8: 8, 5: 5, 3: 3, 1: 1} { // 4 are of one tensor
		single := 0
		list := choose(all, n)
		for _, c := range list {
			if len(c.Tensors) == 1 {
				single++
			}
		}
		require.Len(t, list, want, "%d chosen for %d, want %d; %d of one tensor", len(list), n, want, single)
		assert.Equal(t, min(want, 4), single, "%d chosen for %d, want %d; %d of one tensor", len(list), n, want, single)
	}
}

func TestCutsReport(t *testing.T) {
	var all []measured
	for _, r := range []float64{1.2, 1, 1.01, 1.02, 1.5} {
		c := measured{Cut: cut.Cut{Name: fmt.Sprint("cut", len(all))}, halves: []float64{r}, whole: []float64{1},
			wall: []float64{r}}
		if r == 1.5 {
			c.BreaksFusion, c.Broken, c.added, c.halves = true, []string{"Conv+Relu"}, "1 Relu", []float64{1.5, 1.4, 1.6}
		}
		all = append(all, c)
	}
	best, sorted := cutsBest(all)
	assert.Equal(t, 1.2, best, "best share: at most %v, first %s; want 1.2, cut1", best, sorted[0].Name)
	assert.Equal(t, "cut1", sorted[0].Name, "best share: at most %v, first %s; want 1.2, cut1", best, sorted[0].Name)
	text := cutsReport("net", all, 10)
	for _, want := range []string{
		"net: 5 of 10 cuts", "1.2000 (1.2000 to 1.2000) at cut0, 0.00 MB: no reason known",
		"1.5000 (1.4000 to 1.6000) at cut4, 0.00 MB: breaks Conv+Relu; ONNX Runtime adds 1 Relu",
	} {
		assert.Contains(t, text, want, "no %q in:\n", want)
	}
	assert.NotContains(t, text, "at cut3", "cut3 is listed, which is within target and share:\n")
	got := cutsCount(9)
	assert.Equal(t, 8, got, "four fifths of 9 cuts are %d, want 8", got)
}
