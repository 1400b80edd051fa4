package sim

import (
	"time"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/edgeprune/edgeprune/core/engine"
	"github.com/edgeprune/edgeprune/core/graph"
)

// sums adds up what happens in a run, in place of its trace. Sums of times may overflow: their
// differences are right nevertheless.
type sums struct {
	actors []firings // by actor
	fired  []int64   // by actor whose firings vary: how many there were; 0 of others
	flows  []flow    // by instance
	names  []string  // of the instances
	end    int64     // of the last firing
	warmup int64
}

// firings adds up those of an actor. All that a firing needs lies in a part of a cache line.
type firings struct {
	took   int64 // ns from its beginning to its end; -1: that varies, or there is none for some frames
	begun  int64 // sum of the times at which firings took their unit
	ended  int64 // sum of the times at which they ended
	flow   int32 // of a source or a sink: index in sums.flows; -1: of others
	source bool
	sink   bool
}

// sendings adds up those of a FIFO over a link.
type sendings struct {
	tokens  int64
	waited  int64 // from being made to beginning to occupy the sender
	busy    int64 // occupying the sender
	arrived int64 // sum of the times at which tokens arrived
}

func (s *sendings) sent(made, start, left int64) {
	s.tokens++
	s.waited += start - made
	s.busy += left - start
}

// newSums returns the sums of a run in which nothing has happened.
func (r *run) newSums() (*sums, error) {
	s := &sums{actors: make([]firings, len(r.actors)), fired: make([]int64, len(r.actors)), warmup: r.plan.Workload.Warmup}
	index := map[string]int32{}
	for a := range r.actors {
		w, act := &r.plan.Work[a], &r.actors[a]
		f := firings{took: -1, flow: -1, source: w.Source, sink: w.Sink}
		varies := act.by != nil || r.choosers[a] != nil || r.graph.Actors[a].Kind == graph.DynamicProcessing
		if c, constant := act.cost.(Constant); constant && !varies && !r.faulty {
			f.took = r.devices[act.device].dispatch + act.stretched(int64(c))
		}
		if w.Source || w.Sink {
			at, known := index[w.Instance]
			if !known {
				at = int32(len(s.flows))
				index[w.Instance] = at
				latency, err := newSketch()
				if err != nil {
					return nil, err
				}
				s.flows = append(s.flows, flow{latency: latency})
				if !r.captures {
					s.flows[at].due = arrival.Of(r.plan.Schedule(w.Instance))
				}
				s.names = append(s.names, w.Instance)
			}
			f.flow = at
			if w.Sink {
				s.flows[at].sinks++
			}
		}
		s.actors[a] = f
	}
	return s, nil
}

// fireQuietly does what fire does without a trace.
func (r *run) fireQuietly(device int32, f *engine.Effect) {
	s := r.sums
	t := &s.actors[f.Actor]
	took, rate := t.took, 0
	if took < 0 {
		var kernel int64
		kernel, rate = r.draw(&r.actors[f.Actor], f)
		took = r.devices[device].dispatch + r.actors[f.Actor].stretched(kernel)
		s.fired[f.Actor]++
	}
	end := r.now + took
	t.begun += r.now
	t.ended += end
	s.end = max(s.end, end)
	if t.flow >= 0 {
		begin := r.now + r.devices[device].dispatch
		if f.N > 0 {
			begin = f.At // when the frame was captured
		}
		s.passed(t, f.Firing, begin, end)
	}
	r.push(pending{kind: engine.FiringDone, at: end, device: device, index: int32(f.Actor), rate: int32(rate)})
}

// passed takes note of a source's or a sink's firing.
func (s *sums) passed(t *firings, frame, begin, end int64) {
	f := &s.flows[t.flow]
	if t.source {
		if f.due.Scheduled() {
			begin = f.due.At(frame)
		}
		f.enter(frame, begin)
	}
	if t.sink {
		if took, whole := f.leave(frame, end); whole && frame >= s.warmup {
			f.latency.add(time.Duration(took))
		}
	}
}

// flow holds the frames of an instance that are under way.
type flow struct {
	sinks   int32
	frames  []underway    // by number modulo its length, a power of two
	first   int64         // number of the first frame that is under way
	due     arrival.Times // when they are due; of no schedule: they begin when their source fires, or are captured
	latency *Sketch
}

type underway struct {
	begin, end int64
	sinks      int32 // that have not fired for it, but for 0, which is one that has not entered or has left
}

// enter takes note of the beginning of a frame, by whichever source is first.
func (f *flow) enter(frame, begin int64) {
	for frame-f.first >= int64(len(f.frames)) {
		f.grow()
	}
	if u := &f.frames[frame&int64(len(f.frames)-1)]; u.sinks == 0 && frame >= f.first {
		*u = underway{begin: begin, sinks: f.sinks}
	}
}

// leave takes note of a sink's firing. It returns the time from a frame's beginning to its end
// when that was the last sink.
func (f *flow) leave(frame, end int64) (took int64, whole bool) {
	if frame-f.first >= int64(len(f.frames)) || frame < f.first {
		return 0, false // it has no source
	}
	u := &f.frames[frame&int64(len(f.frames)-1)]
	if u.sinks == 0 {
		return 0, false
	}
	u.end = max(u.end, end)
	if u.sinks--; u.sinks > 0 {
		return 0, false
	}
	took = u.end - u.begin
	for f.first <= frame && f.frames[f.first&int64(len(f.frames)-1)].sinks == 0 {
		f.first++
	}
	return took, true
}

// grow makes room for twice as many frames under way.
func (f *flow) grow() {
	old := f.frames
	f.frames = make([]underway, max(2*len(old), 8))
	for i := range old {
		n := f.first + int64(i)
		f.frames[n&int64(len(f.frames)-1)] = old[n&int64(len(old)-1)]
	}
}
