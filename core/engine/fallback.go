package engine

import (
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/slice"
)

// aloneState says who does the work of the peer that the slice's fallback names.
type aloneState uint8

const (
	withPeer    aloneState = iota // the peer
	takingOver                    // nobody, until firings that read the peer's tokens have ended
	alone                         // this device
	handingBack                   // this device, which ends its firings of the peer's actors
)

// isFallbackPeer reports whether the fallback is for the loss of peer i.
func (e *Engine) isFallbackPeer(i int) bool {
	return e.slice.Alone != nil && e.peers[i].name == e.slice.Alone.Peer
}

// fallbackPeer returns the peer that the fallback is for.
func (e *Engine) fallbackPeer() *peer {
	for i := range e.peers {
		if e.isFallbackPeer(i) {
			return &e.peers[i]
		}
	}
	return nil
}

// change goes on with a change between being with the peer and alone when firings
// that held it up have ended.
func (e *Engine) change(now int64, effects []Effect) []Effect {
	if e.alone == takingOver {
		return e.takeOver(now, effects)
	}
	return e.handBack(now, effects)
}

// takeOver takes over the lost peer's actors, from the iterations on whose tokens
// have not come from there. What they need is still held here: the peer had not
// committed it. Their boundary FIFOs become local, but keep tokens until
// they are committed, so that the peer can go on from there when it is back.
// Tokens that must be made again may be in use: first, their readers' firings end.
func (e *Engine) takeOver(now int64, effects []Effect) []Effect {
	if e.alone != withPeer && e.alone != takingOver || e.reset {
		return effects
	}
	e.alone = takingOver
	for _, place := range e.fallbackPeer().fifos {
		if f := &e.fifos[place]; f.role == slice.RX && e.actors[f.to].firing {
			return effects
		}
	}
	e.alone = alone
	for _, place := range e.fallbackPeer().fifos {
		e.fifos[place].role = slice.Local
	}
	for i := range e.actors {
		e.actors[i].passive = false
	}
	if e.recovery != nil { // all that is lost is found out here
		e.begin(true)
		return effects
	}
	order := e.takenOver()
	at, committed := e.takenOverPositions(order)
	for _, i := range order {
		effects = e.continueAt(now, i, at, committed, effects)
	}
	for i := range e.fifos {
		e.fifos[i].alignSlots()
	}
	for _, i := range order {
		e.settleOne(&e.actors[i])
		if e.running {
			effects = e.met(now, i, effects)
		}
	}
	return effects
}

// takenOverPositions returns, by actor, where the lost peer's actors go on and how far
// they are committed. Unlike after a restart (see recovery), this device has kept its
// memory: an actor goes on at the first iteration of which something has not arrived,
// though less of it is committed, and nobody has to be asked.
func (e *Engine) takenOverPositions(order []int32) (at, committed []int64) {
	at, committed = make([]int64, len(e.actors)), make([]int64, len(e.actors))
	for _, i := range order {
		at[i], committed[i] = math.MaxInt64, math.MaxInt64
		for _, place := range e.outs(&e.actors[i]) {
			f := &e.fifos[place]
			from, done := at[f.to], committed[f.to]
			if !e.actors[f.to].standby {
				from, done = e.bursts(f), f.consumed/f.rate()
			}
			at[i], committed[i] = min(at[i], from), min(committed[i], done)
		}
	}
	return at, committed
}

// continueAt has an actor of the lost peer go on at its position.
func (e *Engine) continueAt(now int64, i int32, at, committed []int64, effects []Effect) []Effect {
	a := &e.actors[i]
	a.begun, a.done, a.committed, a.scanned, a.blocked = at[i], at[i], committed[i], 0, blockedDone
	for _, place := range e.outs(a) {
		f := &e.fifos[place]
		f.produced, f.reserved = at[i]*f.rate(), at[i]*f.rate()
		if e.actors[f.to].standby {
			f.taken, f.consumed = at[f.to]*f.rate(), at[f.to]*f.rate()
		} else {
			e.unfill(f)
		}
	}
	for _, place := range e.ins(a) {
		if f := &e.fifos[place]; f.crosses {
			f.taken = at[i] * f.rate()
			effects = e.consumed(now, f, committed[i]*f.rate(), effects)
			effects = e.commitProducer(now, f, effects)
		}
	}
	return effects
}

// unfill takes back that a FIFO has tokens for its consumer, if they are to be
// made again.
func (e *Engine) unfill(f *fifo) {
	a := &e.actors[f.to]
	if !f.filled || f.variable() && a.rate == unknown || e.fill(f, a) {
		return
	}
	if a.waits == 0 {
		e.dequeue(f.to)
	}
	a.waits++
	if f.control() {
		e.unlearn(a)
	}
}

// dequeue takes an actor out of its unit's queue, if it is there.
func (e *Engine) dequeue(i int32) {
	u := &e.units[e.actors[i].unit]
	for range u.count {
		if next := u.pop(); next != i {
			u.push(next)
		}
	}
}

// bursts returns how many bursts of an RX FIFO are complete.
func (e *Engine) bursts(f *fifo) int64 {
	a := &e.actors[f.to]
	switch {
	case !f.variable():
		return f.produced / f.rate()
	case a.rate != unknown && f.filled:
		return f.taken/f.rate() + 1
	}
	return f.taken / f.rate()
}

// takenOver returns the lost peer's actors, consumers before producers.
func (e *Engine) takenOver() []int32 {
	var order []int32
	seen := make([]bool, len(e.actors))
	var visit func(i int32)
	visit = func(i int32) {
		if seen[i] || !e.actors[i].standby {
			return
		}
		seen[i] = true
		for _, place := range e.outs(&e.actors[i]) {
			visit(e.fifos[place].to)
		}
		order = append(order, i)
	}
	for i := range e.actors {
		visit(int32(i))
	}
	return order
}

// peerReturned gives the peer's actors back: they begin no further firing, and when
// those in progress have ended, the boundary is one again.
func (e *Engine) peerReturned(now int64, effects []Effect) []Effect {
	switch e.alone {
	case takingOver:
		e.alone = withPeer
		e.ask(e.fallbackPeer(), boundary.Reconnect)
		return effects
	case alone:
		e.alone = handingBack
		for i := range e.actors {
			a := &e.actors[i]
			if !a.standby {
				continue
			}
			if a.waits == 0 {
				e.dequeue(int32(i))
			}
			a.passive = true
			a.waits++
		}
	}
	return e.handBack(now, effects)
}

// handBack makes the boundary one again, once no firing of the peer's actors is
// in progress.
func (e *Engine) handBack(now int64, effects []Effect) []Effect {
	if slices.ContainsFunc(e.actors, func(a actor) bool { return a.standby && a.firing }) {
		return effects
	}
	e.alone = withPeer
	p := e.fallbackPeer()
	for _, place := range p.fifos {
		f := &e.fifos[place]
		f.have, f.mark = unknown, f.consumed
		f.role = slice.TX
		if e.receives(f) {
			f.role = slice.RX
			// Bursts that were to be made again had come, and an empty one needs nothing to come.
			effects = e.produced(now, f, max(f.taken-f.produced, 0), effects)
			f.alignSlots()
		}
	}
	e.ask(p, boundary.Reconnect)
	return effects
}
