package engine_test

import (
	"errors"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/engine"
)

var errStall = errors.New("the run stalled")

// run boots all devices and lets things happen in a drawn order until every
// actor has fired for every frame and left its records.
func (w *world) run() error {
	for _, d := range w.devices {
		if err := w.boot(d); err != nil {
			return err
		}
	}
	for idle := 0; !w.complete_(); {
		if w.events > 200_000 {
			return fmt.Errorf("%w after %d events: %s", errStall, w.events, w.progress())
		}
		moved, err := w.something()
		if err != nil {
			return err
		}
		if idle++; moved {
			idle = 0
		}
		if idle > 2000 {
			return fmt.Errorf("%w: %s", errStall, w.progress())
		}
	}
	return nil
}

// complete_ reports whether all records that a complete run leaves are durable,
// and all actors have come to its end.
func (w *world) complete_() bool {
	for a := range w.g.Actors {
		d := w.devices[w.where[a]]
		if len(w.g.Actors[a].Out) == 0 && int64(len(d.disk[a])) < w.frames {
			return false
		}
		if len(w.g.Actors[a].Out) > 0 && !w.fallback() && (d.engine == nil || d.engine.Fired(a) < w.frames) {
			return false
		}
	}
	return true
}

func (w *world) fallback() bool {
	return slices.ContainsFunc(w.devices, func(d *device) bool { return d.slice.Alone != nil })
}

func (w *world) progress() string {
	var s []string
	for a := range w.g.Actors {
		d := w.devices[w.where[a]]
		if d.engine == nil {
			s = append(s, fmt.Sprintf("a%d@%s down", a, d.name))
			continue
		}
		in, out := d.engine.Blocked(a)
		s = append(s, fmt.Sprintf("a%d@%s fired %d committed %d blocked %v %v running %v", a, d.name, d.engine.Fired(a), d.engine.Committed(a), in, out, d.engine.Running()))
	}
	return fmt.Sprint(s)
}

// something lets one thing happen; it returns false if nothing could.
func (w *world) something() (bool, error) {
	type choice struct {
		d    *device
		what int // -1: a save; -2: a late message; >= 0: a message to that device; <= -10: the firing of actor -10-what
	}
	var choices []choice
	for _, d := range w.devices {
		for to := range w.devices {
			if len(d.out[to]) > 0 {
				choices = append(choices, choice{d, to}, choice{d, to})
			}
		}
		if d.engine == nil {
			continue
		}
		if len(d.saves) > 0 {
			choices = append(choices, choice{d, -1})
		}
		for _, sa := range d.slice.Actors {
			if d.firing[sa.Actor] != nil {
				choices = append(choices, choice{d, -10 - sa.Actor})
			}
		}
		if d.slice.Alone != nil {
			for _, sa := range d.slice.Alone.Actors {
				if d.firing[sa.Actor] != nil {
					choices = append(choices, choice{d, -10 - sa.Actor})
				}
			}
		}
	}
	if len(w.late) > 0 && w.rng.IntN(8) == 0 {
		choices = append(choices, choice{what: -2})
	}
	if err := w.mishap(len(choices) == 0); err != nil {
		return false, err
	}
	w.now += 1000
	if len(choices) == 0 || w.rng.IntN(64) == 0 {
		return w.passTime(len(choices) == 0)
	}
	c := choices[w.rng.IntN(len(choices))]
	switch {
	case c.what == -2:
		i := w.rng.IntN(len(w.late))
		m := w.late[i]
		w.late = slices.Delete(w.late, i, i+1)
		return true, w.deliver(m)
	case c.d.engine == nil && c.what < 0:
		return true, nil // it went down just now
	case c.what == -1:
		if len(c.d.saves) == 0 {
			return true, nil
		}
		return true, w.flush(c.d)
	case c.what <= -10:
		if c.d.firing[-10-c.what] == nil {
			return true, nil
		}
		a := -10 - c.what
		fr := c.d.firing[a]
		err := w.complete(c.d, a)
		if c.d.firing[a] == fr {
			c.d.firing[a] = nil
		}
		return true, err
	}
	if len(c.d.out[c.what]) == 0 {
		return true, nil
	}
	m := c.d.out[c.what][0]
	c.d.out[c.what] = c.d.out[c.what][1:]
	return true, w.deliver(m)
}

