package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/boundary"
)

// Step takes one event at time now, in ns since the run's start, and appends
// what the driver has to do to effects, in order. It returns the grown slice,
// which stays the caller's. An event that can't be leaves the engine as it was
// and is an error that wraps one of this package's sentinels. What other
// incarnations say, tokens and acknowledgements that came before are no error and have
// no effect.
func (e *Engine) Step(now int64, ev Event, effects []Effect) (_ []Effect, err error) {
	switch ev.Kind {
	case FiringDone:
		effects, err = e.firingDone(now, &ev, effects)
	case Data:
		effects, err = e.data(now, &ev, effects)
	case Ack:
		effects, err = e.ack(now, &ev, effects)
	case Saved:
		effects, err = e.recorded(now, &ev, effects)
	case Start:
		effects, err = e.start(now, effects)
	case Timer:
		effects, err = e.timer(now, &ev, effects)
	case Captured:
		effects, err = e.captured(now, &ev, effects)
	case Stop:
		return e.stop(ev.Actor, effects)
	case HelloFrom:
		effects, err = e.helloFrom(now, &ev, effects)
	case Reconnected, Lost, Found:
		effects, err = e.peerEvent(now, &ev, effects)
	default:
		return effects, fmt.Errorf("%w: %d", ErrBadEvent, ev.Kind)
	}
	if e.recovery != nil && err == nil {
		effects = e.positionsFound(now, effects)
	}
	if len(e.hellosDue) > 0 {
		effects = e.sendHellos(now, effects)
	}
	return effects, err
}

func (e *Engine) start(now int64, effects []Effect) ([]Effect, error) {
	if e.started {
		return effects, fmt.Errorf("device %s: %w", e.slice.Device, ErrStarted)
	}
	e.started = true
	if e.recovery == nil && !e.reset {
		effects = e.run(now, effects)
	}
	return effects, nil
}

// run lets all actors of the device fire, once their positions are known.
func (e *Engine) run(now int64, effects []Effect) []Effect {
	e.running = true
	for i := range e.actors {
		if a := &e.actors[i]; !a.passive {
			effects = e.release(now, a, effects)
			effects = e.met(now, int32(i), effects)
		}
	}
	for i := range e.fifos {
		if f := &e.fifos[i]; f.delayed() && f.to >= 0 {
			f.note()
		}
	}
	return effects
}

// firingDone hands on what the firing made, frees what it read, and only then
// gives up its lane, so that those that waited longer come first.
func (e *Engine) firingDone(now int64, ev *Event, effects []Effect) ([]Effect, error) {
	i := e.actorAt.find(ev.Actor)
	if i < 0 {
		return effects, fmt.Errorf("device %s: actor %d: %w", e.slice.Device, ev.Actor, ErrUnknown)
	}
	a := &e.actors[i]
	if !a.firing {
		return effects, fmt.Errorf("actor %s: %w", e.name(a), ErrIdle)
	}
	set := a.now
	if a.config {
		set = int32(ev.Rate)
		if err := e.checkRate(a, ev.Rate); err != nil {
			return effects, err
		}
	}
	a.firing = false
	e.firings--
	if e.reset { // it counts for nothing
		if e.firings == 0 {
			e.beginAgain()
		}
		return effects, nil
	}
	a.done++
	if a.durable && a.saved < a.done {
		effects = append(effects, Effect{Kind: Save, Actor: int(a.index), Firing: a.done - 1})
	}
	for _, place := range e.outs(a) {
		f := &e.fifos[place]
		if f.control() {
			f.put(set)
		}
		if !f.crosses {
			effects = e.produced(now, f, f.rate(), effects)
		} else {
			effects = e.made(now, f, int64(a.now), effects)
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
	effects = e.met(now, i, effects)
	u := &e.units[a.unit]
	u.lanes++
	for u.lanes > 0 && u.count > 0 {
		if next := u.pop(); !e.actors[next].stopped {
			effects = e.fire(now, next, effects)
		}
	}
	for _, place := range e.outs(&e.actors[i]) {
		if f := &e.fifos[place]; f.to >= 0 {
			f.note()
		}
	}
	if e.alone == takingOver || e.alone == handingBack {
		effects = e.change(now, effects)
	}
	return effects, nil
}

func (e *Engine) timer(now int64, ev *Event, effects []Effect) ([]Effect, error) {
	if ev.Actor < 0 {
		return e.peerTimer(now, ev.Peer, effects)
	}
	a, err := e.actor(ev.Actor)
	if err != nil {
		return effects, err
	}
	if a.capture > 0 && a.armed {
		return e.elapsed(now, e.actorAt.find(ev.Actor), effects), nil
	}
	if !a.armed {
		if e.resets > 0 {
			return effects, nil // armed before the reset
		}
		return effects, fmt.Errorf("actor %s: %w", e.name(a), ErrTimer)
	}
	if at := e.due(a, a.begun); now < at {
		return append(effects, Effect{Kind: ArmTimer, Actor: ev.Actor, At: at}), nil
	}
	a.armed = false
	return e.met(now, e.actorAt.find(ev.Actor), effects), nil
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
func (e *Engine) produced(now int64, f *fifo, n int64, effects []Effect) []Effect {
	f.produced += n
	if !f.filled && e.fill(f, &e.actors[f.to]) {
		if f.control() {
			e.learn(&e.actors[f.to])
		}
		effects = e.met(now, f.to, effects)
	}
	return effects
}

// consumed frees the slots of a FIFO, whose producer is here, before a token.
func (e *Engine) consumed(now int64, f *fifo, before int64, effects []Effect) []Effect {
	f.consumed = max(f.consumed, before)
	if f.restored && f.produced < f.stored {
		effects = e.reload(now, f, effects)
	}
	if !f.free && f.room() {
		f.free = true
		return e.met(now, f.from, effects)
	}
	return effects
}

// reload has the driver put more of a FIFO's saved tokens back.
func (e *Engine) reload(now int64, f *fifo, effects []Effect) []Effect {
	n := min(f.stored, f.consumed+int64(f.capacity)) - f.produced
	if n <= 0 {
		return effects
	}
	id := boundary.TokenID{FIFO: int(f.index), Seq: uint64(f.produced)}
	effects = append(effects, Effect{Kind: Reload, TokenID: id, N: int(n)})
	return e.produced(now, f, n, effects)
}

// room reports whether there are slots for a firing of the producer.
func (f *fifo) room() bool { return int64(f.capacity)-(f.reserved-f.consumed) >= f.rate() }
