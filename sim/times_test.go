package sim_test

import (
	"context"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/sim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// costs returns a profile in which count takes 10, pass 30 and sink 5 ns, over a
// transport that costs nothing.
func costs() *profile.Profile {
	return &profile.Profile{Entries: map[string]profile.Entry{
		enginetest.Count: {Samples: []time.Duration{10}},
		enginetest.Pass:  {Samples: []time.Duration{30}},
		enginetest.Sink:  {Samples: []time.Duration{5}},
	}}
}

func simulate(t *testing.T, d *sim.Driver, p *plan.Plan) *trace.Trace {
	t.Helper()
	tr, err := d.Run(context.Background(), p)
	require.NoError(t, err)
	return tr
}

// of returns the events of one kind of an actor (for firings) or a FIFO.
func of(tr *trace.Trace, kind trace.Kind, index int) []trace.Event {
	var out []trace.Event
	for _, e := range tr.Events {
		if e.Kind == kind && (kind == trace.Firing && e.Actor == index || kind != trace.Firing && e.FIFO == index) {
			out = append(out, e)
		}
	}
	return out
}

type span struct{ start, end int64 }

func expect(t *testing.T, what string, events []trace.Event, want ...span) {
	t.Helper()
	require.Len(t, events, len(want), "%s: got %d events", what, len(events))
	for i, e := range events {
		assert.Equal(t, (span{e.Start, e.End}), want[i], "%s %d: got %d to %d, want %d to %d", what, i, e.Start, e.End,
			want[i].start, want[i].end)
	}
}

func TestSingleStreamLatencyIsTheSum(t *testing.T) {
	b := enginetest.NewBuilder("single stream", 3, 1)
	c := b.Chain(1, 2, 0, 0, 0, 0)
	b.FIFO(c[3], c[0], 1, 1, 1)
	tr := simulate(t, &sim.Driver{Profile: costs()}, b.Plan())
	// 10 + 30 + 30 + 5 = 75 ns a frame, one frame at a time.
	expect(t, "source", of(tr, trace.Firing, c[0]), span{0, 10}, span{75, 85}, span{150, 160})
	expect(t, "sink", of(tr, trace.Firing, c[3]), span{70, 75}, span{145, 150}, span{220, 225})
}

func TestOfflineThroughputIsTheSlowestStage(t *testing.T) {
	b := enginetest.NewBuilder("offline", 4, 1, 1, 1)
	c := b.Chain(1, 2, 0, 1, 2)
	tr := simulate(t, &sim.Driver{Profile: costs()}, b.Plan())
	// Stages of 10, 30 and 5 ns on a device each: a result every 30 ns.
	expect(t, "sink", of(tr, trace.Firing, c[2]), span{40, 45}, span{70, 75}, span{100, 105}, span{130, 135})
	// Two credits: the source makes frames 0 and 1, then waits for the acks at 45 and 75:
	// a token is acknowledged when what became of it has left the sink.
	expect(t, "source", of(tr, trace.Firing, c[0]), span{0, 10}, span{10, 20}, span{45, 55}, span{75, 85})
}

func TestTwoEndpointsQueueAtOneServer(t *testing.T) {
	b := enginetest.NewBuilder("two endpoints", 2, 1, 1, 1)
	first := b.Chain(1, 2, 0, 2, 2)
	second := b.Chain(1, 2, 1, 2, 2)
	tr := simulate(t, &sim.Driver{Profile: costs()}, b.Plan())
	// Ready at 10: pass 0 and pass 1; then first come, first served on one lane.
	// At 40 sink 0 becomes ready after pass 1, and pass 0's frame 1 after that.
	expect(t, "pass 0", of(tr, trace.Firing, first[1]), span{10, 40}, span{75, 105})
	expect(t, "pass 1", of(tr, trace.Firing, second[1]), span{40, 70}, span{110, 140})
	expect(t, "sink 0", of(tr, trace.Firing, first[2]), span{70, 75}, span{140, 145})
	expect(t, "sink 1", of(tr, trace.Firing, second[2]), span{105, 110}, span{145, 150})
}

func TestTwoLanesHalveTheQueue(t *testing.T) {
	b := enginetest.NewBuilder("two lanes", 1, 1, 1, 2)
	first, second := b.Chain(1, 2, 0, 2, 2), b.Chain(1, 2, 1, 2, 2)
	tr := simulate(t, &sim.Driver{Profile: costs()}, b.Plan())
	expect(t, "pass 0", of(tr, trace.Firing, first[1]), span{10, 40})
	expect(t, "pass 1", of(tr, trace.Firing, second[1]), span{10, 40})
}

func TestSlowdownStretchesFiringsAlone(t *testing.T) {
	b := enginetest.NewBuilder("slow", 1, 1)
	c := b.Chain(1, 2, 0, 0, 0)
	b.Plan().Platform.Devices[0].Units[0].Slowdown = 2.5
	prof := costs()
	prof.Transport.Dispatch = 100
	tr := simulate(t, &sim.Driver{Profile: prof}, b.Plan())
	expect(t, "source", of(tr, trace.Firing, c[0]), span{100, 125})
	expect(t, "pass", of(tr, trace.Firing, c[1]), span{225, 300})
	e := of(tr, trace.Firing, c[1])[0]
	assert.EqualValues(t, 30, e.Kernel, "kernel time %d ns, want 30", e.Kernel)
	require.True(t, tr.Emulated, "got driver %s, emulated", tr.Driver)
	assert.Equal(t, "sim", tr.Driver, "got driver %s, emulated", tr.Driver)
}

func TestCameraSchedule(t *testing.T) {
	b := enginetest.NewBuilder("camera", 3, 1)
	c := b.Chain(1, 2, 0, 0, 0)
	b.Plan().Workload.Kind, b.Plan().Workload.Period = plan.Camera, 40
	tr := simulate(t, &sim.Driver{Profile: costs()}, b.Plan())
	// A frame takes 45 ns of the only lane. Release 1 at 40 queues before sink 0,
	// which becomes ready at the same time but from a later-ordered event.
	source := of(tr, trace.Firing, c[0])
	for n, e := range source {
		assert.GreaterOrEqual(t, e.Start, int64(n)*40, "frame %d taken at %d ns, released at %d", n, e.Start, n*40)
	}
	expect(t, "source", source, span{0, 10}, span{40, 50}, span{85, 95})
}

// shaped returns a chain of two over a link, on which 8 bytes take 8 ns.
func shaped(name string, frames int64, duplex plan.Duplex, latency time.Duration) (*enginetest.Builder, []int) {
	b := enginetest.NewBuilder(name, frames, 1, 1)
	c := b.Chain(1, 4, 0, 1)
	l := &b.Plan().Platform.Links[0]
	l.BandwidthBytesPerSec, l.Latency, l.Duplex = 1e9, latency, duplex
	return b, c
}

func TestTokensQueueAtTheLink(t *testing.T) {
	b, c := shaped("link", 2, plan.Full, 100)
	b.FIFO(c[0], c[1], 3, 0, 3)
	tr := simulate(t, &sim.Driver{Profile: costs()}, b.Plan())
	// Firing 0 ends at 10 and sends one token on FIFO 0, three on FIFO 1: 8 ns each.
	expect(t, "FIFO 0", of(tr, trace.Send, 0), span{10, 18}, span{257, 265})
	expect(t, "FIFO 1", of(tr, trace.Send, 1)[:3], span{18, 26}, span{26, 34}, span{34, 42})
	expect(t, "arrivals", of(tr, trace.Recv, 1)[:3], span{126, 126}, span{134, 134}, span{142, 142})
	expect(t, "sink", of(tr, trace.Firing, c[1])[:1], span{142, 147})
	// FIFO 1 has room for one firing: firing 1 waits for the ack, 147 + 100.
	expect(t, "source", of(tr, trace.Firing, c[0])[1:], span{247, 257})
}

func TestDuplex(t *testing.T) {
	for _, c := range []struct {
		duplex plan.Duplex
		back   span // of the token that the far device sends at 10, too
	}{{plan.Full, span{10, 18}}, {plan.Half, span{18, 26}}} {
		b, _ := shaped(string(c.duplex), 1, c.duplex, 0)
		b.Chain(1, 4, 1, 0)
		tr := simulate(t, &sim.Driver{Profile: costs()}, b.Plan())
		expect(t, "there", of(tr, trace.Send, 0), span{10, 18})
		expect(t, string(c.duplex)+" back", of(tr, trace.Send, 1), c.back)
	}
}