// passTime lets the earliest timer pass; jump says that nothing else is left to do.
func (w *world) passTime(jump bool) (bool, error) {
	var first *device
	at := 0
	for _, d := range w.devices {
		for i, t := range d.timers {
			if d.engine != nil && (first == nil || t.at < first.timers[at].at) {
				first, at = d, i
			}
		}
	}
	if first == nil || !jump && first.timers[at].at > w.now {
		return false, nil
	}
	t := first.timers[at]
	first.timers = slices.Delete(first.timers, at, at+1)
	w.now = max(w.now, t.at)
	return true, w.step(first, t.ev)
}

// mishap draws whether a connection breaks, a device crashes or comes back.
func (w *world) mishap(idle bool) error {
	for i, d := range w.devices {
		if d.engine != nil {
			continue
		}
		if d.back--; d.back > 0 && !(idle && w.rng.IntN(4) == 0) {
			continue
		}
		if err := w.boot(d); err != nil {
			return err
		}
		for _, o := range w.devices {
			if at := slices.Index(o.peers, i); o.engine != nil && at >= 0 && o.slice.Alone != nil {
				if err := w.step(o, engine.Event{Kind: engine.Found, Peer: at}); err != nil {
					return err
				}
			}
		}
	}
	if err := w.partition(); err != nil {
		return err
	}
	if w.faults.reconnects > 0 && w.rng.IntN(40) == 0 {
		w.faults.reconnects--
		if err := w.reconnect(w.rng.IntN(len(w.devices))); err != nil {
			return err
		}
	}
	if w.faults.crashes > 0 && w.rng.IntN(60) == 0 {
		w.faults.crashes--
		return w.crash(w.rng.IntN(len(w.devices)))
	}
	return nil
}

// partition draws whether the way between the first two devices breaks for some
// time, which both notice, or is mended.
func (w *world) partition() error {
	if w.cut > 0 {
		w.devices[0].out[1], w.devices[1].out[0] = nil, nil
		if w.cut--; w.cut > 0 {
			return nil
		}
		return w.tellBoth(engine.Found)
	}
	if w.faults.partitions > 0 && len(w.devices) > 1 && w.rng.IntN(60) == 0 {
		w.faults.partitions--
		w.cut = 1 + w.rng.IntN(300)
		return w.tellBoth(engine.Lost)
	}
	return nil
}

func (w *world) tellBoth(kind engine.EventKind) error {
	for i, d := range w.devices[:2] {
		if at := slices.Index(d.peers, 1-i); d.engine != nil && at >= 0 {
			if err := w.step(d, engine.Event{Kind: kind, Peer: at}); err != nil {
				return err
			}
		}
	}
	return nil
}

// reconnect breaks a device's connection: what is on the way is lost, comes late
// and twice, or arrives as if nothing had been.
func (w *world) reconnect(i int) error {
	d := w.devices[i]
	for j, o := range w.devices {
		o.out[i] = w.scatter(o.out[i])
		d.out[j] = w.scatter(d.out[j])
	}
	if d.engine == nil {
		return nil
	}
	for p := range d.peers {
		if err := w.step(d, engine.Event{Kind: engine.Reconnected, Peer: p}); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) scatter(queue []message) []message {
	var kept []message
	for _, m := range queue {
		switch w.rng.IntN(5) {
		case 0:
		case 1:
			w.late = append(w.late, m)
		case 2:
			w.late = append(w.late, m, m)
			kept = append(kept, m)
		default:
			kept = append(kept, m)
		}
	}
	return kept
}

// crash ends a device's process: its memory is gone, and of the records not yet
// durable the last ones.
func (w *world) crash(i int) error {
	d := w.devices[i]
	if d.engine == nil {
		return nil
	}
	keep := w.rng.IntN(len(d.saves) + 1)
	d.engine = nil
	for range keep {
		if err := w.flush(d); err != nil {
			return err
		}
	}
	d.back = 1 + w.rng.IntN(max(w.faults.downFor, 1))
	for j, o := range w.devices {
		o.out[i] = w.scatter(o.out[i])
		d.out[j] = w.scatter(d.out[j])
		if at := slices.Index(o.peers, i); o.engine != nil && at >= 0 && o.slice.Alone != nil {
			if err := w.step(o, engine.Event{Kind: engine.Lost, Peer: at}); err != nil {
				return err
			}
		}
	}
	return nil
}

// results returns what every actor without outputs recorded.
func (w *world) results() map[int][][]uint64 {
	results := map[int][][]uint64{}
	for a := range w.g.Actors {
		if len(w.g.Actors[a].Out) == 0 {
			for _, r := range w.devices[w.where[a]].disk[a] {
				results[a] = append(results[a], r.result)
			}
		}
	}
	return results
}
