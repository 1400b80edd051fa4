package timeline

import (
	"cmp"
	"slices"

	"github.com/edgeprune/edgeprune/core/trace"
)

// whole is how many whole frames of each instance a window holds, where there are as many.
const whole = 2

// span is the time of a frame, from the first event to the last.
type span struct{ from, to int64 }

func byStart(a, b trace.Event) int { return cmp.Compare(a.Start, b.Start) }

// spans returns the whole frames of the first shown instances, in the order of their starts.
// Whole are those that the same actors begin and end as the frames with the most firings: others
// were lost, or are in the trace in part.
func spans(events []trace.Event, n *names, shown int) [][]span {
	type part struct {
		span
		first, last string // actors
		ended       int64  // the last firing
		firings     int
	}
	type key struct {
		instance int
		frame    int64
	}
	frames := map[key]*part{}
	var order []key
	for i := range events {
		e := &events[i]
		name, actor := n.split(e)
		at := n.index(name)
		if at < 0 || at >= shown {
			continue
		}
		k := key{at, e.Frame}
		p := frames[k]
		if p == nil {
			p = &part{span: span{e.Start, e.End}}
			frames[k] = p
			order = append(order, k)
		}
		p.from, p.to = min(p.from, e.Start), max(p.to, e.End)
		if e.Kind != trace.Firing {
			continue
		}
		p.firings++
		if p.first == "" {
			p.first = actor
		}
		if p.last == "" || e.End >= p.ended {
			p.last, p.ended = actor, e.End
		}
	}
	type ends struct{ first, last string }
	type tally struct{ frames, firings int }
	tallies := make([]map[ends]tally, shown)
	for i := range tallies {
		tallies[i] = map[ends]tally{}
	}
	most := make([]ends, shown)
	for _, k := range order {
		p, of := frames[k], tallies[k.instance]
		e := ends{p.first, p.last}
		of[e] = tally{of[e].frames + 1, max(of[e].firings, p.firings)}
		a, b := of[e], of[most[k.instance]]
		if cmp.Or(cmp.Compare(min(a.frames, whole), min(b.frames, whole)), cmp.Compare(a.firings, b.firings),
			cmp.Compare(a.frames, b.frames)) > 0 {
			most[k.instance] = e
		}
	}
	all := make([][]span, shown)
	for _, k := range order {
		if p := frames[k]; most[k.instance] == (ends{p.first, p.last}) {
			all[k.instance] = append(all[k.instance], p.span)
		}
	}
	return all
}

// window returns the shortest window that holds two whole frames of each instance, of those
// that begin in the middle third of the time in which all of them work; or, if none does, of
// all. Of equally short ones it is that closest to the middle. Instances with fewer frames
// count with those that they have. It is false without any. The spans of each instance are in
// the order of their starts.
func window(instances [][]span) (from, to int64, ok bool) {
	instances = slices.DeleteFunc(slices.Clone(instances), func(s []span) bool { return len(s) == 0 })
	if len(instances) == 0 {
		return 0, 0, false
	}
	begin, end := together(instances)
	var starts []int64
	ends := make([][]int64, len(instances)) // of each instance and frame, when enough from that one on have ended
	for i, s := range instances {
		ends[i] = ended(s, min(whole, len(s)))
		for _, f := range s {
			starts = append(starts, f.from)
		}
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	off := func(from, to int64) int64 { // twice the way from the middle
		d := from + to - begin - end
		return max(d, -d)
	}
	best := func(least, most int64) {
		next := make([]int, len(instances)) // of each instance, the first frame that begins within
		for _, a := range starts {
			b, holds := a, a >= least && a <= most
			for i, s := range instances {
				for next[i] < len(s) && s[next[i]].from < a {
					next[i]++
				}
				if holds = holds && next[i] < len(ends[i]); holds {
					b = max(b, ends[i][next[i]])
				}
			}
			if holds && (!ok || cmp.Or(cmp.Compare(b-a, to-from), cmp.Compare(off(a, b), off(from, to))) < 0) {
				from, to, ok = a, b, true
			}
		}
	}
	third := (end - begin) / 3
	best(begin+third, end-third)
	if !ok {
		best(starts[0], starts[len(starts)-1])
	}
	return from, to, ok
}

// together returns the time in which all instances work.
func together(instances [][]span) (begin, end int64) {
	for i, s := range instances {
		last := s[0].to
		for _, f := range s {
			last = max(last, f.to)
		}
		if i == 0 {
			begin, end = s[0].from, last
		}
		begin, end = max(begin, s[0].from), min(end, last)
	}
	return begin, end
}

// ended returns when so many of the frames from each one on have ended, of those that have so
// many behind them.
func ended(s []span, frames int) []int64 {
	all := make([]int64, len(s)-frames+1)
	var first []int64 // ends of those that end first
	for i := len(s) - 1; i >= 0; i-- {
		at, _ := slices.BinarySearch(first, s[i].to)
		first = slices.Insert(first, at, s[i].to)
		first = first[:min(len(first), frames)]
		if i < len(all) {
			all[i] = first[frames-1]
		}
	}
	return all
}
