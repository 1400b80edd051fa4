package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
)

// Step takes one event at time now, in ns since the run's start, and appends
// what the driver has to do to effects, in order. It returns the grown slice,
// which stays the caller's. An event that can't be leaves the engine as it was
// and is an error that wraps one of this package's sentinels. Tokens and
// acknowledgements that came before are no error and have no effect.
func (e *Engine) Step(now int64, ev Event, effects []Effect) ([]Effect, error) {
	switch ev.Kind {
	case Start:
		return e.start(now, effects)
	case FiringDone:
		return e.firingDone(now, ev.Actor, effects)
	case Data:
		return e.data(now, ev, effects)
	case Ack:
		return e.ack(now, ev, effects)
	case Timer:
		return e.timer(now, ev.Actor, effects)
	case Stop:
		return e.stop(ev.Actor, effects)
	}
	return effects, fmt.Errorf("%w: %d", ErrBadEvent, ev.Kind)
}

func (e *Engine) start(now int64, effects []Effect) ([]Effect, error) {
	if e.started {
		return effects, fmt.Errorf("device %s: %w", e.slice.Device, ErrStarted)
	}
	e.started = true
	for i := range e.actors {
		effects = e.met(now, &e.actors[i], effects)
	}
	return effects, nil
}

// firingDone hands on what the firing made, frees what it read, and only then
// gives up its lane, so that those that waited longer come first.
func (e *Engine) firingDone(now int64, index int, effects []Effect) ([]Effect, error) {
	a, err := e.actor(index)
	if err != nil {
		return effects, err
	}
	if !a.firing {
		return effects, fmt.Errorf("actor %s: %w", e.slice.Graph.Actors[index].Name, ErrIdle)
	}
	a.firing = false
	a.done++
	for _, i := range a.outs {
		f := &e.fifos[i]
		if f.to < 0 {
			for range f.rate {
				effects = append(effects, Effect{Kind: Send, FIFO: f.index, Seq: f.produced})
				f.produced++
			}
			continue
		}
		effects = e.produced(now, f, f.rate, effects)
	}
	for _, i := range a.ins {
		f := &e.fifos[i]
		if f.from < 0 {
			f.consumed += f.rate
			effects = append(effects, Effect{Kind: SendAck, FIFO: f.index, Seq: f.consumed})
			continue
		}
		effects = e.consumed(now, f, f.rate, effects)
	}
	effects = e.met(now, a, effects)
	u := &e.units[a.unit]
	u.lanes++
	for u.lanes > 0 && u.count > 0 {
		if next := u.pop(); !next.stopped {
			effects = e.fire(now, next, effects)
		}
	}
	return effects, nil
}

func (e *Engine) data(now int64, ev Event, effects []Effect) ([]Effect, error) {
	f, err := e.half(ev.FIFO, graph.RX)
	if err != nil {
		return effects, err
	}
	switch {
	case ev.Seq < f.produced:
		return effects, nil
	case ev.Seq > f.produced:
		return effects, fmt.Errorf("FIFO %s: got token %d, expected %d: %w", e.slice.Graph.FIFOName(ev.FIFO), ev.Seq, f.produced, ErrGap)
	case ev.Seq-f.consumed >= f.capacity:
		return effects, fmt.Errorf("FIFO %s: token %d with %d of %d slots taken: %w", e.slice.Graph.FIFOName(ev.FIFO), ev.Seq, f.produced-f.consumed, f.capacity, ErrCredit)
	}
	return e.produced(now, f, 1, effects), nil
}

func (e *Engine) ack(now int64, ev Event, effects []Effect) ([]Effect, error) {
	f, err := e.half(ev.FIFO, graph.TX)
	if err != nil {
		return effects, err
	}
	switch {
	case ev.Seq <= f.consumed:
		return effects, nil
	case ev.Seq > f.produced:
		return effects, fmt.Errorf("FIFO %s: all before %d acknowledged, %d sent: %w", e.slice.Graph.FIFOName(ev.FIFO), ev.Seq, f.produced, ErrAck)
	}
	return e.consumed(now, f, ev.Seq-f.consumed, effects), nil
}

func (e *Engine) timer(now int64, index int, effects []Effect) ([]Effect, error) {
	a, err := e.actor(index)
	if err != nil {
		return effects, err
	}
	if !a.armed {
		return effects, fmt.Errorf("actor %s: %w", e.slice.Graph.Actors[index].Name, ErrTimer)
	}
	if at := a.begun * a.period; now < at {
		return append(effects, Effect{Kind: ArmTimer, Actor: a.index, At: at}), nil
	}
	a.armed = false
	return e.met(now, a, effects), nil
}

func (e *Engine) stop(index int, effects []Effect) ([]Effect, error) {
	a, err := e.actor(index)
	if err != nil {
		return effects, err
	}
	if !a.stopped {
		a.stopped = true
		a.waits++
	}
	return effects, nil
}

// produced adds n tokens to a FIFO whose consumer is here.
func (e *Engine) produced(now int64, f *fifo, n uint64, effects []Effect) []Effect {
	f.produced += n
	if !f.filled && f.produced-f.taken >= f.rate {
		f.filled = true
		return e.met(now, &e.actors[f.to], effects)
	}
	return effects
}

// consumed frees n slots of a FIFO whose producer is here.
func (e *Engine) consumed(now int64, f *fifo, n uint64, effects []Effect) []Effect {
	f.consumed += n
	if !f.free && f.capacity-(f.reserved-f.consumed) >= f.rate {
		f.free = true
		return e.met(now, &e.actors[f.from], effects)
	}
	return effects
}

// met counts off one condition of an actor; at the last it fires or queues.
func (e *Engine) met(now int64, a *actor, effects []Effect) []Effect {
	if a.waits--; a.waits > 0 {
		return effects
	}
	if u := &e.units[a.unit]; u.lanes == 0 {
		u.push(a)
		return effects
	}
	return e.fire(now, a, effects)
}

// fire starts a firing of an actor that may fire, on a free lane.
func (e *Engine) fire(now int64, a *actor, effects []Effect) []Effect {
	for p, i := range a.ins {
		f := &e.fifos[i]
		a.in[p] = Tokens{FIFO: f.index, Seq: f.taken, N: int(f.rate)}
		f.taken += f.rate
		if f.filled = f.produced-f.taken >= f.rate; !f.filled {
			a.waits++
		}
	}
	for p, i := range a.outs {
		f := &e.fifos[i]
		a.out[p] = Tokens{FIFO: f.index, Seq: f.reserved, N: int(f.rate)}
		f.reserved += f.rate
		if f.free = f.capacity-(f.reserved-f.consumed) >= f.rate; !f.free {
			a.waits++
		}
	}
	e.units[a.unit].lanes--
	a.firing = true
	a.waits++
	effects = append(effects, Effect{Kind: Fire, Actor: a.index, Firing: a.begun})
	a.begun++
	if a.limit > 0 && a.begun == a.limit {
		a.waits++
		return effects
	}
	if at := a.begun * a.period; now < at {
		a.armed = true
		a.waits++
		effects = append(effects, Effect{Kind: ArmTimer, Actor: a.index, At: at})
	}
	return effects
}
