package metrics

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
)

// results are frames that each take as long, the results at the given times in ms.
func results(at ...int64) *trace.Trace {
	t := &trace.Trace{}
	for n, left := range at {
		t.Events = append(t.Events, oneFrame(int64(n), left, 20)...)
	}
	return t
}

// The times between results decide when throughput is known, not endpoint times, which
// here are all alike.
func TestEnoughOfThroughput(t *testing.T) {
	p := testPlan(0)
	p.Workload = plan.Workload{Kind: plan.Offline, Frames: 40, MinFrames: 7, Precision: 0.05}
	steady := results(0, 100, 201, 300, 402, 501, 600, 701)
	assert.True(t, Enough(p, steady))
	assert.False(t, Enough(p, results(0, 100, 201, 300, 402)), "four gaps are no throughput")
	irregular := results(0, 100, 400, 450, 900, 950, 1300, 1350)
	assert.False(t, Enough(p, irregular))

	o, err := Measure(p, steady, "")
	require.NoError(t, err)
	assert.Equal(t, "interval of the throughput within 5 %", o.EndpointTime.Stop)
	o, err = Measure(p, irregular, "")
	require.NoError(t, err)
	assert.Greater(t, o.Throughput.Spread(), 0.05*o.Throughput.Value)
}

// A latency that isn't settled keeps a run going although the endpoint time is known.
func TestEnoughOfLatency(t *testing.T) {
	p := testPlan(0)
	p.Workload = plan.Workload{Kind: plan.SingleStream, Frames: 40, MinFrames: 8, Precision: 0.02}
	tr := frames(20, 20, 20, 20, 20, 20, 20, 20)
	require.True(t, Enough(p, tr))
	for i, e := range tr.Events {
		if e.Kind == trace.Firing && e.Actor == 3 && e.Frame%2 == 0 {
			tr.Events[i].End += 20 * ms
		}
	}
	assert.False(t, Enough(p, tr))
}

// Frames that run the dynamic part come later than those that skip it: that isn't chance.
func TestThroughputOfModes(t *testing.T) {
	tr := &trace.Trace{}
	at := int64(0)
	for n := range int64(12) {
		atr := int(n % 2)
		tr.Events = append(tr.Events, gatedFrame(n, at, atr)...)
		at += 20 + 80*int64(atr)
	}
	o, err := Measure(gatedPlan(t), tr, "")
	require.NoError(t, err)
	assert.Less(t, o.Throughput.Spread(), 0.01*o.Throughput.Value)
}
