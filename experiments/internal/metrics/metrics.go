// Package metrics computes endpoint time, latency, throughput, traffic and the
// times of the parts from a trace, the same way for both drivers. It may not
// run anything, nor fill in what a trace lacks.
package metrics

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/edgeprune/edgeprune/core/plan"
	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// Measure computes the outcome of one instance of the application from the
// trace of a run of p. The first Warmup frames are left out. Endpoint time is
// the measure of the union of a frame's firings and sends on the device of the
// instance's source. Latency counts from the source's firing, or from the
// scheduled release under a Camera workload. Every frame that entered must have
// left, each actor fired and each boundary token sent and received exactly once,
// except for what an atr of 0 skips, which must not be there, and frames under way
// when a Partial run ended; if not, the error wraps ErrMissing, ErrDoubled or
// ErrUnasked. Fewer than two counted frames are ErrTooFew.
func Measure(p *plan.Plan, t *trace.Trace, instance string) (result.Outcome, error) {
	in, err := newInstance(p, instance)
	if err != nil {
		return result.Outcome{}, err
	}
	frames, err := in.collect(t)
	if err != nil {
		return result.Outcome{}, err
	}
	var counted []*frame
	for i, f := range frames {
		if what := in.unasked(f); what != "" {
			return result.Outcome{}, in.errorf(f.number, ErrUnasked, what)
		}
		what := in.lacks(f)
		switch {
		case what == "" && f.number != int64(i) && t.Partial == "":
			return result.Outcome{}, in.errorf(int64(i), ErrMissing, "the frame")
		case what == "" && f.number >= p.Workload.Warmup:
			counted = append(counted, f)
		case what != "" && t.Partial == "":
			return result.Outcome{}, in.errorf(f.number, ErrMissing, what)
		}
	}
	if len(counted) < 2 {
		return result.Outcome{}, fmt.Errorf(
			"plan %s, instance %q: %w: %d after %d of warm-up, at least 2 are needed; raise workload.frames",
			p.Name, instance, ErrTooFew, len(counted), p.Workload.Warmup)
	}
	out, err := in.outcome(counted, in.stopReason(t, counted))
	out.Assumed = t.Assumed
	return out, err
}

// Enough reports whether a run of p may stop sampling: every instance has at least
// MinFrames counted frames, and then the 95 % interval of its throughput, where frames enter
// as fast as they can, or else of its median endpoint time is within Precision of it and
// that of its median latency is settled; or it has reached the limit of frames. Frames under
// way don't count. A Precision of 0 leaves only the limit.
func Enough(p *plan.Plan, t *trace.Trace) bool {
	for _, name := range Instances(p) {
		in, err := newInstance(p, name)
		if err != nil {
			return false
		}
		frames, err := in.collect(t)
		if err != nil {
			return false
		}
		var counted []*frame
		done := int64(0)
		for _, f := range frames {
			if in.lacks(f) != "" {
				continue
			}
			done++
			if f.number >= p.Workload.Warmup {
				counted = append(counted, f)
			}
		}
		limit := p.Workload.Frames > 0 && done >= p.Workload.Frames
		if !limit && !in.converged(counted) {
			return false
		}
	}
	return true
}

func (in *instance) converged(counted []*frame) bool {
	w := in.plan.Workload
	if w.Precision <= 0 || int64(len(counted)) < w.MinFrames {
		return false
	}
	if w.Kind == plan.Offline {
		return in.throughput(counted).Within(w.Precision)
	}
	return stat.Median(endpointTimes(counted)).Within(w.Precision) && stat.Median(in.latencies(counted)).Settled()
}

