package metrics

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInterrupted(t *testing.T) {
	tr := frames(10, 10, 20, 10)
	tr.Restarts = 1
	p := testPlan(0)
	// Frame 2 is read at 200 ms already; its token is sent and lost, and all begins again at
	// 500 ms, on the endpoint alone.
	alone := append([]trace.Event{firing("board", "cam", 0, 2, 500*ms, 502*ms)},
		firing("board", "head", 1, 2, 502*ms, 512*ms), firing("board", "tail", 2, 2, 512*ms, 562*ms),
		firing("server", "sink", 3, 2, 562*ms, 563*ms))
	tr.Events = append(append(append([]trace.Event(nil), tr.Events[:16+3]...), alone...), tr.Events[24:]...)
	// Of frame 3 the deployment has lost that it was read.
	tr.Events = tr.Events[:len(tr.Events)-8]
	tr.Events = append(tr.Events, oneFrame(3, 600, 10)[1:]...)
	_, err := Measure(p, tr, "")
	assert.ErrorIs(t, err, ErrDoubled, "as a run that was not interrupted")
	out, err := Interrupted(p, tr, "")
	require.NoError(t, err)
	assert.Equal(t, 3, out.Latency.N, "%d frames, parts", out.Latency.N)
	assert.Nil(t, out.Parts, "%d frames, parts", out.Latency.N)
	near(t, "longest latency", out.Latency.Max, 0.363) // from the first time that it was read
	near(t, "shortest latency", out.Latency.Min, 0.030)
	near(t, "frames per second", out.Throughput.Value, 2/(0.563-0.030))
	tr.Events = tr.Events[:8]
	_, err = Interrupted(p, tr, "")
	assert.ErrorIs(t, err, ErrTooFew, "one frame")
	_, err = Interrupted(p, tr, "other")
	assert.ErrorIs(t, err, ErrInstance, "no such instance")
}
