package metrics

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// tally is what an outcome needs of the counted frames. Its memory grows with their
// different times only, and those have a bound; see quantile.Counts.
type tally struct {
	in                       *instance
	endpoint, latency, bytes quantile.Counts
	byATR                    map[int]*modeTally
	gaps                     *stat.Gaps        // between results
	left                     int64             // the last result
	last                     int64             // number of the frame that was added last
	parts                    []quantile.Counts // by actor, then by boundary: sends, one-way times
}

// modeTally is that of the frames of one atr.
type modeTally struct {
	endpoint                  quantile.Counts
	endpointS, latencyS, gaps stat.Moments // in seconds; gaps before their results
}

// newTally returns the tally for n frames.
func (in *instance) newTally(n int) *tally {
	return &tally{
		in: in, byATR: map[int]*modeTally{}, gaps: stat.NewGaps(max(n-1, 0)),
		parts: make([]quantile.Counts, len(in.actors)+2*len(in.boundaries)),
	}
}

// tallied returns the tally of frames, in whatever order their results left.
func (in *instance) tallied(counted []*frame) *tally {
	t := in.newTally(len(counted))
	byLeft := func(a, b *frame) int { return cmp.Compare(a.left, b.left) }
	for _, f := range slices.SortedStableFunc(slices.Values(counted), byLeft) {
		t.add(f)
	}
	return t
}

// add counts a frame, whose result left after that of the frame before.
func (t *tally) add(f *frame) {
	endpoint, latency, atr := f.endpointTime(), t.in.latency(f), t.in.atr(f)
	m := t.byATR[atr]
	if m == nil {
		m = &modeTally{}
		t.byATR[atr] = m
	}
	if t.endpoint.N() > 0 {
		gap := seconds(float64(f.left - t.left))
		t.gaps.Add(gap)
		m.gaps.Add(gap)
	}
	t.left, t.last = f.left, f.number
	t.endpoint.Add(endpoint)
	t.latency.Add(latency)
	t.bytes.Add(f.bytes)
	if len(t.in.dynamic) > 0 {
		m.endpoint.Add(endpoint)
		m.endpointS.Add(seconds(float64(endpoint)))
		m.latencyS.Add(seconds(float64(latency)))
	}
	for i := range t.in.actors {
		if f.firings[i].set {
			t.parts[i].Add(f.firings[i].length())
		}
	}
	for i := range t.in.boundaries {
		if f.sends[i].set {
			at := len(t.in.actors) + 2*i
			t.parts[at].Add(f.sends[i].length())
			t.parts[at+1].Add(f.received[i].end - f.sends[i].start)
		}
	}
}

// converged reports whether the intervals are as narrow as the workload asks.
func (t *tally) converged() bool {
	w := t.in.plan.Workload
	if w.Precision <= 0 || int64(t.endpoint.N()) < w.MinFrames {
		return false
	}
	if w.Kind == plan.Offline {
		return t.throughput().Within(w.Precision)
	}
	return median(&t.endpoint).Within(w.Precision) && median(&t.latency).Settled()
}

func (t *tally) stopReason(partial string) string {
	w := t.in.plan.Workload
	if partial != "" {
		return "ended early: " + partial
	}
	if t.converged() {
		what := "median"
		if w.Kind == plan.Offline {
			what = "throughput"
		}
		return fmt.Sprintf("interval of the %s within %g %%", what, 100*w.Precision)
	}
	return "limit of frames"
}

// outcome returns that of a run with the header of t.
func (t *tally) outcome(of *trace.Trace) (result.Outcome, error) {
	stop := t.stopReason(of.Partial)
	throughput := t.throughput()
	if throughput.Value <= 0 {
		return result.Outcome{}, t.in.errorf(t.last, ErrMissing, "time between the first and the last result")
	}
	o := result.Outcome{
		EndpointTime:  describe(&t.endpoint, stop),
		Latency:       describe(&t.latency, stop),
		Throughput:    result.Rate{Interval: throughput, Stop: stop},
		BoundaryBytes: int64(t.bytes.Ranked().At((t.bytes.N() - 1) / 2)),
		Parts:         t.describeParts(stop),
		Assumed:       of.Assumed,
	}
	if len(t.in.dynamic) > 0 {
		o.BoundaryBytes = int64(t.bytes.Mean() + 0.5)
		endpoint, latency := map[int]*stat.Moments{}, map[int]*stat.Moments{}
		for _, atr := range slices.Sorted(maps.Keys(t.byATR)) {
			m := t.byATR[atr]
			o.Modes = append(o.Modes, result.Mode{ATR: atr, EndpointTime: describe(&m.endpoint, stop)})
			endpoint[atr], latency[atr] = &m.endpointS, &m.latencyS
		}
		o.MeanEndpointTime, o.MeanLatency = stat.Stratified(endpoint), stat.Stratified(latency)
	}
	return o, nil
}

// throughput returns results per second, from the times between them. Where frames come in
// modes, which of them are skipped is given, not drawn, so that only gaps before results of
// equal atr differ by chance.
func (t *tally) throughput() stat.Interval {
	gaps := map[int]*stat.Moments{}
	for atr, m := range t.byATR {
		if m.gaps.N > 0 {
			gaps[atr] = &m.gaps
		}
	}
	if len(gaps) > 1 {
		return stat.Stratified(gaps).Inverse()
	}
	return t.gaps.Rate()
}

// describeParts returns the time of every actor, then of every boundary FIFO: how long
// a token occupies the sender's side, and its one-way time. The one-way time is
// meaningful on one machine only, whose devices share a clock. What was skipped in every
// frame has none.
func (t *tally) describeParts(stop string) []result.Part {
	var parts []result.Part
	in := t.in
	add := func(i int, name string, kind result.PartKind, on bool) {
		if t.parts[i].N() > 0 {
			parts = append(parts, result.Part{Name: name, Kind: kind, OnEndpoint: on, Time: describe(&t.parts[i], stop)})
		}
	}
	for i, a := range in.actors {
		add(i, in.plan.Graph.Actors[a].Name, result.Segment, in.plan.DeviceOf(a).Name == in.endpoint)
	}
	for i, q := range in.boundaries {
		at, name := len(in.actors)+2*i, in.plan.Graph.FIFOName(q)
		add(at, name, result.Link, in.plan.DeviceOf(in.plan.Graph.FIFOs[q].From).Name == in.endpoint)
		add(at+1, name, result.OneWay, false)
	}
	return parts
}

// latency counts from the source's firing, or from the scheduled release of a camera, in ns.
func (in *instance) latency(f *frame) int64 {
	if in.plan.Workload.Kind == plan.Camera {
		return f.left - f.number*int64(in.plan.Workload.Period)
	}
	return f.left - f.entered
}
