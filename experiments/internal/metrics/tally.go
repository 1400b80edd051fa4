package metrics

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/core/trace/clocks"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// tally is what an outcome needs of the counted frames. Its memory grows with their
// different times only, and those have a bound; see quantile.Counts.
type tally struct {
	in              *instance
	samples         func() samples // makes what holds times or bytes
	endpoint, bytes samples
	latency         spans
	back            quantile.Counts // round trips
	byATR           map[int]*modeTally
	gaps            *stat.Gaps               // between results
	first, left     clocks.Interval          // the first and the last result
	last            int64                    // number of the frame that was added last
	late            int                      // frames behind the deadline
	windows         map[int]*energy.Interval // by device: from the first to the last that it did for counted frames
	queries         queries                  // of several frames
	parts           []spans                  // by actor, then by boundary: sends, one-way times
}

// modeTally is that of the frames of one atr.
type modeTally struct {
	endpoint                  samples
	endpointS, latencyS, gaps stat.Moments // in seconds; gaps before their results
}

// newTally returns the tally for n frames.
func (in *instance) newTally(n int) *tally {
	t := in.lean(n, exactly)
	t.parts = make([]spans, len(in.actors)+2*len(in.boundaries))
	for i := range t.parts {
		t.parts[i] = spans{middle: &quantile.Counts{}}
	}
	return t
}

// lean returns a tally for n frames, of whose parts nothing is told.
func (in *instance) lean(n int, kept func() samples) *tally {
	return &tally{
		in: in, samples: kept, endpoint: kept(), bytes: kept(), latency: spans{middle: kept()},
		queries: queries{all: kept()}, byATR: map[int]*modeTally{}, windows: map[int]*energy.Interval{},
		gaps: stat.NewGaps(max(n-1, 0)),
	}
}

// tallied returns the tally of frames, in whatever order their results left.
func (in *instance) tallied(counted []*frame) *tally {
	t := in.newTally(len(counted))
	type leaving struct {
		*frame
		at int64
	}
	order := make([]leaving, len(counted))
	for i, f := range counted {
		order[i] = leaving{f, in.left(f).Middle()}
	}
	slices.SortStableFunc(order, func(a, b leaving) int { return cmp.Compare(a.at, b.at) })
	for _, f := range order {
		t.add(f.frame)
	}
	return t
}

// passing is what a frame adds to a tally, but for the times of its parts. Times are in ns.
type passing struct {
	number          int64
	endpoint, bytes int64
	atr             int
	latency, left   clocks.Interval
}

// add counts a frame, whose result left after that of the frame before.
func (t *tally) add(f *frame) {
	several := t.in.line.Several()
	t.count(&passing{
		number: f.number, endpoint: f.endpointTime(), bytes: f.bytes, atr: t.in.atr(f),
		latency: t.in.latest(f, t.in.began(f)), left: t.in.left(f),
	}, several)
	if back, ok := t.in.roundTrip(f); ok {
		t.back.Add(back)
	}
	for i := range t.in.actors {
		if f.firings[i].set {
			t.parts[i].add(f.firings[i].length(), false)
			t.active(t.in.plan.Work[t.in.actors[i]].Device, f.firings[i].start, f.firings[i].end)
		}
	}
	for i := range t.in.boundaries {
		if f.sends[i].set {
			at := len(t.in.actors) + 2*i
			t.parts[at].add(f.sends[i].length(), false)
			t.parts[at+1].add(t.in.oneWay(f, i), several)
		}
	}
}

