package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
)

// long is a chain whose source's tokens are 10, 20, … bytes long.
func long() planfile.Application {
	return planfile.Application{
		Name: "long",
		Actors: []planfile.ActorSpec{
			{Name: "source", Kernel: "long", Out: []planfile.PortSpec{{Port: "x", Type: "bytes[99]"}}}, actor("sink", "sink", 1, 0, 0),
		},
		FIFOs: join("source.x", "sink.a"),
	}
}

func newProfiler(t *testing.T) (*Profiler, *lab) {
	l, reg := newLab(t)
	return &Profiler{Host: &kernel.Host{Kernels: reg, Record: func(trace.Result) {}}, Rounds: 2, Frames: 3}, l
}

func TestProfileCoversAllKeys(t *testing.T) {
	pr, l := newProfiler(t)
	var steps []string
	pr.Progress = func(n, total int) { steps = append(steps, fmt.Sprintf("%d/%d", n, total)) }
	// The second plan costs nothing new, the third is another application.
	plans := []*plan.Plan{
		compiled(t, diamond(), "", offline(100)), compiled(t, diamond(), "left", plan.Workload{Kind: plan.SingleStream, Frames: 7}),
		compiled(t, long(), "", offline(1)),
	}
	entries, err := pr.Profile(t.Context(), plans)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plans {
		for a, w := range p.Work {
			e, ok := entries[w.CostKey]
			if !ok || len(e.Samples) != 2*3 {
				t.Errorf("%s: %d samples of %q; want those of 2 rounds of 3 frames, the first left out", p.Graph.Actors[a].Name, len(e.Samples), w.CostKey)
			}
			if slices.Min(e.Samples) < 0 {
				t.Errorf("samples %v", e.Samples)
			}
		}
	}
	if got := entries[plans[0].Work[0].CostKey].OutBytes; !slices.Equal(got, []int64{4, 4}) {
		t.Errorf("a tensor's bytes: %v", got)
	}
	if got := entries[plans[2].Work[0].CostKey].OutBytes; !slices.Equal(got, []int64{30}) {
		t.Errorf("median bytes of tokens of 20, 30, 40: %v", got)
	}
	if want := []string{"1/4", "2/4", "3/4", "4/4"}; !slices.Equal(steps, want) {
		t.Errorf("steps %v, want %v: the second plan isn't run", steps, want)
	}
	for _, name := range []string{"source", "left", "right", "both"} {
		want := map[bool]int{true: 2, false: 1}[name == "source"] // diamond's and long's
		if l.made[name] != want || l.closed[name] != want {
			t.Errorf("%s was made %d and closed %d times, want %d", name, l.made[name], l.closed[name], want)
		}
	}
	if sources := len(slices.DeleteFunc(slices.Clone(l.fired), func(s string) bool { return s != "source" })); sources != 2*2*4 {
		t.Errorf("the sources fired %d times, want 4 in each of 2 rounds", sources)
	}
}

// Of a plan with one new cost, only that actor and what feeds it run.
func TestProfileRunsWhatIsNeeded(t *testing.T) {
	pr, l := newProfiler(t)
	other := diamond()
	other.Actors[1].Params = map[string]any{"by": uint64(20)}
	plans := []*plan.Plan{compiled(t, diamond(), "", offline(1)), compiled(t, other, "", offline(1))}
	entries, err := pr.Profile(t.Context(), plans)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"source": 2, "left": 2, "right": 1, "both": 1}; fmt.Sprint(l.made) != fmt.Sprint(want) {
		t.Errorf("made %v, want %v", l.made, want)
	}
	if got := len(entries[plans[1].Work[1].CostKey].Samples); got != 6 {
		t.Errorf("%d samples of the new cost, want 6", got)
	}
	if got := len(entries[plans[0].Work[2].CostKey].Samples); got != 6 {
		t.Errorf("%d samples of a cost that was covered, want 6", got)
	}
}

func TestNeeded(t *testing.T) {
	p := compiled(t, diamond(), "", offline(1))
	covered := map[string]bool{}
	for _, w := range p.Work {
		covered[w.CostKey] = true
	}
	if need := needed(p, covered); need != nil {
		t.Errorf("all is covered, but %v is needed", need)
	}
	delete(covered, p.Work[2].CostKey)
	if need := needed(p, covered); len(need) != 2 || !need[0] || !need[2] {
		t.Errorf("got %v, want the source and the right way", need)
	}
	if !covered[p.Work[2].CostKey] {
		t.Error("what is needed isn't covered then")
	}
}

func TestMedians(t *testing.T) {
	if got := medians([][]int64{{1, 9}, {3, 8}, {2, 7}}); !slices.Equal(got, []int64{2, 8}) {
		t.Errorf("got %v", got)
	}
}

func TestProfileErrors(t *testing.T) {
	pr, l := newProfiler(t)
	app := diamond()
	app.Actors[3].Kernel = "fail"
	if _, err := pr.Profile(t.Context(), []*plan.Plan{compiled(t, app, "", offline(1))}); !errors.Is(err, errFilm) {
		t.Errorf("a kernel that fails: %v", err)
	}
	if l.closed["both"] != 1 {
		t.Errorf("closed %v", l.closed)
	}
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	if _, err := pr.Profile(ctx, []*plan.Plan{compiled(t, diamond(), "", offline(1))}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a context that has ended: %v", err)
	}
}
