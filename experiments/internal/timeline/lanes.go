package timeline

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/trace"
)

// longestName bounds the names of actors, in characters.
const longestName = 32

// arrange puts the events within the window on lanes: those of the instances that are shown,
// and of the others what happens on the same lanes. to holds, by the names of FIFOs, the
// devices that their tokens arrive at.
func (v *View) arrange(events []trace.Event, n *names, to map[string]string) {
	l := &layout{to: to, lanes: map[laneKey]*Lane{}, order: map[string][]laneKey{}, users: map[string]map[int]bool{}}
	for i := range events {
		e := &events[i]
		name, actor := n.split(e)
		if at := n.index(name); v.inside(e) && v.shows(at) {
			l.addLane(e, at)
			l.addActor(e, actor)
		}
	}
	slices.SortStableFunc(l.actors, func(a, b layoutActor) int { return a.index - b.index })
	colour := map[string]int{}
	for i, a := range l.actors {
		colour[a.name] = i
		v.Actors = append(v.Actors, shortened(a.name))
	}
	for i := range events {
		e := &events[i]
		lane := l.lanes[l.key(e)]
		if lane == nil || !v.inside(e) {
			continue
		}
		name, actor := n.split(e)
		b := Block{Start: e.Start, End: e.End, Frame: e.Frame, Actor: -1, Instance: -1, Send: e.Kind == trace.Send}
		if at := n.index(name); v.shows(at) {
			b.Actor, b.Instance = colour[actor], at
		}
		lane.Blocks = append(lane.Blocks, b)
	}
	v.Lanes = l.packed()
}

// inside reports whether a part of an event lies in the window.
func (v *View) inside(e *trace.Event) bool {
	return (e.Start >= v.From || e.End > v.From) && (e.End <= v.To || e.Start < v.To)
}

// shows reports whether frames of an instance are shown, by its place among all.
func (v *View) shows(instance int) bool { return instance >= 0 && instance < len(v.Instances) }

// layout is the lanes and actors of a window, as far as they are known.
type layout struct {
	to      map[string]string // see arrange
	lanes   map[laneKey]*Lane
	order   map[string][]laneKey    // by device
	users   map[string]map[int]bool // by device, the instances that use it
	devices []string
	actors  []layoutActor
}

// laneKey tells lanes apart; to is empty of a unit.
type laneKey struct{ device, unit, to string }

// layoutActor is an actor with the least index of those of its name.
type layoutActor struct {
	name  string
	index int
}

func (l *layout) key(e *trace.Event) laneKey {
	if e.Kind == trace.Send {
		return laneKey{e.Device, e.Unit, "→ " + l.to[e.Name]}
	}
	return laneKey{e.Device, e.Unit, ""}
}

// addLane adds the lane of an event of an instance.
func (l *layout) addLane(e *trace.Event, instance int) {
	k := l.key(e)
	if l.lanes[k] == nil {
		if l.users[k.device] == nil {
			l.users[k.device] = map[int]bool{}
			l.devices = append(l.devices, k.device)
		}
		l.lanes[k] = &Lane{Name: laneName(k.device, k.unit, l.to[e.Name], e.Kind == trace.Send)}
		l.order[k.device] = append(l.order[k.device], k)
	}
	l.users[k.device][instance] = true
}

// addActor adds the actor of an event. Those that are only known by what is sent come last.
func (l *layout) addActor(e *trace.Event, name string) {
	index := e.Actor
	if e.Kind == trace.Send {
		index = 1 << 30
	}
	if at := slices.IndexFunc(l.actors, func(a layoutActor) bool { return a.name == name }); at < 0 {
		l.actors = append(l.actors, layoutActor{name, index})
	} else {
		l.actors[at].index = min(l.actors[at].index, index)
	}
}

// packed returns the lanes by device, its units before its links.
func (l *layout) packed() []Lane {
	slices.SortStableFunc(l.devices, func(a, b string) int { // those that several use behind all of these
		last := func(of map[int]bool) int { return slices.Max(slices.Collect(maps.Keys(of))) }
		return cmp.Or(last(l.users[a])-last(l.users[b]), len(l.users[a])-len(l.users[b]))
	})
	var all []Lane
	for _, d := range l.devices {
		for _, sends := range []bool{false, true} {
			for _, k := range l.order[d] {
				if (k.to != "") == sends {
					l.lanes[k].pack()
					all = append(all, *l.lanes[k])
				}
			}
		}
	}
	return all
}

// pack gives blocks that overlap rows of their own, the first free one each.
func (l *Lane) pack() {
	var ends []int64
	for i := range l.Blocks {
		b := &l.Blocks[i]
		b.Row = slices.IndexFunc(ends, func(end int64) bool { return end <= b.Start })
		if b.Row < 0 {
			b.Row = len(ends)
			ends = append(ends, 0)
		}
		ends[b.Row] = b.End
	}
	l.Rows = len(ends)
}

func laneName(device, unit, to string, sends bool) string {
	switch {
	case !sends:
		return strings.TrimSpace(device + " " + unit)
	case to == "":
		return device + " → " + unit
	}
	return device + " → " + to + " (" + unit + ")"
}

// shortened leaves out the middle of a long name.
func shortened(name string) string {
	r := []rune(name)
	if len(r) <= longestName {
		return name
	}
	half := longestName/2 - 1
	return string(r[:half]) + "…" + string(r[len(r)-half:])
}