// count counts a frame but for its parts. several says whether the run has several clocks.
func (t *tally) count(f *passing, several bool) {
	m := t.byATR[f.atr]
	if m == nil {
		m = &modeTally{endpoint: t.samples()}
		t.byATR[f.atr] = m
	}
	if t.endpoint.N() > 0 {
		gap := seconds(float64(f.left.Middle() - t.left.Middle()))
		t.gaps.Add(gap)
		m.gaps.Add(gap)
	} else {
		t.first = f.left
	}
	t.left, t.last = f.left, f.number
	t.endpoint.Add(f.endpoint)
	t.latency.add(f.latency, several)
	if samples := t.in.plan.Workload.Query(); samples > 1 {
		t.queries.add(f, samples)
	}
	if d := t.in.plan.Workload.Deadline; d > 0 && f.latency.Middle() > int64(d) {
		t.late++
	}
	t.bytes.Add(f.bytes)
	if len(t.in.dynamic) > 0 {
		m.endpoint.Add(f.endpoint)
		m.endpointS.Add(seconds(float64(f.endpoint)))
		m.latencyS.Add(seconds(float64(f.latency.Middle())))
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
	return median(t.endpoint).Within(w.Precision) && median(t.latency.middle).Settled()
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
func (t *tally) outcome(of *trace.Trace) (result.Outcome, error) { return t.outcomeOf(of, t.perFrame) }

// outcomeOf is outcome with the time per frame of a part, by index in parts.
func (t *tally) outcomeOf(of *trace.Trace, perFrame func(part int) float64) (result.Outcome, error) {
	stop := t.stopReason(of.Partial)
	throughput := t.throughput()
	if throughput.Value <= 0 {
		return result.Outcome{}, t.in.errorf(t.last, ErrMissing, "time between the first and the last result")
	}
	o := result.Outcome{
		EndpointTime:  describe(t.endpoint, stop),
		Latency:       t.latency.describe(stop),
		Throughput:    result.Rate{Interval: throughput, Stop: stop, Clock: t.rateClock(throughput.Value)},
		BoundaryBytes: int64(t.bytes.Ranked().At((t.bytes.N() - 1) / 2)),
		Parts:         t.describeParts(stop),
		Scenario:      t.scenario(throughput.Value),
		Assumed:       of.Assumed,
		Energy:        t.energy(throughput.Value, of, perFrame),
	}
	if t.in.plan.Workload.Deadline > 0 {
		late := float64(t.late) / float64(t.endpoint.N())
		o.Late = &late
	}
	for _, w := range of.Waited {
		o.Waited = append(o.Waited, w.String())
	}
	for _, c := range of.Captured {
		if c.Actor >= 0 && c.Actor < len(t.in.plan.Work) && t.in.plan.Work[c.Actor].Instance == t.in.name {
			o.Captured = append(o.Captured, c)
		}
	}
	if t.back.N() > 0 {
		back := describe(&t.back, stop)
		o.RoundTrip = &back
	}
	if len(t.in.dynamic) > 0 {
		o.BoundaryBytes = int64(t.bytes.Mean() + 0.5)
		endpoint, latency := map[int]*stat.Moments{}, map[int]*stat.Moments{}
		for _, atr := range slices.Sorted(maps.Keys(t.byATR)) {
			m := t.byATR[atr]
			o.Modes = append(o.Modes, result.Mode{ATR: atr, EndpointTime: describe(m.endpoint, stop)})
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

// rateClock returns how far off a rate can be as the clocks of several sinks leave open when
// the first and the last frame left.
func (t *tally) rateClock(rate float64) float64 {
	off := t.first.Spread() + t.left.Spread()
	return rate * float64(off) / float64(t.left.Middle()-t.first.Middle())
}

// describeParts returns the time of every actor, then of every boundary FIFO: how long
// a token occupies the sender's side, and its one-way time, as exact as the clocks of the
// two devices leave it. What was skipped in every frame has none.
func (t *tally) describeParts(stop string) []result.Part {
	if t.parts == nil {
		return nil
	}
	var parts []result.Part
	in := t.in
	add := func(i int, name string, kind result.PartKind, on bool) {
		if t.parts[i].middle.N() > 0 {
			parts = append(parts, result.Part{Name: name, Kind: kind, OnEndpoint: on, Time: t.parts[i].describe(stop)})
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

// oneWay returns how long after its hand-over the token of a boundary had wholly arrived.
func (in *instance) oneWay(f *frame, boundary int) clocks.Interval {
	q := in.plan.Graph.FIFOs[in.boundaries[boundary]]
	return in.line.Between(in.plan.DeviceOf(q.From).Name, f.sends[boundary].start, in.plan.DeviceOf(q.To).Name,
		f.received[boundary].end)
}
