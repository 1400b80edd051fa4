package world

import (
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/slice"
)

// ErrStall says that a run came to a state in which nothing that could happen gets it
// on.
var ErrStall = errors.New("the run stalled")

const (
	mostEvents = 200_000 // of a run
	mostIdle   = 2000    // draws in a row after which nothing had happened
)

// Run starts all devices and lets things happen in a drawn order until every actor has
// fired for every frame and left its records. Errors are ErrStall, those of an engine,
// or name what a driver's contract doesn't allow.
func (w *World) Run() error {
	for _, d := range w.devices {
		err := w.boot(d)
		if err != nil {
			return err
		}
	}
	for idle := 0; !w.finished(); {
		if w.events > mostEvents {
			return fmt.Errorf("%w after %d events: %s", ErrStall, w.events, w.progress())
		}
		moved, err := w.happen()
		if err != nil {
			return err
		}
		if idle++; moved {
			idle = 0
		}
		if idle > mostIdle {
			return fmt.Errorf("%w: %s", ErrStall, w.progress())
		}
	}
	return nil
}

// finished reports whether all records that a complete run leaves are durable, and all
// actors have come to its end.
func (w *World) finished() bool {
	for a := range w.graph.Actors {
		d := w.devices[w.deviceOf[a]]
		if len(w.graph.Actors[a].Out) == 0 {
			if int64(len(d.disk[a])) < w.frames {
				return false
			}
			continue
		}
		if !w.fallback() && (d.engine == nil || d.engine.Fired(a) < w.frames) {
			return false
		}
	}
	return true
}

// fallback reports whether a device can do the work of another.
func (w *World) fallback() bool {
	return slices.ContainsFunc(w.devices, func(d *device) bool { return d.slice.Alone != nil })
}

// progress says how far every actor has come.
func (w *World) progress() string {
	var s []string
	for a := range w.graph.Actors {
		d := w.devices[w.deviceOf[a]]
		if d.engine == nil {
			s = append(s, fmt.Sprintf("a%d@%s down", a, d.name))
			continue
		}
		in, out := d.engine.Blocked(a)
		s = append(s, fmt.Sprintf("a%d@%s fired %d committed %d blocked %v %v running %v",
			a, d.name, d.engine.Fired(a), d.engine.Committed(a), in, out, d.engine.Running()))
	}
	return fmt.Sprint(s)
}

// choice is something that can happen next.
type choice struct {
	kind choiceKind
	d    *device
	n    int // arrive: the device that the message is for; complete: the actor
}

type choiceKind uint8

const (
	arrive     choiceKind = iota // a message of d arrives
	arriveLate                   // a message of a broken connection arrives
	leave                        // a packet of d leaves
	flush                        // a record of d becomes durable
	complete                     // a firing on d ends
)

// choices lists what can happen next.
func (w *World) choices() []choice {
	var c []choice
	for _, d := range w.devices {
		for to := range w.devices {
			if w.network.Pending(d.index, to) > 0 {
				c = append(c, choice{arrive, d, to}, choice{arrive, d, to})
			}
		}
		if d.engine == nil {
			continue
		}
		if d.packet != nil {
			c = append(c, choice{leave, d, 0}, choice{leave, d, 0})
		}
		if len(d.saves) > 0 {
			c = append(c, choice{flush, d, 0})
		}
		add := func(actors []slice.Actor) {
			for _, sa := range actors {
				if d.firing[sa.Actor] != nil {
					c = append(c, choice{complete, d, sa.Actor})
				}
			}
		}
		add(d.slice.Actors)
		if d.slice.Alone != nil {
			add(d.slice.Alone.Actors)
		}
	}
	return c
}

// happen lets one thing happen; it returns false if nothing could.
func (w *World) happen() (bool, error) {
	choices := w.choices()
	if w.network.Late() > 0 && w.rng.IntN(8) == 0 {
		choices = append(choices, choice{kind: arriveLate})
	}
	err := w.fault(len(choices) == 0)
	if err != nil {
		return false, err
	}
	w.nowNs += 1000
	if len(choices) == 0 || w.rng.IntN(64) == 0 {
		return w.passTime(len(choices) == 0)
	}
	return true, w.choose(choices[w.rng.IntN(len(choices))])
}

// choose lets a thing happen, unless a fault has made it impossible meanwhile.
func (w *World) choose(c choice) error {
	switch {
	case c.kind == arriveLate:
		_, m := w.network.TakeLate()
		return w.deliver(m)
	case c.kind == arrive:
		m, ok := w.network.Take(c.d.index, c.n)
		if ok {
			return w.deliver(m)
		}
	case c.d.engine == nil: // it went down just now
	case c.kind == leave:
		if c.d.packet != nil {
			w.leave(c.d)
		}
	case c.kind == flush:
		if len(c.d.saves) > 0 {
			return w.flush(c.d)
		}
	case c.d.firing[c.n] != nil:
		fr := c.d.firing[c.n]
		err := w.complete(c.d, c.n)
		if c.d.firing[c.n] == fr {
			c.d.firing[c.n] = nil
		}
		return err
	}
	return nil
}

// passTime lets the earliest timer pass; jump says that nothing else is left to do.
func (w *World) passTime(jump bool) (bool, error) {
	var first *device
	at := 0
	for _, d := range w.devices {
		for i, t := range d.timers {
			if d.engine != nil && (first == nil || t.atNs < first.timers[at].atNs) {
				first, at = d, i
			}
		}
	}
	if first == nil || !jump && first.timers[at].atNs > w.nowNs {
		return false, nil
	}
	t := first.timers[at]
	first.timers = slices.Delete(first.timers, at, at+1)
	w.nowNs = max(w.nowNs, t.atNs)
	return true, w.step(first, t.event)
}
