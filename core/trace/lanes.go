package trace

import (
	"cmp"
	"iter"
	"slices"
)

// load holds the firings of one unit.
type load struct {
	unit          Unit
	firings, busy int64
	started       int64   // the last one
	running       []int64 // ends of those that may go on, a heap with the first on top
	most          int     // at a time
}

// byStart gives the firings among events in the order of their starts, for lanes.
func byStart(events []Event) iter.Seq[*Event] {
	var firings []*Event
	for i := range events {
		if e := &events[i]; e.Kind == Firing && e.Actor >= 0 {
			firings = append(firings, e)
		}
	}
	slices.SortStableFunc(firings, func(a, b *Event) int { return cmp.Compare(a.Start, b.Start) })
	return slices.Values(firings)
}

// lanes counts a firing among those of its unit. A firing that starts when another ends
// does not overlap it.
func (c *Checker) lanes(e *Event) {
	c.last = grow(c.last, e.Actor)
	l := c.last[e.Actor]
	if u := (Unit{e.Device, e.Unit}); l == nil || l.unit != u {
		if l = c.busy[u]; l == nil {
			l = &load{unit: u, started: e.Start}
			c.busy[u] = l
		}
		c.last[e.Actor] = l
	}
	if e.Start < l.started {
		c.fail("unit %s of device %s: a firing that starts at %d ns comes after one that starts at %d ns", l.unit.Name,
			l.unit.Device, e.Start, l.started)
		return
	}
	l.started = e.Start
	l.firings++
	l.busy += e.End - e.Start
	for len(l.running) > 0 && l.running[0] <= e.Start {
		l.pop()
	}
	l.push(e.End)
	l.most = max(l.most, len(l.running))
}

func (l *load) push(end int64) {
	l.running = append(l.running, end)
	for i := len(l.running) - 1; i > 0; {
		up := (i - 1) / 2
		if l.running[up] <= l.running[i] {
			return
		}
		l.running[up], l.running[i] = l.running[i], l.running[up]
		i = up
	}
}

func (l *load) pop() {
	n := len(l.running) - 1
	l.running[0] = l.running[n]
	l.running = l.running[:n]
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			return
		}
		if down+1 < n && l.running[down+1] < l.running[down] {
			down++
		}
		if l.running[i] <= l.running[down] {
			return
		}
		l.running[i], l.running[down] = l.running[down], l.running[i]
		i = down
	}
}

// unit checks how many firings a unit ran at a time.
func (c *Checker) unit(u Unit, l *load) {
	lanes, ok := c.laws.Lanes[u]
	if !ok {
		c.fail("device %s has no unit %s, but it fired", u.Device, u.Name)
		return
	}
	if l.most > lanes {
		c.fail("unit %s of device %s ran %d firings at a time on %d lanes", u.Name, u.Device, l.most, lanes)
	}
}
