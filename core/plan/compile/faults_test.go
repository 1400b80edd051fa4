package compile_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/failure"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFaults(t *testing.T) {
	f := plantest.Gated(t)
	f.Faults = []planfile.FaultSpec{
		{Device: "server", At: 2 * time.Second, For: time.Second},
		{Link: "wired", At: 0, For: time.Millisecond, Detect: 5 * time.Second},
		{Device: "server", At: 3*time.Second + 1, For: time.Second},
	}
	p := plantest.Compiled(t, f)
	once := p.Outages(&p.Faults[0])
	from, to, ok := once.Next()
	assert.Equal(t, []any{2 * time.Second, 3 * time.Second, true}, []any{from, to, ok})
	want := []plan.Fault{
		{Device: 1, Link: -1, At: 2 * time.Second, For: time.Second, Detect: plan.Detection},
		{Device: -1, Link: 0, At: 0, For: time.Millisecond, Detect: 5 * time.Second},
		{Device: 1, Link: -1, At: 3*time.Second + 1, For: time.Second, Detect: plan.Detection},
	}
	assert.Equal(t, want, p.Faults)
	data, err := json.Marshal(p)
	var q plan.Plan
	if err == nil {
		err = json.Unmarshal(data, &q)
	}
	require.NoError(t, err, "through JSON")
	assert.Equal(t, want, q.Faults, "through JSON")
}

// Faults at random times are those of every target that a pattern fits, each of a seed of its own.
func TestRandomFaults(t *testing.T) {
	f := plantest.Gated(t)
	f.Faults = []planfile.FaultSpec{
		{Device: "*e*", MTBF: time.Minute, MTTR: time.Second, Until: time.Hour},
		{
			Link: "wired", Detect: time.Second, Crash: &failure.Times{Kind: failure.Weibull, Shape: 2, Scale: time.Minute},
			Repair: &failure.Times{Kind: failure.Constant, Mean: time.Second},
		},
	}
	p := plantest.Compiled(t, f)
	minutely := &failure.Process{
		Crash:  failure.Times{Kind: failure.Exponential, Mean: time.Minute},
		Repair: failure.Times{Kind: failure.Exponential, Mean: time.Second}, Until: time.Hour,
	}
	want := []plan.Fault{
		{Device: 0, Link: -1, Detect: plan.Detection, Random: minutely},
		{Device: 1, Link: -1, Detect: plan.Detection, Random: minutely},
		{Device: -1, Link: 0, Detect: time.Second, Random: &failure.Process{
			Crash:  failure.Times{Kind: failure.Weibull, Shape: 2, Scale: time.Minute},
			Repair: failure.Times{Kind: failure.Constant, Mean: time.Second},
		}},
	}
	assert.Equal(t, want, p.Faults)
	var q plan.Plan
	data, err := json.Marshal(p)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &q))
	assert.Equal(t, want, q.Faults, "through JSON")
	first := func(p *plan.Plan, i int) time.Duration {
		o := p.Outages(&p.Faults[i])
		from, _, ok := o.Next()
		require.True(t, ok)
		return from
	}
	assert.NotEqual(t, first(p, 0), first(p, 1), "devices fail on their own")
	p.Faults[0], p.Faults[1] = p.Faults[1], p.Faults[0]
	assert.Equal(t, first(&q, 0), first(p, 1), "whatever else fails")
	q.Seed++
	assert.NotEqual(t, first(&q, 0), first(p, 1), "another seed")
}
