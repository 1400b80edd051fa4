package searched_test

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/edgeprune/edgeprune/experiments/internal/explore/space"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAnalytic compares the analytic values of all cuts with the simulator's of one frame at a time. Where
// one tensor crosses, they are equal but for rounding and how the simulator counts: its latency
// begins when the source has been dispatched, and its endpoint time leaves out the dispatch of all
// firings. Where several cross, one of them is coded while another is sent, which counts once in the
// simulator's endpoint time, and the order of coding and sending differs.
func TestAnalytic(t *testing.T) {
	for name, x := range map[string]*fixture{
		"classifier": newFixture(t, plantest.Good(t), plantest.Models(t), space.Options{
			Codecs: []string{"none", "fp16", "int8", "zstd"},
		}),
		"ssd-tracking": cutExperiment(t, "ssd-tracking", "slow", "wireless"),
		"vehicles":     cutExperiment(t, "vehicle-classification", "fast", "wired"),
	} {
		cuts, err := x.Cuts()
		require.NoError(t, err)
		several, worst := 0, 0.0
		for i := range cuts {
			c := &cuts[i]
			o, p := x.simulated(t, c, plan.Workload{Kind: plan.SingleStream, Frames: 6, Warmup: 1})
			firings, crossing := 0, 0
			for a := range p.Work {
				if p.DeviceOf(a).Name == x.Endpoint() {
					firings++
				}
			}
			for f, q := range p.Graph.FIFOs {
				if p.Routes[f] >= 0 && q.Delay == 0 {
					crossing++
				}
			}
			dispatch := float64(x.driver.Profile.Transport.Dispatch)
			latency, endpoint := c.Values.Latency-dispatch, c.Values.EndpointTime-float64(firings)*dispatch
			assert.EqualValues(t, o.BoundaryBytes, c.Values.Traffic, "%s: %s", name, c.Name)
			if crossing > 1 {
				several++
				worst = max(worst, math.Abs(latency/1e9/o.Latency.Median-1))
				assert.InEpsilon(t, 1e9*o.Latency.Median, latency, 0.005, "%s: %s", name, c.Name)
				assert.LessOrEqual(t, 1e9*o.EndpointTime.Median, endpoint+10, "%s: %s", name, c.Name)
				assert.InEpsilon(t, 1e9*o.EndpointTime.Median, endpoint, 0.01, "%s: %s", name, c.Name)
				continue
			}
			assert.InDelta(t, 1e9*o.Latency.Median, latency, 10, "%s: %s", name, c.Name)
			assert.InDelta(t, 1e9*o.EndpointTime.Median, endpoint, 10, "%s: %s", name, c.Name)
		}
		t.Logf("%s: %d mappings, of %d of which several tensors cross; those are off by %.2g at most", name, len(cuts),
			several, worst)
	}
}
