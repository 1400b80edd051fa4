package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/slice"
)

// ask lets a session make of an input what it will; a Hello that is due is
// sent at the end of the step.
func (e *Engine) ask(p *peer, in boundary.Input) {
	e.needHello(p, p.session.Step(in, nil))
}

// needHello notes that a Hello is due to a peer.
func (e *Engine) needHello(p *peer, do boundary.Action) {
	do &= boundary.Answer | boundary.Ask | boundary.Check
	if do != 0 && p.helloDue == 0 {
		e.hellosDue = append(e.hellosDue, p.index)
	}
	p.helloDue |= do
}

// sendHellos sends the Hellos that are due.
func (e *Engine) sendHellos(now int64, effects []Effect) []Effect {
	for _, i := range e.hellosDue {
		p := &e.peers[i]
		check := p.helloDue == boundary.Check
		positions := p.hello.FIFOs[:0]
		p.hello = p.session.Hello(p.helloDue)
		for _, place := range p.fifos {
			f := &e.fifos[place]
			pos := e.position(f)
			pos.Known = pos.Known && !(check && e.receives(f))
			positions = append(positions, pos)
		}
		p.hello.FIFOs = positions
		kind := SendHello
		if check {
			kind = SendCheck
		}
		effects = append(effects, Effect{Kind: kind, Peer: int(i), Hello: &p.hello})
		if p.helloDue != boundary.Answer {
			effects = e.asked(now, p, effects)
		}
		p.helloDue = 0
	}
	e.hellosDue = e.hellosDue[:0]
	return effects
}

// asked arms the timers of a question that is being sent.
func (e *Engine) asked(now int64, p *peer, effects []Effect) []Effect {
	p.retries++
	if !p.session.Repeats() {
		p.retries = 0
		for _, place := range p.fifos {
			e.fifos[place].asked = e.fifos[place].produced
		}
	}
	p.retryAt = now + backedOff(retryNs, p.retries)
	effects = e.arm(p, p.retryAt, effects)
	return e.watch(now, p, effects)
}

// position says how far this end of a boundary FIFO has come.
func (e *Engine) position(f *fifo) boundary.Position {
	p := boundary.Position{FIFO: int(f.index), Known: e.known(f)}
	switch {
	case !p.Known:
	case e.receives(f):
		p.Arrived, p.Committed = uint64(f.produced), uint64(f.consumed)
	default:
		p.Committed = uint64(f.consumed)
	}
	return p
}

// receives reports whether a boundary FIFO's receiving end is this device's, as far
// as the mapping without fallback goes.
func (e *Engine) receives(f *fifo) bool { return f.from < 0 || e.actors[f.from].standby }

// helloFrom takes a Hello of a peer.
func (e *Engine) helloFrom(now int64, ev *Event, effects []Effect) ([]Effect, error) {
	if ev.Peer < 0 || ev.Peer >= len(e.peers) {
		return effects, fmt.Errorf("device %s: peer %d: %w", e.slice.Device, ev.Peer, ErrUnknown)
	}
	p, h := &e.peers[ev.Peer], ev.Hello
	if h == nil {
		return effects, fmt.Errorf("device %s: peer %d: %w: it is missing", e.slice.Device, ev.Peer, ErrHello)
	}
	for _, pos := range h.FIFOs {
		if i := e.fifoAt.find(pos.FIFO); i < 0 || e.fifos[i].peer != int32(ev.Peer) {
			return effects, fmt.Errorf("device %s: peer %d: %w: FIFO %d is not between the two",
				e.slice.Device, ev.Peer, ErrHello, pos.FIFO)
		}
	}
	in := p.session.Classify(h)
	do := p.session.Step(in, h)
	if do&boundary.Adopt != 0 {
		for _, place := range p.fifos {
			e.fifos[place].have = unknown
		}
	}
	if p.session.State() == boundary.Open {
		p.retryAt = 0
	}
	e.needHello(p, do)
	if do&boundary.Positions != 0 {
		if e.alone != withPeer && e.isFallbackPeer(ev.Peer) {
			return e.peerReturned(now, effects), nil
		}
		effects = e.positions(now, h, in == boundary.HelloAnswer, effects)
	}
	return effects, nil
}

// positions takes how far a peer has come: it sends what the peer lacks, and
// finds out where it itself has to go on. What the peer lacks may be on its way, unless it
// asks, or answers the last question and lacks what was sent before that.
func (e *Engine) positions(now int64, h *boundary.Hello, answer bool, effects []Effect) []Effect {
	if e.reset {
		return effects
	}
	for _, pos := range h.FIFOs {
		f := &e.fifos[e.fifoAt.find(pos.FIFO)]
		switch {
		case !pos.Known || f.role == slice.Local:
		case f.role == slice.RX:
			if e.recovery == nil && int64(pos.Committed) > f.consumed {
				e.startOver() // the peer went on alone
				return effects
			}
		case e.recovery != nil:
			e.peerPosition(f, int64(pos.Committed), int64(pos.Arrived))
		case int64(pos.Committed) < f.mark: // it has yet to find out
		default:
			lacks := f.have == unknown || h.Ask != 0 || answer && int64(pos.Arrived) < f.asked
			if !lacks {
				f.have = max(f.have, int64(pos.Arrived))
				effects = e.acked(now, f, int64(pos.Committed), effects)
				continue
			}
			f.have = int64(pos.Arrived)
			effects = e.acked(now, f, int64(pos.Committed), effects)
			effects = e.resend(f, effects)
		}
	}
	return effects
}

// peerEvent takes what the driver knows of the connection to a peer.
func (e *Engine) peerEvent(now int64, ev *Event, effects []Effect) ([]Effect, error) {
	if ev.Peer < 0 || ev.Peer >= len(e.peers) {
		return effects, fmt.Errorf("device %s: peer %d: %w", e.slice.Device, ev.Peer, ErrUnknown)
	}
	p := &e.peers[ev.Peer]
	switch ev.Kind {
	case Reconnected:
		e.ask(p, boundary.Reconnect)
	case Lost:
		if e.isFallbackPeer(ev.Peer) && e.alone == withPeer && p.lostAt == 0 {
			p.lostAt = now + e.slice.Alone.AfterNs
			effects = e.arm(p, p.lostAt, effects)
		}
	case Found:
		p.lostAt = 0
		if e.alone == takingOver {
			e.alone = withPeer
		}
		e.ask(p, boundary.Reconnect)
	}
	return effects, nil
}
