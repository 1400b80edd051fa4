package metrics

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/clocks"
)

// span is an interval of a trace, in ns; set tells it from no interval.
type span struct {
	start, end int64
	set        bool
}

// length is exact, as it lies on one clock.
func (s span) length() clocks.Interval {
	return clocks.Interval{Low: s.end - s.start, High: s.end - s.start}
}

// frame is what a trace says of one frame of one instance.
type frame struct {
	number   int64
	entered  int64         // the source's firing began
	captured span          // from when its source captured it to when it entered; not set: none captures frames
	ended    []moment      // by sink: its firing ended
	back     map[int]int64 // by sink: when its result was known on the source's clock, where that is not the sink's
	bytes    int64         // that the endpoint sent
	firings  []span        // by instance.actors
	sends    []span        // by instance.boundaries
	received []span        // by instance.boundaries
	busy     []span        // of the endpoint
	atrs     []int         // by instance.actors: of a configuration actor, what it set
}

// newFrame returns a frame of which nothing is known.
func (in *instance) newFrame(n int64) *frame {
	return &frame{
		number: n, entered: -1, firings: make([]span, len(in.actors)), sends: make([]span, len(in.boundaries)),
		received: make([]span, len(in.boundaries)), atrs: make([]int, len(in.actors)),
	}
}

// clear makes f what newFrame returns, in its own memory.
func (f *frame) clear(n int64) {
	clear(f.firings)
	clear(f.sends)
	clear(f.received)
	clear(f.atrs)
	*f = frame{
		number: n, entered: -1, firings: f.firings, sends: f.sends, received: f.received, atrs: f.atrs, busy: f.busy[:0],
		ended: f.ended[:0],
	}
}

// collect returns the frames of the instance in t, by number, whole or not. line is that of
// the run.
func (in *instance) collect(t *trace.Trace, line *trace.Line) ([]*frame, error) {
	in.line = line
	frames := map[int64]*frame{}
	at := func(n int64) *frame {
		f := frames[n]
		if f == nil {
			f = in.newFrame(n)
			frames[n] = f
		}
		return f
	}
	for i := range t.Events {
		if err := in.add(at, &t.Events[i]); err != nil {
			return nil, err
		}
	}
	list := make([]*frame, 0, len(frames))
	for _, f := range frames {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b *frame) int { return cmp.Compare(a.number, b.number) })
	return list, nil
}

func (in *instance) add(at func(int64) *frame, e *trace.Event) error {
	switch e.Kind {
	case trace.Firing:
		i, mine := in.actorAt[e.Actor]
		if !mine {
			return nil
		}
		f, w := at(e.Frame), &in.plan.Work[e.Actor]
		if w.Source && (f.entered < 0 || e.Start < f.entered) {
			f.entered = e.Start
		}
		if w.Sink {
			f.ended = append(f.ended, moment{e.Device, e.End})
			in.heard(at, e.Actor, e)
		}
		if e.Device == in.endpoint {
			f.busy = append(f.busy, span{e.Start, e.End, true})
		}
		f.atrs[i] = e.Rate
		return in.put(f, &f.firings[i], e.Start, e)
	case trace.Capture:
		if _, mine := in.actorAt[e.Actor]; mine {
			if f := at(e.Frame); !f.captured.set || e.Start < f.captured.start {
				f.captured = span{e.Start, e.End, true}
			}
		}
	case trace.Send, trace.Recv:
		if sink, returns := in.returns[e.FIFO]; returns && e.Kind == trace.Recv {
			in.heard(at, sink, e)
		}
		i, mine := in.boundaryAt[e.FIFO]
		if !mine {
			return nil
		}
		f := at(e.Frame)
		if e.Kind == trace.Recv {
			return in.put(f, &f.received[i], e.Start, e)
		}
		began := in.senders[i].Began(e)
		if e.Device == in.endpoint {
			f.bytes += e.Bytes
			f.busy = append(f.busy, span{began, e.End, true})
		}
		return in.put(f, &f.sends[i], began, e)
	}
	return nil
}

