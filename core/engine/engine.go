package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/slice"
)

// In returns the tokens that the current firing of an actor reads, by input
// port. They are valid from its Fire effect until its FiringDone event; the
// slice is the engine's. It is nil for an actor that is not in the slice.
func (e *Engine) In(actor int) []Tokens {
	if i := e.actorAt.find(actor); i >= 0 {
		return e.reads(&e.actors[i])
	}
	return nil
}

// Out returns the tokens that the current firing of an actor writes, by output
// port, on the terms of In.
func (e *Engine) Out(actor int) []Tokens {
	if i := e.actorAt.find(actor); i >= 0 {
		return e.writes(&e.actors[i])
	}
	return nil
}

// Fired returns how many iterations of an actor are done, skipped ones among
// them; 0 for an actor that is not in the slice.
func (e *Engine) Fired(actor int) int64 {
	if i := e.actorAt.find(actor); i >= 0 {
		return e.actors[i].done
	}
	return 0
}

// Committed returns how many iterations of an actor no restart can need again.
// Records of earlier firings may be forgotten, but for the last one of a state. It
// is 0 for an actor whose commits nobody waits for.
func (e *Engine) Committed(actor int) int64 {
	if i := e.actorAt.find(actor); i >= 0 {
		return e.actors[i].committed
	}
	return 0
}

// Durable reports whether the firings of an actor leave records: a sink's
// results, an actor's state, the tokens on its outputs that carry delay tokens.
func (e *Engine) Durable(actor int) bool {
	i := e.actorAt.find(actor)
	return i >= 0 && e.actors[i].durable
}

// Epoch returns the epoch of this incarnation.
func (e *Engine) Epoch() uint64 { return e.epoch }

// Running reports whether the run has begun and all positions are known.
func (e *Engine) Running() bool { return e.running }

// Alone reports whether the device does its lost peer's work.
func (e *Engine) Alone() bool { return e.alone == alone || e.alone == handingBack }

// Slot returns the slot of a FIFO's ring in which token seq lies, or -1 for a
// FIFO that is not in the slice.
func (e *Engine) Slot(fifo int, seq uint64) int {
	if i := e.fifoAt.find(fifo); i >= 0 {
		return int(seq % uint64(e.fifos[i].capacity))
	}
	return -1
}

// Held returns how many tokens' slots of a FIFO are in use or spoken for on this
// device: at most its capacity. It is 0 as long as positions are being found out.
func (e *Engine) Held(fifo int) int {
	i := e.fifoAt.find(fifo)
	if i < 0 || e.recovery != nil {
		return 0
	}
	f := &e.fifos[i]
	last := f.reserved
	if f.role == slice.RX || f.stored > f.produced { // what a restart has yet to reload is not in memory
		last = f.produced
	}
	n := max(last-f.consumed, 0)
	if f.variable() && f.crosses { // empty bursts may lie between, which take no slots
		n = min(n, int64(f.capacity))
	}
	return int(n)
}

// Waiting returns how many tokens of a FIFO have come and were taken by no firing of its
// consumer; most is the greatest number after any event so far, 65,535 standing for itself and
// all above. Of a variable FIFO, and of one whose consumer is not on this device, ok is false.
func (e *Engine) Waiting(fifo int) (now, most int, ok bool) {
	i := e.fifoAt.find(fifo)
	if i < 0 {
		return 0, 0, false
	}
	f := &e.fifos[i]
	if f.variable() || f.to < 0 || f.role == slice.TX || e.recovery != nil {
		return 0, 0, false
	}
	return int(f.waiting()), int(f.most), true
}

// Blocked returns the FIFOs (indices in the graph) that keep an actor from
// firing: inputs without enough tokens, and outputs without enough room.
func (e *Engine) Blocked(actor int) (inputs, outputs []int) {
	i := e.actorAt.find(actor)
	if i < 0 {
		return nil, nil
	}
	for _, f := range e.ins(&e.actors[i]) {
		if !e.fifos[f].filled {
			inputs = append(inputs, int(e.fifos[f].index))
		}
	}
	for _, f := range e.outs(&e.actors[i]) {
		if !e.fifos[f].free {
			outputs = append(outputs, int(e.fifos[f].index))
		}
	}
	return inputs, outputs
}

// reads returns the tokens that the current firing of an actor reads: those that it has
// taken last.
func (e *Engine) reads(a *actor) []Tokens {
	t := e.firingTokens()[a.port:][:a.inputs:a.inputs]
	for p, place := range e.ins(a) {
		f := &e.fifos[place]
		t[p] = f.burst(f.taken-f.rate(), a)
	}
	return t
}

// writes returns the tokens that the current firing of an actor writes: those that it has
// reserved last.
func (e *Engine) writes(a *actor) []Tokens {
	t := e.firingTokens()[a.port:][a.inputs:][:a.outputs:a.outputs]
	for p, place := range e.outs(a) {
		f := &e.fifos[place]
		t[p] = f.burst(f.reserved-f.rate(), a)
	}
	return t
}

func (e *Engine) firingTokens() []Tokens {
	if e.tokens == nil {
		e.tokens = make([]Tokens, len(e.ports))
	}
	return e.tokens
}

// burst returns the tokens from seq on that the current firing of an actor moves.
func (f *fifo) burst(seq int64, a *actor) Tokens {
	t := Tokens{FIFO: int(f.index), Seq: uint64(seq), N: int(f.rate())}
	if f.variable() {
		t.N = int(a.now)
	}
	return t
}

func (e *Engine) actor(index int) (*actor, error) {
	if i := e.actorAt.find(index); i >= 0 {
		return &e.actors[i], nil
	}
	return nil, fmt.Errorf("device %s: actor %d: %w", e.slice.Device, index, ErrUnknown)
}

func (e *Engine) name(a *actor) string { return e.slice.Graph.Actors[a.index].Name }

func (e *Engine) fifoName(f *fifo) string { return e.slice.Graph.FIFOName(int(f.index)) }

// boundaryFIFO returns a FIFO that joins the device to another one, with the given
// role as far as devices go.
func (e *Engine) boundaryFIFO(index int, role slice.Role) (*fifo, error) {
	if i := e.fifoAt.find(index); i >= 0 {
		if f := &e.fifos[i]; f.crosses && (role == slice.TX) == (!e.actors[max(f.from, 0)].standby && f.from >= 0) {
			return f, nil
		}
	}
	return nil, fmt.Errorf("device %s: FIFO %d, as a boundary FIFO in this direction: %w",
		e.slice.Device, index, ErrUnknown)
}
