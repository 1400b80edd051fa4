package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
)

// checkRate refuses an atr that the limits of a configuration actor's dynamic part
// don't allow.
func (e *Engine) checkRate(a *actor, rate int) error {
	if rate >= int(a.low) && rate <= int(a.high) {
		return nil
	}
	port := ""
	for p, f := range a.outs {
		if e.fifos[f].control {
			port = e.slice.Graph.Actors[a.index].Out[p].Name
			break
		}
	}
	return fmt.Errorf("actor %s: output port %s: atr %d; expected %d to %d: %w", e.name(a), port, rate, a.low, a.high, ErrRate)
}

// take begins an iteration of an actor with a control port: it takes and reserves
// what the iteration's atr says, and looks at the iteration after.
func (e *Engine) take(a *actor) {
	a.now = a.rate
	for p, place := range a.ins {
		f := &e.fifos[place]
		n := f.rate
		if f.variable {
			n = int64(a.now)
		}
		a.in[p] = Tokens{FIFO: int(f.index), Seq: uint64(f.taken), N: int(n)}
		f.taken += f.rate
		f.produced = max(f.produced, f.taken) // the numbers that a burst leaves out
	}
	for p, place := range a.outs {
		f := &e.fifos[place]
		n := f.rate
		if f.variable {
			n = int64(a.now)
		}
		a.out[p] = Tokens{FIFO: int(f.index), Seq: uint64(f.reserved), N: int(n)}
		f.reserved += f.rate
	}
	e.look(a)
}

// look adds to an actor's waits what its next iteration lacks. FIFOs of variable
// rate count from when the atr is known.
func (e *Engine) look(a *actor) {
	a.rate = unknown
	if a.control >= 0 {
		if c := &e.fifos[a.control]; c.produced > c.taken {
			a.rate = c.rates[c.taken%c.capacity]
		}
	}
	for _, place := range a.ins {
		f := &e.fifos[place]
		if f.filled = f.variable && a.rate == unknown || e.enough(f); !f.filled {
			a.waits++
		}
	}
	for _, place := range a.outs {
		f := &e.fifos[place]
		if f.free = f.variable && a.rate == unknown || f.room(); !f.free {
			a.waits++
		}
	}
}

// learn takes the atr of the iteration to come from a control token that has
// just arrived.
func (e *Engine) learn(a *actor) {
	c := &e.fifos[a.control]
	a.rate = c.rates[c.taken%c.capacity]
	for _, place := range a.ins {
		f := &e.fifos[place]
		if !f.variable {
			continue
		}
		if f.filled = e.enough(f); !f.filled {
			a.waits++
		}
	}
	for _, place := range a.outs {
		f := &e.fifos[place]
		if !f.variable {
			continue
		}
		if f.free = f.room(); !f.free {
			a.waits++
		}
	}
}

// unlearn undoes learn, for a control token that has to come again.
func (e *Engine) unlearn(a *actor) {
	a.rate = unknown
	for _, place := range a.ins {
		if f := &e.fifos[place]; f.variable && !f.filled {
			f.filled = true
			a.waits--
		}
	}
	for _, place := range a.outs {
		if f := &e.fifos[place]; f.variable && !f.free {
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
	for _, place := range a.outs {
		f := &e.fifos[place]
		if f.peer < 0 {
			effects = e.produced(now, f, f.rate, effects)
		} else {
			effects = e.made(now, f, 0, effects)
		}
	}
	for _, place := range a.ins {
		if f := &e.fifos[place]; f.peer < 0 {
			effects = e.consumed(now, f, f.consumed+f.rate, effects)
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
