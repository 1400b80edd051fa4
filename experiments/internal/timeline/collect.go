package timeline

import (
	"strings"

	"github.com/edgeprune/edgeprune/core/trace"
)

const (
	// collected is how many whole frames of every instance are collected.
	collected = 2 * whole
	// mostEvents bounds what is collected of instances of which some are far slower.
	mostEvents = 200_000
)

// Collector keeps the events of a time in the middle of a run that comes event by event, so
// that Of can arrange it without the others: from when the first instance begins the frame
// in the middle until every instance has had some whole frames; or the first frames, where no
// instance gets so far.
type Collector struct {
	middle  int64
	actors  int
	reached bool
	full    bool
	events  []trace.Event
	fired   map[int]*firings // by actor
	checked int              // firings since it was last looked whether that is enough
}

// firings are the first and the last frame that an actor fired for.
type firings struct {
	instance    string
	first, last int64
}

// NewCollector returns the Collector of a run in which so many actors fire for so many frames
// each.
func NewCollector(frames int64, actors int) *Collector {
	return &Collector{
		middle: max(0, min(frames/2, frames-collected)), actors: actors, fired: map[int]*firings{},
	}
}

// Add takes the next event.
func (c *Collector) Add(e *trace.Event) {
	if !c.reached && e.Frame >= c.middle && e.Kind == trace.Firing {
		c.reached, c.full, c.events, c.fired, c.checked = true, false, nil, map[int]*firings{}, 0
	}
	if c.full {
		return
	}
	c.events = append(c.events, *e)
	c.full = len(c.events) >= mostEvents
	if e.Kind != trace.Firing {
		return
	}
	if f := c.fired[e.Actor]; f == nil {
		instance, _, several := strings.Cut(e.Name, "/")
		if !several {
			instance = ""
		}
		c.fired[e.Actor] = &firings{instance, e.Frame, e.Frame}
	} else {
		f.last = e.Frame
	}
	if c.checked++; c.checked >= c.actors {
		c.checked = 0
		c.full = c.full || c.enough()
	}
}

// enough reports whether there are enough whole frames of every instance: from the first one
// that its source fired for, which is ahead of the other actors.
func (c *Collector) enough() bool {
	if len(c.fired) < c.actors {
		return false
	}
	begun := map[string]int64{}
	for _, f := range c.fired {
		begun[f.instance] = max(begun[f.instance], f.first)
	}
	for _, f := range c.fired {
		if f.last < begun[f.instance]+collected-1 {
			return false
		}
	}
	return true
}

// Events returns what was collected, in the order in which it came.
func (c *Collector) Events() []trace.Event { return c.events }
