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
	// Cross returns the times of a token of n bytes.
	Cross(l *plan.Link, t *profile.Transport, n int64) Crossing
	// Ack returns the time from sending an acknowledgement to its arrival.
	Ack(l *plan.Link, t *profile.Transport) time.Duration
}

// Crossing holds the times of a token over a link.
type Crossing struct {
	// Occupancy is how long the token keeps the link busy; tokens that are sent
	// meanwhile queue behind it, first come, first served.
	Occupancy time.Duration
	// Handover is from the end of the occupancy until the sender is done with the
	// token. Other tokens don't wait for it.
	Handover time.Duration
	// Flight is from the end of the occupancy to the token's arrival.
	Flight time.Duration
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

// Cross takes the link to be busy for the longer of two: the bytes at the link's
// bandwidth, and the part of the transport's cost that keeps the sender busy.
//
// A shaped link takes a token chunk by chunk, each when its bandwidth allows. So the
// sender is done with it, and it has arrived, when the last byte's time has come and
// one message with the last chunk, of at most plan.ChunkBytes, has been sent, or has
// crossed, at the transport's cost; unless the transport takes longer for all bytes.
func (queue) Cross(l *plan.Link, t *profile.Transport, n int64) Crossing {
	nominal := l.Serialisation(n)
	last := min(n, (n+plan.ChunkBytes-1)%plan.ChunkBytes+1)
	took := func(message time.Duration, perByteNs float64) time.Duration {
		return message + max(perByte(perByteNs, n), nominal+perByte(perByteNs, last))
	}
	occupancy := max(nominal, t.SendPerMessage+perByte(t.SendPerByte, n))
	return Crossing{
		Occupancy: occupancy,
		Handover:  took(t.SendPerMessage, t.SendPerByte) - occupancy,
		Flight:    l.Latency + max(took(t.PerMessage, t.PerByte)-occupancy, 0),
	}
}

// Ack takes the link's latency and an empty message's time; no bandwidth.
func (queue) Ack(l *plan.Link, t *profile.Transport) time.Duration { return l.Latency + t.PerMessage }

func perByte(ns float64, n int64) time.Duration { return time.Duration(math.Round(ns * float64(n))) }

type ideal struct{}

func (ideal) Cross(l *plan.Link, _ *profile.Transport, n int64) Crossing {
	return Crossing{Occupancy: l.Serialisation(n), Flight: l.Latency}
}

func (ideal) Ack(l *plan.Link, _ *profile.Transport) time.Duration { return l.Latency }
