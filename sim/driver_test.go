package sim_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// spread is a profile with costs that vary and a transport that costs something.
func spread() *profile.Profile {
	p := enginetest.Profile()
	p.Entries[enginetest.Pass] = profile.Entry{Samples: []time.Duration{100, 2000, 30000, 400000}}
	return p
}

func randomPlan(t *rapid.T) *plan.Plan {
	lanes := rapid.SliceOfN(rapid.IntRange(1, 3), 1, 3).Draw(t, "lanes")
	b := enginetest.NewBuilder("random", rapid.Int64Range(1, 12).Draw(t, "frames"), lanes...)
	n := rapid.IntRange(2, 9).Draw(t, "actors")
	device := rapid.IntRange(0, len(lanes)-1)
	for a := range n {
		kernel := enginetest.Pass
		switch a {
		case 0:
			kernel = enginetest.Count
		case n - 1:
			kernel = enginetest.Sink
		}
		b.Actor(kernel, device.Draw(t, "device"))
		if a == 0 {
			continue
		}
		for range rapid.IntRange(1, 2).Draw(t, "inputs") {
			rate := rapid.IntRange(1, 3).Draw(t, "rate")
			room := rapid.IntRange(0, 3).Draw(t, "room")
			b.FIFO(rapid.IntRange(0, a-1).Draw(t, "from"), a, rate, 0, rate+room)
		}
	}
	if window := rapid.IntRange(0, 3).Draw(t, "window"); window > 0 {
		b.FIFO(n-1, 0, 1, window, window)
	}
	b.Plan().Seed = rapid.Uint64().Draw(t, "seed")
	b.Plan().Workload.Kind = plan.Camera
	b.Plan().Workload.Period = time.Duration(rapid.IntRange(0, 300_000).Draw(t, "period"))
	if b.Plan().Workload.Period > 20_000 { // else it is captures that take the time
		policies := []admission.Policy{"", admission.Block, admission.Newest, admission.Oldest}
		b.Plan().Workload.Drop = rapid.SampledFrom(policies).Draw(t, "drop")
		b.Plan().Workload.Queue = rapid.IntRange(0, 4).Draw(t, "queue")
	}
	return b.Plan()
}

func TestRandomPlansKeepTheContract(t *testing.T) {
	model, err := sim.NewCostModel("empirical")
	require.NoError(t, err)
	d := &sim.Driver{Profile: spread(), Cost: model}
	rapid.Check(t, func(t *rapid.T) {
		p := randomPlan(t)
		require.NoError(t, graph.Validate(p.Graph))
		var first []byte
		for range 2 {
			tr, err := d.Run(context.Background(), p)
			require.NoError(t, err)
			for _, problem := range enginetest.Problems(p, tr) {
				t.Error(problem)
			}
			var b bytes.Buffer
			require.NoError(t, trace.Write(&b, tr))
			if first != nil {
				assert.Equal(t, b.Bytes(), first, "the same plan and seed gave another trace")
			}
			first = b.Bytes()
		}
	})
}

func TestSeedMatters(t *testing.T) {
	model, _ := sim.NewCostModel("empirical")
	run := func(seed uint64) int64 {
		b := enginetest.NewBuilder("seeded", 50, 1)
		b.Chain(1, 2, 0, 0, 0)
		b.Plan().Seed = seed
		tr := simulate(t, &sim.Driver{Profile: spread(), Cost: model}, b.Plan())
		return tr.Events[len(tr.Events)-1].End
	}
	a, b := run(1), run(2)
	assert.NotEqual(t, b, a, "seeds 1 and 2 both end at %d ns", a)
}

func TestCostModels(t *testing.T) {
	for _, c := range []struct {
		name string
		want []int64 // kernel times allowed for pass
	}{
		{"", []int64{16000}},
		{"median", []int64{16000}},
		{"empirical", []int64{100, 2000, 30000, 400000}},
		{"constant=7us", []int64{7000}},
	} {
		m, err := sim.NewCostModel(c.name)
		require.NoError(t, err)
		b := enginetest.NewBuilder("cost", 40, 1)
		actors := b.Chain(1, 2, 0, 0, 0)
		seen := map[int64]bool{}
		for _, e := range of(simulate(t, &sim.Driver{Profile: spread(), Cost: m}, b.Plan()), trace.Firing, actors[1]) {
			seen[e.Kernel] = true
		}
		for _, w := range c.want {
			assert.True(t, seen[w], "%q: never took %d ns; took", c.name, w)
		}
		assert.Len(t, seen, len(c.want), "%q: took", c.name)
	}
	for _, name := range []string{"mode", "constant", "constant=-1s", "constant=x"} {
		_, err := sim.NewCostModel(name)
		assert.ErrorIs(t, err, sim.ErrModel, "%q: got %v, want ErrModel", name, err)
	}
}

