package impairment_test

import (
	"math"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/impairment"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// effects returns what happens to n tokens of a link with losses.
func effects(l plan.Loss, p impairment.Path, n uint64) []impairment.Effect {
	t := impairment.New(&plan.Link{Loss: l}, p)
	list := make([]impairment.Effect, n)
	for i := range n {
		list[i] = t.Of(i)
	}
	return list
}

// A token of one message is lost k times with probability rateᵏ(1-rate), and is k timeouts late.
func TestLossesOfOneMessage(t *testing.T) {
	const n, rate = 100_000, 0.3
	counts := map[int64]float64{}
	for _, e := range effects(plan.Loss{Rate: rate, Timeout: 7}, impairment.Path{Bytes: 1000, PerByteNs: 2}, n) {
		require.Equal(t, 7*e.LostBytes/1000, e.LateNs)
		require.Zero(t, e.HeldNs)
		counts[e.LostBytes/1000]++
	}
	for k := range int64(6) {
		p := math.Pow(rate, float64(k)) * (1 - rate)
		assert.InDelta(t, n*p, counts[k], 5*math.Sqrt(n*p*(1-p)), "lost %d times, within five standard deviations", k)
	}
}

// Lost bytes of many messages are rate/(1-rate) of all in the mean, in both models.
func TestMeanOfLosses(t *testing.T) {
	for _, tt := range []struct {
		loss  plan.Loss
		bytes int64 // of a token: whole messages or segments
		once  float64
	}{
		{plan.Loss{Rate: 0.05, Timeout: 1}, 10 * plan.ChunkBytes, plan.ChunkBytes},
		{plan.Loss{Rate: 0.5, Timeout: 1}, 3 * plan.ChunkBytes, plan.ChunkBytes},
		{plan.Loss{Rate: 0.01, Model: plan.TCPLoss}, 200 * plan.SegmentBytes, plan.SegmentBytes},
		{plan.Loss{Rate: 0.2, Model: plan.TCPLoss}, 7 * plan.SegmentBytes, plan.SegmentBytes},
	} {
		const n = 20_000
		sum := 0.0
		for _, e := range effects(tt.loss, impairment.Path{Bytes: tt.bytes}, n) {
			sum += float64(e.LostBytes)
		}
		p, sent := tt.loss.Rate, n*float64(tt.bytes)/tt.once
		deviation := math.Sqrt(sent*p) / (1 - p) // of a sum of geometric draws
		assert.InDelta(t, sent*p/(1-p), sum/tt.once, 5*deviation, "%+v", tt.loss)
	}
}

// The message that arrives last says when the token has arrived: what was lost early may be
// there before the rest has crossed.
func TestLateMessages(t *testing.T) {
	const chunk = plan.ChunkBytes
	early, late := 0, 0
	for _, e := range effects(plan.Loss{Rate: 0.1, Timeout: 10 * chunk}, impairment.Path{Bytes: 20 * chunk, PerByteNs: 1},
		5000) {
		if e.LostBytes != chunk {
			continue
		}
		// Lost at place i of 20, it comes a timeout and its own time after that, and 20-i others and
		// itself have crossed meanwhile.
		if e.LateNs == 0 {
			early++
			continue
		}
		late++
		assert.Zero(t, e.LateNs%chunk)
		assert.LessOrEqual(t, e.LateNs, int64(10*chunk))
	}
	share := float64(early) / float64(early+late)
	assert.InDelta(t, 0.5, share, 0.06, "those of the first half are there in time")
}

// A window holds the sender up while an earlier message is missing.
func TestWindowOfMessages(t *testing.T) {
	const chunk = plan.ChunkBytes
	path := impairment.Path{Bytes: 4 * chunk, PerByteNs: 1}
	for i, e := range effects(plan.Loss{Rate: 0.2, Timeout: 100 * chunk, Window: chunk}, path, 2000) {
		// One message at a time: each loss costs a timeout, in the middle as held time, at the end as
		// lateness.
		lost := e.LostBytes / chunk
		assert.Equal(t, lost*100*chunk, e.HeldNs+e.LateNs, "token %d", i)
	}
	some := false
	for _, e := range effects(plan.Loss{Rate: 0.2, Timeout: 100 * chunk, Window: 4 * chunk}, path, 2000) {
		assert.Zero(t, e.HeldNs, "the window holds the token")
		some = some || e.LateNs > 0
	}
	assert.True(t, some)
}

// The windows that RFC 3649 publishes in its table 1 for a standard TCP, in segments, are those of
// the formula to the digits that it has; the RFC takes 1.2 for √(3/2).
func TestCongestionWindow(t *testing.T) {
	for rate, segments := range map[float64]float64{
		1e-2: 12, 1e-3: 38, 1e-4: 120, 1e-5: 379, 1e-6: 1200, 1e-7: 3795, 1e-8: 12000,
	} {
		assert.InEpsilon(t, segments, impairment.CongestionWindow(rate)*1.2/math.Sqrt(1.5), 0.015, "rate %g", rate)
	}
}

func TestMostThatASenderPasses(t *testing.T) {
	const ms = 1_000_000
	for _, tt := range []struct {
		loss      plan.Loss
		roundTrip int64
		rate      float64
	}{
		{plan.Loss{}, 10 * ms, 0},
		{plan.Loss{Rate: 0.5, Timeout: 1}, 10 * ms, 0},
		{plan.Loss{Window: 64 << 10}, 10 * ms, 6553600},
		{plan.Loss{Window: 64 << 10}, 0, 0},
		// A segment in 10 ms · √0.01 + 90 ms · 3√0.005625 · 0.015 · 1.0072 = 1 ms + 0.3059 ms.
		{plan.Loss{Rate: 0.015, Model: plan.TCPLoss, Timeout: 80 * time.Millisecond}, 10 * ms, 1448 / 0.001305937},
		// By default the timeout is 210 ms; at losses of a fifth it follows most of them.
		{plan.Loss{Rate: 0.2, Model: plan.TCPLoss}, 10 * ms, 1448 / (0.01*math.Sqrt(0.4/3) + 0.21*0.8215838*0.2*2.28)},
		{plan.Loss{Rate: 0.015, Model: plan.TCPLoss, Window: 1448}, 10 * ms, 144_800},
		{plan.Loss{Rate: 0.015, Model: plan.TCPLoss}, 0, 0},
	} {
		assert.InDelta(t, tt.rate, impairment.MaxBytesPerSec(&tt.loss, tt.roundTrip), 1e-5*tt.rate, "%+v", tt.loss)
	}
}

// What one lost segment costs depends on where it is: nothing in the middle, where what follows
// takes longer than sending it again; a probe at the end.
func TestOneLostSegment(t *testing.T) {
	const segments, rate, perByte = 1000, 1e-4, 1000.0 / plan.SegmentBytes // 1 µs a segment
	const roundTrip, probe = 100_000, 2_000_000
	path := impairment.Path{Bytes: segments * plan.SegmentBytes, PerByteNs: perByte, RoundTripNs: roundTrip}
	late := map[int64]int{}
	for _, e := range effects(plan.Loss{Rate: rate, Model: plan.TCPLoss}, path, 200_000) {
		if e.LostBytes != plan.SegmentBytes {
			continue
		}
		assert.Zero(t, e.HeldNs)
		late[e.LateNs]++
	}
	lost := 0
	for _, n := range late {
		lost += n
	}
	require.Greater(t, lost, 10_000)
	// Sent again a round trip of 100 segments after the third that follows: the last 102 or so of
	// 1000 are late by up to a round trip.
	assert.InDelta(t, 0.9, float64(late[0])/float64(lost), 0.02)
	assert.Positive(t, late[2*roundTrip+probe], "the last one: the probe itself")
	assert.Positive(t, late[3*roundTrip+probe], "the two before it: a round trip after the probe")
	for ns := range late {
		ok := ns <= roundTrip || ns == 2*roundTrip+probe || ns == 3*roundTrip+probe
		assert.True(t, ok, "%d ns", ns)
	}
}

// What is sent again and lost again waits for timeouts that double, and holds its sender up.
func TestTimeoutsOfTCP(t *testing.T) {
	const roundTrip, probe = 1_000_000, 2_000_000
	path := impairment.Path{Bytes: 100, PerByteNs: 1, RoundTripNs: roundTrip}
	counts := map[int64]int{}
	for _, e := range effects(plan.Loss{Rate: 0.2, Model: plan.TCPLoss, Timeout: 50 * time.Millisecond}, path, 100_000) {
		counts[e.HeldNs]++
		if e.LostBytes > 0 {
			// The segment was lost once, and in every timeout once more.
			require.EqualValues(t, 2*roundTrip+probe, e.LateNs)
		}
	}
	const first = roundTrip + 50_000_000
	for k, held := range []int64{0, first, 3 * first, 7 * first} {
		p := 0.8 * math.Pow(0.2, float64(k+1))
		if k == 0 {
			p += 0.8
		}
		assert.InDelta(t, 100_000*p, counts[held], 5*math.Sqrt(100_000*p*(1-p)), "%d timeouts", k)
	}
}
