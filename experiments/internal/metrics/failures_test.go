package metrics

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/failure"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// failed is a run of frames that begin every 100 ms from 0 on: their tokens begin to cross 21 ms
// later, the server's actors fire from 34 ms to 40 ms, and the sink's is the last.
func failed(outages ...trace.Outage) (*plan.Plan, *trace.Trace) {
	p, tr := testPlan(0), frames(20, 20, 20, 20, 20, 20, 20, 20, 20, 20)
	p.Faults = []plan.Fault{{Device: 1, Link: -1}, {Device: -1, Link: 0}, {Device: 1, Link: -1}}
	tr.EndNs, tr.Outages = 1000*ms, outages
	return p, tr
}

func TestFailures(t *testing.T) {
	on := func(from, to int64) trace.Outage {
		return trace.Outage{Device: "server", FromNs: from * ms, ToNs: to * ms}
	}
	p, tr := failed(
		on(100, 110), // before frame 1 gets there
		on(240, 260), // as frame 2 leaves
		trace.Outage{Link: "wired", FromNs: 225 * ms, ToNs: 300 * ms}, // frame 2 has begun to cross
		trace.Outage{Link: "wired", FromNs: 980 * ms},                 // not over, and nothing comes any more
	)
	o, err := Measure(p, tr, "")
	require.NoError(t, err)
	f := o.Failures
	require.NotNil(t, f)
	up, down := 485*time.Millisecond, 15*time.Millisecond
	linkUp, linkDown := 452500*time.Microsecond, 47500*time.Microsecond
	assert.Equal(t, []result.Target{
		{Name: "device server", Observed: failure.Observed{Availability: 0.97, Crashes: 2, MTBF: &up, MTTR: &down}},
		{Name: "link wired", Observed: failure.Observed{Availability: 0.905, Crashes: 2, MTBF: &linkUp, MTTR: &linkDown}},
	}, f.Targets)
	assert.InDelta(t, 0.905, f.Availability(), 1e-12)
	assert.Equal(t, 1, f.Unrecovered)
	require.Equal(t, 3, f.Recovery.N)
	near(t, "frame 1 comes 40 ms after the server failed", f.Recovery.Min, 0.040)
	near(t, "frame 3 comes 100 ms after it failed at the end of frame 2", f.Recovery.Median, 0.100)
	near(t, "frame 3 comes 115 ms after the link failed that frame 2 had begun to cross", f.Recovery.Max, 0.115)
}

func TestNoFailures(t *testing.T) {
	p, tr := failed()
	o, err := Measure(p, tr, "")
	require.NoError(t, err)
	require.NotNil(t, o.Failures)
	assert.InDelta(t, 1, o.Failures.Availability(), 1e-12, "nothing failed")
	assert.Zero(t, o.Failures.Recovery.N)
	p.Faults = []plan.Fault{{Device: 5, Link: -1}}
	p.Platform.Devices = append(p.Platform.Devices, p.Platform.Devices[0], p.Platform.Devices[0], p.Platform.Devices[0],
		p.Platform.Devices[0])
	o, err = Measure(p, tr, "")
	require.NoError(t, err)
	assert.Nil(t, o.Failures, "the instance has nothing on it")
	p, tr = failed()
	tr.EndNs = 0
	o, err = Measure(p, tr, "")
	require.NoError(t, err)
	assert.Nil(t, o.Failures, "the trace doesn't say")
}

// Frames are late whose latency is beyond the deadline.
func TestLate(t *testing.T) {
	p := testPlan(0)
	p.Workload.Deadline = 45 * time.Millisecond
	o, err := Measure(p, frames(20, 30, 20, 40), "") // 20 gives 39 ms
	require.NoError(t, err)
	require.NotNil(t, o.Late)
	near(t, "late", *o.Late, 0.5)
	p.Workload.Deadline = 0
	o, err = Measure(p, frames(20, 30), "")
	require.NoError(t, err)
	assert.Nil(t, o.Late)
}
