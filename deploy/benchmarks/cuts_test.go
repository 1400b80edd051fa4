package benchmarks

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/core/onnx/cut"
	"github.com/edgeprune/edgeprune/core/onnx/shape"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/ort"
	"github.com/stretchr/testify/require"
)

const (
	cutsRounds = 6                // of a pass
	cutsPasses = 4                // at least, with sessions loaded again
	cutsBudget = 75 * time.Second // for each series
	cutsTarget = 1.03
	cutsLeast  = 20  // cuts, even if they get fewer passes then
	cutsShare  = 0.8 // of the cuts, the best ones, that are to meet it
)

// measured is one cut with the medians of all passes.
type measured struct {
	cut.Cut
	halves []float64 // head and tail against the whole
	whole  []float64 // the whole against the whole, loaded twice
	wall   []float64 // as halves, by the clock, so with what else ran on the machine
	added  string    // nodes that the runtime computes in the parts and not in the whole
}

// series is the cuts of one form of a model.
type series struct {
	name   string
	m      *onnx.Model
	chosen []measured
	found  int
}

// BenchmarkCutsRatio is the processor time of head and tail, one after the other in this
// process and on one thread, against that of the whole model, at every cut that
// sends one tensor and at the cheapest one at every depth: cuts of the model as it is,
// and of the model as ONNX Runtime optimises it here. The whole is the model as it is.
func BenchmarkCutsRatio(b *testing.B) {
	require.NoError(b, loadLibrary())
	for b.Loop() {
		for _, name := range []string{detector, "nanodet"} {
			both, err := measureCuts(name)
			require.NoError(b, err, name)
			for _, s := range both {
				fmt.Print(cutsReport(s.name, s.chosen, s.found))
				best, _ := cutsBest(s.chosen)
				b.ReportMetric(best, s.name)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
}

// measureCuts measures the cuts of both series in turn, each in a few passes, as the
// places of sessions' memory matter, until the time is over. It leaves out some of the
// found ones if there is no time for all: few well measured ones say more.
func measureCuts(name string) ([]*series, error) {
	dir, err := dataset(name)
	if err != nil {
		return nil, err
	}
	whole, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	if err != nil {
		return nil, err
	}
	optimised, err := ort.Optimise(whole)
	if err != nil {
		return nil, err
	}
	var both []*series
	most := 0
	for suffix, model := range map[string][]byte{"": whole, "-optimised": optimised} {
		s, err := newSeries(name+suffix, model, whole)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name+suffix, err)
		}
		both, most = append(both, s), max(most, len(s.chosen))
	}
	slices.SortFunc(both, func(x, y *series) int { return cmp.Compare(x.name, y.name) })
	begin, budget := clock.Now(), int64(len(both))*int64(cutsBudget)
	for pass := 0; pass == 0 || clock.Now()-begin < budget; pass++ {
		for i := range most {
			for _, s := range both {
				if i >= len(s.chosen) || pass > 0 && clock.Now()-begin >= budget {
					continue
				}
				if err := s.chosen[i].measure(s.m, whole); err != nil {
					return nil, fmt.Errorf("%s: cut %s: %w", s.name, s.chosen[i].Name, err)
				}
			}
		}
	}
	for _, s := range both {
		if err := s.explain(whole); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return both, nil
}

// newSeries chooses as many cuts of a model as there is time for.
func newSeries(name string, model, whole []byte) (*series, error) {
	m, err := onnx.Parse(model)
	if err != nil {
		return nil, err
	}
	p := &ort.Prober{}
	if m, err = shape.Probe(m, p, 0); err != nil {
		return nil, err
	}
	if err := p.Close(); err != nil {
		return nil, err
	}
	cuts, err := cutsOf(m)
	if err != nil {
		return nil, err
	}
	var all []measured
	for _, c := range cuts {
		all = append(all, measured{Cut: c})
	}
	trial := measured{Cut: cuts[0]}
	begin := clock.Now()
	if err := trial.measure(m, whole); err != nil {
		return nil, err
	}
	n := int(int64(cutsBudget) / cutsPasses / (clock.Now() - begin))
	return &series{name: name, m: m, chosen: choose(all, max(n, cutsLeast)), found: len(all)}, nil
}

// choose leaves cuts out, evenly and first those of several tensors, so that n stay.
func choose(all []measured, n int) []measured {
	single := 0
	for _, c := range all {
		if len(c.Tensors) == 1 {
			single++
		}
	}
	keep := [2]int{min(single, n), min(len(all)-single, max(n-single, 0))} // of one tensor, of several
	of, seen := [2]int{single, len(all) - single}, [2]int{}
	return slices.DeleteFunc(slices.Clone(all), func(c measured) bool {
		kind := min(len(c.Tensors)-1, 1)
		seen[kind]++
		return seen[kind]*keep[kind]/of[kind] == (seen[kind]-1)*keep[kind]/of[kind]
	})
}

// cutsOf lists the cuts in question, without the input and the output.
func cutsOf(m *onnx.Model) ([]cut.Cut, error) {
	single, err := cut.Single(m)
	if err != nil {
		return nil, err
	}
	least, err := cut.Least(m)
	if err != nil {
		return nil, err
	}
	least = slices.DeleteFunc(least, func(c cut.Cut) bool { return len(c.Tensors) == 1 })
	cuts := slices.DeleteFunc(slices.Concat(single, least),
		func(c cut.Cut) bool { return c.HeadMACs == 0 || c.TailMACs == 0 })
	slices.SortStableFunc(cuts, func(x, y cut.Cut) int { return cmp.Compare(x.Nodes, y.Nodes) })
	if len(cuts) == 0 {
		return nil, errors.New("the model has no cuts with work on both sides")
	}
	return cuts, nil
}

// cutsBest returns the worst ratio among the best share of cuts, and all, best first.
func cutsBest(all []measured) (float64, []measured) {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(
		x, y measured,
	) int {
		return cmp.Compare(quantile.Median(x.halves), quantile.Median(y.halves))
	})
	return quantile.Median(sorted[cutsCount(len(all))-1].halves), sorted
}

// cutsCount is the share of n cuts, rounded up.
func cutsCount(n int) int { return n - int((1-cutsShare)*float64(n)+1e-9) }

// cutsReport says what was found, and lists the cuts beyond the share or the target.
func cutsReport(name string, all []measured, found int) string {
	best, sorted := cutsBest(all)
	var noise, wall []float64
	single, passes := 0, len(all[0].whole)
	for _, c := range all {
		noise, wall = append(noise, quantile.Median(c.whole)), append(wall, quantile.Median(c.wall))
		passes = min(passes, len(c.whole))
		if len(c.Tensors) == 1 {
			single++
		}
	}
	slices.Sort(noise)
	slices.Sort(wall)
	var s strings.Builder
	fmt.Fprintf(
		&s,
		"%s: %d of %d cuts, %d of them of one tensor, the others the cheapest at a depth; %d times %d rounds a cut or more\n",
		name, len(all), found, single, passes, cutsRounds)
	at := func(share float64) float64 { return quantile.Median(sorted[int(share*float64(len(sorted)-1))].halves) }
	fmt.Fprintf(
		&s,
		"  (head+tail)/whole of the best %.0f %% of the cuts: at most %.4f (target <= %.2f); best %.4f, quarter %.4f, "+
			"median %.4f, three quarters %.4f, worst %.4f\n",
		100*cutsShare, best, cutsTarget, at(0), at(0.25), at(0.5), at(0.75), at(1))
	fmt.Fprintf(&s, "  whole/whole in the same rounds, which is noise: %.4f to %.4f, median %.4f\n", noise[0],
		noise[len(noise)-1], quantile.Median(noise))
	fmt.Fprintf(&s, "  by the clock instead of processor time: at most %.4f, median %.4f\n", wall[cutsCount(len(wall))-1],
		quantile.Median(wall))
	for _, i := range listed(sorted) {
		c := sorted[i]
		fmt.Fprintf(&s, "  %.4f (%.4f to %.4f) at %s, %.2f MB: %s\n", quantile.Median(c.halves), slices.Min(c.halves),
			slices.Max(c.halves),
			c.Name, float64(c.Bytes())/mega, cutsReason(c))
	}
	return s.String()
}
