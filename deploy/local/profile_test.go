package local

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// long is a chain whose source's tokens are 10, 20, … bytes long.
func long() planfile.Application {
	return planfile.Application{
		Name: "long",
		Actors: []planfile.ActorSpec{
			{Name: "source", Kernel: "long", Out: []planfile.PortSpec{{Port: "x", Type: "bytes[99]"}}},
			actor("sink", "sink", 1, 0, 0),
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
		compiled(t, diamond(), "", offline(100)),
		compiled(t, diamond(), "left", plan.Workload{Kind: plan.SingleStream, Frames: 7}),
		compiled(t, long(), "", offline(1)),
	}
	entries, err := pr.Profile(t.Context(), plans)
	require.NoError(t, err)
	for _, p := range plans {
		for a, w := range p.Work {
			e, ok := entries[w.CostKey]
			require.True(t, ok, "%s: %d samples of %q; want those of 2 rounds of 3 frames, the first left out",
				p.Graph.Actors[a].Name, len(e.Samples), w.CostKey)
			assert.Len(t, e.Samples, 2*3, "%s: %d samples of %q; want those of 2 rounds of 3 frames, the first left out",
				p.Graph.Actors[a].Name, len(e.Samples), w.CostKey)
			assert.GreaterOrEqual(t, slices.Min(e.Samples), time.Duration(0), "samples")
		}
	}
	assert.Equal(t, []int64{4, 4}, entries[plans[0].Work[0].CostKey].OutBytes, "a tensor's bytes")
	assert.Equal(t, []int64{30}, entries[plans[2].Work[0].CostKey].OutBytes, "median bytes of tokens of 20, 30, 40")
	want := []string{"1/4", "2/4", "3/4", "4/4"}
	assert.Equal(t, want, steps, "steps %v, want %v: the second plan isn't run", steps, want)
	for _, name := range []string{"source", "left", "right", "both"} {
		want := map[bool]int{true: 2, false: 1}[name == "source"] // diamond's and long's
		assert.Equal(t, want, l.made[name], "%s was made %d and closed %d times", name, l.made[name], l.closed[name])
		assert.Equal(t, want, l.closed[name], "%s was made %d and closed %d times", name, l.made[name], l.closed[name])
	}
	sources := len(slices.DeleteFunc(slices.Clone(l.fired), func(s string) bool { return s != "source" }))
	assert.Equal(t, 2*2*4, sources, "the sources fired %d times, want 4 in each of 2 rounds", sources)
}

// Of a plan with one new cost, only that actor and what feeds it run.
func TestProfileRunsWhatIsNeeded(t *testing.T) {
	pr, l := newProfiler(t)
	other := diamond()
	other.Actors[1].Params = map[string]any{"by": uint64(20)}
	plans := []*plan.Plan{compiled(t, diamond(), "", offline(1)), compiled(t, other, "", offline(1))}
	entries, err := pr.Profile(t.Context(), plans)
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprint(map[string]int{"source": 2, "left": 2, "right": 1, "both": 1}), fmt.Sprint(l.made), "made")
	got := len(entries[plans[1].Work[1].CostKey].Samples)
	assert.Equal(t, 6, got, "%d samples of the new cost, want 6", got)
	got = len(entries[plans[0].Work[2].CostKey].Samples)
	assert.Equal(t, 6, got, "%d samples of a cost that was covered, want 6", got)
}

func TestNeeded(t *testing.T) {
	p := compiled(t, diamond(), "", offline(1))
	covered := map[string]bool{}
	for _, w := range p.Work {
		covered[w.CostKey] = true
	}
	need := needed(p, covered)
	assert.Nil(t, need, "all is covered, but %v is needed", need)
	delete(covered, p.Work[2].CostKey)
	need = needed(p, covered)
	require.Len(t, need, 2, "got %v, want the source and the right way", need)
	require.True(t, need[0], "got %v, want the source and the right way", need)
	assert.True(t, need[2], "got %v, want the source and the right way", need)
	assert.True(t, covered[p.Work[2].CostKey], "what is needed isn't covered then")
}

func TestMedians(t *testing.T) {
	assert.Equal(t, []int64{2, 8}, medians([][]int64{{1, 9}, {3, 8}, {2, 7}}))
}

func TestProfileErrors(t *testing.T) {
	pr, l := newProfiler(t)
	app := diamond()
	app.Actors[3].Kernel = "fail"
	_, err := pr.Profile(t.Context(), []*plan.Plan{compiled(t, app, "", offline(1))})
	assert.ErrorIs(t, err, errFilm, "a kernel that fails")
	assert.Equal(t, 1, l.closed["both"], "closed")
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	_, err = pr.Profile(ctx, []*plan.Plan{compiled(t, diamond(), "", offline(1))})
	assert.ErrorIs(t, err, context.DeadlineExceeded, "a context that has ended")
}
