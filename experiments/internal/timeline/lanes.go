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
	type laneKey struct{ device, unit, to string }
	type actorKey struct {
		name  string
		index int
	}
	lanes := map[laneKey]*Lane{}
	order := map[string][]laneKey{}    // by device
	users := map[string]map[int]bool{} // by device, the instances that use it
	var devices []string
	var actors []actorKey
	key := func(e *trace.Event) laneKey {
		if e.Kind == trace.Send {
			return laneKey{e.Device, e.Unit, "→ " + to[e.Name]}
		}
		return laneKey{e.Device, e.Unit, ""}
	}
	inside := func(e *trace.Event) bool {
		return (e.Start >= v.From || e.End > v.From) && (e.End <= v.To || e.Start < v.To)
	}
	for i := range events { // which lanes and actors there are
		e := &events[i]
		name, actor := n.split(e)
		instance := n.index(name)
		if !inside(e) || instance < 0 || instance >= len(v.Instances) {
			continue
		}
		k := key(e)
		if lanes[k] == nil {
			if users[k.device] == nil {
				users[k.device] = map[int]bool{}
				devices = append(devices, k.device)
			}
			lanes[k] = &Lane{Name: laneName(k.device, k.unit, to[e.Name], e.Kind == trace.Send)}
			order[k.device] = append(order[k.device], k)
		}
		users[k.device][instance] = true
		index := e.Actor
		if e.Kind == trace.Send {
			index = 1 << 30
		}
		if at := slices.IndexFunc(actors, func(a actorKey) bool { return a.name == actor }); at < 0 {
			actors = append(actors, actorKey{actor, index})
		} else {
			actors[at].index = min(actors[at].index, index)
		}
	}
	slices.SortStableFunc(actors, func(a, b actorKey) int { return a.index - b.index })
	colour := map[string]int{}
	for i, a := range actors {
		colour[a.name] = i
		v.Actors = append(v.Actors, shortened(a.name))
	}
	for i := range events {
		e := &events[i]
		lane := lanes[key(e)]
		if lane == nil || !inside(e) {
			continue
		}
		name, actor := n.split(e)
		b := Block{Start: e.Start, End: e.End, Frame: e.Frame, Actor: -1, Instance: -1, Send: e.Kind == trace.Send}
		if at := n.index(name); at >= 0 && at < len(v.Instances) {
			b.Actor, b.Instance = colour[actor], at
		}
		lane.Blocks = append(lane.Blocks, b)
	}
	slices.SortStableFunc(devices, func(a, b string) int { // those that several use behind all of these
		last := func(of map[int]bool) int { return slices.Max(slices.Collect(maps.Keys(of))) }
		return cmp.Or(last(users[a])-last(users[b]), len(users[a])-len(users[b]))
	})
	for _, d := range devices {
		for _, sends := range []bool{false, true} {
			for _, k := range order[d] {
				if (k.to != "") == sends {
					lanes[k].pack()
					v.Lanes = append(v.Lanes, *lanes[k])
				}
			}
		}
	}
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
