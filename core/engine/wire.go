package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/slice"
)

// made hands on a burst of a boundary FIFO, of which n tokens are in use: over
// the boundary, or, without the peer, to whoever does its work here.
func (e *Engine) made(now int64, f *fifo, n int64, effects []Effect) []Effect {
	first := f.produced
	if !f.variable() {
		n = f.rate()
	} else if f.rates != nil {
		f.rates[first/f.rate()%int64(len(f.rates))] = int32(n)
	}
	if f.role == slice.Local {
		return e.produced(now, f, f.rate(), effects)
	}
	f.produced += f.rate()
	effects = e.sendRun(f, first, first+n, effects)
	return e.sends(now, f, effects)
}

// sendRun sends the tokens from .. to-1 that the peer lacks.
func (e *Engine) sendRun(f *fifo, from, to int64, effects []Effect) []Effect {
	s := &e.peers[f.peer].session
	for seq := from; seq < to; seq++ {
		if f.have != unknown && seq >= f.have && s.State() != boundary.Connecting {
			effects = append(effects, Effect{
				Kind: Send, Peer: int(f.peer),
				TokenID: boundary.TokenID{FIFO: int(f.index), Seq: uint64(seq), Prev: uint64(f.last), From: e.epoch, To: s.Peer()},
			})
		}
		f.last = max(f.last, seq+1)
	}
	return effects
}

// resend sends all tokens again that the peer lacks and that are still held.
func (e *Engine) resend(f *fifo, effects []Effect) []Effect {
	f.last = max(f.have, f.consumed)
	f.timed = 0 // Karn's rule: it is not known which copy an acknowledgement is for
	for seq := max(f.have, f.consumed); seq < f.produced; {
		end := min(seq+f.rate(), f.produced)
		if f.variable() {
			burst := seq / f.rate()
			end = burst*f.rate() + int64(f.rates[burst%int64(len(f.rates))])
			effects = e.sendRun(f, seq, end, effects)
			seq = (burst + 1) * f.rate()
			continue
		}
		effects = e.sendRun(f, seq, end, effects)
		seq = end
	}
	return effects
}

// commitProducer lets the producer of a TX FIFO commit what the peer has committed.
func (e *Engine) commitProducer(now int64, f *fifo, effects []Effect) []Effect {
	a := &e.actors[f.from]
	if !a.tracked || a.blocked < 0 || &e.fifos[a.blocked] != f {
		return effects
	}
	return e.commit(now, f.from, effects)
}

// verdict judges a token of an RX FIFO from the peer's present incarnation.
func (f *fifo) verdict(ev *Event) boundary.Verdict {
	return boundary.Accept(ev.Seq, ev.Prev, uint64(f.produced), uint64(f.consumed), uint64(f.capacity))
}

// Accepts reports whether the bytes of the token that a Data event is about may
// be written to its slot now. If not, the event may be fed all the same, without
// writing: it may make the engine ask for what is missing.
func (e *Engine) Accepts(ev Event) bool {
	f, err := e.boundaryFIFO(ev.FIFO, slice.RX)
	return err == nil && f.role == slice.RX && e.recovery == nil && !e.reset &&
		e.peers[f.peer].session.Current(ev.From, ev.To) && f.verdict(&ev) == boundary.Take
}

// Current reports whether an acknowledgement is of the peer's present incarnation and for
// this one. Others have no effect.
func (e *Engine) Current(ev Event) bool {
	f, err := e.boundaryFIFO(ev.FIFO, slice.TX)
	return err == nil && e.peers[f.peer].session.Current(ev.From, ev.To)
}

func (e *Engine) data(now int64, ev *Event, effects []Effect) ([]Effect, error) {
	f, err := e.boundaryFIFO(ev.FIFO, slice.RX)
	if err != nil {
		return effects, err
	}
	p := &e.peers[f.peer]
	if f.role != slice.RX || e.recovery != nil || e.reset || !p.session.Current(ev.From, ev.To) {
		return effects, nil
	}
	switch f.verdict(ev) {
	case boundary.Duplicate:
		return effects, nil
	case boundary.Missing:
		e.ask(p, boundary.Gap)
		return effects, nil
	case boundary.NoCredit:
		if e.slice.Spare {
			e.ask(p, boundary.Gap)
			return effects, nil
		}
		return effects, fmt.Errorf("FIFO %s: token %d with %d of %d slots taken: %w",
			e.fifoName(f), ev.Seq, f.produced-f.consumed, f.capacity, ErrCredit)
	}
	if f.control() {
		if a := &e.actors[f.to]; ev.Rate < int(a.low) || ev.Rate > int(a.high) {
			return effects, fmt.Errorf("FIFO %s: atr %d; expected %d to %d: %w", e.fifoName(f), ev.Rate, a.low, a.high, ErrRate)
		}
		f.put(int32(ev.Rate))
	}
	effects = e.produced(now, f, int64(ev.Seq)+1-f.produced, effects)
	f.note()
	return effects, nil
}

func (e *Engine) ack(now int64, ev *Event, effects []Effect) ([]Effect, error) {
	f, err := e.boundaryFIFO(ev.FIFO, slice.TX)
	if err != nil {
		return effects, err
	}
	p := &e.peers[f.peer]
	if f.role != slice.TX || e.recovery != nil || e.reset || !p.session.Current(ev.From, ev.To) {
		return effects, nil
	}
	// A peer may have passed over empty bursts that are yet to come here, and after a
	// restart it may have more than it has told yet.
	if ev.Seq > uint64(max(f.produced, f.have)) && !f.variable() && f.have != unknown {
		if e.slice.Spare {
			e.ask(p, boundary.Gap)
			return effects, nil
		}
		return effects, fmt.Errorf("FIFO %s: all before %d acknowledged, %d sent: %w",
			e.fifoName(f), ev.Seq, f.produced, ErrAck)
	}
	return e.acked(now, f, int64(ev.Seq), effects), nil
}

// acked frees the slots of the tokens before upTo, which the peer has committed.
func (e *Engine) acked(now int64, f *fifo, upTo int64, effects []Effect) []Effect {
	if upTo <= f.consumed {
		return effects
	}
	effects = e.consumed(now, f, upTo, effects)
	e.heard(now, f)
	return e.commitProducer(now, f, effects)
}
