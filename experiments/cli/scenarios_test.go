package cli_test

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/metrics"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scenario simulates a chain over two devices under a workload, with a feedback FIFO for queries.
func scenario(t *testing.T, w plan.Workload) (*result.Scenario, *trace.Trace) {
	t.Helper()
	b := enginetest.NewBuilder("p", w.Frames, 1, 1)
	c := b.Chain(1, 4, 0, 1, 1)
	if n := w.Query(); n > 0 {
		b.FIFO(c[2], c[0], 1, n, 2*n)
	}
	b.Plan().Workload = w
	tr, err := (&sim.Driver{Profile: enginetest.Profile()}).Run(t.Context(), b.Plan())
	require.NoError(t, err)
	o, err := metrics.Measure(b.Plan(), tr, "")
	require.NoError(t, err)
	return o.Scenario, tr
}

// The latency of a query lasts from the beginning of its first frame to the end of its last one.
func TestQueries(t *testing.T) {
	s, tr := scenario(t, plan.Workload{Kind: plan.MultiStream, Frames: 40, Samples: 4, Warmup: 8})
	begin, end := map[int64]int64{}, map[int64]int64{}
	for _, e := range tr.Events {
		switch {
		case e.Kind == trace.Firing && e.Actor == 0 && e.Frame%4 == 0:
			begin[e.Frame/4] = e.Start
		case e.Kind == trace.Firing && e.Actor == 2:
			end[e.Frame/4] = max(end[e.Frame/4], e.End)
		}
	}
	worst := int64(0)
	for q := int64(2); q < 10; q++ {
		worst = max(worst, end[q]-begin[q])
	}
	assert.InDelta(t, float64(worst)/1e9, s.Latency, 1e-9, "p99 of 8 queries is the worst")
	assert.Equal(t, 8, s.Queries)
	assert.Regexp(t, `^multi-stream: p99 latency [0-9.]+µs of 8 queries of 4 frames$`, s.String())
}

func TestScenarios(t *testing.T) {
	server := plan.Workload{Kind: plan.ServerScenario, Frames: 100, Rate: 500, Bound: time.Second}
	s, _ := scenario(t, server)
	assert.True(t, s.Met)
	assert.InDelta(t, 500, s.Rate, 150)
	assert.Regexp(t, `^server: [0-9.]+ frames/s; p99 latency [0-9.]+(µs|ms), bound 1s: met$`, s.String())
	server.Bound = time.Duration(s.Latency * 1e9)
	met, _ := scenario(t, server)
	assert.True(t, met.Met, "as late as the bound is not too late")
	server.Bound--
	s, _ = scenario(t, server)
	assert.False(t, s.Met)
	assert.Contains(t, s.String(), ": not met")
	server.Percentile = 50
	half, _ := scenario(t, server)
	assert.Less(t, half.Latency, s.Latency)
	assert.True(t, half.Met)

	s, _ = scenario(t, plan.Workload{Kind: plan.Offline, Frames: 30})
	assert.Regexp(t, `^offline: [0-9.]+ frames/s$`, s.String())
	s, _ = scenario(t, plan.Workload{Kind: plan.SingleStream, Frames: 30})
	assert.Regexp(t, `^single-stream: p90 latency [0-9.]+µs of 30 frames$`, s.String())
	s, _ = scenario(t, plan.Workload{Kind: plan.Camera, Frames: 30, Period: time.Millisecond})
	assert.Nil(t, s, "a camera is no scenario")
}
