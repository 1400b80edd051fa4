// Package searched_test compares what a search finds with the simulator.
package searched_test

import (
	"slices"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/explore"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/summary"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// profileOf makes up a profile of plans, in which every firing costs what cost says.
func profileOf(plans []*plan.Plan, cost func(p *plan.Plan, a int) time.Duration) *profile.Profile {
	p := &profile.Profile{Machine: "made up", Entries: map[string]profile.Entry{}, Transport: profile.Transport{
		PerMessage: 100 * time.Microsecond, PerByte: 0.1, SendPerMessage: 20 * time.Microsecond, SendPerByte: 0.05,
		Dispatch: 15 * time.Microsecond,
	}}
	for _, pl := range plans {
		for a, w := range pl.Work {
			e := profile.Entry{Samples: []time.Duration{cost(pl, a)}}
			for _, out := range pl.Graph.Actors[a].Out {
				e.OutBytes = append(e.OutBytes, max(out.Type.Bytes()/3, 1))
			}
			p.Entries[w.CostKey] = e
		}
	}
	return p
}

// steady costs a model's segments 1, 2, 3, ... ms, less for those that are one, and others 200 us.
func steady(p *plan.Plan, a int) time.Duration {
	w := &p.Work[a]
	if w.Model == "" {
		return 200 * time.Microsecond
	}
	took := 300 * time.Microsecond
	for k := w.From; k < w.To; k++ {
		took += time.Duration(k+1) * time.Millisecond
	}
	return took
}

func good(t *testing.T, o space.Options) (*space.Space, compile.Models, *sim.Driver) {
	t.Helper()
	models := plantest.Models(t)
	unprofiled, err := space.New(plantest.Good(t), models, &sim.Driver{}, o)
	require.NoError(t, err)
	_, err = unprofiled.Search(t.Context(), latency, space.SearchOptions{})
	require.ErrorIs(t, err, profile.ErrMissing)
	plans, err := unprofiled.Plans()
	require.NoError(t, err)
	d := &sim.Driver{Profile: profileOf(plans, steady)}
	s, err := space.New(plantest.Good(t), models, d, o)
	require.NoError(t, err)
	return s, models, d
}

var latency = explore.Goal{Objectives: []explore.Objective{{Metric: explore.Latency, Device: -1}}}

// eachCut calls each with all mappings that cut the chain once between the source's unit and another one.
func eachCut(t *testing.T, s *space.Space, division int, each func(c *space.Candidate)) {
	t.Helper()
	chain, err := s.Chain(division)
	require.NoError(t, err)
	units := s.Units()
	for _, codec := range s.Codecs() {
		for _, far := range units[1:] {
			for pp := 1; pp <= len(chain); pp++ {
				list := slices.Repeat([]string{units[0]}, pp)
				list = append(list, slices.Repeat([]string{far}, len(chain)-pp)...)
				c, err := s.Mapping(division, codec, list)
				require.NoError(t, err)
				each(&c)
			}
		}
	}
}

// simulated returns what a mapping comes to under a workload.
func simulated(
	t *testing.T, s *space.Space, models compile.Models, d *sim.Driver, c *space.Candidate, w plan.Workload,
) result.Outcome {
	t.Helper()
	p, err := compile.Compile(s.File(c, w), models)
	require.NoError(t, err, c.Name)
	frames, err := metrics.NewFrames(p)
	require.NoError(t, err)
	run, err := d.Observe(t.Context(), p, summary.Observer{Frame: frames.Add})
	require.NoError(t, err, c.Name)
	o, err := frames.Outcome(metrics.Instances(p)[0], run)
	require.NoError(t, err)
	return o
}

// TestAnalytic compares the analytic values of all cuts with the simulator's of one frame at a time. They
// differ by how the simulator counts: its latency begins when the source has been dispatched, and
// its endpoint time leaves out the dispatch of all firings.
func TestAnalytic(t *testing.T) {
	s, models, d := good(t, space.Options{Codecs: []string{"none", "fp16", "int8", "zstd"}})
	n := 0
	eachCut(t, s, 0, func(c *space.Candidate) {
		o := simulated(t, s, models, d, c, plan.Workload{Kind: plan.SingleStream, Frames: 6, Warmup: 1})
		p, err := compile.Compile(s.File(c, plan.Workload{Kind: plan.SingleStream, Frames: 1}), models)
		require.NoError(t, err)
		firings := 0
		for a := range p.Work {
			if p.DeviceOf(a).Name == s.Endpoint() {
				firings++
			}
		}
		dispatch := float64(d.Profile.Transport.Dispatch)
		assert.InDelta(t, 1e9*o.Latency.Median, c.Values.Latency-dispatch, 10, c.Name)
		assert.InDelta(t, 1e9*o.EndpointTime.Median, c.Values.EndpointTime-float64(firings)*dispatch, 10, c.Name)
		assert.EqualValues(t, o.BoundaryBytes, c.Values.Traffic, c.Name)
		n++
	})
	assert.Equal(t, 4*6, n)
}
