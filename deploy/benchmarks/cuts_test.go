package benchmarks

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/onnx"
	"github.com/edgeprune/edgeprune/deploy/clock"
	"github.com/edgeprune/edgeprune/deploy/ort"
)

const (
	cutsRounds = 6
	cutsPasses = 2                // at least, with sessions loaded anew
	cutsBudget = 70 * time.Second // for each model
	cutsTarget = 1.03
	cutsShare  = 0.8 // of the cuts, the best ones, that are to meet it
)

// measured is one cut with the ratios of all rounds.
type measured struct {
	onnx.Cut
	halves []float64 // head and tail against the whole
	whole  []float64 // the whole against the whole, loaded twice
	wall   []float64 // as halves, by the clock, so with what else ran on the machine
	added  string    // nodes that the runtime computes in the parts and not in the whole
}

// BenchmarkCutsRatio is the processor time of head and tail, one after the other in this
// process and on one thread, against that of the whole model, at every cut that
// sends one tensor and at the cheapest one at every depth.
func BenchmarkCutsRatio(b *testing.B) {
	if err := loadLibrary(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, name := range []string{detector, "nanodet"} {
			all, found, err := measureCuts(name)
			if err != nil {
				b.Fatalf("%s: %v", name, err)
			}
			fmt.Print(cutsReport(name, all, found))
			best, _ := cutsBest(all)
			b.ReportMetric(best, name)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// measureCuts measures cuts in turn, each in a few rounds with sessions loaded anew, as
// the places of their memory matter, until the time is over. It leaves out some of the
// found ones if there is no time for all.
func measureCuts(name string) (all []measured, found int, err error) {
	dir, err := dataset(name)
	if err != nil {
		return nil, 0, err
	}
	whole, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	if err != nil {
		return nil, 0, err
	}
	m, err := onnx.Parse(whole)
	if err != nil {
		return nil, 0, err
	}
	cuts, err := cutsOf(m)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range cuts {
		all = append(all, measured{Cut: c})
	}
	begin := clock.Now()
	if err := all[0].measure(m, whole); err != nil {
		return nil, 0, err
	}
	chosen := choose(all, int(int64(cutsBudget)/cutsPasses/(clock.Now()-begin)))
	for pass := 0; pass == 0 || clock.Now()-begin < int64(cutsBudget); pass++ {
		for i := range chosen {
			if pass > 0 && clock.Now()-begin >= int64(cutsBudget) {
				break
			}
			if err := chosen[i].measure(m, whole); err != nil {
				return nil, 0, fmt.Errorf("cut %s: %w", chosen[i].Name, err)
			}
		}
	}
	_, sorted := cutsBest(chosen)
	var slow []string
	for _, i := range listed(sorted) {
		slow = append(slow, sorted[i].Name)
	}
	return chosen, len(all), explain(m, whole, chosen, slow)
}

// choose leaves cuts of several tensors out, evenly, so that about n cuts stay.
func choose(all []measured, n int) []measured {
	several := 0
	for _, c := range all {
		if len(c.Tensors) > 1 {
			several++
		}
	}
	drop, seen := min(max(len(all)-n, 0), several), 0
	return slices.DeleteFunc(slices.Clone(all), func(c measured) bool {
		if len(c.Tensors) == 1 {
			return false
		}
		seen++
		return seen*drop/several > (seen-1)*drop/several
	})
}

// cutsOf lists the cuts in question, without the input and the output.
func cutsOf(m *onnx.Model) ([]onnx.Cut, error) {
	single, err := m.SingleCuts()
	if err != nil {
		return nil, err
	}
	least, err := m.LeastCuts()
	if err != nil {
		return nil, err
	}
	least = slices.DeleteFunc(least, func(c onnx.Cut) bool { return len(c.Tensors) == 1 })
	cuts := slices.DeleteFunc(slices.Concat(single, least), func(c onnx.Cut) bool { return c.HeadMACs == 0 || c.TailMACs == 0 })
	slices.SortStableFunc(cuts, func(x, y onnx.Cut) int { return cmp.Compare(x.Nodes, y.Nodes) })
	if len(cuts) == 0 {
		return nil, errors.New("the model has no cuts with work on both sides")
	}
	return cuts, nil
}

// measure adds some rounds, in which nothing comes first more often than the rest.
func (c *measured) measure(m *onnx.Model, whole []byte) error {
	head, tail, err := c.parts(m)
	if err != nil {
		return err
	}
	var lines [3]*line
	for i, models := range [][][]byte{{whole}, {head, tail}, {whole}} {
		if lines[i], err = newLine(m, models); err != nil {
			return err
		}
		defer lines[i].close()
	}
	runtime.LockOSThread() // on which all is computed
	defer runtime.UnlockOSThread()
	for round := range cutsRounds {
		var ns, wall [3]float64
		for i := range lines {
			at := (i + round) % len(lines)
			start, begin := clock.ThreadCPU(), clock.Now()
			if err := lines[at].run(); err != nil {
				return err
			}
			ns[at], wall[at] = float64(clock.ThreadCPU()-start), float64(clock.Now()-begin)
		}
		c.halves = append(c.halves, 2*ns[1]/(ns[0]+ns[2]))
		c.wall = append(c.wall, 2*wall[1]/(wall[0]+wall[2]))
		c.whole = append(c.whole, ns[2]/ns[0])
	}
	return nil
}

// parts returns the two models that the cut leaves.
func (c *measured) parts(m *onnx.Model) (head, tail []byte, err error) {
	if head, err = m.Extract(onnx.Cut{Tensors: m.Inputs()}, c.Cut); err != nil {
		return nil, nil, err
	}
	tail, err = m.Extract(c.Cut, onnx.Cut{Tensors: m.Outputs()})
	return head, tail, err
}

// line is models that run one after the other; each takes the tensors that those before
// made, where they are.
type line struct {
	sessions []*ort.Session
	in, out  [][]*ort.Tensor
	own      map[string]*ort.Tensor
}

// newLine loads the parts of m and runs them once.
func newLine(m *onnx.Model, parts [][]byte) (*line, error) {
	l := &line{own: map[string]*ort.Tensor{}}
	for _, t := range m.Inputs() {
		x, err := ort.NewTensor(t.Elem, t.Shape, noise(t.Elements()))
		if err != nil {
			return nil, err
		}
		l.own[t.Name] = x
	}
	for _, part := range parts {
		s, err := ort.NewSession(part, ort.Options{Threads: 1})
		if err != nil {
			return nil, err
		}
		l.sessions = append(l.sessions, s)
		var in []*ort.Tensor
		for _, i := range s.Inputs() {
			if l.own[i.Name] == nil {
				return nil, fmt.Errorf("nothing makes input %s", i.Name)
			}
			in = append(in, l.own[i.Name])
		}
		out, err := s.RunAlloc(in)
		if err != nil {
			return nil, err
		}
		for i, o := range s.Outputs() {
			l.own[o.Name] = out[i]
		}
		l.in, l.out = append(l.in, in), append(l.out, out)
	}
	for _, t := range m.Outputs() {
		if l.own[t.Name] == nil {
			return nil, fmt.Errorf("nothing makes output %s", t.Name)
		}
	}
	return l, nil
}

func (l *line) run() error {
	for i, s := range l.sessions {
		if err := s.Run(l.in[i], l.out[i]); err != nil {
			return err
		}
	}
	return nil
}

func (l *line) close() {
	for _, s := range l.sessions {
		_ = s.Close() // what was measured stands
	}
	for _, t := range l.own {
		_ = t.Close() // as above
	}
}

// cutsBest returns the worst ratio among the best share of cuts, and all, best first.
func cutsBest(all []measured) (float64, []measured) {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(x, y measured) int { return cmp.Compare(median(x.halves), median(y.halves)) })
	return median(sorted[cutsCount(len(all))-1].halves), sorted
}

// cutsCount is the share of n cuts, rounded up.
func cutsCount(n int) int { return n - int((1-cutsShare)*float64(n)+1e-9) }

// cutsReport says what was found, and lists the cuts beyond the share or the target.
func cutsReport(name string, all []measured, found int) string {
	best, sorted := cutsBest(all)
	var noise, wall []float64
	single, rounds := 0, len(all[0].whole)
	for _, c := range all {
		noise, wall = append(noise, median(c.whole)), append(wall, median(c.wall))
		rounds = min(rounds, len(c.whole))
		if len(c.Tensors) == 1 {
			single++
		}
	}
	slices.Sort(noise)
	slices.Sort(wall)
	var s strings.Builder
	fmt.Fprintf(&s, "%s: %d of %d cuts, %d of them of one tensor, the others the cheapest at a depth; %d rounds a cut or more\n",
		name, len(all), found, single, rounds)
	at := func(share float64) float64 { return median(sorted[int(share*float64(len(sorted)-1))].halves) }
	fmt.Fprintf(&s, "  (head+tail)/whole of the best %.0f %% of the cuts: at most %.4f (target <= %.2f); best %.4f, quarter %.4f, median %.4f, three quarters %.4f, worst %.4f\n",
		100*cutsShare, best, cutsTarget, at(0), at(0.25), at(0.5), at(0.75), at(1))
	fmt.Fprintf(&s, "  whole/whole in the same rounds, which is noise: %.4f to %.4f, median %.4f\n", noise[0], noise[len(noise)-1], median(noise))
	fmt.Fprintf(&s, "  by the clock instead of processor time: at most %.4f, median %.4f\n", wall[cutsCount(len(wall))-1], median(wall))
	for _, i := range listed(sorted) {
		c := sorted[i]
		fmt.Fprintf(&s, "  %.4f at %s, %.2f MB: %s\n", median(c.halves), c.Name, float64(c.Bytes())/mega, cutsReason(c))
	}
	return s.String()
}
