package metrics

import (
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// captured is three frames every 100 ms, each captured some ms before it entered, with a drop behind the first.
func captured(before int64) *trace.Trace {
	t := frames(20, 20, 20)
	for n := range int64(3) {
		t.Events = append(t.Events, trace.Event{Kind: trace.Capture, Device: "board", Name: "cam", Actor: 0, FIFO: -1,
			Frame: n, Number: n + 1 + min(n, 1), Start: (100*n - before) * ms, End: 100 * n * ms})
	}
	t.Events = append(t.Events, trace.Event{Kind: trace.Drop, Device: "board", Name: "cam", Actor: 0, FIFO: -1, Frame: 1,
		Number: 2, Start: 10 * ms, End: 20 * ms})
	t.Captured = []trace.Captured{{Device: "board", Name: "cam", Counts: admission.Counts{Captured: 4, Dropped: 1}}}
	return t
}

// Latency counts from when a frame was captured, whatever the schedule was, and drops are told.
func TestLatencyCountsFromTheCapture(t *testing.T) {
	p := testPlan(0)
	p.Workload = plan.Workload{Kind: plan.Camera, Frames: 3, Period: 33 * time.Millisecond, Drop: admission.Newest}
	o, err := Measure(p, captured(7), "")
	require.NoError(t, err)
	near(t, "latency", o.Latency.Median, 0.047)
	require.Len(t, o.Captured, 1)
	assert.EqualValues(t, 1, o.Captured[0].Dropped)

	all, err := NewStreams(p)
	require.NoError(t, err)
	tr := captured(7)
	for _, kind := range []trace.Kind{trace.Capture, trace.Drop, trace.Send, trace.Recv, trace.Ack, trace.Firing} {
		for i := range tr.Events {
			if tr.Events[i].Kind == kind {
				require.NoError(t, all.Add(&tr.Events[i]))
			}
		}
	}
	streamed, err := all.Outcome("", tr)
	require.NoError(t, err)
	assert.Equal(t, o.Latency, streamed.Latency)

	tr = captured(7)
	tr.Events = tr.Events[:len(tr.Events)-2] // that of the last frame
	_, err = Measure(p, tr, "")
	require.ErrorIs(t, err, ErrMissing)
	assert.ErrorContains(t, err, "frame 2: missing in the trace: capture")
}
