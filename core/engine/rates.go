package engine

import (
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/slice"
)

// checkRate refuses an atr that the limits of a configuration actor's dynamic part
// don't allow.
func (e *Engine) checkRate(a *actor, rate int) error {
	if rate >= int(a.low) && rate <= int(a.high) {
		return nil
	}
	port := ""
	for p, f := range e.outs(a) {
		if e.fifos[f].control() {
			port = e.slice.Graph.Actors[a.index].Out[p].Name
			break
		}
	}
	return fmt.Errorf("actor %s: output port %s: atr %d; expected %d to %d: %w",
		e.name(a), port, rate, a.low, a.high, ErrRate)
}

// take begins an iteration of an actor with a control port: it takes and reserves
// what the iteration's atr says, and adds to the actor's waits what the next one lacks.
func (e *Engine) take(a *actor) {
	a.now = a.rate
	e.pass(&e.fifos[a.control])
	a.rate = e.coming(a)
	for _, place := range e.ins(a) {
		f := &e.fifos[place]
		switch {
		case f.control(): // it is passed already
		case f.variable():
			f.taken += f.rate()
			f.produced = max(f.produced, f.taken) // the numbers that a burst leaves out
		default:
			f.taken += f.rate()
		}
		if !e.fill(f, a) {
			a.waits++
		}
	}
	for _, place := range e.outs(a) {
		f := &e.fifos[place]
		f.reserved += f.rate()
		if f.free = f.variable() && a.rate == unknown || f.room(); !f.free {
			a.waits++
		}
	}
}

// pass takes a control token.
func (e *Engine) pass(c *fifo) {
	c.taken++
	if c.first++; int(c.first) == len(c.rates) {
		c.first = 0
	}
}

// coming returns the atr of an actor's next iteration, or unknown.
func (e *Engine) coming(a *actor) int32 {
	if c := &e.fifos[a.control]; c.produced > c.taken {
		return c.rates[c.first]
	}
	return unknown
}

// alignSlots computes the slots of a control FIFO's next tokens.
func (f *fifo) alignSlots() {
	if f.control() {
		f.first, f.next = int32(f.taken%int64(f.capacity)), int32(f.produced%int64(f.capacity))
	}
}

// put keeps the value of the control token that is next to be produced.
func (f *fifo) put(rate int32) {
	f.rates[f.next] = rate
	if f.next++; int(f.next) == len(f.rates) {
		f.next = 0
	}
}

// fill notes whether a FIFO has what its consumer's next iteration needs. One of
// variable rate counts from when the atr is known.
func (e *Engine) fill(f *fifo, a *actor) bool {
	need := f.need()
	if f.variable() && f.role == slice.RX {
		need = int64(a.rate)
	}
	f.filled = f.produced-f.taken >= need || f.variable() && a.rate == unknown
	return f.filled
}

// countWaits computes what an actor waits for.
func (e *Engine) countWaits(a *actor) {
	if a.dynamic {
		a.rate = e.coming(a)
	}
	for _, place := range e.ins(a) {
		if !e.fill(&e.fifos[place], a) {
			a.waits++
		}
	}
	for _, place := range e.outs(a) {
		f := &e.fifos[place]
		if f.free = f.variable() && a.rate == unknown || f.room(); !f.free {
			a.waits++
		}
	}
}

// learn takes the atr of the iteration to come from a control token that has
// just arrived.
func (e *Engine) learn(a *actor) {
	a.rate = e.coming(a)
	for _, place := range e.ins(a) {
		if f := &e.fifos[place]; f.variable() && !e.fill(f, a) {
			a.waits++
		}
	}
	for _, place := range e.outs(a) {
		if f := &e.fifos[place]; f.variable() {
			if f.free = f.room(); !f.free {
				a.waits++
			}
		}
	}
}

// unlearn undoes learn, for a control token that has to come again.
func (e *Engine) unlearn(a *actor) {
	a.rate = unknown
	for _, place := range e.ins(a) {
		if f := &e.fifos[place]; f.variable() && !f.filled {
			f.filled = true
			a.waits--
		}
	}
	for _, place := range e.outs(a) {
		if f := &e.fifos[place]; f.variable() && !f.free {
			f.free = true
			a.waits--
		}
	}
}

// skip passes over an iteration with atr 0 of a dynamic processing actor: its
// FIFOs move on by a burst without tokens.
func (e *Engine) skip(now int64, i int32, effects []Effect) []Effect {
	a := &e.actors[i]
	a.waits++ // until it is done
	e.take(a)
	a.begun++
	a.done++
	if a.durable && a.saved < a.done {
		effects = append(effects, Effect{Kind: Save, Actor: int(a.index), Firing: a.done - 1})
	}
	for _, place := range e.outs(a) {
		f := &e.fifos[place]
		if !f.crosses {
			effects = e.produced(now, f, f.rate(), effects)
		} else {
			effects = e.made(now, f, 0, effects)
		}
	}
	for _, place := range e.ins(a) {
		if f := &e.fifos[place]; !f.crosses {
			effects = e.consumed(now, f, f.consumed+f.rate(), effects)
		}
	}
	if a.tracked && a.blocked == blockedDone {
		effects = e.commit(now, i, effects)
	}
	return e.met(now, i, effects)
}

// limit tells every actor that sets or hands on an atr what its limits are: those
// of the variable ports that its control tokens lead to.
func (e *Engine) limit() {
	if !slices.ContainsFunc(e.actors, func(a actor) bool { return a.config || a.control >= 0 }) {
		return
	}
	g := e.slice.Graph
	leads := map[int][]int{} // actor -> consumers of its control tokens
	for _, q := range g.FIFOs {
		if g.Actors[q.To].In[q.InPort].Control {
			leads[q.From] = append(leads[q.From], q.To)
		}
	}
	var find func(actor, depth int) (low, high int, ok bool)
	find = func(actor, depth int) (low, high int, ok bool) {
		for _, ports := range [][]graph.Port{g.Actors[actor].In, g.Actors[actor].Out} {
			for _, p := range ports {
				if !p.Static() {
					return p.LRL, p.URL, true
				}
			}
		}
		for _, to := range leads[actor] {
			if depth < len(g.Actors) {
				if low, high, ok = find(to, depth+1); ok {
					return low, high, true
				}
			}
		}
		return 0, 0, false
	}
	for i := range e.actors {
		a := &e.actors[i]
		if a.config || a.control >= 0 {
			low, high, _ := find(int(a.index), 0)
			a.low, a.high = int32(low), int32(high)
		}
	}
}