func TestConstantNeedsNoProfile(t *testing.T) {
	b := enginetest.NewBuilder("constant", 1, 1)
	c := b.Chain(1, 2, 0, 0)
	tr := simulate(t, &sim.Driver{Cost: sim.Constant(9)}, b.Plan())
	expect(t, "sink", of(tr, trace.Firing, c[1]), span{9, 18})
}

func TestOpaqueTokensHaveTheMeasuredSize(t *testing.T) {
	b, c := shaped("opaque", 1, plan.Full, 0)
	g := b.Plan().Graph
	bound := graph.TokenType{Elem: graph.Opaque, Shape: []int64{1000}}
	g.Actors[c[0]].Out[0].Type, g.Actors[c[1]].In[0].Type = bound, bound
	prof := costs()
	_, err := (&sim.Driver{Profile: prof}).Run(t.Context(), b.Plan())
	assert.ErrorIs(t, err, profile.ErrMissing, "size not measured")
	prof.Entries[enginetest.Count] = profile.Entry{Samples: []time.Duration{10}, OutBytes: []int64{77}}
	tr := simulate(t, &sim.Driver{Profile: prof}, b.Plan())
	expect(t, "send", of(tr, trace.Send, 0), span{10, 87})
	e := of(tr, trace.Recv, 0)[0]
	assert.EqualValues(t, 77, e.Bytes, "%d bytes received, want 77", e.Bytes)
}

func TestRunErrors(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(p *plan.Plan, d *sim.Driver)
		want  error
		words string
	}{
		{"cost not measured", func(p *plan.Plan, d *sim.Driver) { p.Work[1].CostKey = "gpu:x" }, profile.ErrMissing,
			"pass1: not measured: gpu:x"},
		{"not measured, empirical", func(p *plan.Plan, d *sim.Driver) {
			p.Work[1].CostKey = "gpu:x"
			d.Cost, _ = sim.NewCostModel("empirical")
		}, profile.ErrMissing, "gpu:x"},
		{"no profile", func(p *plan.Plan, d *sim.Driver) { d.Profile = nil }, profile.ErrMissing, "count0"},
		{"no link", func(p *plan.Plan, d *sim.Driver) { p.Routes[0] = -1 }, sim.ErrPlan,
			"from device d0 to d1 without a link"},
		{"no frames", func(p *plan.Plan, d *sim.Driver) { p.Workload.Frames = 0 }, sim.ErrPlan, "0 frames"},
		{"no slowdown", func(p *plan.Plan, d *sim.Driver) { p.Platform.Devices[1].Units[0].Slowdown = 0 }, sim.ErrPlan,
			"slowdown 0"},
		{"no sink", func(p *plan.Plan, d *sim.Driver) { p.Work[2].Sink = false }, sim.ErrPlan, "no actor is a sink"},
		{"not all mapped", func(p *plan.Plan, d *sim.Driver) { p.Work = p.Work[:2] }, sim.ErrPlan, "2 of 3 actors"},
		{"no lanes", func(p *plan.Plan, d *sim.Driver) { p.Platform.Devices[1].Units[0].Lanes = 0 }, engine.ErrSlice,
			"0 lanes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := enginetest.NewBuilder("bad", 2, 1, 1)
			b.Chain(1, 2, 0, 1, 1)
			d := &sim.Driver{Profile: costs()}
			c.spoil(b.Plan(), d)
			_, err := d.Run(t.Context(), b.Plan())
			require.ErrorIs(t, err, c.want)
			assert.Contains(t, err.Error(), c.words)
		})
	}
}

func TestStalledRunNamesTheActor(t *testing.T) {
	b := enginetest.NewBuilder("stall", 4, 1, 1)
	c := b.Chain(1, 2, 0, 1, 1)
	b.FIFO(c[2], c[1], 1, 0, 1) // a cycle without delay tokens
	_, err := (&sim.Driver{Profile: costs()}).Run(t.Context(), b.Plan())
	require.ErrorIs(t, err, sim.ErrStalled, "got %v, want ErrStalled", err)
	for _, words := range []string{
		"sink sink2 fired 0 of 4", "actor pass1 stalled before frame 0", "waits for tokens in FIFO sink2.out0->pass1.in1",
	} {
		assert.Contains(t, err.Error(), words, "%q is missing from", words)
	}
}

func TestStalledForRoom(t *testing.T) {
	b := enginetest.NewBuilder("stall", 4, 1)
	c := b.Chain(1, 2, 0, 0)
	b.FIFO(c[0], c[1], 1, 1, 1) // its delay token leaves no room
	_, err := (&sim.Driver{Profile: costs()}).Run(t.Context(), b.Plan())
	require.ErrorIs(t, err, sim.ErrStalled)
	assert.Contains(t, err.Error(), "actor count0 stalled before frame 0, waits for room in FIFO count0.out1->sink1.in1")
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b := enginetest.NewBuilder("cancelled", 2, 1)
	b.Chain(1, 2, 0, 0)
	_, err := (&sim.Driver{Profile: costs()}).Run(ctx, b.Plan())
	assert.ErrorIs(t, err, context.Canceled, "got %v, want context.Canceled", err)
}
