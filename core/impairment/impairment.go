// Package impairment says what a link does to tokens beside its bandwidth and latency: jitter,
// losses that are sent again, and outages. All that is random is drawn by the number of the
// token, whatever else happens. It may not know a clock, nor how tokens queue for a link.
package impairment

import (
	"time"

	"github.com/edgeprune/edgeprune/core/draw"
	"github.com/edgeprune/edgeprune/core/plan"
)

// Effect is what jitter and losses do to one token.
type Effect struct {
	// LostBytes cross the sender's side of the link beside the token's own, and don't arrive.
	LostBytes int64
	// HeldNs is how long the sender's side stands still while the token crosses, as the sender
	// waits for room in its window or for a timeout.
	HeldNs int64
	// LateNs is by how much the token arrives later than a time of flight after its last byte, or
	// earlier if it is negative.
	LateNs int64
}

// Path is the way of the tokens of one FIFO over a link.
type Path struct {
	Seed  uint64 // of the plan
	FIFO  string // its name
	Bytes int64  // of a token
	// PerByteNs is how long a byte keeps the sender's side of the link busy, in ns.
	PerByteNs float64
	FlightNs  int64 // from a token's last byte leaving to its arrival
	// RoundTripNs is from sending a little to its acknowledgement.
	RoundTripNs int64
	// Measured are by how much tokens of that size differed from their median on the link, for
	// empirical jitter.
	Measured []time.Duration
}

// Tokens are the tokens of one FIFO over a link.
type Tokens struct {
	key    uint64
	jitter jitter
	loss   func(key uint64) Effect // nil: nothing is lost
	lost   int64
}

// Kinds of draws of one token.
const (
	ofJitter = iota
	ofLoss
)

// New returns the tokens of a FIFO over a link; nil if the link has neither jitter nor losses.
func New(l *plan.Link, p Path) *Tokens {
	t := &Tokens{key: draw.Mix(p.Seed, draw.Named(p.FIFO)), jitter: newJitter(l.Jitter, &p)}
	switch {
	case l.Loss.Rate <= 0:
	case l.Loss.Model == plan.TCPLoss:
		t.loss = newTCP(&l.Loss, &p).of
	default:
		t.loss = newMessages(&l.Loss, &p).of
	}
	if t.jitter.kind == "" && t.loss == nil {
		return nil
	}
	return t
}

// Of returns what becomes of a token, which is the same whenever it is asked for. It
// allocates nothing in the long run.
func (t *Tokens) Of(seq uint64) Effect {
	var e Effect
	key := draw.Mix(t.key, seq)
	if t.loss != nil {
		e = t.loss(draw.Mix(key, ofLoss))
		t.lost += e.LostBytes
	}
	e.LateNs += t.jitter.of(draw.Mix(key, ofJitter))
	return e
}

// Loses reports whether tokens lose anything.
func (t *Tokens) Loses() bool { return t.loss != nil }

// Lost returns how many bytes all tokens that were asked for have lost.
func (t *Tokens) Lost() int64 { return t.lost }
