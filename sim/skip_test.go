package sim_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gatedPlan runs net in frames 0 and 3 of four.
func gatedPlan(t *testing.T) *plan.Plan {
	t.Helper()
	token := "float32[1,4]"
	port := func(name string, rate ...int) []planfile.PortSpec {
		return []planfile.PortSpec{{Port: name, Type: token, Rate: rate}}
	}
	f := &planfile.File{
		Plan: "gated",
		Application: planfile.Application{
			Name: "gated",
			Actors: []planfile.ActorSpec{
				{Name: "camera", Kernel: "camera", Out: port("out")},
				{Name: "look", Kernel: "look", Kind: "configuration", Configures: []string{"gate", "net", "last"}, In: port("in"),
					Out: port("out")},
				{Name: "gate", Kernel: "gate", Kind: "dynamic", In: port("in"), Out: port("out", 0, 1)},
				{Name: "net", Kernel: "net", Kind: "dynamic-processing", In: port("in", 0, 1), Out: port("out", 0, 1)},
				{Name: "last", Kernel: "last", Kind: "dynamic", In: port("in", 0, 1), Out: port("out")},
				{Name: "sink", Kernel: "sink", In: port("in")},
			},
			FIFOs: []planfile.FIFOSpec{{From: "camera.out", To: "look.in"}, {From: "look.out", To: "gate.in"},
				{From: "gate.out", To: "net.in"},
				{From: "net.out", To: "last.in"}, {From: "last.out", To: "sink.in"}},
		},
		Platform: plan.Platform{Devices: []plan.Device{
			{Name: "box", Role: plan.Endpoint, Units: []plan.Unit{{Name: "cpu"}}},
		}},
		Instances: []planfile.Instance{{Mapping: []planfile.Assign{{Unit: "box.cpu"}}}},
		Workload: plan.Workload{Kind: plan.SingleStream, Frames: 4,
			Choices: []plan.Choice{{Actor: "look", Recorded: []int{1, 0, 0, 1}}}},
	}
	p, err := compile.Compile(f, nil)
	require.NoError(t, err)
	return p
}

// A dynamic actor that has nothing to do costs what was measured of that, or as much
// as ever where nothing was.
func TestCostOfSkippedFrames(t *testing.T) {
	p := gatedPlan(t)
	prof := &profile.Profile{Entries: map[string]profile.Entry{}}
	for _, w := range p.Work {
		prof.Entries[w.CostKey] = profile.Entry{Samples: []time.Duration{100}}
	}
	prof.Entries[profile.Skipped(p.Work[2].CostKey)] = profile.Entry{Samples: []time.Duration{7}}
	tr := simulate(t, &sim.Driver{Profile: prof}, p)
	for a, want := range map[int][]int64{2: {100, 7, 7, 100}, 3: {100, 100}, 4: {100, 100, 100, 100}} {
		var got []int64
		for _, e := range of(tr, trace.Firing, a) {
			got = append(got, e.Kernel)
		}
		if len(got) != len(want) {
			t.Errorf("%s fired %d times, want %d", p.Graph.Actors[a].Name, len(got), len(want))
			continue
		}
		for i := range want {
			assert.Equal(t, want[i], got[i], "%s: firing %d took", p.Graph.Actors[a].Name, i)
		}
	}
}

func TestMeanCost(t *testing.T) {
	m, err := sim.NewCostModel("mean")
	require.NoError(t, err)
	prof := &profile.Profile{Entries: map[string]profile.Entry{"a": {Samples: []time.Duration{1, 2, 9}}, "b": {}}}
	c, err := m.Cost(prof, "d", "a")
	require.NoError(t, err, "cost %v, %v; want 4", c, err)
	assert.EqualValues(t, 4, c.Next(nil), "cost %v, %v; want 4", c, err)
	_, err = m.Cost(prof, "d", "b")
	assert.Error(t, err, "what was not measured has a cost")
	assert.EqualValues(t, 0, (profile.Entry{}).Mean(), "the mean of nothing isn't 0")
}
