package shape

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// ratesOf returns a bandwidth that is so many bytes per ms for 10 ms each.
func ratesOf(t *testing.T, loop bool, perMs ...float64) *profile.Rates {
	t.Helper()
	var list []profile.Rate
	for i, r := range perMs {
		list = append(list, profile.Rate{At: time.Duration(i) * 10 * time.Millisecond, BytesPerSec: r * 1e3})
	}
	rates, err := profile.NewRates(list, loop, func(int) string { return "rate" })
	require.NoError(t, err)
	return rates
}

// sendTraced sends as send does, over a link with a bandwidth over time; the run began at a time.
func sendTraced(t *testing.T, rates *profile.Rates, latency time.Duration, began int64, l *log) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	l.done = cancel
	var start Start
	start.Set(began)
	link := &plan.Link{Trace: "wifi.csv", Latency: latency}
	s := NewSender(link, Timed(link, rates, &start), 10, map[int]int{0: len(l.sizes)}, l, l.clock)
	for seq := range l.sizes {
		s.Push(boundary.TokenID{Seq: uint64(seq)}, begin)
	}
	require.NoError(t, s.Run(ctx))
}

// Bytes leave as the bandwidth over time says: an outage lasts from 10 to 20 ms of the run.
func TestBytesLeaveAsTheTraceSays(t *testing.T) {
	l := newLog(20, 10)
	sendTraced(t, ratesOf(t, false, 1, 0, 2), 0, begin-5*ms, l) // 5 bytes until the outage
	const half = ms / 2
	assert.Equal(t, []int64{begin + 17*ms + half, begin + 22*ms + half, begin + 27*ms + half}, l.at)
	assert.Equal(t, [][2]int64{{begin, begin + 22*ms + half}, {begin + 22*ms + half, begin + 27*ms + half}}, l.spans)
}

// The latency comes on top, and the link takes the next bytes meanwhile.
func TestTracedLinkHasALatency(t *testing.T) {
	l := newLog(10, 10)
	sendTraced(t, ratesOf(t, false, 1, 10), 30*time.Millisecond, begin, l)
	assert.Equal(t, []int64{begin + 40*ms, begin + 41*ms}, l.at)
	assert.Equal(t, [][2]int64{{begin, begin + 10*ms}, {begin + 10*ms, begin + 11*ms}}, l.spans)
}

// A loop has as many bytes cross in every round.
func TestLoopedTrace(t *testing.T) {
	l := newLog(10, 10, 10)
	sendTraced(t, ratesOf(t, true, 1, 0), 0, begin, l)
	assert.Equal(t, []int64{begin + 10*ms, begin + 30*ms, begin + 50*ms}, l.at)
}

// Before the run has begun, the bandwidth is that of its start.
func TestTraceBeforeTheStart(t *testing.T) {
	var start Start
	p := Timed(&plan.Link{}, ratesOf(t, false, 1, 2), &start)
	assert.Equal(t, begin+10*ms, p.After(begin, 0, 10))
	start.Set(begin + ms)
	assert.Equal(t, begin+10*ms, p.After(begin, 0, 10))
}

// Nothing leaves in an outage; what had left before arrives all the same.
func TestOutages(t *testing.T) {
	down := []plan.Outage{{From: 15 * time.Millisecond, For: 10 * time.Millisecond}}
	var start Start
	start.Set(begin)
	link := &plan.Link{BandwidthBytesPerSec: 1e3, Latency: 8 * time.Millisecond, Outages: down}
	l := newLog(10, 10)
	s := NewSender(link, Timed(link, nil, &start), 10, map[int]int{0: 2}, l, l.clock)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	l.done = cancel
	s.Push(boundary.TokenID{Seq: 0}, begin)
	s.Push(boundary.TokenID{Seq: 1}, begin)
	require.NoError(t, s.Run(ctx))
	assert.Equal(t, []int64{begin + 18*ms, begin + 38*ms}, l.at)
	assert.Equal(t, begin+25*ms, Timed(Delay(link), nil, &start).After(begin+16*ms, 0, 0), "nor do acknowledgements")
}

// Chunks that have left wait for the latency together; a carrier that blocks makes those late that
// follow, which catch up by the burst.
func TestLatencyOfManyChunks(t *testing.T) {
	l := newLog(50)
	l.block = map[string]int64{"0: 10+10/50": 50 * ms}
	send(t, &plan.Link{BandwidthBytesPerSec: 1e4, Latency: 20 * time.Millisecond}, l) // 1 ms per chunk
	assert.Equal(t, []int64{begin + 21*ms, begin + 22*ms, begin + 72*ms, begin + 72*ms, begin + 72*ms}, l.at)
	assert.Equal(t, [][2]int64{{begin, begin + 52*ms}}, l.spans)
}
