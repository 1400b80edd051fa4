package coordinator_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/engine/enginetest"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/deploy/testbed/testbedtest"
	"github.com/edgeprune/edgeprune/deploy/wire"
)

// withTokens gives all ports of a plan tensors of so many bytes.
func withTokens(p *plan.Plan, bytes int64) *plan.Plan {
	for i := range p.Graph.Actors {
		a := &p.Graph.Actors[i]
		for j := range a.In {
			a.In[j].Type = tensor(bytes)
		}
		for j := range a.Out {
			a.Out[j].Type = tensor(bytes)
		}
	}
	return p
}

// celled returns a plan of two endpoints that send to a server on one medium of 1 MB/s, all at once.
func celled(frames int64, bytes int64) *plan.Plan {
	b := enginetest.NewBuilder("two endpoints on one medium", frames, 1, 1, 1)
	b.Chain(1, 2, 0, 2)
	b.Chain(1, 2, 1, 2)
	p := withTokens(b.Plan(), bytes)
	p.Platform.Media = []plan.Medium{{Name: "cell", CapacityBytesPerSec: 1e6, MessageBytes: plan.MessageBytes,
		Contention: plan.NoContention}}
	for i := range p.Platform.Links {
		p.Platform.Links[i].Medium = "cell"
	}
	return p
}

// bothWays returns a plan whose tokens cross a link of two devices in both directions.
func bothWays(frames int64, bytes int64, link plan.Link) *plan.Plan {
	b := enginetest.NewBuilder("there and back", frames, 1, 1)
	b.Chain(1, 2, 0, 1, 0)
	p := withTokens(b.Plan(), bytes)
	l := &p.Platform.Links[0]
	l.BandwidthBytesPerSec, l.Trace, l.Duplex, l.Latency = link.BandwidthBytesPerSec, link.Trace, link.Duplex, link.Latency
	return p
}

// sent returns the bytes of all tokens that were sent in a trace, and the time from the first one's begin to the
// last one's end. All devices are on one clock.
func sent(tr *trace.Trace) (bytes int64, took time.Duration) {
	begin, end := int64(0), int64(0)
	other := func(e trace.Event) bool { return e.Kind != trace.Send }
	for i, e := range slices.DeleteFunc(slices.Clone(tr.Events), other) {
		if i == 0 || e.Start < begin {
			begin = e.Start
		}
		bytes, end = bytes+e.Bytes, max(end, e.End)
	}
	return bytes, time.Duration(end - begin)
}

// noFaster proves that nothing was sent faster than a rate, but for bursts and what two devices send before they
// hear of each other: two fifths more.
func noFaster(t *testing.T, tr *trace.Trace, bytesPerSec float64) {
	t.Helper()
	bytes, took := sent(tr)
	assert.GreaterOrEqual(t, took.Seconds(), 0.7*float64(bytes)/bytesPerSec, "%d bytes in %v", bytes, took)
}

func TestMediumIsShared(t *testing.T) {
	d := testbedtest.Local(t, nil, "d0", "d1", "d2").Driver()
	tr, err := d.Run(t.Context(), celled(5, 40_000))
	require.NoError(t, err)
	assert.True(t, tr.Emulated)
	noFaster(t, tr, 1e6)
}

func TestHalfDuplexLinkIsShared(t *testing.T) {
	d := testbedtest.Local(t, nil, "d0", "d1").Driver()
	tr, err := d.Run(t.Context(), bothWays(6, 40_000, plan.Link{BandwidthBytesPerSec: 1e6, Duplex: plan.Half}))
	require.NoError(t, err)
	noFaster(t, tr, 1e6)
}

func TestMediumWithACapacityOverTime(t *testing.T) {
	rates, err := profile.NewRates([]profile.Rate{{}, {At: 50 * time.Millisecond, BytesPerSec: 1e6}}, false,
		func(int) string { return "" })
	require.NoError(t, err)
	d := testbedtest.Local(t, nil, "d0", "d1", "d2").Driver()
	p := celled(3, 40_000)
	p.Platform.Media[0].CapacityBytesPerSec, p.Platform.Media[0].Trace = 0, "cell.csv"
	_, err = d.Run(t.Context(), p)
	require.ErrorIs(t, err, profile.ErrMissing)
	require.EqualError(t, err, "link l02: the trace cell.csv of its medium cell was not read: not measured")
	d.Capacity = func(*plan.Medium) *profile.Rates { return rates }
	tr, err := d.Run(t.Context(), p)
	require.NoError(t, err)
	noFaster(t, tr, 1e6)
	for _, e := range tr.Events {
		if e.Kind == trace.Recv {
			assert.Greater(t, e.End, int64(50*time.Millisecond), "nothing crosses an outage")
		}
	}
}

// Somebody who claims without an end to send holds nobody up for ever, and messages that can't be true are counted.
func TestLiesAboutASharedLink(t *testing.T) {
	tb := testbedtest.Local(t, nil, "d0", "d1")
	nc := testbedtest.Observe(t, tb.URL())
	var run string
	told, err := nc.SubscribeSync(wire.ShareSubject("d1", "d0", wire.Any))
	require.NoError(t, err)
	require.NoError(t, nc.Flush())
	d := tb.Driver()
	done := make(chan error, 1)
	var statuses []wire.AgentStatus
	d.Finished = func(s []wire.AgentStatus) { statuses = s }
	go func() {
		_, err := d.Run(t.Context(), bothWays(20, 40_000, plan.Link{BandwidthBytesPerSec: 1e6, Duplex: plan.Half}))
		done <- err
	}()
	first, err := told.NextMsg(10 * time.Second)
	require.NoError(t, err)
	run = first.Subject[len(wire.ShareSubject("d1", "d0", "")):]
	token := uint64(1 << 40)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for going := true; going; token++ {
		select {
		case err := <-done:
			require.NoError(t, err)
			going = false
		case <-tick.C:
			lie, err := wire.EncodeSendings([]wire.Sending{{Token: token}})
			require.NoError(t, err)
			for _, b := range [][]byte{lie, []byte("[{"), []byte(`[{"link":9}]`)} {
				require.NoError(t, nc.Publish(wire.ShareSubject("d1", "d0", run), b))
			}
		}
	}
	require.Len(t, statuses, 2)
	assert.Positive(t, statuses[0].Rejected["share"+wire.Malformed])
	assert.Positive(t, statuses[0].Rejected["share"+wire.Refused])
}