// heard notes that an event on the source's clock tells of a sink's result.
func (in *instance) heard(at func(int64) *frame, sink int, e *trace.Event) {
	if !in.line.Several() || !in.line.Same(e.Device, in.endpoint) {
		return
	}
	f := at(e.Frame)
	if f.back == nil {
		f.back = map[int]int64{}
	}
	f.back[sink] = max(f.back[sink], e.End)
}

// put fills in when what an event tells of began, and when it ended.
func (in *instance) put(f *frame, s *span, began int64, e *trace.Event) error {
	if s.set {
		return in.errorf(f.number, ErrDoubled, string(e.Kind)+" of "+e.Name)
	}
	*s = span{began, e.End, true}
	return nil
}

// lacks names the first event that the frame is missing, or "". What a
// configuration actor skipped is not missing.
func (in *instance) lacks(f *frame) string {
	kind, i := in.missing(f)
	switch kind {
	case trace.Firing:
		return "firing of " + in.plan.Graph.Actors[in.actors[i]].Name
	case trace.Capture:
		return string(kind)
	case trace.Send, trace.Recv:
		return string(kind) + " of " + in.plan.Graph.FIFOName(in.boundaries[i])
	}
	return ""
}

// missing returns the kind of the first event that the frame is missing, with its index in
// the instance's actors or boundaries; "" if it is whole.
func (in *instance) missing(f *frame) (kind trace.Kind, index int) {
	skipped := in.skipped(f)
	if in.plan.Workload.Drops() && !f.captured.set {
		return trace.Capture, 0
	}
	for i := range in.actors {
		if !f.firings[i].set && !skipped.actors[i] {
			return trace.Firing, i
		}
	}
	for i := range in.boundaries {
		switch {
		case skipped.boundaries[i]:
		case !f.sends[i].set:
			return trace.Send, i
		case !f.received[i].set:
			return trace.Recv, i
		}
	}
	return "", 0
}

// whole reports whether the frame misses no event.
func (in *instance) whole(f *frame) bool {
	kind, _ := in.missing(f)
	return kind == ""
}

// skips are the actors and boundaries that an atr of 0 leaves out of a frame.
type skips struct{ actors, boundaries map[int]bool }

func (in *instance) skipped(f *frame) skips {
	if len(in.dynamic) == 0 {
		return skips{}
	}
	s := skips{map[int]bool{}, map[int]bool{}}
	for _, d := range in.dynamic {
		if !f.firings[d.config].set || f.atrs[d.config] > 0 {
			continue
		}
		for _, i := range d.actors {
			s.actors[i] = true
		}
		for _, i := range d.boundaries {
			s.boundaries[i] = true
		}
	}
	return s
}

// unasked names the first event of the frame that an atr of 0 rules out, or "".
func (in *instance) unasked(f *frame) string {
	skipped := in.skipped(f)
	for i, a := range in.actors {
		if f.firings[i].set && skipped.actors[i] {
			return "firing of " + in.plan.Graph.Actors[a].Name
		}
	}
	for i, q := range in.boundaries {
		if (f.sends[i].set || f.received[i].set) && skipped.boundaries[i] {
			return "token of " + in.plan.Graph.FIFOName(q)
		}
	}
	return ""
}

// atr returns that of the frame: the largest of its configuration actors'.
func (in *instance) atr(f *frame) int {
	atr := 0
	for _, d := range in.dynamic {
		atr = max(atr, f.atrs[d.config])
	}
	return atr
}

func (in *instance) errorf(frame int64, err error, what string) error {
	return fmt.Errorf("plan %s, instance %q, frame %d: %w: %s", in.plan.Name, in.name, frame, err, what)
}

// endpointTime returns how long the endpoint was occupied with the frame, in ns:
// overlapping intervals count once.
func (f *frame) endpointTime() int64 {
	busy := f.busy
	slices.SortFunc(busy, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var total, until int64
	for i, s := range busy {
		if i == 0 || s.start > until {
			until = s.start
		}
		if s.end > until {
			total += s.end - until
			until = s.end
		}
	}
	return total
}
