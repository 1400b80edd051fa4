// Package timeline chooses which part of a run a timeline shows, and arranges it: a window of
// time in which all instances work, with a lane for each unit and each direction of a link. It
// is pure: it may not read a file, nor draw.
package timeline

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/trace"
)

// ErrNothing says that a trace has no whole frame that a timeline could show.
var ErrNothing = errors.New("no whole frame to show")

// Most is of how many instances a timeline shows frames.
const Most = 8

// View is what a timeline shows. Times are in ns since the run's start, on its time line.
type View struct {
	Plan, Driver string
	Emulated     bool
	From, To     int64    // the window
	Instances    []string // whose frames are shown; one "" where the plan has no more
	Of           int      // instances there are
	Actors       []string // short names, in the order of the plan
	Lanes        []Lane
	// Off is by how much the place of a block may be wrong at most, as devices have clocks of their
	// own; 0: they have one.
	Off int64
}

// Lane is a processing unit, or the sending end of a link. What happens on it at a time lies in
// rows of its own.
type Lane struct {
	Name   string
	Rows   int
	Blocks []Block // in the order of their starts
}

// Block is a firing or a send.
type Block struct {
	Start, End int64
	Frame      int64
	Actor      int // index in View.Actors: that fires, or whose token is sent; -1: of an instance that isn't shown
	Instance   int // index in View.Instances; -1: one that isn't shown
	Row        int // in its lane, from 0
	Send       bool
}

// Of arranges the timeline of a trace that holds all events of a time of the run. Errors wrap
// ErrNothing, or trace.ErrClocks where its clocks can't be compared.
func Of(t *trace.Trace) (*View, error) {
	line, err := trace.NewLine(t)
	if err != nil {
		return nil, fmt.Errorf("timeline: %w", err)
	}
	var events []trace.Event // firings and sends, on the time line
	to := map[string]string{}
	for i := range t.Events {
		switch e := &t.Events[i]; e.Kind {
		case trace.Firing, trace.Send:
			events = append(events, line.Place(*e))
		case trace.Recv:
			to[e.Name] = e.Device
		}
	}
	slices.SortStableFunc(events, byStart)
	named := newNames(events)
	v := &View{
		Plan: t.Plan, Driver: t.Driver, Emulated: t.Emulated, Of: len(named.instances),
		Instances: named.instances[:min(Most, len(named.instances))],
	}
	var ok bool
	if v.From, v.To, ok = window(spans(events, named, len(v.Instances))); !ok {
		return nil, fmt.Errorf("timeline of %s: %w", t.Plan, ErrNothing)
	}
	v.arrange(events, named, to)
	for i := range t.Events {
		if e := &t.Events[i]; line.Several() && (e.Kind == trace.Firing || e.Kind == trace.Send) {
			v.Off = max(v.Off, line.At(e.Device, e.Start).Spread())
		}
	}
	return v, nil
}

// names tells the instances and actors of a run by the names of its events: that of an
// instance stands before those of its actors, where there are several.
type names struct {
	several   bool
	instances []string // in the order of the plan
	place     map[string]int
}

func newNames(events []trace.Event) *names {
	n := &names{several: true, place: map[string]int{}}
	for i := range events {
		if e := &events[i]; e.Kind == trace.Firing && !strings.Contains(e.Name, "/") {
			n.several = false
		}
	}
	first := map[string]int{} // the least index of an actor
	for i := range events {
		e := &events[i]
		if e.Kind != trace.Firing {
			continue
		}
		name, _ := n.split(e)
		if at, known := first[name]; !known {
			n.instances = append(n.instances, name)
			first[name] = e.Actor
		} else {
			first[name] = min(at, e.Actor)
		}
	}
	slices.SortStableFunc(n.instances, func(a, b string) int { return first[a] - first[b] })
	for i, name := range n.instances {
		n.place[name] = i
	}
	return n
}

// index returns the place of an instance among all; -1 of one of which no firing is known.
func (n *names) index(name string) int {
	if at, known := n.place[name]; known {
		return at
	}
	return -1
}

// split returns the instance of an event and the short name of its actor: of a send, that
// whose token it is.
func (n *names) split(e *trace.Event) (instance, actor string) {
	actor = e.Name
	if n.several {
		instance, actor, _ = strings.Cut(e.Name, "/")
	}
	if e.Kind == trace.Send {
		actor, _, _ = strings.Cut(actor, "->")
		if dot := strings.LastIndexByte(actor, '.'); dot > 0 { // the port
			actor = actor[:dot]
		}
	}
	return instance, actor
}