// Instances returns the names of the application's instances in p, sorted.
func Instances(p *plan.Plan) []string {
	var names []string
	for i := range p.Work {
		names = append(names, p.Work[i].Instance)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (in *instance) stopReason(t *trace.Trace, counted []*frame) string {
	w := in.plan.Workload
	if t.Partial != "" {
		return "ended early: " + t.Partial
	}
	if in.converged(counted) {
		what := "median"
		if w.Kind == plan.Offline {
			what = "throughput"
		}
		return fmt.Sprintf("interval of the %s within %g %%", what, 100*w.Precision)
	}
	return "limit of frames"
}

func (in *instance) outcome(counted []*frame, stop string) (result.Outcome, error) {
	n := len(counted)
	bytes := make([]int64, n)
	for i, f := range counted {
		bytes[i] = f.bytes
	}
	throughput := in.throughput(counted)
	if throughput.Value <= 0 {
		return result.Outcome{}, in.errorf(counted[n-1].number, ErrMissing, "time between the first and the last result")
	}
	slices.Sort(bytes)
	o := result.Outcome{
		EndpointTime:  Describe(endpointTimes(counted), stop),
		Latency:       Describe(in.latencies(counted), stop),
		Throughput:    result.Rate{Interval: throughput, Stop: stop},
		BoundaryBytes: bytes[(n-1)/2],
		Parts:         in.parts(counted, stop),
	}
	if len(in.dynamic) > 0 {
		sum := int64(0)
		for _, b := range bytes {
			sum += b
		}
		o.BoundaryBytes = (sum + int64(n)/2) / int64(n)
		times := in.byATR(counted, endpointTimes(counted))
		o.Modes = modes(times, stop)
		o.MeanEndpointTime = stat.Stratified(times)
		o.MeanLatency = stat.Stratified(in.byATR(counted, in.latencies(counted)))
	}
	return o, nil
}

// throughput returns results per second, from the times between them. Where frames come in
// modes, which of them are skipped is given, not drawn, so that only gaps before results of
// equal atr differ by chance.
func (in *instance) throughput(counted []*frame) stat.Interval {
	order := slices.SortedFunc(slices.Values(counted), func(a, b *frame) int { return cmp.Compare(a.left, b.left) })
	var gaps []float64
	byATR := map[int][]float64{}
	for i := 1; i < len(order); i++ {
		gap, atr := seconds(order[i].left-order[i-1].left), in.atr(order[i])
		gaps = append(gaps, gap)
		byATR[atr] = append(byATR[atr], gap)
	}
	if len(byATR) > 1 {
		return stat.Stratified(byATR).Inverse()
	}
	return stat.Rate(gaps)
}

// parts returns the time of every actor, then of every boundary FIFO: how long
// a token occupies the sender's side, and its one-way time. The one-way time is
// meaningful on one machine only, whose devices share a clock.
func (in *instance) parts(counted []*frame, stop string) []result.Part {
	var parts []result.Part
	add := func(name string, kind result.PartKind, on bool, of func(*frame) (int64, bool)) {
		var samples []float64
		for _, f := range counted {
			if t, there := of(f); there {
				samples = append(samples, seconds(t))
			}
		}
		if len(samples) == 0 { // skipped in every frame
			return
		}
		parts = append(parts, result.Part{Name: name, Kind: kind, OnEndpoint: on, Time: Describe(samples, stop)})
	}
	for i, a := range in.actors {
		on := in.plan.DeviceOf(a).Name == in.endpoint
		add(in.plan.Graph.Actors[a].Name, result.Segment, on,
			func(f *frame) (int64, bool) { return f.firings[i].length(), f.firings[i].set })
	}
	for i, q := range in.boundaries {
		name := in.plan.Graph.FIFOName(q)
		on := in.plan.DeviceOf(in.plan.Graph.FIFOs[q].From).Name == in.endpoint
		add(name, result.Link, on, func(f *frame) (int64, bool) { return f.sends[i].length(), f.sends[i].set })
		add(name, result.OneWay, false,
			func(f *frame) (int64, bool) { return f.received[i].end - f.sends[i].start, f.sends[i].set })
	}
	return parts
}

// latencies counts from the source's firing, or from the scheduled release of a camera.
func (in *instance) latencies(frames []*frame) []float64 {
	times := make([]float64, len(frames))
	for i, f := range frames {
		entered := f.entered
		if in.plan.Workload.Kind == plan.Camera {
			entered = f.number * int64(in.plan.Workload.Period)
		}
		times[i] = seconds(f.left - entered)
	}
	return times
}

func endpointTimes(frames []*frame) []float64 {
	times := make([]float64, len(frames))
	for i, f := range frames {
		times[i] = f.endpointTime()
	}
	return times
}

func seconds(ns int64) float64 { return float64(ns) / 1e9 }
