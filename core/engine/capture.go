package engine

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/admission"
	"github.com/edgeprune/edgeprune/core/trace"
)

// capture is the state of a source whose frames are captured whether it can fire or not.
type capture struct {
	queue   *admission.Queue
	shots   int64 // captures that were due so far, of a source with a period
	waiting bool  // the source waits for a frame
	late    bool  // nobody has captured what was due before the first release
	most    int64 // frames that waited after any event
}

// note takes note of how many frames wait.
func (c *capture) note() { c.most = max(c.most, c.queue.Counts().Waiting) }

// captureOf returns what an actor captures, nil for nothing.
func (e *Engine) captureOf(a *actor) *capture {
	if a.capture == 0 {
		return nil
	}
	return &e.captures[a.capture-1]
}

// Live has the frames of a source come by Captured events instead of by its period. One that
// captures none yet gets the rule of admission.Block with a queue of that length. It is to be
// called before Start. Errors, after which the engine is as it was, wrap ErrUnknown, ErrStarted
// or, of an actor or a queue that can't be, ErrSlice.
func (e *Engine) Live(actor, queue int) error {
	a, err := e.actor(actor)
	switch {
	case err != nil:
		return err
	case e.started:
		return fmt.Errorf("actor %s: %w", e.name(a), ErrStarted)
	}
	if a.capture == 0 {
		if err := e.setCapture(a, admission.Rule{Queue: queue}, false); err != nil {
			return err
		}
	}
	a.times = 0
	return nil
}

// setCapture has a source take a captured frame with every firing.
func (e *Engine) setCapture(a *actor, rule admission.Rule, resumed bool) error {
	if a.standby {
		return fmt.Errorf("%w: device %s: actor %s: %w", ErrSlice, e.slice.Device, e.name(a), ErrLive)
	}
	queue, err := admission.New(rule)
	if err != nil {
		return fmt.Errorf("%w: actor %s: %w", ErrSlice, e.name(a), err)
	}
	e.captures = append(e.captures, capture{queue: queue, late: resumed})
	a.capture, a.paced = int32(len(e.captures)), true
	return nil
}

// Captures returns what became of the frames of a source so far; ok is false for actors that
// capture none.
func (e *Engine) Captures(actor int) (counts admission.Counts, ok bool) {
	a, err := e.actor(actor)
	if err != nil || a.capture == 0 {
		return counts, false
	}
	return e.captureOf(a).queue.Counts(), true
}

// Waited returns for how long all frames together have waited until now that wait for a source
// which captures them, and the greatest number that did at a time; ok is false for other actors.
func (e *Engine) Waited(actor int, now int64) (ns int64, most int, ok bool) {
	a, err := e.actor(actor)
	if err != nil || a.capture == 0 {
		return 0, 0, false
	}
	c := e.captureOf(a)
	for f := range c.queue.Frames {
		ns += max(now-f.AtNs, 0)
	}
	return ns, int(c.most), true
}

// Captured returns what became of the frames of all sources of the device that capture them.
func (e *Engine) Captured() (all []trace.Captured) {
	for _, sa := range e.slice.Actors {
		if n, ok := e.Captures(sa.Actor); ok {
			name := e.slice.Graph.Actors[sa.Actor].Name
			all = append(all, trace.Captured{Device: e.slice.Device, Name: name, Actor: sa.Actor, Counts: n})
		}
	}
	return all
}

// Lacks returns how many frames a source has to capture beside those that wait, 0 for actors
// without a limit.
func (e *Engine) Lacks(actor int) int64 {
	a, err := e.actor(actor)
	if err != nil || a.capture == 0 || a.limit == 0 || a.stopped {
		return 0
	}
	return max(a.limit-a.begun-e.captureOf(a).queue.Counts().Waiting, 0)
}

// AwaitsFrame reports whether a source waits for a frame to be captured.
func (e *Engine) AwaitsFrame(actor int) bool {
	a, err := e.actor(actor)
	return err == nil && a.capture > 0 && e.captureOf(a).waiting
}

// await makes a source wait for a frame, unless one waits for it.
func (e *Engine) await(now int64, a *actor, effects []Effect) []Effect {
	c := e.captureOf(a)
	if a.times > 0 && !a.armed {
		if c.late {
			for c.late = false; e.due(a, c.shots) < now; c.shots++ {
			}
		}
		effects = e.shoot(now, a, effects)
	}
	if c.queue.Empty() {
		c.waiting = true
		a.waits++
	}
	if a.begun > 0 { // else the first frame may enter at once
		c.note()
	}
	return effects
}

// over reports whether a source captures no more.
func (a *actor) over() bool { return a.stopped || a.limit > 0 && a.begun >= a.limit }

// shoot captures the frames that are due, and arms the timer for the next one.
func (e *Engine) shoot(now int64, a *actor, effects []Effect) []Effect {
	c := e.captureOf(a)
	at := e.due(a, c.shots)
	for ; at <= now; at = e.due(a, c.shots) {
		effects, _ = c.offer(at, a, effects) // it drops rather than being full
		c.shots++
	}
	a.armed = true
	return append(effects, Effect{Kind: ArmTimer, Actor: int(a.index), At: at})
}

// offer captures a frame.
func (c *capture) offer(at int64, a *actor, effects []Effect) ([]Effect, error) {
	f, drops, err := c.queue.Offer(at)
	if drops {
		effects = append(effects, Effect{Kind: Drop, Actor: int(a.index), Firing: a.begun, N: int(f.Number), At: f.AtNs})
	}
	return effects, err
}

// elapsed captures the frames that are due now, of a source whose timer has passed.
func (e *Engine) elapsed(now int64, i int32, effects []Effect) []Effect {
	a := &e.actors[i]
	a.armed = false
	if a.over() {
		return effects
	}
	return e.come(now, i, e.shoot(now, a, effects))
}

// come lets a source go on that waited for a frame, if there is one.
func (e *Engine) come(now int64, i int32, effects []Effect) []Effect {
	c := e.captureOf(&e.actors[i])
	if c.waiting && !c.queue.Empty() {
		c.waiting = false
		effects = e.met(now, i, effects)
	}
	e.captureOf(&e.actors[i]).note()
	return effects
}

// captured takes a frame of a live source; after its last firing has begun there are none.
func (e *Engine) captured(now int64, ev *Event, effects []Effect) ([]Effect, error) {
	a, err := e.actor(ev.Actor)
	switch {
	case err != nil:
		return effects, err
	case a.capture == 0 || a.times > 0:
		return effects, fmt.Errorf("actor %s: %w", e.name(a), ErrLive)
	case !e.started || a.over():
		return effects, nil
	}
	if effects, err = e.captureOf(a).offer(now, a, effects); err != nil {
		return effects, fmt.Errorf("actor %s: %w", e.name(a), err)
	}
	return e.come(now, e.actorAt.find(ev.Actor), effects), nil
}
