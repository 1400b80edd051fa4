package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
)

// In returns the tokens that the current firing of an actor reads, by input
// port. They are valid from its Fire effect until its FiringDone event; the
// slice is the engine's. It is nil for an actor that is not in the slice.
func (e *Engine) In(actor int) []Tokens {
	if i := e.actorAt.find(actor); i >= 0 {
		return e.actors[i].in
	}
	return nil
}

// Out returns the tokens that the current firing of an actor writes, by output
// port, on the terms of In.
func (e *Engine) Out(actor int) []Tokens {
	if i := e.actorAt.find(actor); i >= 0 {
		return e.actors[i].out
	}
	return nil
}

// Fired returns how many firings of an actor have completed; 0 for an actor
// that is not in the slice.
func (e *Engine) Fired(actor int) int64 {
	if i := e.actorAt.find(actor); i >= 0 {
		return e.actors[i].done
	}
	return 0
}

// Slot returns the slot of a FIFO's ring in which token seq lies, or -1 for a
// FIFO that is not in the slice.
func (e *Engine) Slot(fifo int, seq uint64) int {
	if i := e.fifoAt.find(fifo); i >= 0 {
		return int(seq % e.fifos[i].capacity)
	}
	return -1
}

// Blocked returns the FIFOs (indices in the graph) that keep an actor from
// firing: inputs without enough tokens, and outputs without enough room.
func (e *Engine) Blocked(actor int) (inputs, outputs []int) {
	i := e.actorAt.find(actor)
	if i < 0 {
		return nil, nil
	}
	for _, f := range e.actors[i].ins {
		if !e.fifos[f].filled {
			inputs = append(inputs, e.fifos[f].index)
		}
	}
	for _, f := range e.actors[i].outs {
		if !e.fifos[f].free {
			outputs = append(outputs, e.fifos[f].index)
		}
	}
	return inputs, outputs
}

func (e *Engine) actor(index int) (*actor, error) {
	if i := e.actorAt.find(index); i >= 0 {
		return &e.actors[i], nil
	}
	return nil, fmt.Errorf("device %s: actor %d: %w", e.slice.Device, index, ErrUnknown)
}

// half returns a FIFO that must have the given role here.
func (e *Engine) half(index int, role graph.Role) (*fifo, error) {
	i := e.fifoAt.find(index)
	if i < 0 || e.roles[i] != role {
		return nil, fmt.Errorf("device %s: FIFO %d, as a boundary FIFO in this direction: %w", e.slice.Device, index, ErrUnknown)
	}
	return &e.fifos[i], nil
}
