package impairment

import (
	"math"
	"time"

	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/edgeprune/edgeprune/core/plan"
)

// probeNs is what a tail loss probe waits beyond two round trips, where several segments are
// under way: RFC 8985 §7.2, as Linux does it.
const probeNs = float64(2 * time.Millisecond)

// maxBackoff is by how much a retransmission timeout grows at most by doubling, as in Padhye et
// al. 1998.
const maxBackoff = 64

// MaxBytesPerSec returns at what rate one sender passes a link at most, whatever its
// bandwidth: of a window, Window in every round trip R; of TCP, also what a long transfer
// sustains under random losses of rate p, a segment of plan.SegmentBytes in every
//
//	R √(2p/3) + T min(1, 3 √(3p/8)) p (1 + 32p²)
//
// which is equation 32 of Padhye, Firoiu, Towsley and Kurose, "Modeling TCP Throughput: A Simple
// Model and its Empirical Validation" (1998), for a receiver of which every segment counts (b = 1), as
// Linux's do (RFC 3465). The first part is congestion avoidance (Mathis, Semke, Mahdavi and Ott,
// 1997, equation 3); the second, with the timeout T = R + Timeout, is that of losses that too few
// segments follow. CUBIC has the same rate where windows are small: its Reno-friendly region, RFC
// 9438 §4.3. It is 0 where nothing limits.
func MaxBytesPerSec(l *plan.Loss, roundTripNs int64) float64 {
	if roundTripNs <= 0 {
		return 0
	}
	trip, limit := float64(roundTripNs)/1e9, math.Inf(1)
	if l.Window > 0 {
		limit = float64(l.Window) / trip
	}
	if p := l.Rate; l.Model == plan.TCPLoss && p > 0 {
		timeouts := (trip + timeout(l).Seconds()) * min(1, 3*math.Sqrt(3*p/8)) * p * (1 + 32*p*p)
		limit = min(limit, plan.SegmentBytes/(trip/CongestionWindow(p)+timeouts))
	}
	if math.IsInf(limit, 1) {
		return 0
	}
	return limit
}

// timeout returns what a retransmission timeout is beside a round trip.
func timeout(l *plan.Loss) time.Duration {
	if l.Timeout == 0 {
		return plan.TCPTimeout
	}
	return l.Timeout
}

// CongestionWindow returns the mean window of TCP's congestion avoidance in segments, under losses
// of a rate.
func CongestionWindow(rate float64) float64 { return math.Sqrt(1.5 / rate) }

// tcp is the loss of segments on a TCP connection that has long been open. Each segment is
// lost independently. What follows is sent on meanwhile, at the rate of MaxBytesPerSec.
//
//   - A segment that three others of the token follow is sent again a round trip after the third
//     (fast retransmit, RFC 5681 §3.2).
//   - One of the token's last three is found by a tail loss probe, two round trips and 2 ms after
//     the token's end (RFC 8985 §7); the probe is the last segment once more, so that any other
//     follows a round trip later.
//   - If what is sent again is lost as well, a retransmission timeout passes, which doubles every
//     time (RFC 6298 §5.5), and the sender stands still.
//
// The token has arrived when all of its segments have. That a window is small or large by
// chance, that slow start follows a pause, and what tokens do to each other's windows is left out:
// near the link's bandwidth, where a window is at times too small to fill it, the model is
// optimistic. Against Linux's Reno and CUBIC, tokens of 1 MiB took 0.8 to 1.3 of what they were
// measured to; see deploy/testbed/kerneltcp.
type tcp struct {
	rate, segment, roundTrip, timeout float64 // ns
	segments                          int64
}

func newTCP(l *plan.Loss, p *Path) *tcp {
	t := &tcp{
		rate: l.Rate, segment: plan.SegmentBytes * p.PerByteNs, roundTrip: float64(p.RoundTripNs),
		timeout:  float64(p.RoundTripNs) + float64(timeout(l)),
		segments: max((p.Bytes+plan.SegmentBytes-1)/plan.SegmentBytes, 1),
	}
	return t
}

// of draws how many segments arrive before the next one is lost, and how often that one is lost
// once more: k or more with probabilities (1-rate)ᵏ and rateᵏ.
func (t *tcp) of(key uint64) (e Effect) {
	survive, again := math.Log1p(-t.rate), math.Log(t.rate)
	lost, held, last, probed := int64(0), 0.0, 0.0, 0.0
	for i, at := uint64(0), int64(0); ; i, at = i+2, at+1 {
		gap := math.Log(draw.Uniform(key, i)) / survive
		if gap >= float64(t.segments-at) {
			break
		}
		at += int64(gap)
		before := at + lost // segments that crossed before this one
		lost++
		timeouts := math.Floor(math.Log(draw.Uniform(key, i+1)) / again)
		backoff := 0.0
		for k := 0.0; k < timeouts; k++ {
			backoff += min(math.Exp2(k), maxBackoff) * t.timeout
		}
		lost += int64(timeouts)
		held = max(held, backoff)
		switch {
		case at+3 < t.segments:
			last = max(last, float64(before+4)*t.segment+t.roundTrip+backoff)
		case at+1 == t.segments:
			probed = max(probed, 2*t.roundTrip+probeNs+backoff)
		default:
			probed = max(probed, 3*t.roundTrip+probeNs+backoff)
		}
	}
	e.LostBytes = lost * plan.SegmentBytes
	end := float64(t.segments+lost) * t.segment
	last = max(last, end+probed)
	e.HeldNs = bounded(held)
	e.LateNs = bounded(max(last-end-held, 0))
	return e
}
