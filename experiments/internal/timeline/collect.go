package timeline

import (
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/trace"
)

const (
	// collected is how many whole frames of every instance that is shown are collected.
	collected = 2 * whole
	// mostEvents bounds what is collected of the instances that are not shown, and of those that
	// are where some are far slower than others.
	mostEvents = 200_000
)

// Collector keeps the events of a time in the middle of a run that comes event by event, so
// that Of can arrange it without the others: from when the first instance begins the frame
// in the middle until every instance that is shown has had some whole frames; or the first
// frames, where no instance gets so far.
type Collector struct {
	middle  int64
	of      []string // by actor, its instance
	shown   []string // instances
	actors  int      // of these
	reached bool
	full    bool
	events  []trace.Event
	own     int              // events of instances that are shown
	seen    map[string]bool  // instances that fired
	fired   map[int]*firings // by actor of an instance that is shown
	checked int              // firings since it was last looked whether that is enough
	most    int              // see mostEvents
}

// firings are the first and the last frame that an actor fired for.
type firings struct{ first, last int64 }

// NewCollector returns the Collector of a run in which actors of these instances, by their
// indices in the plan's graph, fire for so many frames each.
func NewCollector(frames int64, instances []string) *Collector {
	c := &Collector{middle: max(0, min(frames/2, frames-collected)), of: instances, most: mostEvents}
	for _, name := range instances {
		if len(c.shown) < Most && !slices.Contains(c.shown, name) {
			c.shown = append(c.shown, name)
		}
	}
	for _, name := range instances {
		if slices.Contains(c.shown, name) {
			c.actors++
		}
	}
	c.begin()
	return c
}

func (c *Collector) begin() {
	c.full, c.events, c.own, c.seen, c.fired, c.checked = false, nil, 0, map[string]bool{}, map[int]*firings{}, 0
}

// Add takes the next event.
func (c *Collector) Add(e *trace.Event) {
	if !c.reached && e.Frame >= c.middle && e.Kind == trace.Firing {
		c.reached = true
		c.begin()
	}
	if c.full {
		return
	}
	name := c.instance(e)
	if !slices.Contains(c.shown, name) {
		first := e.Kind == trace.Firing && !c.seen[name] // so that all are counted
		if len(c.events)-c.own < c.most || first {
			c.seen[name] = c.seen[name] || first
			c.events = append(c.events, *e)
		}
		return
	}
	c.events = append(c.events, *e)
	c.own++
	c.full = c.own >= c.most
	if e.Kind != trace.Firing {
		return
	}
	if f := c.fired[e.Actor]; f == nil {
		c.fired[e.Actor] = &firings{e.Frame, e.Frame}
	} else {
		f.last = e.Frame
	}
	if c.checked++; c.checked >= c.actors {
		c.checked = 0
		c.full = c.full || c.enough()
	}
}

// instance returns that of an event: of one of a FIFO, the one that its name begins with.
func (c *Collector) instance(e *trace.Event) string {
	if e.Actor >= 0 && e.Actor < len(c.of) {
		return c.of[e.Actor]
	}
	if len(c.of) > 0 && c.of[0] == "" { // there is one, without a name
		return ""
	}
	name, _, _ := strings.Cut(e.Name, "/")
	return name
}

// enough reports whether there are enough whole frames of every instance: from the first one
// that its source fired for, which is ahead of the other actors.
func (c *Collector) enough() bool {
	if len(c.fired) < c.actors {
		return false
	}
	begun := map[string]int64{}
	for a, f := range c.fired {
		begun[c.of[a]] = max(begun[c.of[a]], f.first)
	}
	for a, f := range c.fired {
		if f.last < begun[c.of[a]]+collected-1 {
			return false
		}
	}
	return true
}

// Events returns what was collected, in the order in which it came.
func (c *Collector) Events() []trace.Event { return c.events }
