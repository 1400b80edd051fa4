package local

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/kernel"
	"github.com/edgeprune/edgeprune/deploy/kernel/builtin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gated sends pictures around or through a gate that motion opens; every picture
// differs from the last one analysed by more the later it comes.
func gated(threshold float64) planfile.Application {
	picture := func(name string, rate ...int) planfile.PortSpec {
		return planfile.PortSpec{Port: name, Type: "uint8[8,8,3]", Rate: rate}
	}
	return planfile.Application{
		Name: "gated",
		Actors: []planfile.ActorSpec{
			{Name: "source", Kernel: "count", Out: []planfile.PortSpec{picture("x")}},
			{Name: "motion", Kernel: "motion", Kind: graph.Configuration, State: true, Configures: []string{"gate", "choose"},
				Params: map[string]any{"threshold": threshold, "refresh": 0}, In: []planfile.PortSpec{picture("a")},
				Out: []planfile.PortSpec{picture("x"), picture("y")}},
			{Name: "gate", Kernel: "gate", Kind: graph.Dynamic, In: []planfile.PortSpec{picture("a")},
				Out: []planfile.PortSpec{picture("x", 0, 1)}},
			{Name: "choose", Kernel: "choose", Kind: graph.Dynamic, In: []planfile.PortSpec{picture("a"), picture("b", 0, 1)},
				Out: []planfile.PortSpec{picture("x")}},
			{Name: "sink", Kernel: "sink", In: []planfile.PortSpec{picture("a")}},
		},
		FIFOs: join("source.x", "motion.a", "motion.x", "gate.a", "motion.y", "choose.a", "gate.x", "choose.b", "choose.x",
			"sink.a"),
	}
}

// The driver says what configuration actors choose, by instance and frame.
func TestChoices(t *testing.T) {
	f := &Driver{Kernels: builtin.Registry()}
	for threshold, want := range map[float64][]int{0: {1, 1, 1, 1}, 255: {1, 0, 0, 0}} {
		for _, through := range []string{"", "motion", "gate"} {
			results, choices, err := f.Results(t.Context(), compiled(t, gated(threshold), through, offline(4), "b", "a"))
			require.NoError(t, err, "threshold %g: %d results, choices", threshold, len(results))
			require.Len(t, results, 8, "threshold %g: %d results, choices", threshold, len(results))
			require.Len(t, choices, 2, "threshold %g: %d results, choices", threshold, len(results))
			for i, name := range []string{"b", "a"} {
				c := choices[i]
				assert.Equal(t, "motion", c.Actor, "threshold %g, through %q: choice", threshold, through)
				assert.Equal(t, name, c.Instance, "threshold %g, through %q: choice", threshold, through)
				assert.Equal(t, want, c.Recorded, "threshold %g, through %q: choice", threshold, through)
			}
		}
	}
	_, choices, err := f.Results(t.Context(), compiled(t, planfile.Application{Name: "static",
		Actors: []planfile.ActorSpec{{
			Name: "source", Kernel: "count", Out: []planfile.PortSpec{{Port: "x", Type: "float32[1,1]"}},
		}, actor("sink", "sink", 1, 0, 0)},
		FIFOs: join("source.x", "sink.a")}, "", offline(2)))
	require.NoError(t, err, "nothing chooses")
	assert.Nil(t, choices, "nothing chooses")
}

// How many control ports an actor has depends on the mapping; one profile serves all.
func TestProfileOfMappings(t *testing.T) {
	pr := &Profiler{Host: &kernel.Host{Kernels: builtin.Registry(), Record: func(trace.Result) {}}, Rounds: 1, Frames: 2,
		Idle: time.Microsecond}
	here, cut := compiled(t, gated(0), "", offline(3)), compiled(t, gated(0), "motion", offline(3))
	cut.Work[4].CostKey += " elsewhere" // so that it is run as well
	entries, err := pr.Profile(t.Context(), []*plan.Plan{here, cut})
	require.NoError(t, err)
	e := entries[here.Work[1].CostKey]
	require.Len(t, e.Samples, 4, "motion")
	require.GreaterOrEqual(t, len(e.OutBytes), 2, "motion")
	assert.EqualValues(t, 192, e.OutBytes[0], "motion")
	assert.EqualValues(t, 192, e.OutBytes[1], "motion")
}
