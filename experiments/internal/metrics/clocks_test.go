package metrics

import (
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/clocks"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// twoClocks puts the server's events on a clock that is ahead of the board's by a time in ms,
// with probes of 2 ms there and back, once every 100 ms, and the board's receipt of what the
// sink sends back.
func twoClocks(t *trace.Trace, ahead int64) *trace.Trace {
	var end int64
	for i := range t.Events {
		e := &t.Events[i]
		end = max(end, e.End)
		if e.Kind == trace.Send && e.FIFO == 3 {
			t.Events = append(t.Events, trace.Event{Kind: trace.Recv, Device: "board", Actor: -1, FIFO: 3, Frame: e.Frame,
				Start: e.End + ms, End: e.End + ms, Bytes: 1})
		}
	}
	for i := range t.Events {
		if e := &t.Events[i]; e.Device == "server" {
			e.Start, e.End = e.Start+ahead*ms, e.End+ahead*ms
		}
	}
	t.Clocks = &trace.Clocks{
		List:      []trace.Clock{{ID: "a", Devices: []string{"board"}}, {ID: "b", Devices: []string{"server"}}},
		Consumers: []int{1, 2, 3, 0},
	}
	for at := -100 * ms; at < end+100*ms; at += 100 * ms {
		t.Clocks.Probes = append(t.Clocks.Probes, trace.Probe{
			From: 0, To: 1, Sent: at, Taken: at + (1+ahead)*ms, Answered: at + (1+ahead)*ms, Back: at + 2*ms,
		})
	}
	return t
}

func TestTimesOverTwoClocks(t *testing.T) {
	want, err := Measure(testPlan(1), frames(50, 10, 30, 20), "")
	require.NoError(t, err)
	assert.Nil(t, want.RoundTrip)
	for _, ahead := range []int64{0, 49, -86_400_000} {
		o, err := Measure(testPlan(1), twoClocks(frames(50, 10, 30, 20), ahead), "")
		require.NoError(t, err)
		assert.Equal(t, want.EndpointTime, o.EndpointTime, "it lies on one clock")
		assert.Equal(t, want.Throughput, o.Throughput, "it lies on one clock")
		assert.InDelta(t, want.Latency.Median, o.Latency.Median, o.Latency.Clock, "ahead by %d ms", ahead)
		assert.InDelta(t, 0.001, o.Latency.Clock, 10e-6, "half a round trip of 2 ms")
		for i, p := range o.Parts {
			if p.Kind == "one-way" {
				assert.InDelta(t, 0.001, p.Time.Clock, 10e-6, p.Name)
				assert.InDelta(t, want.Parts[i].Time.Median, p.Time.Median, p.Time.Clock, p.Name)
				continue
			}
			assert.Equal(t, want.Parts[i], p)
		}
		require.NotNil(t, o.RoundTrip)
		near(t, "round trip on the board's clock", o.RoundTrip.Median, 0.042)
		assert.Zero(t, o.RoundTrip.Clock)
	}
}

func TestClockThatJumpedHasNoTimes(t *testing.T) {
	tr := twoClocks(frames(50, 10, 30, 20), 0)
	for i := range tr.Events {
		if e := &tr.Events[i]; e.Device == "server" && e.Frame > 1 {
			e.Start, e.End = e.Start+500*ms, e.End+500*ms
		}
	}
	_, err := Measure(testPlan(1), tr, "")
	require.ErrorIs(t, err, clocks.ErrJump)
	assert.Contains(t, err.Error(), "server")
}
