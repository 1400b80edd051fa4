package engine

import (
	"github.com/edgeprune/edgeprune/core/boundary"
	"github.com/edgeprune/edgeprune/core/slice"
)

// track finds the actors whose commits somebody waits for: those that take tokens
// of a boundary FIFO or saved ones, or leave records, and all that come after them on this device.
func (e *Engine) track() {
	var queue []int32
	mark := func(i int32) {
		if !e.actors[i].tracked {
			e.actors[i].tracked = true
			queue = append(queue, i)
		}
	}
	for i := range e.actors {
		if e.actors[i].durable {
			mark(int32(i))
		}
	}
	for i := range e.fifos {
		if f := &e.fifos[i]; (f.crosses || f.delayed()) && f.to >= 0 {
			mark(f.to)
		}
	}
	for len(queue) > 0 {
		a := &e.actors[queue[0]]
		queue = queue[1:]
		for _, place := range e.outs(a) {
			if f := &e.fifos[place]; f.to >= 0 && !f.delayed() {
				mark(f.to)
			}
		}
	}
}

// recorded takes note that records are durable.
func (e *Engine) recorded(now int64, ev *Event, effects []Effect) ([]Effect, error) {
	a, err := e.actor(ev.Actor)
	if err != nil {
		return effects, err
	}
	if !a.durable || ev.Firing > a.done && e.resets == 0 {
		return effects, ErrSaved
	}
	a.saved = max(a.saved, ev.Firing)
	if a.tracked && a.blocked == blockedSave && e.recovery == nil {
		effects = e.commit(now, e.actorAt.find(ev.Actor), effects)
	}
	return effects, nil
}

// commit commits the iterations of an actor of which nothing can be needed
// again: they are done, their records are durable, and what they made is committed by
// its consumers. Delay tokens are part of the record. Then those it took tokens
// from may commit theirs.
func (e *Engine) commit(now int64, i int32, effects []Effect) []Effect {
	a := &e.actors[i]
	before := a.committed
	for e.committable(a) {
		a.committed++
		a.scanned = 0
	}
	if a.committed == before {
		return effects
	}
	for _, place := range e.ins(a) {
		f := &e.fifos[place]
		upTo := a.committed * f.rate()
		switch {
		case f.role == slice.RX:
			effects = e.acknowledge(f, upTo, effects)
		case f.crosses:
			effects = e.consumed(now, f, upTo, effects)
			fallthrough
		default:
			if p := &e.actors[f.from]; p.tracked && p.blocked == place && !f.delayed() {
				effects = e.commit(now, f.from, effects)
			}
		}
	}
	return effects
}

// committable reports whether the first iteration that is not committed can be; if
// not, it notes what holds it up.
func (e *Engine) committable(a *actor) bool {
	n := a.committed
	if a.done <= n {
		a.blocked = blockedDone
		return false
	}
	for ; a.scanned < int32(a.outputs); a.scanned++ {
		place := e.outs(a)[a.scanned]
		f := &e.fifos[place]
		if f.delayed() {
			continue
		}
		if f.role == slice.TX && f.consumed < (n+1)*f.rate() || f.role == slice.Local && e.actors[f.to].committed <= n {
			a.blocked = place
			return false
		}
	}
	if a.durable && a.saved <= n {
		a.blocked = blockedSave
		return false
	}
	return true
}

// acknowledge tells the peer that the tokens of an RX FIFO before upTo are
// committed.
func (e *Engine) acknowledge(f *fifo, upTo int64, effects []Effect) []Effect {
	f.consumed = upTo
	return append(effects, Effect{
		Kind: SendAck, Peer: int(f.peer),
		TokenID: boundary.TokenID{
			FIFO: int(f.index), Seq: uint64(upTo), Prev: uint64(upTo), From: e.epoch, To: e.peers[f.peer].session.Peer(),
		},
	})
}
