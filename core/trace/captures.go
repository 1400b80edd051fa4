package trace

import (
	"maps"
	"slices"
)

// frames follows what became of the frames that a source has captured.
type frames struct {
	name             string
	entered, dropped int64
	last             int64          // number of the last one that entered
	all              int64          // up to this number, each was seen once
	ahead            map[int64]bool // those beyond that were seen
	doubled          bool
}

// frame counts a frame that entered or was dropped.
func (c *Checker) frame(e *Event) {
	f := c.sources[e.Actor]
	if f == nil {
		f = &frames{name: e.Name, ahead: map[int64]bool{}}
		c.sources[e.Actor] = f
	}
	if e.Number < 1 {
		c.fail("source %s: a frame that entered or was dropped has number %d; they count from 1", e.Name, e.Number)
		return
	}
	if e.Number <= f.all || f.ahead[e.Number] {
		if !f.doubled {
			c.fail("source %s: its frame %d entered or was dropped twice", e.Name, e.Number)
		}
		f.doubled = true
		return
	}
	f.ahead[e.Number] = true
	for f.ahead[f.all+1] {
		f.all++
		delete(f.ahead, f.all)
	}
	if e.Kind == Drop {
		f.dropped++
		return
	}
	if e.Frame != f.entered {
		c.fail("source %s: frame %d entered where frame %d was due", e.Name, e.Frame, f.entered)
	}
	if e.Number < f.last {
		c.fail("source %s: its frame %d entered after its frame %d", e.Name, e.Number, f.last)
	}
	f.last = e.Number
	f.entered++
}

// captured compares the frames that entered and were dropped with the sources' own counters.
func (c *Checker) captured(counters []Captured) {
	for _, n := range counters {
		if n.Actor < 0 {
			c.fail("source %s: its counters name no actor", n.Name)
			continue
		}
		f := c.sources[n.Actor]
		if f == nil {
			f = &frames{}
		}
		delete(c.sources, n.Actor)
		c.fired = grow(c.fired, n.Actor)
		switch lost := n.Captured - f.entered - f.dropped - n.Waiting; {
		case f.entered != c.fired[n.Actor]:
			c.fail("source %s: %d frames entered, and it fired %d times", n.Name, f.entered, c.fired[n.Actor])
		case f.dropped != n.Dropped || lost != 0:
			c.fail("source %s: the trace has %d frames that entered and %d that were dropped; the source counts %d captured, "+
				"%d dropped and %d left", n.Name, f.entered, f.dropped, n.Captured, n.Dropped, n.Waiting)
		case f.beyond(n.Captured):
			c.fail("source %s: a frame that entered or was dropped has a number beyond the %d that were captured", n.Name,
				n.Captured)
		}
	}
	for _, a := range c.laws.Drops {
		if !slices.ContainsFunc(counters, func(n Captured) bool { return n.Actor == a }) {
			c.fail("source %d may drop frames, and has no counters of them", a)
		}
		delete(c.sources, a)
	}
	for _, a := range slices.Sorted(maps.Keys(c.sources)) {
		c.fail("source %s captured frames, and has no counters of them", c.sources[a].name)
	}
}

// beyond reports whether a frame was seen with a number above most.
func (f *frames) beyond(most int64) bool {
	for n := range f.ahead {
		if n > most {
			return true
		}
	}
	return f.all > most
}
