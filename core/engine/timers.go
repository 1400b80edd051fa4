package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/slice"
)

const (
	// retryNs is how long a question waits for its answer before it is asked again at first.
	retryNs = 200_000_000
	// mostNs is the longest time between two questions.
	mostNs = 4_000_000_000
)

// backedOff doubles a time with every question in a row (RFC 6298, section 5.5).
func backedOff(ns int64, questions int) int64 {
	for range questions {
		if ns >= mostNs {
			break
		}
		ns *= 2
	}
	return min(ns, mostNs)
}

func (e *Engine) arm(p *peer, at int64, effects []Effect) []Effect {
	p.timers++
	return append(effects, Effect{Kind: ArmTimer, Actor: -1, Peer: int(p.index), At: at})
}

// peerTimer does what is due for a peer, and waits for what isn't yet.
func (e *Engine) peerTimer(now int64, i int, effects []Effect) ([]Effect, error) {
	if i < 0 || i >= len(e.peers) || e.peers[i].timers == 0 {
		return effects, fmt.Errorf("device %s: peer %d: %w", e.slice.Device, i, ErrTimer)
	}
	p := &e.peers[i]
	p.timers--
	if p.lostAt > 0 && now >= p.lostAt {
		p.lostAt = 0
		effects = e.takeOver(now, effects)
	}
	if p.retryAt > 0 && now >= p.retryAt {
		p.retryAt = 0
		e.ask(p, boundary.Retry)
	}
	if p.checkAt > 0 && now >= p.checkAt {
		e.check(now, p)
	}
	if p.timers == 0 {
		next := int64(0)
		for _, at := range [...]int64{p.lostAt, p.retryAt, p.checkAt} {
			if at > 0 && (next == 0 || at < next) {
				next = at
			}
		}
		if next > 0 {
			effects = e.arm(p, next, effects)
		}
	}
	return effects, nil
}

// watch sets the time to look for what a peer does not acknowledge, unless it is set.
func (e *Engine) watch(now int64, p *peer, effects []Effect) []Effect {
	if p.checkAt > 0 {
		return effects
	}
	p.checkAt = now + p.trip.TimeoutNs()
	return e.arm(p, p.checkAt, effects)
}

// check asks a peer what it has, if it has not acknowledged what was sent for longer than
// a round trip is expected to take, and sets the time to look again.
func (e *Engine) check(now int64, p *peer) {
	p.checkAt = 0
	since, waits := e.waitsSince(p)
	if !waits {
		p.checks = 0
		return
	}
	timeout := p.trip.TimeoutNs()
	if due := since + timeout; now < due {
		p.checks, p.checkAt = 0, due
		return
	}
	if p.session.State() == boundary.Open {
		p.checks++
	}
	p.checkAt = now + backedOff(timeout, p.checks)
	e.ask(p, boundary.Overdue)
}

// waitsSince reports whether this device waits for a peer's word about a TX FIFO, and
// since when.
func (e *Engine) waitsSince(p *peer) (since int64, waits bool) {
	for _, place := range p.fifos {
		if f := &e.fifos[place]; e.waitsFor(f, place) && (!waits || f.since < since) {
			since, waits = f.since, true
		}
	}
	return since, waits
}

// waitsFor reports whether a FIFO has tokens that its peer has not committed. Its last
// tokens, as many as it has delay tokens, are never committed: they only have to arrive.
func (e *Engine) waitsFor(f *fifo, place int32) bool {
	switch {
	case f.role != slice.TX || e.reset:
		return false
	case e.recovery != nil:
		return !e.recovery.answered[place]
	}
	return f.produced-f.consumed > f.delay || f.delayed() && f.have < f.produced
}

// sends notes that tokens are handed to a boundary, and takes the time of one of them.
func (e *Engine) sends(now int64, f *fifo, effects []Effect) []Effect {
	if f.produced-f.rate()-f.consumed <= f.delay { // all before is committed
		f.since = now
	}
	if f.timed == 0 {
		f.timed, f.sent = f.produced, now
	}
	return e.watch(now, &e.peers[f.peer], effects)
}

// heard notes that a peer has committed more of a TX FIFO.
func (e *Engine) heard(now int64, f *fifo) {
	f.since = now
	if f.timed > 0 && f.consumed >= f.timed {
		e.peers[f.peer].trip.Measured(now - f.sent)
		f.timed = 0
	}
}
