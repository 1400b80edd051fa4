package sim

import (
	"math"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// LinkModel says how long a token of n bytes takes over a link. Measured, Queue and Ideal
// are there; Driver.Link takes any other.
type LinkModel interface {
	// Cross returns the times of a token of n bytes that a device sends.
	Cross(l *plan.Link, p *profile.Profile, from string, n int64) Crossing
	// Ack returns the time from sending an acknowledgement to its arrival.
	Ack(l *plan.Link, p *profile.Profile) time.Duration
}

// Crossing holds the times of a token over a link. Tokens arrive in the order in which they
// were sent, and none before that.
type Crossing struct {
	// Occupancy is how long the token keeps the link busy; tokens that are sent
	// meanwhile queue behind it, first come, first served.
	Occupancy time.Duration
	// Burst is how much of the time in which the link was idle is made up for.
	Burst time.Duration
	// Rates, if not nil, are the link's bandwidth over time: the token keeps it busy until Bytes
	// have crossed, in place of Occupancy.
	Rates *profile.Rates
	Bytes int64 // of the token
	// MaxBytesPerSec is what one sender passes at most; Occupancy is no less. 0: any rate.
	MaxBytesPerSec float64
	// Handover is from the end of the occupancy until the sender is done with the
	// token. Other tokens don't wait for it. It is negative where the sender's machine takes
	// bytes that the link has not.
	Handover time.Duration
	// Sending is how long the sender is not done with the token in any case, from its hand-over on.
	// Work is how much of that it works on the token: the next one does not get to the link before.
	Sending, Work time.Duration
	// Flight is from the end of the occupancy to the token's arrival.
	Flight time.Duration
	// Jitter is what is added to Flight, one of these drawn for every token; none: nothing.
	Jitter []time.Duration
}

// Queue is the link model of the link's shaping and the calibrated transport.
type Queue struct{}

// Cross takes the link to be busy for the longer of two: the bytes at the link's
// bandwidth, and the part of the transport's cost that keeps the sender busy.
//
// A shaped link takes a token chunk by chunk, each when its bandwidth allows. So the
// sender is done with it, and it has arrived, when the last byte's time has come and
// one message with the last chunk, of at most plan.ChunkBytes, has been sent, or has
// crossed, at the transport's cost; unless the transport takes longer for all bytes.
func (Queue) Cross(l *plan.Link, p *profile.Profile, _ string, n int64) Crossing {
	t := &p.Transport
	nominal := l.Serialisation(n)
	took := func(message time.Duration, perByteNs float64) time.Duration {
		return message + max(perByte(perByteNs, n), nominal+perByte(perByteNs, last(n)))
	}
	occupancy := max(nominal, t.SendPerMessage+perByte(t.SendPerByte, n))
	return Crossing{
		Occupancy: occupancy,
		Handover:  took(t.SendPerMessage, t.SendPerByte) - occupancy,
		Flight:    l.Latency + max(took(t.PerMessage, t.PerByte)-occupancy, 0),
	}
}

// Ack takes the link's latency and an empty message's time; no bandwidth.
func (Queue) Ack(l *plan.Link, p *profile.Profile) time.Duration {
	return l.Latency + p.Transport.PerMessage
}

// last returns the bytes of the last message of a token of n bytes.
func last(n int64) int64 { return min(n, (n+plan.ChunkBytes-1)%plan.ChunkBytes+1) }

func perByte(ns float64, n int64) time.Duration { return time.Duration(math.Round(ns * float64(n))) }

// Ideal is the link model of the link's shaping alone: its transport costs nothing.
type Ideal struct{}

// Cross takes the link to be busy for the bytes at its bandwidth.
func (Ideal) Cross(l *plan.Link, _ *profile.Profile, _ string, n int64) Crossing {
	return Crossing{Occupancy: l.Serialisation(n), Flight: l.Latency}
}

// Ack takes the link's latency.
func (Ideal) Ack(l *plan.Link, _ *profile.Profile) time.Duration { return l.Latency }
