package sim

import (
	"fmt"
	"math"
	"time"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/profile"
)

// LinkModel says how long a token of n bytes takes over a link.
type LinkModel interface {
	// Occupancy returns how long the token keeps the sender's side of the link busy;
	// tokens that are sent meanwhile queue behind it, first come, first served.
	Occupancy(l *plan.Link, t *profile.Transport, n int64) time.Duration
	// Flight returns the time from the end of the occupancy to the token's arrival.
	Flight(l *plan.Link, t *profile.Transport, n int64) time.Duration
	// Ack returns the time from sending an acknowledgement to its arrival.
	Ack(l *plan.Link, t *profile.Transport) time.Duration
}

// NewLinkModel returns the named link model: "queue" (also "": the link's
// shaping and the calibrated transport) or "ideal" (the link's shaping alone: a
// transport that costs nothing). Other names are errors that wrap ErrModel.
func NewLinkModel(name string) (LinkModel, error) {
	switch name {
	case "", "queue":
		return queue{}, nil
	case "ideal":
		return ideal{}, nil
	}
	return nil, fmt.Errorf("%w: link %q; expected queue or ideal", ErrModel, name)
}

type queue struct{}

// Occupancy is the longer of two: the bytes at the link's bandwidth, and the part
// of the transport's cost that keeps the sender busy.
func (queue) Occupancy(l *plan.Link, t *profile.Transport, n int64) time.Duration {
	return max(l.Serialisation(n), t.SendPerMessage+perByte(t.SendPerByte, n))
}

// Flight is the link's latency and what the occupancy does not cover of the
// transport's one-way time. That time is PerMessage, and for the bytes the
// longer of two: all of them at the transport's speed, or, because a shaped link
// hands on chunk by chunk while the next is still on the link, the bytes at the
// link's bandwidth and the last chunk, of at most plan.ChunkBytes, at the
// transport's speed.
func (q queue) Flight(l *plan.Link, t *profile.Transport, n int64) time.Duration {
	last := min(n, (n+plan.ChunkBytes-1)%plan.ChunkBytes+1)
	oneWay := t.PerMessage + max(perByte(t.PerByte, n), l.Serialisation(n)+perByte(t.PerByte, last))
	return l.Latency + max(oneWay-q.Occupancy(l, t, n), 0)
}

// Ack takes the link's latency and an empty message's time; no bandwidth.
func (queue) Ack(l *plan.Link, t *profile.Transport) time.Duration { return l.Latency + t.PerMessage }

func perByte(ns float64, n int64) time.Duration { return time.Duration(math.Round(ns * float64(n))) }

type ideal struct{}

func (ideal) Occupancy(l *plan.Link, _ *profile.Transport, n int64) time.Duration {
	return l.Serialisation(n)
}

func (ideal) Flight(l *plan.Link, _ *profile.Transport, _ int64) time.Duration { return l.Latency }

func (ideal) Ack(l *plan.Link, _ *profile.Transport) time.Duration { return l.Latency }
